// What a custom role can allow beyond the rights of a member, and what that means for handing roles on. Values.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "accounts/account.h"

namespace berth::accounts {

enum class RolePermission : uint8_t {
  kCreateRepository,
  kEditRepository,
  kDeleteRepository,
  kManageTags,
  kManageRepositoryAccess,
  kManageTeams,
  kExportMembers,
  kManageMembers,
  kManageInvitations,
  kEditSettings,
  kManageTokens,
  kViewAudit,
  kViewUsage,
  kManageRoles,
};

struct RolePermissionInfo {
  RolePermission permission;
  std::string_view name;  // "repo:create", as in the contract
  std::string_view label;
  std::string_view description;
};

// All of them, in the order of the enumeration.
std::span<const RolePermissionInfo> AllRolePermissions();
std::string_view ToString(RolePermission permission);
std::optional<RolePermission> ParseRolePermission(std::string_view name);

class PermissionSet {
 public:
  void Add(RolePermission permission) { bits_ |= Bit(permission); }
  void Add(PermissionSet other) { bits_ |= other.bits_; }
  bool Has(RolePermission permission) const { return (bits_ & Bit(permission)) != 0; }
  bool Covers(PermissionSet other) const { return (other.bits_ & ~bits_) == 0; }
  bool IsEmpty() const { return bits_ == 0; }
  bool operator==(const PermissionSet&) const = default;

 private:
  static uint32_t Bit(RolePermission permission) { return uint32_t{1} << static_cast<unsigned>(permission); }
  uint32_t bits_ = 0;
};

// What a built-in role allows in these words; an owner's rights are more than their sum.
PermissionSet PermissionsOf(OrganizationRole role);

// The most that somebody may hand on in an organization: nobody gives, changes or takes away a role that allows more
// than he may do himself, and only owners make owners. The default is no limit.
struct GrantLimit {
  bool unlimited = true;
  PermissionSet permissions;

  bool Covers(OrganizationRole role, PermissionSet custom) const;
};

}  // namespace berth::accounts
