#include "accounts/namespace_settings.h"

#include "accounts/account_store.h"
#include "accounts/organization_store.h"
#include "json/writer.h"

namespace berth::accounts {
namespace {

constexpr sql::Query kRead{"namespace_policy.read",
                           "SELECT a.default_private, COALESCE(p.public_allowed, 1), "
                           "COALESCE(p.require_second_factor, 0) "
                           "FROM account a LEFT JOIN namespace_policy p ON p.account_id = a.id WHERE a.id = $1"};
constexpr sql::Query kPut{
    "namespace_policy.put",
    "INSERT INTO namespace_policy (account_id, public_allowed, require_second_factor) VALUES ($1, $2, $3) "
    "ON CONFLICT (account_id) DO UPDATE SET public_allowed = excluded.public_allowed, "
    "require_second_factor = excluded.require_second_factor"};
constexpr sql::Query kPutDefault{"namespace_policy.put_default",
                                 "UPDATE account SET default_private = $2, updated_at = $3 WHERE id = $1"};
constexpr sql::Query kForbidsPublic{"namespace_policy.forbids_public",
                                    "SELECT 1 FROM namespace_policy WHERE account_id = $1 AND public_allowed = 0"};
constexpr sql::Query kHasSecondFactor{"namespace_policy.has_second_factor",
                                      "SELECT 1 FROM second_factor WHERE account_id = $1 AND is_confirmed = 1"};

// A member who asks for it must be able to go on afterwards.
Result<void> CheckSecondFactorRule(sql::Connection& connection, const Account& account, AccountId actor) {
  if (account.IsUser()) {
    return Fail(ErrorCode::kInvalidArgument, "only an organization can require a second factor", "require_two_factor");
  }
  TRY(const auto role, OrganizationStore::FindRole(connection, account.id, actor));
  if (!role) return {};
  TRY(const int64_t factors, connection.Run(kHasSecondFactor, {actor}));
  if (factors > 0) return {};
  return Fail(ErrorCode::kInvalidArgument, "turn on the second factor of your own account first", "require_two_factor");
}

std::string DataOf(const NamespaceSettings& before, const NamespaceSettings& after) {
  json::Writer w;
  w.BeginObject();
  const auto changed = [&](std::string_view key, bool old_value, bool value) {
    if (old_value != value) w.Key(key).Bool(value);
  };
  changed("default_private", before.default_private, after.default_private);
  changed("public_repositories_allowed", before.public_allowed, after.public_allowed);
  changed("require_two_factor", before.require_second_factor, after.require_second_factor);
  w.EndObject();
  return std::move(w).Take();
}

}  // namespace

Result<NamespaceSettings> NamespaceSettingsService::Read(sql::Connection& connection, AccountId account) {
  TRY(const auto found, connection.One(kRead, {account}, [](const sql::Row& row) {
    return NamespaceSettings{row.Bool(0), row.Bool(1), row.Bool(2)};
  }));
  if (!found) return Fail(ErrorCode::kNotFound, "no such account");
  return *found;
}

Result<NamespaceSettings> NamespaceSettingsService::Update(AccountId id, const NamespaceChange& change,
                                                           const events::Actor& actor) {
  return database_.Write([&](sql::Transaction& tx) -> Result<NamespaceSettings> {
    TRY(const auto account, AccountStore::FindById(tx, id));
    if (!account) return Fail(ErrorCode::kNotFound, "no such account");
    TRY(const NamespaceSettings before, Read(tx, id));
    NamespaceSettings after = before;
    after.public_allowed = change.public_allowed.value_or(before.public_allowed);
    after.default_private = change.default_private.value_or(before.default_private || !after.public_allowed);
    after.require_second_factor = change.require_second_factor.value_or(before.require_second_factor);
    if (!after.public_allowed && !after.default_private) {
      return Fail(ErrorCode::kInvalidArgument, "nothing may be public here", "default_repo_visibility");
    }
    if (after.require_second_factor && !before.require_second_factor) {
      TRY_VOID(CheckSecondFactorRule(tx, *account, actor.id));
    }
    const std::string data = DataOf(before, after);
    if (data == "{}") return after;
    const Timestamp now = clock_.Now();
    TRY_VOID(tx.Run(kPut, {id, after.public_allowed, after.require_second_factor}));
    TRY_VOID(tx.Run(kPutDefault, {id, after.default_private, now}));
    events::Event event;
    event.type = "org.settings.update";
    event.account_id = id;
    event.account = event.name = account->name;
    event.data = data;
    TRY_VOID(events::Append(tx, actor, event, now));
    tx.OnCommit([this] { cache_.Forget(); });
    return after;
  });
}

Result<bool> IsPublicAllowed(sql::Connection& connection, AccountId account) {
  TRY(const int64_t forbidden, connection.Run(kForbidsPublic, {account}));
  return forbidden == 0;
}

}  // namespace berth::accounts
