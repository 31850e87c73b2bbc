#include "accounts/session_store.h"

#include "accounts/account_row.h"

namespace berth::accounts {
namespace {

constexpr sql::Query kInsert{
    "session.insert",
    "INSERT INTO session (uuid, account_id, token_id, kind, refresh_hash, client_id, address, agent, "
    "created_at, expires_at) VALUES ($1, $2, (SELECT id FROM access_token WHERE uuid = $3), $4, $5, $6, "
    "$7, $8, $9, $10)"};
constexpr sql::Query kTokenExists{"session.token_exists", "SELECT id FROM access_token WHERE uuid = $1"};

#define BERTH_SESSION_CREDENTIAL                                      \
  "SELECT s.id, s.uuid, s.expires_at, t.uuid, " BERTH_ACCOUNT_COLUMNS \
  " FROM session s JOIN account a ON a.id = s.account_id LEFT JOIN access_token t ON t.id = s.token_id WHERE "
constexpr sql::Query kByUuid{"session.by_uuid", BERTH_SESSION_CREDENTIAL "s.uuid = $1"};
constexpr sql::Query kByRefresh{"session.by_refresh", BERTH_SESSION_CREDENTIAL "s.refresh_hash = $1"};
constexpr sql::Query kLastUsed{"session.last_used", "UPDATE session SET last_used_at = $2 WHERE id = $1"};
constexpr sql::Query kList{
    "session.list",
    "SELECT id, uuid, kind, client_id, address, agent, created_at, expires_at, last_used_at FROM session "
    "WHERE account_id = $1 AND expires_at > $2 ORDER BY id DESC LIMIT 1000"};
constexpr sql::Query kDelete{"session.delete", "DELETE FROM session WHERE account_id = $1 AND uuid = $2"};
constexpr sql::Query kDeleteByRefresh{"session.delete_by_refresh", "DELETE FROM session WHERE refresh_hash = $1"};
constexpr sql::Query kDeleteOfPassword{"session.delete_of_password",
                                       "DELETE FROM session WHERE account_id = $1 AND token_id IS NULL AND uuid <> $2"};
constexpr sql::Query kDeleteAll{"session.delete_all", "DELETE FROM session WHERE account_id = $1"};
constexpr sql::Query kDeleteExpired{
    "session.delete_expired",
    "DELETE FROM session WHERE id IN (SELECT id FROM session WHERE expires_at <= $1 LIMIT $2)"};

std::string_view KindText(SessionKind kind) { return kind == SessionKind::kRegistry ? "registry" : "hub"; }

Credential FromRow(const sql::Row& row) {
  Credential credential;
  credential.kind = CredentialKind::kSession;
  credential.row = row.Int(0);
  credential.uuid = row.String(1);
  credential.expires_at = row.OptionalTime(2);
  credential.token_uuid = row.String(3);
  credential.account = AccountFromRow(row, 4);
  return credential;
}

Session ListedFromRow(const sql::Row& row) {
  Session session;
  session.row = row.Int(0);
  session.uuid = row.String(1);
  session.kind = row.Text(2) == KindText(SessionKind::kRegistry) ? SessionKind::kRegistry : SessionKind::kHub;
  session.client_id = row.String(3);
  session.address = row.String(4);
  session.agent = row.String(5);
  session.created_at = row.Time(6);
  session.expires_at = row.Time(7);
  session.last_used_at = row.OptionalTime(8);
  return session;
}

}  // namespace

Result<void> SessionStore::Insert(sql::Transaction& tx, const NewSession& s, std::string_view uuid,
                                  std::string_view refresh_hash, Timestamp now) {
  if (!s.token_uuid.empty()) {
    // Without its token the session would look like one of a password.
    TRY(const auto tokens, tx.Run(kTokenExists, {s.token_uuid}));
    if (tokens == 0) return Fail(ErrorCode::kConflict, "the access token is gone");
  }
  const sql::Value refresh = refresh_hash.empty() ? sql::Value() : sql::Value(refresh_hash);
  TRY_VOID(tx.Run(kInsert, {uuid, s.account, s.token_uuid, KindText(s.kind), refresh, s.client_id, s.address, s.agent,
                            now, now + s.lifetime}));
  return {};
}

Result<std::optional<Credential>> SessionStore::FindByUuid(sql::Connection& connection, std::string_view uuid) {
  return connection.One(kByUuid, {uuid}, FromRow);
}

Result<std::optional<Credential>> SessionStore::FindByRefreshHash(sql::Connection& connection,
                                                                  std::string_view refresh_hash) {
  return connection.One(kByRefresh, {refresh_hash}, FromRow);
}

Result<void> SessionStore::SetLastUsed(sql::Transaction& tx, int64_t row, Timestamp at) {
  TRY_VOID(tx.Run(kLastUsed, {row, at}));
  return {};
}

Result<std::vector<Session>> SessionStore::List(sql::Connection& connection, AccountId account, Timestamp now) {
  TRY(auto sessions, connection.All(kList, {account, now}, ListedFromRow));
  for (auto& session : sessions) session.account = account;
  return sessions;
}

Result<bool> SessionStore::Delete(sql::Transaction& tx, AccountId account, std::string_view uuid) {
  TRY(const auto rows, tx.Run(kDelete, {account, uuid}));
  return rows > 0;
}

Result<bool> SessionStore::DeleteByRefreshHash(sql::Transaction& tx, std::string_view refresh_hash) {
  TRY(const auto rows, tx.Run(kDeleteByRefresh, {refresh_hash}));
  return rows > 0;
}

Result<void> SessionStore::DeleteOfPassword(sql::Transaction& tx, AccountId account, std::string_view keep) {
  TRY_VOID(tx.Run(kDeleteOfPassword, {account, keep}));
  return {};
}

Result<void> SessionStore::DeleteAll(sql::Transaction& tx, AccountId account) {
  TRY_VOID(tx.Run(kDeleteAll, {account}));
  return {};
}

Result<int64_t> SessionStore::DeleteExpired(sql::Transaction& tx, Timestamp now, int64_t limit) {
  return tx.Run(kDeleteExpired, {now, limit});
}

}  // namespace berth::accounts
