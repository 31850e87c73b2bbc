// What the database says of a user's standing: organization roles, team permissions, collaborators. Read by the
// decision only.
#pragma once

#include <optional>

#include "accounts/account.h"
#include "accounts/role_permission.h"
#include "base/id.h"
#include "base/result.h"
#include "sql/database.h"

namespace berth::access {

// What somebody may do with a repository; higher implies lower.
enum class Right { kNone, kRead, kWrite, kAdmin };

// What a user holds in one place: the highest right by role, teams and collaboration, and what a custom role allows.
struct Standing {
  Right right = Right::kNone;
  accounts::PermissionSet permissions;
};
Result<Standing> FindStanding(sql::Connection& connection, RepositoryId repository, AccountId owner, AccountId user);

struct OrganizationStanding {
  accounts::OrganizationRole role = accounts::OrganizationRole::kMember;
  accounts::PermissionSet permissions;  // of a custom role
};
// Empty for those who are no members.
Result<std::optional<OrganizationStanding>> FindOrganizationStanding(sql::Connection& connection,
                                                                     AccountId organization, AccountId user);

}  // namespace berth::access
