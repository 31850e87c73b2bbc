// The rules of provisioned users. A user that is active is a member of the organization; one that is not, is none, and
// comes back with the role and the teams it had. An account that was made here is managed here: switching the user off
// switches the account off, ends its sessions and with that everything its tokens open. Somebody who had an account
// before only joins and leaves. Each change is one transaction with its events. Thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "accounts/account.h"
#include "accounts/credential_cache.h"
#include "base/clock.h"
#include "base/function_ref.h"
#include "base/result.h"
#include "events/event_log.h"
#include "scim/user_store.h"
#include "sql/database.h"

namespace berth::scim {

class Users {
 public:
  Users(sql::Database& database, accounts::CredentialCache& cache, const Clock& clock)
      : database_(database), cache_(cache), clock_(clock) {}

  Result<UserPage> List(AccountId organization, Query& query, int64_t offset, int64_t count);
  Result<UserRecord> Find(AccountId organization, std::string_view id);  // kNotFound

  // Finds the person by a proved e-mail address, or makes an account and writes a mail that says how to choose a
  // password; that proves the address. kAlreadyExists: a user of that name is there, or somebody has the address
  // without having proved it. kInvalidArgument, kLimitExceeded (seats).
  Result<UserRecord> Create(const accounts::Account& organization, const UserData& data, const events::Actor& actor);
  // `change` gets what is known and changes it. kNotFound, kAlreadyExists, kConflict (the last owner),
  // kInvalidArgument.
  Result<UserRecord> Update(const accounts::Account& organization, std::string_view id,
                            FunctionRef<Result<void>(UserData&)> change, const events::Actor& actor);
  // The user leaves and is forgotten; a managed account is switched off. kNotFound, kConflict (the last owner).
  Result<void> Delete(const accounts::Account& organization, std::string_view id, const events::Actor& actor);

 private:
  sql::Database& database_;
  accounts::CredentialCache& cache_;
  const Clock& clock_;
};

}  // namespace berth::scim
