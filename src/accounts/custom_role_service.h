// The rules of custom roles. A role can be changed while members have it, but not deleted. Nobody makes or changes a
// role that allows more than he may hand on. Each change writes its event. Thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "accounts/custom_role_store.h"
#include "base/clock.h"
#include "events/event_log.h"
#include "sql/database.h"

namespace berth::accounts {

struct CustomRoleChange {
  std::optional<std::string> description;
  std::optional<PermissionSet> permissions;
};

class CustomRoleService {
 public:
  static constexpr int64_t kMaxRoles = 100;  // of one organization

  CustomRoleService(sql::Database& database, const Clock& clock) : database_(database), clock_(clock) {}

  // kInvalidArgument with the field, kAlreadyExists (`name`), kPermissionDenied beyond `limit`, kLimitExceeded:
  // too many of them, or a plan without custom roles.
  Result<CustomRole> Create(const Account& organization, std::string_view name, std::string_view description,
                            PermissionSet permissions, const GrantLimit& limit, const events::Actor& actor);
  // kNotFound, kInvalidArgument, kPermissionDenied; kLimitExceeded: the plan has no custom roles.
  Result<CustomRole> Update(const Account& organization, std::string_view name, const CustomRoleChange& change,
                            const GrantLimit& limit, const events::Actor& actor);
  // kNotFound, kPermissionDenied; kConflict while somebody has it or is invited with it.
  Result<void> Delete(const Account& organization, std::string_view name, const GrantLimit& limit,
                      const events::Actor& actor);

 private:
  sql::Database& database_;
  const Clock& clock_;
};

}  // namespace berth::accounts
