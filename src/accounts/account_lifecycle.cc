#include "accounts/account_lifecycle.h"

#include "accounts/account_store.h"
#include "accounts/membership.h"
#include "accounts/organization_service.h"

namespace berth::accounts {
namespace {

constexpr sql::Query kOwnsRepositories{"lifecycle.repositories",
                                       "SELECT id FROM repository WHERE account_id = $1 LIMIT 1"};
constexpr sql::Query kOtherAdmin{
    "lifecycle.other_admin",
    "SELECT id FROM account WHERE kind = 'user' AND is_admin = 1 AND is_active = 1 AND id <> $1 LIMIT 1"};
constexpr sql::Query kUnstar{"lifecycle.unstar",
                             "UPDATE repository SET star_count = star_count - 1 WHERE id IN (SELECT repository_id FROM "
                             "star WHERE account_id = $1)"};
constexpr sql::Query kDelete{"lifecycle.delete", "DELETE FROM account WHERE id = $1 AND kind = 'user'"};

constexpr sql::Query kDropDeviceSignIns{"lifecycle.drop_device_sign_ins",
                                        "DELETE FROM device_sign_in WHERE account_id = $1"};

// What only people have; stars after kUnstar.
constexpr sql::Query kStripped[] = {
    {"lifecycle.drop_stars", "DELETE FROM star WHERE account_id = $1"},
    {"lifecycle.drop_password", "DELETE FROM account_password WHERE account_id = $1"},
    {"lifecycle.drop_sessions", "DELETE FROM session WHERE account_id = $1"},
    {"lifecycle.drop_tokens", "DELETE FROM access_token WHERE account_id = $1"},
    {"lifecycle.drop_factor", "DELETE FROM second_factor WHERE account_id = $1"},
    {"lifecycle.drop_codes", "DELETE FROM recovery_code WHERE account_id = $1"},
    {"lifecycle.drop_links", "DELETE FROM account_link WHERE account_id = $1"},
    kDropDeviceSignIns,
    {"lifecycle.drop_collaboration", "DELETE FROM collaborator WHERE account_id = $1"},
    {"lifecycle.drop_teams", "DELETE FROM team_member WHERE account_id = $1"},
    // Teams take the place of collaborators on what it owns.
    {"lifecycle.drop_collaborators",
     "DELETE FROM collaborator WHERE repository_id IN (SELECT id FROM repository WHERE account_id = $1)"},
    {"lifecycle.drop_invitations", "DELETE FROM invitation WHERE account_id = $1"},
};
constexpr sql::Query kConvert{
    "lifecycle.convert",
    "UPDATE account SET kind = 'organization', email = '', email_verified = 1, plan = '', last_login_at = NULL, "
    "updated_at = $2 WHERE id = $1 AND kind = 'user'"};

constexpr int64_t kMaxMemberships = 10'000;

Result<Account> RequireUser(sql::Connection& connection, AccountId id) {
  TRY(auto account, AccountStore::FindById(connection, id));
  if (!account || !account->IsUser()) return Fail(ErrorCode::kNotFound, "no such user");
  return *std::move(account);
}

Result<void> LeaveAll(sql::Transaction& tx, const Account& user, const events::Actor& actor, Timestamp now) {
  TRY(const auto memberships, OrganizationStore::ListMemberships(tx, user.id, 0, kMaxMemberships));
  for (const Membership& membership : memberships) {
    auto left = DropMember(tx, membership.organization, user, actor, now);
    if (!left && left.error().code == ErrorCode::kConflict) {
      return Fail(ErrorCode::kConflict, "the user is the last owner of " + membership.organization.name);
    }
    TRY_VOID(std::move(left));
  }
  return {};
}

}  // namespace

Result<void> AccountLifecycle::Delete(AccountId id, const events::Actor& actor) {
  return database_.Write([&](sql::Transaction& tx) -> Result<void> {
    TRY(const Account user, RequireUser(tx, id));
    TRY(const int64_t owned, tx.Run(kOwnsRepositories, {id}));
    if (owned > 0) return Fail(ErrorCode::kConflict, "the user still owns repositories");
    TRY(const int64_t admins, tx.Run(kOtherAdmin, {id}));
    if (user.is_admin && admins == 0) return Fail(ErrorCode::kConflict, "the server keeps at least one administrator");
    const Timestamp now = clock_.Now();
    TRY_VOID(LeaveAll(tx, user, actor, now));
    TRY_VOID(tx.Run(kUnstar, {id}));
    TRY_VOID(tx.Run(kDropDeviceSignIns, {id}));
    TRY_VOID(tx.Run(kDelete, {id}));
    events::Event event;
    event.type = "user.delete";
    event.account_id = id;
    event.account = event.name = user.name;
    TRY_VOID(events::Append(tx, actor, event, now));
    tx.OnCommit([this] { cache_.Forget(); });
    return {};
  });
}

Result<Account> AccountLifecycle::Convert(AccountId id, std::string_view owner_name, const events::Actor& actor) {
  return database_.Write([&](sql::Transaction& tx) -> Result<Account> {
    TRY(const Account user, RequireUser(tx, id));
    TRY(const auto owner, AccountStore::FindByName(tx, owner_name));
    if (!owner || !owner->IsUser() || !owner->is_active || owner->id == id)
      return Fail(ErrorCode::kInvalidArgument, "must be another user", "owner");
    if (user.is_admin) return Fail(ErrorCode::kConflict, "an administrator of the server stays a person");
    TRY(const int64_t memberships, OrganizationStore::CountMemberships(tx, id));
    if (memberships > 0) return Fail(ErrorCode::kConflict, "leave all organizations first");
    const Timestamp now = clock_.Now();
    TRY_VOID(tx.Run(kUnstar, {id}));
    for (const sql::Query& query : kStripped) TRY_VOID(tx.Run(query, {id}));
    TRY_VOID(tx.Run(kConvert, {id, now}));
    TRY(auto organization, AccountStore::FindById(tx, id));
    if (!organization) return Fail(ErrorCode::kInternal, "the converted account is gone");
    TRY_VOID(FoundOrganization(tx, *organization, owner->id, owner->name, actor, now));
    tx.OnCommit([this] { cache_.Forget(); });
    return *std::move(organization);
  });
}

}  // namespace berth::accounts
