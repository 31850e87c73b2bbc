// What an organization access token may be given: the scopes of its resources, as Docker Hub names them.
#pragma once

#include <optional>
#include <string_view>

#include "accounts/caller.h"

namespace berth::accounts {

inline constexpr std::string_view kRepositoryResource = "TYPE_REPO";
inline constexpr std::string_view kOrganizationResource = "TYPE_ORG";
inline constexpr std::string_view kPublicRepositoriesPath = "*/*/public";

enum class ResourceRight { kPull, kPush, kMemberRead, kMemberEdit, kInviteRead, kInviteEdit, kGroupRead, kGroupEdit };

// "scope-image-pull", "image-pull" and "repo-pull" are the same; empty for anything else. An edit right implies its
// read right, and push implies pull.
std::optional<ResourceRight> ParseResourceScope(std::string_view scope);
bool Implies(ResourceRight held, ResourceRight wanted);
// Whether any of the resource's scopes implies `wanted`.
bool Grants(const TokenResource& resource, ResourceRight wanted);

}  // namespace berth::accounts
