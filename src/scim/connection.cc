#include "scim/connection.h"

#include "accounts/account_store.h"
#include "accounts/authenticator.h"
#include "accounts/token_service.h"
#include "crypto/random.h"
#include "limits/quota.h"
#include "scim/group_store.h"
#include "scim/user_store.h"

namespace berth::scim {
namespace {

using accounts::Account;
using accounts::AccountStore;

constexpr size_t kSecretLength = 43;                   // 256 bits
constexpr std::chrono::minutes kLastUsedPrecision{1};  // a note is a durable write

constexpr sql::Query kState{"scim_connection.state",
                            "SELECT created_at, last_used_at FROM scim_connection WHERE organization_id = $1"};
constexpr sql::Query kPut{
    "scim_connection.put",
    "INSERT INTO scim_connection (organization_id, secret_hash, created_at) VALUES ($1, $2, $3) "
    "ON CONFLICT (organization_id) DO UPDATE SET secret_hash = excluded.secret_hash, created_at = excluded.created_at, "
    "last_used_at = NULL"};
constexpr sql::Query kRemove{"scim_connection.remove", "DELETE FROM scim_connection WHERE organization_id = $1"};
constexpr sql::Query kBySecret{"scim_connection.by_secret",
                               "SELECT organization_id, last_used_at FROM scim_connection WHERE secret_hash = $1"};
constexpr sql::Query kUsed{"scim_connection.used",
                           "UPDATE scim_connection SET last_used_at = $2 WHERE organization_id = $1"};

Result<void> Log(sql::Transaction& tx, const events::Actor& actor, std::string_view type, const Account& organization,
                 std::string_view data, Timestamp now) {
  events::Event event;
  event.type = type;
  event.account_id = organization.id;
  event.account = event.name = organization.name;
  event.data = data;
  return events::Append(tx, actor, event, now);
}

struct TokenUse {
  AccountId organization;
  std::optional<Timestamp> last_used;
};

Result<std::optional<TokenUse>> FindUse(sql::Connection& connection, std::string_view token) {
  return connection.One(kBySecret, {accounts::HashSecret(token)},
                        [](const sql::Row& row) { return TokenUse{row.IdAt<AccountId>(0), row.OptionalTime(1)}; });
}

}  // namespace

Result<ConnectionState> Connections::State(AccountId organization) {
  return database_.Read([&](sql::Connection& c) -> Result<ConnectionState> {
    ConnectionState state;
    TRY_VOID(c.Each(kState, {organization}, [&](const sql::Row& row) {
      state.enabled = true;
      state.token_created_at = row.Time(0);
      state.token_last_used_at = row.OptionalTime(1);
    }));
    TRY(state.users, user_store::CountKnown(c, organization));
    TRY(state.groups, group_store::CountKnown(c, organization));
    return state;
  });
}

Result<NewConnectionToken> Connections::CreateToken(const Account& organization, const events::Actor& actor) {
  const NewConnectionToken made{std::string(kTokenPrefix) + crypto::RandomText(kSecretLength), clock_.Now()};
  auto stored = database_.Write([&](sql::Transaction& tx) -> Result<void> {
    TRY_VOID(limits::CheckFeature(tx, organization.id, limits::Feature::kScim));
    TRY(const int64_t was_on, tx.Run(kState, {organization.id}));
    TRY_VOID(tx.Run(kPut, {organization.id, accounts::HashSecret(made.token), made.created_at}));
    if (was_on == 0) {
      TRY_VOID(Log(tx, actor, "enterprise.sso.connection.scim_toggle", organization, R"({"enabled":true})",
                   made.created_at));
    }
    return Log(tx, actor, "enterprise.sso.connection.scim_token_refresh", organization, "{}", made.created_at);
  });
  if (!stored) return Fail(std::move(stored).error());
  return made;
}

Result<void> Connections::Disable(const Account& organization, const events::Actor& actor) {
  return database_.Write([&](sql::Transaction& tx) -> Result<void> {
    TRY(const int64_t removed, tx.Run(kRemove, {organization.id}));
    if (removed == 0) return {};
    return Log(tx, actor, "enterprise.sso.connection.scim_toggle", organization, R"({"enabled":false})", clock_.Now());
  });
}

Result<std::optional<AccountId>> Connections::FindOwner(std::string_view authorization) {
  const std::string_view token = accounts::ParseBearer(authorization);
  if (!token.starts_with(kTokenPrefix)) return std::optional<AccountId>();
  TRY(const auto use, database_.Read([&](sql::Connection& c) { return FindUse(c, token); }));
  return use ? std::optional(use->organization) : std::nullopt;
}

Result<Account> Connections::Authenticate(std::string_view authorization) {
  const std::string_view token = accounts::ParseBearer(authorization);
  if (!token.starts_with(kTokenPrefix)) return Fail(ErrorCode::kUnauthenticated, "a SCIM token is needed");
  struct Found {
    std::optional<Account> organization;
    std::optional<Timestamp> last_used;
    bool allowed = false;
  };
  TRY(auto found, database_.Read([&](sql::Connection& c) -> Result<Found> {
    Found f;
    TRY(const auto use, FindUse(c, token));
    if (!use) return f;
    f.last_used = use->last_used;
    TRY(f.organization, AccountStore::FindById(c, use->organization));
    TRY(f.allowed, limits::HasFeature(c, use->organization, limits::Feature::kScim));
    return f;
  }));
  if (!found.organization || !found.organization->is_active) {
    return Fail(ErrorCode::kUnauthenticated, "the SCIM token is not valid");
  }
  if (!found.allowed) return Fail(ErrorCode::kPermissionDenied, "the organization's plan does not include SCIM");
  TRY_VOID(NoteUse(found.organization->id, found.last_used));
  return *std::move(found.organization);
}

Result<void> Connections::NoteUse(AccountId organization, std::optional<Timestamp> last_used) {
  const Timestamp now = clock_.Now();
  if (last_used && now - *last_used < kLastUsedPrecision) return {};
  return database_.Write([&](sql::Transaction& tx) -> Result<void> {
    TRY_VOID(tx.Run(kUsed, {organization, now}));
    return {};
  });
}

}  // namespace berth::scim
