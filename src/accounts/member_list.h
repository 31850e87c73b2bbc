// The list of an organization's members and of those who are invited, as one list by name.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "accounts/account.h"
#include "accounts/organization_store.h"
#include "base/clock.h"
#include "base/result.h"
#include "sql/database.h"

namespace berth::accounts {

struct MemberFilter {
  std::string_view search;   // a part of the name or e-mail address, in any letter case
  std::string_view pattern;  // the LIKE pattern of `search` (ESCAPE '\')
  std::string_view role;     // as GivenRole::name() says; empty: any. The invited have none.
  bool members = true;
  bool invited = false;
};

struct MemberEntry {
  bool is_invited = false;
  std::optional<Account> account;  // always of members; of the invited where it is known
  GivenRole role;                  // what it is or would become
  std::string invitee;             // of an invitation
  Timestamp since;                 // when it became a member, or was invited
};

Result<int64_t> CountMemberEntries(sql::Connection& connection, AccountId organization, const MemberFilter& filter);
Result<std::vector<MemberEntry>> ListMemberEntries(sql::Connection& connection, AccountId organization,
                                                   const MemberFilter& filter, int64_t offset, int64_t limit);

}  // namespace berth::accounts
