// What the database says of a user's standing: organization roles, team permissions, collaborators. Read by the
// decision only.
#pragma once

#include <optional>

#include "accounts/account.h"
#include "base/id.h"
#include "base/result.h"
#include "sql/database.h"

namespace berth::access {

// What somebody may do with a repository; higher implies lower.
enum class Right { kNone, kRead, kWrite, kAdmin };

// The highest right on a repository that a user holds by a role in the owning organization, by its teams or as a
// collaborator.
Result<Right> FindRight(sql::Connection& connection, RepositoryId repository, AccountId owner, AccountId user);
Result<std::optional<accounts::OrganizationRole>> FindOrganizationRole(sql::Connection& connection,
                                                                       AccountId organization, AccountId user);

}  // namespace berth::access
