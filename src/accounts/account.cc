#include "accounts/account.h"

#include "base/text.h"

namespace berth::accounts {

std::string_view ToString(OrganizationRole role) {
  switch (role) {
    case OrganizationRole::kMember:
      return "member";
    case OrganizationRole::kEditor:
      return "editor";
    case OrganizationRole::kOwner:
      return "owner";
  }
  return "member";
}

std::optional<OrganizationRole> ParseOrganizationRole(std::string_view text) {
  for (const auto role : {OrganizationRole::kMember, OrganizationRole::kEditor, OrganizationRole::kOwner}) {
    if (EqualsIgnoreCase(text, ToString(role))) return role;
  }
  return std::nullopt;
}

}  // namespace berth::accounts
