// The end of a user's account: deleting it, and turning it into an organization (one way). Each is one transaction;
// sessions and tokens end with it. Thread-safe.
#pragma once

#include <string_view>

#include "accounts/account.h"
#include "accounts/credential_cache.h"
#include "base/clock.h"
#include "events/event_log.h"
#include "sql/database.h"

namespace berth::accounts {

class AccountLifecycle {
 public:
  // All must outlive it.
  AccountLifecycle(sql::Database& database, CredentialCache& cache, const Clock& clock)
      : database_(database), cache_(cache), clock_(clock) {}

  // kConflict while the user owns repositories, is the last owner of an organization or the last administrator of the
  // server. The organizations' logs say that he left.
  Result<void> Delete(AccountId user, const events::Actor& actor);

  // The account keeps its name, its profile, its repositories and their stars; `owner` becomes the first owner. What
  // only people have goes: password, second factor, tokens, sessions, e-mail address, stars of others' repositories,
  // collaboration, open invitations, the plan. kInvalidArgument (`owner`): no such user, or the account itself;
  // kConflict while the account belongs to an organization or administers the server.
  Result<Account> Convert(AccountId user, std::string_view owner, const events::Actor& actor);

 private:
  sql::Database& database_;
  CredentialCache& cache_;
  const Clock& clock_;
};

}  // namespace berth::accounts
