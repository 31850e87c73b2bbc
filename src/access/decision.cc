#include "access/decision.h"

#include <algorithm>
#include <array>
#include <optional>

#include "access/roles.h"
#include "accounts/token_resource.h"

namespace berth::access {
namespace {

using accounts::Caller;
using accounts::CredentialKind;
using accounts::OrganizationRole;
using accounts::ResourceRight;
using accounts::TokenResource;
using accounts::TokenScope;

// ---- The table of repositories: the right that each action needs.
// Docker Hub's documents don't say who of a team may
// delete tags; its tokens keep deleting for the highest scope, and so do we.
Right NeededFor(RepositoryAction action) {
  switch (action) {
    case RepositoryAction::kPull:
      return Right::kRead;
    case RepositoryAction::kPush:
      return Right::kWrite;
    case RepositoryAction::kDeleteTag:
    case RepositoryAction::kEdit:
    case RepositoryAction::kDelete:
    case RepositoryAction::kManageAccess:
      return Right::kAdmin;
  }
  return Right::kAdmin;
}

// An archived repository can be pulled, edited (to bring it back) and deleted, but its content stays as it is.
bool ChangesContent(RepositoryAction action) {
  return action == RepositoryAction::kPush || action == RepositoryAction::kDeleteTag;
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
                      Right enough) {
  if (caller.kind == CredentialKind::kSystem) return Right::kAdmin;
  if (caller.kind == CredentialKind::kOrganizationToken) return RightOfResources(caller, repository);
  const Right open = repository.is_private ? Right::kNone : Right::kRead;
  if (caller.IsAnonymous()) return open;
  const Right ceiling = CeilingOf(caller, repository.is_private);
  // What everybody may, or what no role can change, needs no look at the database.
  if (open >= enough && ceiling >= enough) return open;
  if (caller.is_site_admin || caller.account == repository.owner) return ceiling;
  if (ceiling < Right::kRead) return ceiling;
  TRY(const Right of_roles, FindRight(connection, repository.id, repository.owner, caller.account));
  return std::min(std::max(open, of_roles), ceiling);
}

// ---- The table of namespaces.
struct NamespaceRule {
  NamespaceAction action;
  OrganizationRole role;                  // of the organization; a user's own namespace allows everything
  TokenScope scope;                       // that a personal token must have
  bool reads_only;                        // possible without a verified e-mail address
  std::optional<ResourceRight> resource;  // that lets an organization token do it
};

constexpr auto kNamespaceRules = std::to_array<NamespaceRule>({
    {NamespaceAction::kList, OrganizationRole::kMember, TokenScope::kRead, true, std::nullopt},
    {NamespaceAction::kCreateRepository, OrganizationRole::kEditor, TokenScope::kWrite, false, std::nullopt},
    {NamespaceAction::kViewMembers, OrganizationRole::kMember, TokenScope::kRead, true, ResourceRight::kMemberRead},
    {NamespaceAction::kManageMembers, OrganizationRole::kOwner, TokenScope::kAdmin, false, ResourceRight::kMemberEdit},
    {NamespaceAction::kManageTeams, OrganizationRole::kOwner, TokenScope::kAdmin, false, ResourceRight::kGroupEdit},
    {NamespaceAction::kManageSettings, OrganizationRole::kOwner, TokenScope::kAdmin, false, std::nullopt},
    {NamespaceAction::kViewAudit, OrganizationRole::kOwner, TokenScope::kAdmin, true, std::nullopt},
    {NamespaceAction::kManageTokens, OrganizationRole::kOwner, TokenScope::kAdmin, false, std::nullopt},
});

const NamespaceRule& RuleOf(NamespaceAction action) {
  return *std::find_if(kNamespaceRules.begin(), kNamespaceRules.end(),
                       [&](const auto& rule) { return rule.action == action; });
}

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

}  // namespace

Result<Verdict> DecideRepository(sql::Connection& connection, const Caller& caller, const RepositoryFacts& repository,
                                 RepositoryAction action) {
  const Right needed = NeededFor(action);
  TRY(const Right right, RightOn(connection, caller, repository, needed));
  // Who can't read a private repository must not learn that it is there.
  if (right < Right::kRead) return repository.is_private ? Verdict::kHidden : Verdict::kDenied;
  if (repository.is_archived && ChangesContent(action)) return Verdict::kDenied;
  return AllowedIf(right >= needed);
}

Result<Verdict> DecideNamespace(sql::Connection& connection, const Caller& caller, AccountId account,
                                std::string_view account_name, NamespaceAction action) {
  const NamespaceRule& rule = RuleOf(action);
  if (caller.kind == CredentialKind::kSystem) return Verdict::kAllowed;
  if (caller.IsAnonymous()) return Verdict::kDenied;
  if (caller.kind == CredentialKind::kOrganizationToken) {
    return AllowedIf(ResourcesAllow(caller, account, account_name, rule));
  }
  if (!CredentialAllows(caller, rule)) return Verdict::kDenied;
  if (caller.is_site_admin || caller.account == account) return Verdict::kAllowed;
  TRY(const auto role, FindOrganizationRole(connection, account, caller.account));
  return AllowedIf(role && *role >= rule.role);
}

}  // namespace berth::access
