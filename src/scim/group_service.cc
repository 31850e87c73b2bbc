#include "scim/group_service.h"

#include <algorithm>
#include <set>

#include "accounts/account_store.h"
#include "accounts/membership.h"
#include "accounts/organization_service.h"
#include "scim/team_name.h"
#include "scim/user_store.h"

namespace berth::scim {
namespace {

using accounts::Account;
using accounts::AccountStore;
using accounts::OrganizationStore;
using accounts::Team;

constexpr int kNameAttempts = 100;

std::unexpected<Error> NoSuchGroup() { return Fail(ErrorCode::kNotFound, "no such group"); }

class Change {
 public:
  Change(sql::Transaction& tx, const Account& organization, const events::Actor& actor, Timestamp now)
      : tx_(tx), organization_(organization), actor_(actor), now_(now) {}

  Result<GroupRecord> Create(const GroupChange& change) {
    const std::string& name = *change.display_name;
    TRY_VOID(CheckName(name, {}));
    TRY(const std::string team_name, FreeName(name));
    TRY(const Team team, accounts::MakeTeam(tx_, organization_, team_name, "", actor_, now_));
    TRY_VOID(group_store::Put(tx_, team.id, name, change.external_id.value_or(""), now_));
    TRY_VOID(ChangeMembers(team, change.steps));
    return Reread(team.uuid);
  }

  Result<GroupRecord> Update(const GroupRecord& before, const GroupChange& change) {
    const std::string name = change.display_name.value_or(before.display_name);
    Team team = before.team;
    if (name != before.display_name) {
      TRY_VOID(CheckName(name, team.id));
      TRY(team, Rename(team, name));
    }
    TRY_VOID(ChangeMembers(team, change.steps));
    TRY_VOID(group_store::Put(tx_, team.id, name, change.external_id.value_or(before.external_id), now_));
    return Reread(team.uuid);
  }

 private:
  Result<GroupRecord> Reread(std::string_view id) {
    TRY(auto group, group_store::Find(tx_, organization_.id, id, true));
    if (!group) return NoSuchGroup();
    return *std::move(group);
  }

  Result<void> CheckName(const std::string& name, TeamId own) {
    TRY(const auto same, group_store::FindByName(tx_, organization_.id, name));
    if (!same || same->team.id == own) return {};
    return Fail(ErrorCode::kAlreadyExists, "there is a group of that displayName", std::string(kUniqueness));
  }

  // "dev-ops", or "dev-ops-2" when another group has become that.
  Result<std::string> FreeName(const std::string& display_name) {
    const std::string stem = TeamNameOf(display_name, organization_.name);
    std::string name = stem;
    for (int i = 2; i < kNameAttempts; ++i) {
      TRY(const auto taken, OrganizationStore::FindTeam(tx_, organization_.id, name));
      if (!taken) return name;
      const std::string number = "-" + std::to_string(i);
      name = stem.substr(0, 30 - number.size()) + number;
    }
    return Fail(ErrorCode::kAlreadyExists, "there are too many groups of that name", std::string(kUniqueness));
  }

  Result<Team> Rename(const Team& team, const std::string& display_name) {
    const std::string wanted = TeamNameOf(display_name, organization_.name);
    if (wanted == team.name) return team;
    TRY(const std::string name, FreeName(display_name));
    return accounts::ChangeTeam(tx_, organization_, team, name, std::nullopt, actor_, now_);
  }

  Result<Account> FindUser(const std::string& id) {
    TRY(auto account, AccountStore::FindByUuid(tx_, id));
    if (account && account->IsUser()) {
      TRY(const auto role, OrganizationStore::FindRole(tx_, organization_.id, account->id));
      if (role) return *std::move(account);
      TRY(const auto known, user_store::Find(tx_, organization_.id, id));
      if (known) return *std::move(account);
    }
    return Refuse(kInvalidValue, "no user " + id.substr(0, 64) + " in the organization");
  }

  Result<void> Add(const Team& team, const std::string& id) {
    TRY(const Account user, FindUser(id));
    TRY(const auto role, OrganizationStore::FindRole(tx_, organization_.id, user.id));
    if (!role) return user_store::Hold(tx_, team.id, user.id);
    return accounts::JoinTeam(tx_, organization_, team, user, actor_, now_);
  }

  // Who is none already is no error: identity providers repeat themselves.
  Result<void> Remove(const Team& team, const std::string& id) {
    TRY(const auto user, AccountStore::FindByUuid(tx_, id));
    if (!user) return {};
    TRY_VOID(user_store::Unhold(tx_, team.id, user->id));
    auto left = accounts::LeaveTeam(tx_, organization_, team, *user, actor_, now_);
    if (!left && left.error().code == ErrorCode::kNotFound) return {};
    return left;
  }

  // Those who stay are left alone. First who comes, so that `owners` is never empty between.
  Result<void> Replace(const Team& team, const std::vector<std::string>& ids) {
    TRY(const auto group, Reread(team.uuid));
    std::set<std::string> present;
    for (const GroupMember& member : group.members) present.insert(member.id);
    const std::set<std::string> wanted(ids.begin(), ids.end());
    for (const std::string& id : wanted) {
      if (!present.contains(id)) TRY_VOID(Add(team, id));
    }
    for (const std::string& id : present) {
      if (!wanted.contains(id)) TRY_VOID(Remove(team, id));
    }
    return user_store::KeepHeld(tx_, team.id, wanted);
  }

  Result<void> ChangeMembers(const Team& team, const std::vector<MemberStep>& steps) {
    for (const MemberStep& step : steps) {
      if (step.kind == MemberStep::Kind::kReplace) {
        TRY_VOID(Replace(team, step.ids));
        continue;
      }
      for (const std::string& id : step.ids) {
        TRY_VOID(step.kind == MemberStep::Kind::kAdd ? Add(team, id) : Remove(team, id));
      }
    }
    return {};
  }

  sql::Transaction& tx_;
  const Account& organization_;
  const events::Actor& actor_;
  const Timestamp now_;
};

}  // namespace

Result<GroupPage> Groups::List(Query& query, int64_t offset, int64_t count, bool with_members) {
  return database_.Read([&](sql::Connection& c) { return group_store::List(c, query, offset, count, with_members); });
}

Result<GroupRecord> Groups::Find(AccountId organization, std::string_view id, bool with_members) {
  TRY(auto group,
      database_.Read([&](sql::Connection& c) { return group_store::Find(c, organization, id, with_members); }));
  if (!group) return NoSuchGroup();
  return *std::move(group);
}

Result<GroupRecord> Groups::Create(const Account& organization, const GroupChange& change, const events::Actor& actor) {
  if (!change.display_name) return Refuse(kInvalidValue, "displayName is required");
  return database_.Write(
      [&](sql::Transaction& tx) { return Change(tx, organization, actor, clock_.Now()).Create(change); });
}

Result<GroupRecord> Groups::Update(const Account& organization, std::string_view id, const GroupChange& change,
                                   const events::Actor& actor) {
  return database_.Write([&](sql::Transaction& tx) -> Result<GroupRecord> {
    TRY(const auto before, group_store::Find(tx, organization.id, id, false));
    if (!before) return NoSuchGroup();
    return Change(tx, organization, actor, clock_.Now()).Update(*before, change);
  });
}

Result<void> Groups::Delete(const Account& organization, std::string_view id, const events::Actor& actor) {
  return database_.Write([&](sql::Transaction& tx) -> Result<void> {
    TRY(const auto group, group_store::Find(tx, organization.id, id, false));
    if (!group) return NoSuchGroup();
    return accounts::DropTeam(tx, organization, group->team, actor, clock_.Now());
  });
}

}  // namespace berth::scim
