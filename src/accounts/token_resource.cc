#include "accounts/token_resource.h"

#include <algorithm>
#include <array>
#include <utility>

namespace berth::accounts {
namespace {

constexpr auto kScopes = std::to_array<std::pair<std::string_view, ResourceRight>>({
    {"image-pull", ResourceRight::kPull},
    {"image-push", ResourceRight::kPush},
    {"repo-pull", ResourceRight::kPull},
    {"repo-push", ResourceRight::kPush},
    {"member-read", ResourceRight::kMemberRead},
    {"member-edit", ResourceRight::kMemberEdit},
    {"invite-read", ResourceRight::kInviteRead},
    {"invite-edit", ResourceRight::kInviteEdit},
    {"group-read", ResourceRight::kGroupRead},
    {"group-edit", ResourceRight::kGroupEdit},
});

}  // namespace

std::optional<ResourceRight> ParseResourceScope(std::string_view scope) {
  constexpr std::string_view kPrefix = "scope-";
  if (scope.starts_with(kPrefix)) scope.remove_prefix(kPrefix.size());
  const auto found =
      std::find_if(kScopes.begin(), kScopes.end(), [&](const auto& entry) { return entry.first == scope; });
  if (found == kScopes.end()) return std::nullopt;
  return found->second;
}

bool Implies(ResourceRight held, ResourceRight wanted) {
  if (held == wanted) return true;
  switch (held) {
    case ResourceRight::kPush:
      return wanted == ResourceRight::kPull;
    case ResourceRight::kMemberEdit:
      return wanted == ResourceRight::kMemberRead;
    case ResourceRight::kInviteEdit:
      return wanted == ResourceRight::kInviteRead;
    case ResourceRight::kGroupEdit:
      return wanted == ResourceRight::kGroupRead;
    default:
      return false;
  }
}

bool Grants(const TokenResource& resource, ResourceRight wanted) {
  return std::any_of(resource.scopes.begin(), resource.scopes.end(), [&](const std::string& scope) {
    const auto right = ParseResourceScope(scope);
    return right && Implies(*right, wanted);
  });
}

}  // namespace berth::accounts
