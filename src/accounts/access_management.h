// Image access management (which images the members of an organization may pull; obeyed by src/access) and registry
// access management (which registries their clients may use; the clients obey it, this server hands it to them). Each
// change writes its events; what changes nothing writes none. Thread-safe.
#pragma once

#include <string>
#include <vector>

#include "accounts/account.h"
#include "base/clock.h"
#include "base/result.h"
#include "events/event_log.h"
#include "sql/database.h"

namespace berth::accounts {

struct ImageRules {
  bool enabled = false;
  bool allow_official_images = true;
  bool allow_verified_publishers = true;
  bool operator==(const ImageRules&) const = default;
};

struct AllowedRegistry {
  std::string address;
  std::string friendly_name;
  bool allowed = true;
  bool operator==(const AllowedRegistry&) const = default;
};

struct RegistryRules {
  bool enabled = false;
  bool docker_hub_allowed = true;
  std::vector<AllowedRegistry> registries;  // in the order they were given
  bool operator==(const RegistryRules&) const = default;
};

class AccessManagement {
 public:
  static constexpr size_t kMaxRegistries = 100;

  AccessManagement(sql::Database& database, const Clock& clock) : database_(database), clock_(clock) {}

  // Without a row, nothing is restricted.
  static Result<ImageRules> Images(sql::Connection& connection, AccountId organization);
  static Result<RegistryRules> Registries(sql::Connection& connection, AccountId organization);

  // kLimitExceeded: the plan has no access management; turning it off is always possible.
  Result<void> SetImages(const Account& organization, const ImageRules& wanted, const events::Actor& actor);
  // The same; kInvalidArgument with the field (`custom_registries[3].address`).
  Result<void> SetRegistries(const Account& organization, const RegistryRules& wanted, const events::Actor& actor);

 private:
  sql::Database& database_;
  const Clock& clock_;
};

}  // namespace berth::accounts
