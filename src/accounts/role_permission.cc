#include "accounts/role_permission.h"

#include <algorithm>
#include <array>

namespace berth::accounts {
namespace {

constexpr auto kPermissions = std::to_array<RolePermissionInfo>({
    {RolePermission::kCreateRepository, "repo:create", "Create repositories",
     "Make public and private repositories in the organization."},
    {RolePermission::kEditRepository, "repo:edit", "Edit repositories",
     "Change descriptions, categories, logos and visibility of every repository, and archive it."},
    {RolePermission::kDeleteRepository, "repo:delete", "Delete repositories",
     "Delete any repository of the organization with all its images."},
    {RolePermission::kManageTags, "repo:tags", "Manage tags",
     "Set and delete tags and images in every repository, and decide which tags are immutable."},
    {RolePermission::kManageRepositoryAccess, "repo:permissions", "Manage access to repositories",
     "Give teams permissions on repositories and take them away."},
    {RolePermission::kManageTeams, "team:manage", "Manage teams",
     "Make, change and delete teams and choose their members; the team of owners stays with the owners."},
    {RolePermission::kExportMembers, "member:view", "Export members",
     "Read the whole list of members with their e-mail addresses."},
    {RolePermission::kManageMembers, "member:manage", "Manage members",
     "Remove members and change their roles, up to what this role allows itself."},
    {RolePermission::kManageInvitations, "invite:manage", "Manage invitations",
     "Invite people, up to what this role allows itself, and see, resend and cancel invitations."},
    {RolePermission::kEditSettings, "settings:edit", "Edit settings",
     "Change the organization's profile and settings, image and registry access management among them."},
    {RolePermission::kManageTokens, "token:manage", "Manage access tokens",
     "Make, change and delete access tokens of the organization."},
    {RolePermission::kViewAudit, "audit:view", "View the audit log",
     "Read what was done in the organization, and by whom."},
    {RolePermission::kViewUsage, "usage:view", "View usage", "Read pulls, storage and what of the plan is in use."},
    {RolePermission::kManageRoles, "customrole:manage", "Manage custom roles",
     "Make, change and delete custom roles, up to what this role allows itself."},
});

}  // namespace

std::span<const RolePermissionInfo> AllRolePermissions() { return kPermissions; }

std::string_view ToString(RolePermission permission) { return kPermissions[static_cast<size_t>(permission)].name; }

std::optional<RolePermission> ParseRolePermission(std::string_view name) {
  const auto known = std::ranges::find(kPermissions, name, &RolePermissionInfo::name);
  if (known == kPermissions.end()) return std::nullopt;
  return known->permission;
}

PermissionSet PermissionsOf(OrganizationRole role) {
  PermissionSet set;
  if (role == OrganizationRole::kOwner) {
    for (const auto& info : kPermissions) set.Add(info.permission);
  } else if (role == OrganizationRole::kEditor) {
    for (const auto permission :
         {RolePermission::kCreateRepository, RolePermission::kEditRepository, RolePermission::kDeleteRepository,
          RolePermission::kManageTags, RolePermission::kManageRepositoryAccess}) {
      set.Add(permission);
    }
  }
  return set;
}

bool GrantLimit::Covers(OrganizationRole role, PermissionSet custom) const {
  if (unlimited) return true;
  if (role == OrganizationRole::kOwner) return false;
  PermissionSet wanted = PermissionsOf(role);
  wanted.Add(custom);
  return permissions.Covers(wanted);
}

}  // namespace berth::accounts
