// Custom roles of an organization: /api/berth/v1/orgs/{org_name}/roles, and what they can allow.
#include "accounts/custom_role_service.h"
#include "api/hub/caller_rules.h"
#include "api/hub/cursor.h"
#include "api/hub/hub_api.h"

namespace berth::api::hub {
namespace {

using access::NamespaceAction;
using accounts::CustomRole;
using accounts::CustomRoleService;
using accounts::CustomRoleStore;
using accounts::PermissionSet;

struct PermissionView {
  std::string name;
  std::string label;
  std::string description;
};
BOOST_DESCRIBE_STRUCT(PermissionView, (), (name, label, description))

struct PermissionListView {
  std::vector<PermissionView> items;
  std::optional<std::string> next;
};
BOOST_DESCRIBE_STRUCT(PermissionListView, (), (items, next))

struct RoleView {
  std::string name;
  std::string description;
  std::vector<std::string> permissions;
  int64_t member_count = 0;
  Timestamp created_at;
  Timestamp updated_at;
};
BOOST_DESCRIBE_STRUCT(RoleView, (), (name, description, permissions, member_count, created_at, updated_at))

struct RoleListView {
  std::vector<RoleView> items;
  std::optional<std::string> next;
};
BOOST_DESCRIBE_STRUCT(RoleListView, (), (items, next))

struct ListRequest {
  std::string org_name;
  std::optional<int64_t> limit;
  std::string cursor;
};
BOOST_DESCRIBE_STRUCT(ListRequest, (), (org_name, limit, cursor))

struct CreateRequest {
  std::string org_name;
  json::Required<std::string> name;
  std::string description;
  json::Required<std::vector<std::string>> permissions;
};
BOOST_DESCRIBE_STRUCT(CreateRequest, (), (org_name, name, description, permissions))

struct RoleRequest {
  std::string org_name;
  std::string role_name;
};
BOOST_DESCRIBE_STRUCT(RoleRequest, (), (org_name, role_name))

struct UpdateRequest {
  std::string org_name;
  std::string role_name;
  std::optional<std::string> description;
  std::optional<std::vector<std::string>> permissions;
};
BOOST_DESCRIBE_STRUCT(UpdateRequest, (), (org_name, role_name, description, permissions))

RoleView MakeRoleView(const CustomRole& role) {
  RoleView view{role.name, role.description, {}, role.member_count, role.created_at, role.updated_at};
  for (const auto& info : accounts::AllRolePermissions()) {
    if (role.permissions.Has(info.permission)) view.permissions.emplace_back(info.name);
  }
  return view;
}

Result<PermissionSet> ReadPermissions(const std::vector<std::string>& names) {
  PermissionSet set;
  for (size_t i = 0; i < names.size(); ++i) {
    const auto permission = accounts::ParseRolePermission(names[i]);
    if (!permission)
      return Fail(ErrorCode::kInvalidArgument, "is no permission of a role", "permissions[" + std::to_string(i) + "]");
    set.Add(*permission);
  }
  return set;
}

Result<PermissionListView> ListRolePermissions(const HubApi&, const Call&, const NoRequest&) {
  PermissionListView list;
  for (const auto& info : accounts::AllRolePermissions())
    list.items.push_back({std::string(info.name), std::string(info.label), std::string(info.description)});
  return list;
}

Result<RoleListView> ListCustomRoles(const HubApi& api, const Call& call, const ListRequest& request) {
  TRY(const auto organization, RequireOrganization(api, call, request.org_name, NamespaceAction::kViewSettings));
  const int64_t limit = std::clamp<int64_t>(request.limit.value_or(50), 1, 100);
  TRY(const auto cursor, ReadCursor(request.cursor, "cursor"));
  TRY(auto roles, api.database.Read([&](sql::Connection& c) {
    return CustomRoleStore::List(c, organization.id, cursor ? cursor->key : "", limit + 1);
  }));
  RoleListView list;
  if (roles.size() > static_cast<size_t>(limit)) {
    roles.pop_back();
    list.next = MakeCursor({roles.back().name, roles.back().id});
  }
  for (const CustomRole& role : roles) list.items.push_back(MakeRoleView(role));
  return list;
}

Result<RoleView> CreateCustomRole(const HubApi& api, const Call& call, const CreateRequest& request) {
  TRY(const auto organization, RequireOrganization(api, call, request.org_name, NamespaceAction::kManageRoles));
  TRY(const PermissionSet permissions, ReadPermissions(*request.permissions));
  TRY(const auto limit, GrantLimitIn(api, call, organization.id));
  TRY(const auto role,
      CustomRoleService(api.database, api.clock)
          .Create(organization, *request.name, request.description, permissions, limit, call.caller.AsActor()));
  return MakeRoleView(role);
}

Result<RoleView> GetCustomRole(const HubApi& api, const Call& call, const RoleRequest& request) {
  TRY(const auto organization, RequireOrganization(api, call, request.org_name, NamespaceAction::kViewSettings));
  TRY(const auto role, api.database.Read([&](sql::Connection& c) {
    return CustomRoleStore::Find(c, organization.id, request.role_name);
  }));
  if (!role) return Fail(ErrorCode::kNotFound, "httperror 404: object not found", "role_name");
  return MakeRoleView(*role);
}

Result<RoleView> UpdateCustomRole(const HubApi& api, const Call& call, const UpdateRequest& request) {
  TRY(const auto organization, RequireOrganization(api, call, request.org_name, NamespaceAction::kManageRoles));
  accounts::CustomRoleChange change;
  change.description = request.description;
  if (request.permissions) {
    TRY(change.permissions, ReadPermissions(*request.permissions));
  }
  TRY(const auto limit, GrantLimitIn(api, call, organization.id));
  TRY(const auto role, CustomRoleService(api.database, api.clock)
                           .Update(organization, request.role_name, change, limit, call.caller.AsActor()));
  return MakeRoleView(role);
}

Result<NoContent> DeleteCustomRole(const HubApi& api, const Call& call, const RoleRequest& request) {
  TRY(const auto organization, RequireOrganization(api, call, request.org_name, NamespaceAction::kManageRoles));
  TRY(const auto limit, GrantLimitIn(api, call, organization.id));
  TRY_VOID(
      CustomRoleService(api.database, api.clock).Delete(organization, request.role_name, limit, call.caller.AsActor()));
  return NoContent{};
}

}  // namespace

void AddCustomRoleRoutes(OperationTable& table) {
  using http::Method;
  const std::string roles = "/api/berth/v1/orgs/{org_name}/roles";
  const std::string role = roles + "/{role_name}";
  table.Add(Method::kGet, "/api/berth/v1/role-permissions", "ListRolePermissions", &ListRolePermissions);
  table.Add(Method::kGet, roles, "ListCustomRoles", &ListCustomRoles);
  table.Add(Method::kPost, roles, "CreateCustomRole", &CreateCustomRole, {.success = 201});
  table.Add(Method::kGet, role, "GetCustomRole", &GetCustomRole);
  table.Add(Method::kPatch, role, "UpdateCustomRole", &UpdateCustomRole);
  table.Add(Method::kDelete, role, "DeleteCustomRole", &DeleteCustomRole, {.success = 204});
}

}  // namespace berth::api::hub
