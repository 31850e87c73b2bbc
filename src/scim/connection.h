// The connection between an organization and its identity provider: one token, shown once and kept as a hash.
// Thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "accounts/account.h"
#include "base/clock.h"
#include "base/result.h"
#include "events/event_log.h"
#include "sql/database.h"

namespace berth::scim {

inline constexpr std::string_view kTokenPrefix = "dckr_scim_";

struct ConnectionState {
  bool enabled = false;
  std::optional<Timestamp> token_created_at;
  std::optional<Timestamp> token_last_used_at;
  int64_t users = 0;  // that the identity provider knows
  int64_t groups = 0;
};

struct NewConnectionToken {
  std::string token;
  Timestamp created_at;
};

class Connections {
 public:
  Connections(sql::Database& database, const Clock& clock) : database_(database), clock_(clock) {}

  Result<ConnectionState> State(AccountId organization);
  // Turns SCIM on, or replaces the token: the one before stops working. kLimitExceeded when the plan that was assigned
  // to the organization has no SCIM.
  Result<NewConnectionToken> CreateToken(const accounts::Account& organization, const events::Actor& actor);
  // People, teams and what is known of them stay. Nothing happens when it is off.
  Result<void> Disable(const accounts::Account& organization, const events::Actor& actor);
  // Whose token an Authorization header has, if it is a SCIM token; whether it may be used is not asked.
  Result<std::optional<AccountId>> FindOwner(std::string_view authorization);
  // The organization that an Authorization header speaks for. kUnauthenticated; kPermissionDenied when its plan has
  // lost SCIM.
  Result<accounts::Account> Authenticate(std::string_view authorization);

 private:
  Result<void> NoteUse(AccountId organization, std::optional<Timestamp> last_used);

  sql::Database& database_;
  const Clock& clock_;
};

}  // namespace berth::scim
