// What the owner of a namespace has decided about it: what a first push makes, whether anything may be public, and
// whether members need a second factor. Obeyed where a repository is made or shown (src/registry, src/catalog) and
// where roles are looked at (src/access). Thread-safe.
#pragma once

#include <optional>

#include "accounts/account.h"
#include "accounts/credential_cache.h"
#include "base/clock.h"
#include "base/result.h"
#include "events/event_log.h"
#include "sql/database.h"

namespace berth::accounts {

struct NamespaceSettings {
  bool default_private = false;  // what a first push makes
  bool public_allowed = true;
  bool require_second_factor = false;  // organizations: without one, membership gives no right
};

struct NamespaceChange {
  std::optional<bool> default_private, public_allowed, require_second_factor;
};

class NamespaceSettingsService {
 public:
  NamespaceSettingsService(sql::Database& database, CredentialCache& cache, const Clock& clock)
      : database_(database), cache_(cache), clock_(clock) {}

  // kNotFound when there is no such account.
  static Result<NamespaceSettings> Read(sql::Connection& connection, AccountId account);
  // Where nothing may be public, a first push makes a private repository, whatever was set before. kInvalidArgument:
  // `default_repo_visibility` public where that is not allowed; `require_two_factor` of a user's namespace, or asked
  // for by a member who has no second factor and would lock himself out.
  Result<NamespaceSettings> Update(AccountId account, const NamespaceChange& change, const events::Actor& actor);

 private:
  sql::Database& database_;
  CredentialCache& cache_;
  const Clock& clock_;
};

// May a public repository be made or shown in this namespace?
Result<bool> IsPublicAllowed(sql::Connection& connection, AccountId account);

}  // namespace berth::accounts
