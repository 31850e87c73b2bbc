#include "accounts/organization_service.h"

#include "accounts/account_store.h"
#include "accounts/membership.h"
#include "base/text.h"
#include "crypto/random.h"
#include "json/writer.h"

namespace berth::accounts {
namespace {

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
  TRY_VOID(FoundOrganization(tx, organization, owner, owner_name, actor, now));
  return organization;
}

Result<void> FoundOrganization(sql::Transaction& tx, const Account& organization, AccountId owner,
                               std::string_view owner_name, const events::Actor& actor, Timestamp now) {
  Team owners;
  owners.uuid = crypto::NewUuid();
  owners.organization = organization.id;
  owners.name = std::string(kOwnersTeam);
  owners.created_at = now;
  TRY(const Team team, OrganizationStore::InsertTeam(tx, owners));
  TRY_VOID(OrganizationStore::PutMember(tx, organization.id, owner, OrganizationRole::kOwner, now));
  TRY_VOID(OrganizationStore::AddTeamMember(tx, team.id, owner, now));
  return Log(tx, actor, "org.create", organization, organization.name, Data({{"owner", owner_name}}), now);
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

Result<void> OrganizationService::SetMember(const Account& organization, std::string_view name, const GivenRole& role,
                                            const events::Actor& actor, const GrantLimit& limit) {
  return database_.Write([&](sql::Transaction& tx) -> Result<void> {
    TRY(const Account user, RequireUser(tx, name));
    return SetMemberRole(tx, organization, user, role, actor, clock_.Now(), limit);
  });
}

Result<void> OrganizationService::RemoveMember(const Account& organization, std::string_view name,
                                               const events::Actor& actor, const GrantLimit& limit) {
  return database_.Write([&](sql::Transaction& tx) -> Result<void> {
    TRY(const Account user, RequireUser(tx, name));
    return DropMember(tx, organization, user, actor, clock_.Now(), limit);
  });
}

Result<Team> OrganizationService::CreateTeam(const Account& organization, std::string_view name,
                                             std::string_view description, const events::Actor& actor) {
  return database_.Write([&](sql::Transaction& tx) -> Result<Team> {
    return MakeTeam(tx, organization, name, description, actor, clock_.Now());
  });
}

Result<Team> OrganizationService::UpdateTeam(const Account& organization, std::string_view old_name,
                                             std::optional<std::string> name, std::optional<std::string> description,
                                             const events::Actor& actor) {
  return database_.Write([&](sql::Transaction& tx) -> Result<Team> {
    TRY(const Team team, RequireTeam(tx, organization.id, old_name));
    return ChangeTeam(tx, organization, team, name, description, actor, clock_.Now());
  });
}

Result<void> OrganizationService::DeleteTeam(const Account& organization, std::string_view name,
                                             const events::Actor& actor) {
  return database_.Write([&](sql::Transaction& tx) -> Result<void> {
    TRY(const Team team, RequireTeam(tx, organization.id, name));
    return DropTeam(tx, organization, team, actor, clock_.Now());
  });
}

Result<void> OrganizationService::AddTeamMember(const Account& organization, std::string_view team_name,
                                                std::string_view user_name, const events::Actor& actor,
                                                const GrantLimit& limit) {
  return database_.Write([&](sql::Transaction& tx) -> Result<void> {
    const Timestamp now = clock_.Now();
    TRY(const Team team, RequireTeam(tx, organization.id, team_name));
    TRY(const Account user, RequireUser(tx, user_name));
    return JoinTeam(tx, organization, team, user, actor, now, limit);
  });
}

Result<void> OrganizationService::RemoveTeamMember(const Account& organization, std::string_view team_name,
                                                   std::string_view user_name, const events::Actor& actor,
                                                   const GrantLimit& limit) {
  return database_.Write([&](sql::Transaction& tx) -> Result<void> {
    const Timestamp now = clock_.Now();
    TRY(const Team team, RequireTeam(tx, organization.id, team_name));
    TRY(const Account user, RequireUser(tx, user_name));
    return LeaveTeam(tx, organization, team, user, actor, now, limit);
  });
}

}  // namespace berth::accounts
