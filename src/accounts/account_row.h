// How an account stands in a row: for the stores of this folder that select it with a join.
#pragma once

#include "accounts/account.h"
#include "sql/value.h"

// Of `account a`, in the order that AccountFromRow reads.
#define BERTH_ACCOUNT_COLUMNS                                                                                    \
  "a.id, a.uuid, a.name, a.kind, a.email, a.full_name, a.company, a.location, a.profile_url, a.gravatar_email, " \
  "a.badge, "                                                                                                    \
  "a.plan, a.is_admin, a.is_active, a.email_verified, a.default_private, a.created_at, a.updated_at, a.last_login_at"

namespace berth::accounts {

inline constexpr int kAccountColumns = 19;
Account AccountFromRow(const sql::Row& row, int first_column);

}  // namespace berth::accounts
