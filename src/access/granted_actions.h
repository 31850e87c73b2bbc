// What of a token request (distribution specification, "Token Scope") the caller gets. Less than asked is no error: the
// registry answers 401 or 404 later, the same for what is private and what is missing.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "accounts/caller.h"
#include "accounts/registry_token.h"
#include "base/result.h"
#include "sql/database.h"

namespace berth::access {

// One scope, "type[(class)]:name:action[,action…]"; the name may hold colons (a host with a port). Empty when it is
// malformed.
std::optional<accounts::AccessEntry> ParseScope(std::string_view text);

// The part of `asked.actions` that the caller may do, in the order asked; "*" becomes what it stands for. A repository
// that does not exist yet is granted where the caller may create it.
Result<std::vector<std::string>> GrantedActions(sql::Connection& connection, const accounts::Caller& caller,
                                                const accounts::AccessEntry& asked);

}  // namespace berth::access
