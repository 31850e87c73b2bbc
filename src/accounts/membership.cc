#include "accounts/membership.h"

#include <optional>
#include <utility>

#include "accounts/custom_role_store.h"
#include "accounts/organization_service.h"
#include "base/text.h"
#include "crypto/random.h"
#include "json/writer.h"
#include "limits/quota.h"

namespace berth::accounts {
namespace {

constexpr size_t kMaxDescription = 1000;

Result<void> CheckDescription(std::string_view text) {
  if (text.size() <= kMaxDescription && IsValidUtf8(text)) return {};
  return Fail(ErrorCode::kInvalidArgument, "a description has at most 1000 bytes", "description");
}

using DataMembers = std::initializer_list<std::pair<std::string_view, std::string_view>>;

Result<void> Log(sql::Transaction& tx, const events::Actor& actor, std::string_view type, const Account& organization,
                 std::string_view name, DataMembers data, Timestamp now) {
  json::Writer w;
  w.BeginObject();
  for (const auto& [key, value] : data) w.Key(key).String(value);
  w.EndObject();
  events::Event event;
  event.type = type;
  event.account_id = organization.id;
  event.account = organization.name;
  event.name = name;
  event.data = w.text();
  return events::Append(tx, actor, event, now);
}

Error NameTaken() { return Error(ErrorCode::kAlreadyExists, "there is a team of that name", "name"); }

// The team `owners` mirrors the role.
Result<void> MirrorOwner(sql::Transaction& tx, AccountId organization, AccountId user, bool is_owner, Timestamp now) {
  TRY(const auto owners, OrganizationStore::FindTeam(tx, organization, kOwnersTeam));
  if (!owners) return {};
  if (is_owner) {
    TRY_VOID(OrganizationStore::AddTeamMember(tx, owners->id, user, now));
  } else {
    TRY_VOID(OrganizationStore::RemoveTeamMember(tx, owners->id, user));
  }
  return {};
}

constexpr sql::Query kDropInvitations{
    "membership.drop_invitations",
    "DELETE FROM invitation WHERE organization_id = $1 AND (account_id = $2 OR (email <> '' AND email = $3))"};

bool IsOwner(const std::optional<GivenRole>& role) { return role && role->base == OrganizationRole::kOwner; }

Result<void> KeepAnOwner(sql::Connection& connection, AccountId organization, const std::optional<GivenRole>& before,
                         const std::optional<GivenRole>& after) {
  if (!IsOwner(before) || IsOwner(after)) return {};
  TRY(const int64_t owners, OrganizationStore::CountOwners(connection, organization));
  if (owners <= 1) return Fail(ErrorCode::kConflict, "an organization keeps at least one owner");
  return {};
}

Result<void> CheckGrant(sql::Connection& connection, const GrantLimit& limit, const std::optional<GivenRole>& role) {
  if (limit.unlimited || !role) return {};
  PermissionSet custom;
  if (role->custom != 0) {
    TRY(custom, CustomRoleStore::Permissions(connection, role->custom));
  }
  if (limit.Covers(role->base, custom)) return {};
  return Fail(ErrorCode::kPermissionDenied,
              "the role " + std::string(role->name()) + " allows more than you may do yourself");
}

// An invitation keeps a seat for whom it was sent to.
Result<void> TakeSeat(sql::Transaction& tx, const Account& organization, const Account& user) {
  TRY_VOID(tx.Run(kDropInvitations, {organization.id, user.id, user.email_verified ? user.email : std::string()}));
  TRY(const int64_t used, OrganizationStore::CountSeats(tx, organization.id));
  return limits::CheckQuota(tx, organization.id, limits::Quota::kSeats, used + 1);
}

}  // namespace

Result<void> SetMemberRole(sql::Transaction& tx, const Account& organization, const Account& user,
                           const GivenRole& role, const events::Actor& actor, Timestamp now, const GrantLimit& limit) {
  TRY(const auto before, OrganizationStore::FindGivenRole(tx, organization.id, user.id));
  if (before == role) return {};
  TRY_VOID(CheckGrant(tx, limit, before));
  TRY_VOID(CheckGrant(tx, limit, role));
  if (role.custom != 0) TRY_VOID(limits::CheckFeature(tx, organization.id, limits::Feature::kCustomRoles));
  if (!before) TRY_VOID(TakeSeat(tx, organization, user));
  TRY_VOID(KeepAnOwner(tx, organization.id, before, role));
  TRY_VOID(OrganizationStore::PutMember(tx, organization.id, user.id, role, now));
  TRY_VOID(MirrorOwner(tx, organization.id, user.id, role.base == OrganizationRole::kOwner, now));
  return Log(tx, actor, before ? "org.member.role.change" : "org.member.add", organization, user.name,
             {{"username", user.name}, {"role", role.name()}, {"previous_role", before ? before->name() : ""}}, now);
}

Result<void> DropMember(sql::Transaction& tx, const Account& organization, const Account& user,
                        const events::Actor& actor, Timestamp now, const GrantLimit& limit) {
  TRY(const auto before, OrganizationStore::FindGivenRole(tx, organization.id, user.id));
  if (!before) return Fail(ErrorCode::kNotFound, "not a member", "member");
  TRY_VOID(CheckGrant(tx, limit, before));
  TRY_VOID(KeepAnOwner(tx, organization.id, before, std::nullopt));
  TRY_VOID(OrganizationStore::RemoveMember(tx, organization.id, user.id));
  return Log(tx, actor, "org.member.remove", organization, user.name, {{"username", user.name}}, now);
}

Result<void> CheckTeamName(std::string_view name) {
  bool good = name.size() >= 3 && name.size() <= 30;
  bool inner = false;
  for (const char c : name) {
    const bool separator = c == '-' || c == '_';
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    good = good && (plain || (separator && inner));
    inner = plain;
  }
  if (!good || !inner) {
    return Fail(ErrorCode::kInvalidArgument,
                "a team's name is 3 to 30 lower-case letters and digits, with '-' or '_' between them", "name");
  }
  return {};
}

Result<Team> MakeTeam(sql::Transaction& tx, const Account& organization, std::string_view name,
                      std::string_view description, const events::Actor& actor, Timestamp now) {
  TRY_VOID(CheckTeamName(name));
  TRY_VOID(CheckDescription(description));
  TRY(const int64_t present, OrganizationStore::CountTeams(tx, organization.id));
  TRY_VOID(limits::CheckQuota(tx, organization.id, limits::Quota::kTeams, present + 1));
  Team team;
  team.uuid = crypto::NewUuid();
  team.organization = organization.id;
  team.name = std::string(name);
  team.description = std::string(description);
  team.created_at = now;
  auto made = OrganizationStore::InsertTeam(tx, team);
  if (!made && made.error().code == ErrorCode::kAlreadyExists) return Fail(NameTaken());
  if (!made) return Fail(made.error());
  TRY_VOID(Log(tx, actor, "org.team.create", organization, name, {{"team", name}}, now));
  return made;
}

Result<Team> ChangeTeam(sql::Transaction& tx, const Account& organization, const Team& team,
                        const std::optional<std::string>& name, const std::optional<std::string>& description,
                        const events::Actor& actor, Timestamp now) {
  if (name) TRY_VOID(CheckTeamName(*name));
  if (description) TRY_VOID(CheckDescription(*description));
  Team changed = team;
  if (name && *name != team.name) {
    if (team.name == kOwnersTeam) return Fail(ErrorCode::kConflict, "the team owners keeps its name", "name");
    changed.name = *name;
  }
  if (description) changed.description = *description;
  if (changed.name == team.name && changed.description == team.description) return changed;
  auto updated = OrganizationStore::UpdateTeam(tx, team.id, changed.name, changed.description);
  if (!updated && updated.error().code == ErrorCode::kAlreadyExists) return Fail(NameTaken());
  if (!updated) return Fail(updated.error());
  TRY_VOID(Log(tx, actor, "org.team.update", organization, changed.name,
               {{"team", changed.name}, {"previous_name", team.name}}, now));
  return changed;
}

Result<void> DropTeam(sql::Transaction& tx, const Account& organization, const Team& team, const events::Actor& actor,
                      Timestamp now) {
  if (team.name == kOwnersTeam) return Fail(ErrorCode::kConflict, "the team owners can't be deleted");
  TRY_VOID(OrganizationStore::DeleteTeam(tx, team.id));
  return Log(tx, actor, "org.team.delete", organization, team.name, {{"team", team.name}}, now);
}

Result<void> JoinTeam(sql::Transaction& tx, const Account& organization, const Team& team, const Account& user,
                      const events::Actor& actor, Timestamp now, const GrantLimit& limit) {
  if (team.name == kOwnersTeam) {
    return SetMemberRole(tx, organization, user, OrganizationRole::kOwner, actor, now, limit);
  }
  TRY(const auto role, OrganizationStore::FindRole(tx, organization.id, user.id));
  if (!role) return Fail(ErrorCode::kNotFound, "not a member of the organization", "member");
  TRY(const bool added, OrganizationStore::AddTeamMember(tx, team.id, user.id, now));
  if (!added) return {};
  return Log(tx, actor, "org.team.member.add", organization, team.name, {{"team", team.name}, {"username", user.name}},
             now);
}

Result<void> LeaveTeam(sql::Transaction& tx, const Account& organization, const Team& team, const Account& user,
                       const events::Actor& actor, Timestamp now, const GrantLimit& limit) {
  if (team.name == kOwnersTeam) {
    TRY(const auto role, OrganizationStore::FindRole(tx, organization.id, user.id));
    if (role != OrganizationRole::kOwner) return Fail(ErrorCode::kNotFound, "not a member of the team", "member");
    return SetMemberRole(tx, organization, user, OrganizationRole::kMember, actor, now, limit);
  }
  TRY(const bool removed, OrganizationStore::RemoveTeamMember(tx, team.id, user.id));
  if (!removed) return Fail(ErrorCode::kNotFound, "not a member of the team", "member");
  return Log(tx, actor, "org.team.member.remove", organization, team.name,
             {{"team", team.name}, {"username", user.name}}, now);
}

}  // namespace berth::accounts
