// The SQL of custom roles.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "accounts/account.h"
#include "accounts/organization_store.h"
#include "accounts/role_permission.h"
#include "base/clock.h"
#include "base/result.h"
#include "sql/database.h"

namespace berth::accounts {

struct CustomRole {
  int64_t id = 0;
  AccountId organization;
  std::string name;
  std::string description;
  PermissionSet permissions;
  int64_t member_count = 0;
  Timestamp created_at;
  Timestamp updated_at;
};

class CustomRoleStore {
 public:
  // Fills id. kAlreadyExists.
  static Result<CustomRole> Insert(sql::Transaction& tx, const CustomRole& role);
  // Description, permissions and time of the update.
  static Result<void> Update(sql::Transaction& tx, const CustomRole& role);
  static Result<void> Delete(sql::Transaction& tx, int64_t id);
  static Result<std::optional<CustomRole>> Find(sql::Connection& connection, AccountId organization,
                                                std::string_view name);
  // By name, behind `after`.
  static Result<std::vector<CustomRole>> List(sql::Connection& connection, AccountId organization,
                                              std::string_view after, int64_t limit);
  static Result<int64_t> Count(sql::Connection& connection, AccountId organization);
  // Members who have it and open invitations that promise it.
  static Result<int64_t> CountUses(sql::Connection& connection, int64_t id);
  static Result<PermissionSet> Permissions(sql::Connection& connection, int64_t id);
  // A role as requests name it: a built-in one in any letter case, or a custom role of the organization.
  static Result<std::optional<GivenRole>> Resolve(sql::Connection& connection, AccountId organization,
                                                  std::string_view name);
};

}  // namespace berth::accounts
