#include "accounts/organization_service.h"

#include "accounts/account_store.h"
#include "base/text.h"
#include "crypto/random.h"
#include "json/writer.h"

namespace berth::accounts {
namespace {

constexpr size_t kMaxDescription = 1000;

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

Result<void> CheckDescription(std::string_view text) {
  if (text.size() <= kMaxDescription && IsValidUtf8(text)) return {};
  return Fail(ErrorCode::kInvalidArgument, "a description has at most 1000 bytes", "description");
}

Result<Account> RequireUser(sql::Connection& connection, std::string_view name) {
  TRY(auto user, AccountStore::FindByName(connection, name));
  if (!user || !user->IsUser()) return Fail(ErrorCode::kNotFound, "no such user", "member");
  return std::move(*user);
}

Result<Team> RequireTeam(sql::Connection& connection, AccountId organization, std::string_view name) {
  TRY(auto team, OrganizationStore::FindTeam(connection, organization, name));
  if (!team) return Fail(ErrorCode::kNotFound, "no such team");
  return std::move(*team);
}

Result<void> Log(sql::Transaction& tx, const events::Actor& actor, std::string_view type, const Account& organization,
                 std::string_view name, std::string_view data, Timestamp now) {
  return events::Append(tx, actor,
                        {.type = type,
                         .account_id = organization.id,
                         .account = organization.name,
                         .repository_id = {},
                         .name = name,
                         .data = data},
                        now);
}

std::string Data(std::initializer_list<std::pair<std::string_view, std::string_view>> members) {
  json::Writer w;
  w.BeginObject();
  for (const auto& [key, value] : members) w.Key(key).String(value);
  w.EndObject();
  return std::move(w).Take();
}

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

Result<void> KeepAnOwner(sql::Connection& connection, AccountId organization, std::optional<OrganizationRole> before,
                         std::optional<OrganizationRole> after) {
  if (before != OrganizationRole::kOwner || after == OrganizationRole::kOwner) return {};
  TRY(const int64_t owners, OrganizationStore::CountOwners(connection, organization));
  if (owners <= 1) return Fail(ErrorCode::kConflict, "an organization keeps at least one owner");
  return {};
}

Result<void> SetRole(sql::Transaction& tx, const Account& organization, const Account& user, OrganizationRole role,
                     const events::Actor& actor, Timestamp now) {
  TRY(const auto before, OrganizationStore::FindRole(tx, organization.id, user.id));
  if (before == role) return {};
  TRY_VOID(KeepAnOwner(tx, organization.id, before, role));
  TRY_VOID(OrganizationStore::PutMember(tx, organization.id, user.id, role, now));
  TRY_VOID(MirrorOwner(tx, organization.id, user.id, role == OrganizationRole::kOwner, now));
  return Log(
      tx, actor, before ? "org.member.role.change" : "org.member.add", organization, user.name,
      Data({{"username", user.name}, {"role", ToString(role)}, {"previous_role", before ? ToString(*before) : ""}}),
      now);
}

}  // namespace

Result<Account> CreateOrganization(sql::Transaction& tx, std::string_view name, std::string_view company,
                                   AccountId owner, std::string_view owner_name, const events::Actor& actor,
                                   Timestamp now) {
  Account organization;
  organization.uuid = crypto::NewUuid();
  organization.name = std::string(name);
  organization.kind = AccountKind::kOrganization;
  organization.company = std::string(company);
  organization.email_verified = true;
  organization.created_at = organization.updated_at = now;
  auto id = AccountStore::Insert(tx, organization);
  if (!id && id.error().code == ErrorCode::kAlreadyExists) {
    return Fail(ErrorCode::kAlreadyExists, "the name " + organization.name + " is taken", "orgname");
  }
  if (!id) return Fail(id.error());
  organization.id = *id;
  Team owners;
  owners.uuid = crypto::NewUuid();
  owners.organization = organization.id;
  owners.name = std::string(kOwnersTeam);
  owners.created_at = now;
  TRY(const Team team, OrganizationStore::InsertTeam(tx, owners));
  TRY_VOID(OrganizationStore::PutMember(tx, organization.id, owner, OrganizationRole::kOwner, now));
  TRY_VOID(OrganizationStore::AddTeamMember(tx, team.id, owner, now));
  TRY_VOID(Log(tx, actor, "org.create", organization, organization.name, Data({{"owner", owner_name}}), now));
  return organization;
}

Result<Account> OrganizationService::Create(std::string_view name, std::string_view company, AccountId owner,
                                            NameRule rule, const events::Actor& actor) {
  auto checked = CheckAccountName(name, rule);
  if (!checked) return Fail(checked.error().code, checked.error().message, "orgname");
  if (company.size() > 255 || !IsValidUtf8(company)) {
    return Fail(ErrorCode::kInvalidArgument, "at most 255 bytes of UTF-8", "company");
  }
  return database_.Write([&](sql::Transaction& tx) -> Result<Account> {
    TRY(const auto user, AccountStore::FindById(tx, owner));
    if (!user || !user->IsUser()) return Fail(ErrorCode::kNotFound, "no such user");
    return CreateOrganization(tx, name, company, owner, user->name, actor, clock_.Now());
  });
}

Result<void> OrganizationService::SetMember(const Account& organization, std::string_view name, OrganizationRole role,
                                            const events::Actor& actor) {
  return database_.Write([&](sql::Transaction& tx) -> Result<void> {
    TRY(const Account user, RequireUser(tx, name));
    return SetRole(tx, organization, user, role, actor, clock_.Now());
  });
}

Result<void> OrganizationService::RemoveMember(const Account& organization, std::string_view name,
                                               const events::Actor& actor) {
  return database_.Write([&](sql::Transaction& tx) -> Result<void> {
    TRY(const Account user, RequireUser(tx, name));
    TRY(const auto before, OrganizationStore::FindRole(tx, organization.id, user.id));
    if (!before) return Fail(ErrorCode::kNotFound, "not a member", "member");
    TRY_VOID(KeepAnOwner(tx, organization.id, before, std::nullopt));
    TRY_VOID(OrganizationStore::RemoveMember(tx, organization.id, user.id));
    return Log(tx, actor, "org.member.remove", organization, user.name, Data({{"username", user.name}}), clock_.Now());
  });
}

Result<Team> OrganizationService::CreateTeam(const Account& organization, std::string_view name,
                                             std::string_view description, const events::Actor& actor) {
  TRY_VOID(CheckTeamName(name));
  TRY_VOID(CheckDescription(description));
  return database_.Write([&](sql::Transaction& tx) -> Result<Team> {
    Team team;
    team.uuid = crypto::NewUuid();
    team.organization = organization.id;
    team.name = std::string(name);
    team.description = std::string(description);
    team.created_at = clock_.Now();
    auto made = OrganizationStore::InsertTeam(tx, team);
    if (!made && made.error().code == ErrorCode::kAlreadyExists) {
      return Fail(ErrorCode::kAlreadyExists, "there is a team of that name", "name");
    }
    if (!made) return Fail(made.error());
    TRY_VOID(Log(tx, actor, "org.team.create", organization, name, Data({{"team", name}}), team.created_at));
    return made;
  });
}

Result<Team> OrganizationService::UpdateTeam(const Account& organization, std::string_view old_name,
                                             std::optional<std::string> name, std::optional<std::string> description,
                                             const events::Actor& actor) {
  if (name) TRY_VOID(CheckTeamName(*name));
  if (description) TRY_VOID(CheckDescription(*description));
  return database_.Write([&](sql::Transaction& tx) -> Result<Team> {
    TRY(Team team, RequireTeam(tx, organization.id, old_name));
    if (name && *name != team.name) {
      if (team.name == kOwnersTeam) return Fail(ErrorCode::kConflict, "the team owners keeps its name", "name");
      team.name = *name;
    }
    if (description) team.description = *description;
    auto updated = OrganizationStore::UpdateTeam(tx, team.id, team.name, team.description);
    if (!updated && updated.error().code == ErrorCode::kAlreadyExists) {
      return Fail(ErrorCode::kAlreadyExists, "there is a team of that name", "name");
    }
    if (!updated) return Fail(updated.error());
    TRY_VOID(Log(tx, actor, "org.team.update", organization, team.name,
                 Data({{"team", team.name}, {"previous_name", old_name}}), clock_.Now()));
    return team;
  });
}

Result<void> OrganizationService::DeleteTeam(const Account& organization, std::string_view name,
                                             const events::Actor& actor) {
  if (name == kOwnersTeam) return Fail(ErrorCode::kConflict, "the team owners can't be deleted");
  return database_.Write([&](sql::Transaction& tx) -> Result<void> {
    TRY(const Team team, RequireTeam(tx, organization.id, name));
    TRY_VOID(OrganizationStore::DeleteTeam(tx, team.id));
    return Log(tx, actor, "org.team.delete", organization, name, Data({{"team", name}}), clock_.Now());
  });
}

Result<void> OrganizationService::AddTeamMember(const Account& organization, std::string_view team_name,
                                                std::string_view user_name, const events::Actor& actor) {
  return database_.Write([&](sql::Transaction& tx) -> Result<void> {
    const Timestamp now = clock_.Now();
    TRY(const Team team, RequireTeam(tx, organization.id, team_name));
    TRY(const Account user, RequireUser(tx, user_name));
    if (team.name == kOwnersTeam) return SetRole(tx, organization, user, OrganizationRole::kOwner, actor, now);
    TRY(const auto role, OrganizationStore::FindRole(tx, organization.id, user.id));
    if (!role) return Fail(ErrorCode::kNotFound, "not a member of the organization", "member");
    TRY(const bool added, OrganizationStore::AddTeamMember(tx, team.id, user.id, now));
    if (!added) return {};
    return Log(tx, actor, "org.team.member.add", organization, team.name,
               Data({{"team", team.name}, {"username", user.name}}), now);
  });
}

Result<void> OrganizationService::RemoveTeamMember(const Account& organization, std::string_view team_name,
                                                   std::string_view user_name, const events::Actor& actor) {
  return database_.Write([&](sql::Transaction& tx) -> Result<void> {
    const Timestamp now = clock_.Now();
    TRY(const Team team, RequireTeam(tx, organization.id, team_name));
    TRY(const Account user, RequireUser(tx, user_name));
    if (team.name == kOwnersTeam) {
      TRY(const auto role, OrganizationStore::FindRole(tx, organization.id, user.id));
      if (role != OrganizationRole::kOwner) return Fail(ErrorCode::kNotFound, "not a member of the team", "member");
      return SetRole(tx, organization, user, OrganizationRole::kMember, actor, now);
    }
    TRY(const bool removed, OrganizationStore::RemoveTeamMember(tx, team.id, user.id));
    if (!removed) return Fail(ErrorCode::kNotFound, "not a member of the team", "member");
    return Log(tx, actor, "org.team.member.remove", organization, team.name,
               Data({{"team", team.name}, {"username", user.name}}), now);
  });
}

}  // namespace berth::accounts
