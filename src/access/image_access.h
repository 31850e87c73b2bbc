// Image access management: an organization can say which images from outside of it its members may pull. It is asked
// where content leaves the registry, by access::DecideRepository with kPullImage; pages show every image to everybody.
#pragma once

#include "access/decision.h"
#include "accounts/caller.h"
#include "base/result.h"
#include "sql/database.h"

namespace berth::access {

// Whether every organization of the caller that restricts images lets him pull this one. One's own repositories and
// those of one's organizations always may be; official images and verified publishers, by the badge of the repository
// or else of its namespace, as each organization says; other images (community) never. Nobody is asked about anonymous
// callers and organization tokens.
Result<bool> ImageAccessAllows(sql::Connection& connection, const accounts::Caller& caller,
                               const RepositoryFacts& repository);

}  // namespace berth::access
