// Finds what the decision needs to know of a repository.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "access/decision.h"
#include "base/result.h"
#include "sql/database.h"

namespace berth::access {

// "nginx" is "library/nginx" (Docker's official images), for the registry and in token scopes.
std::string FullRepositoryName(std::string_view name);
// The first part of a full name.
std::string_view NamespaceOf(std::string_view full_name);

// `full_name` with its namespace; the answer's full_name views it. Empty when there is no such repository.
Result<std::optional<RepositoryFacts>> FindRepositoryFacts(sql::Connection& connection, std::string_view full_name);

}  // namespace berth::access
