// The one place that says who may do what. Every surface (registry, token service, Hub API, jobs) asks here.
//
// Rules: behaviour of Docker Hub's organization roles, team permissions, collaborators and token scopes, and what
// custom roles add to them, as two tables in decision.cc; a test walks every role × action × public, private and
// foreign object. An outsider can't tell a private object from a missing one: kHidden answers exactly like "not found".
#pragma once

#include <string>
#include <string_view>

#include "accounts/caller.h"
#include "accounts/role_permission.h"
#include "base/result.h"
#include "sql/database.h"

namespace berth::access {

enum class RepositoryAction {
  kPull,       // see it and what is in it
  kPullImage,  // the same, and image access management of the caller's organizations lets the content out
  kPush,
  kSetTag,
  kDeleteTag,
  kEditTagRules,
  kEdit,
  kDelete,
  kManageAccess,
};
enum class NamespaceAction {
  kList,
  kCreateRepository,
  kViewMembers,
  kExportMembers,
  kManageMembers,
  kViewInvitations,
  kManageInvitations,
  kViewTeams,
  kManageTeams,
  kViewSettings,
  kManageSettings,
  kViewAudit,
  kViewUsage,
  kManageTokens,
  kManageRoles,
  kOwn,  // what only owners may: delete the organization, connect it
};

enum class Verdict { kAllowed, kDenied, kHidden };

// What the decision needs to know of a repository; filled by its store.
struct RepositoryFacts {
  RepositoryId id;
  AccountId owner;             // the namespace's account
  std::string_view full_name;  // "ns/name"
  bool is_private = false;
  bool is_archived = false;
};

// Reads roles and teams through `connection` when the caller's right is not already clear. Thread-safe.
Result<Verdict> DecideRepository(sql::Connection& connection, const accounts::Caller& caller,
                                 const RepositoryFacts& repository, RepositoryAction action);
Result<Verdict> DecideNamespace(sql::Connection& connection, const accounts::Caller& caller, AccountId account,
                                std::string_view account_name, NamespaceAction action);

// The most that the caller may hand on in an organization where he may manage members, invitations, teams or roles.
Result<accounts::GrantLimit> FindGrantLimit(sql::Connection& connection, const accounts::Caller& caller,
                                            AccountId organization);

}  // namespace berth::access
