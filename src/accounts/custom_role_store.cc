#include "accounts/custom_role_store.h"

#include <algorithm>

namespace berth::accounts {
namespace {

constexpr sql::Query kInsert{"custom_role.insert",
                             "INSERT INTO custom_role (organization_id, name, description, created_at, updated_at) "
                             "VALUES ($1, $2, $3, $4, $5) RETURNING id"};
constexpr sql::Query kUpdate{"custom_role.update",
                             "UPDATE custom_role SET description = $2, updated_at = $3 WHERE id = $1"};
constexpr sql::Query kDelete{"custom_role.delete", "DELETE FROM custom_role WHERE id = $1"};
constexpr sql::Query kClear{"custom_role.clear", "DELETE FROM custom_role_permission WHERE role_id = $1"};
constexpr sql::Query kAllow{"custom_role.allow",
                            "INSERT INTO custom_role_permission (role_id, permission) VALUES ($1, $2)"};
#define BERTH_CUSTOM_ROLE_SELECT                                                        \
  "SELECT r.id, r.organization_id, r.name, r.description, r.created_at, r.updated_at, " \
  "(SELECT COUNT(*) FROM organization_member m WHERE m.custom_role_id = r.id) FROM custom_role r "
constexpr sql::Query kFind{"custom_role.find", BERTH_CUSTOM_ROLE_SELECT "WHERE r.organization_id = $1 AND r.name = $2"};
constexpr sql::Query kList{"custom_role.list", BERTH_CUSTOM_ROLE_SELECT
                           "WHERE r.organization_id = $1 AND r.name > $2 ORDER BY r.name LIMIT $3"};
constexpr sql::Query kListPermissions{
    "custom_role.list_permissions",
    "SELECT p.role_id, p.permission FROM custom_role r JOIN custom_role_permission p ON p.role_id = r.id "
    "WHERE r.organization_id = $1 AND r.name > $2 AND r.name <= $3"};
constexpr sql::Query kPermissions{"custom_role.permissions",
                                  "SELECT permission FROM custom_role_permission WHERE role_id = $1"};
constexpr sql::Query kCount{"custom_role.count", "SELECT COUNT(*) FROM custom_role WHERE organization_id = $1"};
constexpr sql::Query kUses{"custom_role.uses",
                           "SELECT (SELECT COUNT(*) FROM organization_member WHERE custom_role_id = $1) + "
                           "(SELECT COUNT(*) FROM invitation WHERE custom_role_id = $1)"};

CustomRole FromRow(const sql::Row& row) {
  CustomRole role;
  role.id = row.Int(0);
  role.organization = row.IdAt<AccountId>(1);
  role.name = row.String(2);
  role.description = row.String(3);
  role.created_at = row.Time(4);
  role.updated_at = row.Time(5);
  role.member_count = row.Int(6);
  return role;
}

Result<void> Allow(sql::Transaction& tx, const CustomRole& role) {
  for (const auto& info : AllRolePermissions()) {
    if (role.permissions.Has(info.permission)) TRY_VOID(tx.Run(kAllow, {role.id, info.name}));
  }
  return {};
}

// What an older or newer server wrote and this one does not know allows nothing.
void AddPermission(PermissionSet& set, std::string_view name) {
  if (const auto permission = ParseRolePermission(name)) set.Add(*permission);
}

}  // namespace

Result<CustomRole> CustomRoleStore::Insert(sql::Transaction& tx, const CustomRole& role) {
  TRY(const auto id, tx.One(kInsert, {role.organization, role.name, role.description, role.created_at, role.updated_at},
                            [](const sql::Row& row) { return row.Int(0); }));
  if (!id) return Fail(ErrorCode::kInternal, "the role got no id");
  CustomRole made = role;
  made.id = *id;
  TRY_VOID(Allow(tx, made));
  return made;
}

Result<void> CustomRoleStore::Update(sql::Transaction& tx, const CustomRole& role) {
  TRY_VOID(tx.Run(kUpdate, {role.id, role.description, role.updated_at}));
  TRY_VOID(tx.Run(kClear, {role.id}));
  return Allow(tx, role);
}

Result<void> CustomRoleStore::Delete(sql::Transaction& tx, int64_t id) {
  TRY_VOID(tx.Run(kDelete, {id}));
  return {};
}

Result<std::optional<CustomRole>> CustomRoleStore::Find(sql::Connection& connection, AccountId organization,
                                                        std::string_view name) {
  TRY(auto role, connection.One(kFind, {organization, name}, FromRow));
  if (!role) return role;
  TRY(role->permissions, Permissions(connection, role->id));
  return role;
}

Result<std::vector<CustomRole>> CustomRoleStore::List(sql::Connection& connection, AccountId organization,
                                                      std::string_view after, int64_t limit) {
  TRY(auto roles, connection.All(kList, {organization, after, limit}, FromRow));
  if (roles.empty()) return roles;
  TRY_VOID(connection.Each(kListPermissions, {organization, after, roles.back().name}, [&](const sql::Row& row) {
    const auto role = std::ranges::find(roles, row.Int(0), &CustomRole::id);
    if (role != roles.end()) AddPermission(role->permissions, row.Text(1));
  }));
  return roles;
}

Result<int64_t> CustomRoleStore::Count(sql::Connection& connection, AccountId organization) {
  TRY(const auto count, connection.One(kCount, {organization}, [](const sql::Row& row) { return row.Int(0); }));
  return count.value_or(0);
}

Result<int64_t> CustomRoleStore::CountUses(sql::Connection& connection, int64_t id) {
  TRY(const auto count, connection.One(kUses, {id}, [](const sql::Row& row) { return row.Int(0); }));
  return count.value_or(0);
}

Result<PermissionSet> CustomRoleStore::Permissions(sql::Connection& connection, int64_t id) {
  PermissionSet set;
  TRY_VOID(connection.Each(kPermissions, {id}, [&](const sql::Row& row) { AddPermission(set, row.Text(0)); }));
  return set;
}

Result<std::optional<GivenRole>> CustomRoleStore::Resolve(sql::Connection& connection, AccountId organization,
                                                          std::string_view name) {
  if (const auto built_in = ParseOrganizationRole(name)) return std::optional<GivenRole>(*built_in);
  TRY(const auto role, connection.One(kFind, {organization, name}, FromRow));
  if (!role) return std::optional<GivenRole>();
  GivenRole given;
  given.custom = role->id;
  given.custom_name = role->name;
  return std::optional<GivenRole>(std::move(given));
}

}  // namespace berth::accounts
