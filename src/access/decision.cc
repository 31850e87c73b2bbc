#include "access/decision.h"

#include <algorithm>
#include <array>
#include <optional>

#include "access/image_access.h"
#include "access/roles.h"
#include "accounts/token_resource.h"

namespace berth::access {
namespace {

using accounts::Caller;
using accounts::CredentialKind;
using accounts::OrganizationRole;
using accounts::ResourceRight;
using accounts::RolePermission;
using accounts::TokenResource;
using accounts::TokenScope;

// ---- The table of repositories.
struct RepositoryRule {
  RepositoryAction action;
  Right right;                               // that the action needs
  std::optional<RolePermission> permission;  // of a custom role that stands for the right
  // An archived repository can be pulled, edited (to bring it back) and deleted, but its content stays as it is.
  bool changes_content;
};

// Docker Hub's documents don't say who of a team may delete tags; its tokens keep deleting for the highest scope, and
// so do we.
constexpr auto kRepositoryRules = std::to_array<RepositoryRule>({
    {RepositoryAction::kPull, Right::kRead, std::nullopt, false},
    {RepositoryAction::kPullImage, Right::kRead, std::nullopt, false},
    {RepositoryAction::kPush, Right::kWrite, std::nullopt, true},
    {RepositoryAction::kSetTag, Right::kWrite, RolePermission::kManageTags, true},
    {RepositoryAction::kDeleteTag, Right::kAdmin, RolePermission::kManageTags, true},
    {RepositoryAction::kEditTagRules, Right::kAdmin, RolePermission::kManageTags, false},
    {RepositoryAction::kEdit, Right::kAdmin, RolePermission::kEditRepository, false},
    {RepositoryAction::kDelete, Right::kAdmin, RolePermission::kDeleteRepository, false},
    {RepositoryAction::kManageAccess, Right::kAdmin, RolePermission::kManageRepositoryAccess, false},
});

template <typename Rules, typename Action>
const auto& RuleOf(const Rules& rules, Action action) {
  return *std::find_if(rules.begin(), rules.end(), [&](const auto& rule) { return rule.action == action; });
}

// The most that a credential allows whoever holds it.
Right CeilingOf(const Caller& caller, bool is_private) {
  if (caller.kind == CredentialKind::kSystem) return Right::kAdmin;
  Right ceiling = Right::kAdmin;
  if (caller.kind == CredentialKind::kPersonalToken) {
    switch (caller.scope) {
      case TokenScope::kPublicRead:
        ceiling = is_private ? Right::kNone : Right::kRead;
        break;
      case TokenScope::kRead:
        ceiling = Right::kRead;
        break;
      case TokenScope::kWrite:
        ceiling = Right::kWrite;
        break;
      case TokenScope::kAdmin:
        break;
    }
  }
  // Without a verified e-mail address a user only reads, whatever the roles say.
  if (!caller.email_verified) ceiling = std::min(ceiling, Right::kRead);
  return ceiling;
}

// Of an organization token: its resources alone, nothing of what others may see.
Right RightOfResources(const Caller& caller, const RepositoryFacts& repository) {
  Right right = Right::kNone;
  for (const TokenResource& resource : caller.resources) {
    if (resource.type != accounts::kRepositoryResource) continue;
    if (resource.path == accounts::kPublicRepositoriesPath) {
      if (!repository.is_private && Grants(resource, ResourceRight::kPull)) right = std::max(right, Right::kRead);
      continue;
    }
    if (resource.path != repository.full_name || repository.owner != caller.account) continue;
    if (Grants(resource, ResourceRight::kPull)) right = std::max(right, Right::kRead);
    if (Grants(resource, ResourceRight::kPush)) right = std::max(right, Right::kWrite);
  }
  return right;
}

Result<Right> RightOn(sql::Connection& connection, const Caller& caller, const RepositoryFacts& repository,
                      const RepositoryRule& rule) {
  if (caller.kind == CredentialKind::kSystem) return Right::kAdmin;
  if (caller.kind == CredentialKind::kOrganizationToken) return RightOfResources(caller, repository);
  const Right open = repository.is_private ? Right::kNone : Right::kRead;
  if (caller.IsAnonymous()) return open;
  const Right ceiling = CeilingOf(caller, repository.is_private);
  // What everybody may, or what no role can change, needs no look at the database.
  if (open >= rule.right && ceiling >= rule.right) return open;
  if (caller.is_site_admin || caller.account == repository.owner) return ceiling;
  if (ceiling < Right::kRead) return ceiling;
  TRY(const Standing standing, FindStanding(connection, repository.id, repository.owner, caller.account));
  const bool by_custom_role = rule.permission && standing.permissions.Has(*rule.permission);
  return std::min(std::max({open, standing.right, by_custom_role ? rule.right : Right::kNone}), ceiling);
}

// ---- The table of namespaces.
struct NamespaceRule {
  NamespaceAction action;
  OrganizationRole role;                     // of the organization; a user's own namespace allows everything
  std::optional<RolePermission> permission;  // of a custom role that stands for the role
  TokenScope scope;                          // that a personal token must have
  bool reads_only;                           // possible without a verified e-mail address
  std::optional<ResourceRight> resource;     // that lets an organization token do it
};

constexpr auto kNamespaceRules = std::to_array<NamespaceRule>({
    {NamespaceAction::kList, OrganizationRole::kMember, std::nullopt, TokenScope::kRead, true, std::nullopt},
    {NamespaceAction::kCreateRepository, OrganizationRole::kEditor, RolePermission::kCreateRepository,
     TokenScope::kWrite, false, std::nullopt},
    {NamespaceAction::kViewMembers, OrganizationRole::kMember, std::nullopt, TokenScope::kRead, true,
     ResourceRight::kMemberRead},
    {NamespaceAction::kExportMembers, OrganizationRole::kOwner, RolePermission::kExportMembers, TokenScope::kAdmin,
     true, ResourceRight::kMemberRead},
    {NamespaceAction::kManageMembers, OrganizationRole::kOwner, RolePermission::kManageMembers, TokenScope::kAdmin,
     false, ResourceRight::kMemberEdit},
    {NamespaceAction::kViewInvitations, OrganizationRole::kOwner, RolePermission::kManageInvitations,
     TokenScope::kAdmin, true, ResourceRight::kInviteRead},
    {NamespaceAction::kManageInvitations, OrganizationRole::kOwner, RolePermission::kManageInvitations,
     TokenScope::kAdmin, false, ResourceRight::kInviteEdit},
    {NamespaceAction::kViewTeams, OrganizationRole::kMember, std::nullopt, TokenScope::kRead, true,
     ResourceRight::kGroupRead},
    {NamespaceAction::kManageTeams, OrganizationRole::kOwner, RolePermission::kManageTeams, TokenScope::kAdmin, false,
     ResourceRight::kGroupEdit},
    {NamespaceAction::kViewSettings, OrganizationRole::kMember, std::nullopt, TokenScope::kRead, true, std::nullopt},
    {NamespaceAction::kManageSettings, OrganizationRole::kOwner, RolePermission::kEditSettings, TokenScope::kAdmin,
     false, std::nullopt},
    {NamespaceAction::kViewAudit, OrganizationRole::kOwner, RolePermission::kViewAudit, TokenScope::kAdmin, true,
     std::nullopt},
    {NamespaceAction::kViewUsage, OrganizationRole::kOwner, RolePermission::kViewUsage, TokenScope::kAdmin, true,
     std::nullopt},
    {NamespaceAction::kManageTokens, OrganizationRole::kOwner, RolePermission::kManageTokens, TokenScope::kAdmin, false,
     std::nullopt},
    {NamespaceAction::kManageRoles, OrganizationRole::kOwner, RolePermission::kManageRoles, TokenScope::kAdmin, false,
     std::nullopt},
    {NamespaceAction::kOwn, OrganizationRole::kOwner, std::nullopt, TokenScope::kAdmin, false, std::nullopt},
});

bool CredentialAllows(const Caller& caller, const NamespaceRule& rule) {
  if (!caller.email_verified && !rule.reads_only) return false;
  if (caller.kind != CredentialKind::kPersonalToken) return true;
  // Tokens don't beget tokens.
  return rule.action != NamespaceAction::kManageTokens && caller.scope >= rule.scope;
}

bool ResourcesAllow(const Caller& caller, AccountId account, std::string_view account_name, const NamespaceRule& rule) {
  if (caller.account != account) return false;
  // Which repositories it lists is decided for each of them.
  if (rule.action == NamespaceAction::kList) return true;
  return rule.resource &&
         std::any_of(caller.resources.begin(), caller.resources.end(), [&](const TokenResource& resource) {
           return resource.type == accounts::kOrganizationResource && resource.path == account_name &&
                  Grants(resource, *rule.resource);
         });
}

Verdict AllowedIf(bool allowed) { return allowed ? Verdict::kAllowed : Verdict::kDenied; }

bool StandingAllows(const std::optional<OrganizationStanding>& standing, const NamespaceRule& rule) {
  if (!standing) return false;
  return standing->role >= rule.role || (rule.permission && standing->permissions.Has(*rule.permission));
}

}  // namespace

Result<Verdict> DecideRepository(sql::Connection& connection, const Caller& caller, const RepositoryFacts& repository,
                                 RepositoryAction action) {
  const RepositoryRule& rule = RuleOf(kRepositoryRules, action);
  TRY(const Right right, RightOn(connection, caller, repository, rule));
  // Who can't read a private repository must not learn that it is there.
  if (right < Right::kRead) return repository.is_private ? Verdict::kHidden : Verdict::kDenied;
  if (repository.is_archived && rule.changes_content) return Verdict::kDenied;
  if (right < rule.right) return Verdict::kDenied;
  if (action != RepositoryAction::kPullImage) return Verdict::kAllowed;
  TRY(const bool let_out, ImageAccessAllows(connection, caller, repository));
  return AllowedIf(let_out);
}

Result<Verdict> DecideNamespace(sql::Connection& connection, const Caller& caller, AccountId account,
                                std::string_view account_name, NamespaceAction action) {
  const NamespaceRule& rule = RuleOf(kNamespaceRules, action);
  if (caller.kind == CredentialKind::kSystem) return Verdict::kAllowed;
  if (caller.IsAnonymous()) return Verdict::kDenied;
  if (caller.kind == CredentialKind::kOrganizationToken) {
    return AllowedIf(ResourcesAllow(caller, account, account_name, rule));
  }
  if (!CredentialAllows(caller, rule)) return Verdict::kDenied;
  if (caller.is_site_admin || caller.account == account) return Verdict::kAllowed;
  TRY(const auto standing, FindOrganizationStanding(connection, account, caller.account));
  return AllowedIf(StandingAllows(standing, rule));
}

Result<accounts::GrantLimit> FindGrantLimit(sql::Connection& connection, const Caller& caller, AccountId organization) {
  accounts::GrantLimit limit;
  if (caller.kind == CredentialKind::kSystem || caller.is_site_admin) return limit;
  limit.unlimited = false;
  // An organization's token does what its scopes say, but only people make owners.
  if (caller.kind == CredentialKind::kOrganizationToken) {
    if (caller.account == organization) limit.permissions = accounts::PermissionsOf(OrganizationRole::kOwner);
    return limit;
  }
  TRY(const auto standing, FindOrganizationStanding(connection, organization, caller.account));
  if (!standing) return limit;
  limit.unlimited = standing->role == OrganizationRole::kOwner;
  limit.permissions = accounts::PermissionsOf(standing->role);
  limit.permissions.Add(standing->permissions);
  return limit;
}

}  // namespace berth::access
