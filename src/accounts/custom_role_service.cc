#include "accounts/custom_role_service.h"

#include <algorithm>

#include "base/text.h"
#include "json/writer.h"
#include "limits/quota.h"

namespace berth::accounts {
namespace {

constexpr size_t kMinName = 2;
constexpr size_t kMaxName = 64;          // characters
constexpr size_t kMaxDescription = 500;  // characters

size_t CountCharacters(std::string_view utf8) {
  return static_cast<size_t>(std::count_if(utf8.begin(), utf8.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

bool IsControl(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

// The name stands in addresses and beside the built-in roles in lists.
Result<void> CheckName(std::string_view name) {
  const size_t length = CountCharacters(name);
  if (length < kMinName || length > kMaxName || !IsValidUtf8(name) || std::ranges::any_of(name, IsControl) ||
      name.find_first_of("/\\,") != std::string_view::npos || Trim(name) != name) {
    return Fail(ErrorCode::kInvalidArgument,
                "a role's name has 2 to 64 characters, without '/', '\\' or ',' and without spaces at its ends",
                "name");
  }
  if (ParseOrganizationRole(name) || EqualsIgnoreCase(name, "invitee") || EqualsIgnoreCase(name, "all")) {
    return Fail(ErrorCode::kInvalidArgument, "this name is taken by a built-in role", "name");
  }
  return {};
}

Result<void> CheckDescription(std::string_view text) {
  if (IsValidUtf8(text) && CountCharacters(text) <= kMaxDescription && text.find('\0') == std::string_view::npos)
    return {};
  return Fail(ErrorCode::kInvalidArgument, "a description has at most 500 characters", "description");
}

Result<void> CheckLimit(const GrantLimit& limit, PermissionSet permissions) {
  if (limit.Covers(OrganizationRole::kMember, permissions)) return {};
  return Fail(ErrorCode::kPermissionDenied, "the role allows more than you may do yourself");
}

Result<void> Log(sql::Transaction& tx, const events::Actor& actor, std::string_view type, const Account& organization,
                 const CustomRole& role, Timestamp now) {
  json::Writer w;
  w.BeginObject().Key("role").String(role.name).Key("permissions").BeginArray();
  for (const auto& info : AllRolePermissions()) {
    if (role.permissions.Has(info.permission)) w.String(info.name);
  }
  w.EndArray().EndObject();
  events::Event event;
  event.type = type;
  event.account_id = organization.id;
  event.account = organization.name;
  event.name = role.name;
  event.data = w.text();
  return events::Append(tx, actor, event, now);
}

Result<CustomRole> Require(sql::Connection& connection, AccountId organization, std::string_view name) {
  TRY(auto role, CustomRoleStore::Find(connection, organization, name));
  if (!role) return Fail(ErrorCode::kNotFound, "no such role", "role_name");
  return *std::move(role);
}

}  // namespace

Result<CustomRole> CustomRoleService::Create(const Account& organization, std::string_view name,
                                             std::string_view description, PermissionSet permissions,
                                             const GrantLimit& limit, const events::Actor& actor) {
  TRY_VOID(CheckName(name));
  TRY_VOID(CheckDescription(description));
  TRY_VOID(CheckLimit(limit, permissions));
  return database_.Write([&](sql::Transaction& tx) -> Result<CustomRole> {
    TRY_VOID(limits::CheckFeature(tx, organization.id, limits::Feature::kCustomRoles));
    TRY(const int64_t present, CustomRoleStore::Count(tx, organization.id));
    if (present >= kMaxRoles) return Fail(ErrorCode::kLimitExceeded, "an organization has at most 100 custom roles");
    TRY(const auto other, CustomRoleStore::Find(tx, organization.id, name));
    if (other) return Fail(ErrorCode::kAlreadyExists, "there is a role of that name", "name");
    CustomRole role;
    role.organization = organization.id;
    role.name = name;
    role.description = description;
    role.permissions = permissions;
    role.created_at = role.updated_at = clock_.Now();
    TRY(auto made, CustomRoleStore::Insert(tx, role));
    TRY_VOID(Log(tx, actor, "org.customrole.create", organization, made, made.created_at));
    return made;
  });
}

Result<CustomRole> CustomRoleService::Update(const Account& organization, std::string_view name,
                                             const CustomRoleChange& change, const GrantLimit& limit,
                                             const events::Actor& actor) {
  if (change.description) TRY_VOID(CheckDescription(*change.description));
  return database_.Write([&](sql::Transaction& tx) -> Result<CustomRole> {
    TRY(CustomRole role, Require(tx, organization.id, name));
    TRY_VOID(CheckLimit(limit, role.permissions));
    if (change.permissions) TRY_VOID(CheckLimit(limit, *change.permissions));
    const std::string description = change.description.value_or(role.description);
    const PermissionSet permissions = change.permissions.value_or(role.permissions);
    if (description == role.description && permissions == role.permissions) return role;
    TRY_VOID(limits::CheckFeature(tx, organization.id, limits::Feature::kCustomRoles));
    role.description = description;
    role.permissions = permissions;
    role.updated_at = clock_.Now();
    TRY_VOID(CustomRoleStore::Update(tx, role));
    TRY_VOID(Log(tx, actor, "org.customrole.update", organization, role, role.updated_at));
    return role;
  });
}

Result<void> CustomRoleService::Delete(const Account& organization, std::string_view name, const GrantLimit& limit,
                                       const events::Actor& actor) {
  return database_.Write([&](sql::Transaction& tx) -> Result<void> {
    TRY(const CustomRole role, Require(tx, organization.id, name));
    TRY_VOID(CheckLimit(limit, role.permissions));
    TRY(const int64_t uses, CustomRoleStore::CountUses(tx, role.id));
    if (uses > 0) return Fail(ErrorCode::kConflict, "members or open invitations have this role");
    TRY_VOID(CustomRoleStore::Delete(tx, role.id));
    return Log(tx, actor, "org.customrole.delete", organization, role, clock_.Now());
  });
}

}  // namespace berth::accounts
