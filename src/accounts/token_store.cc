#include "accounts/token_store.h"

#include <algorithm>

#include "accounts/account_row.h"
#include "base/text.h"

namespace berth::accounts {
namespace {

constexpr sql::Query kInsert{
    "token.insert",
    "INSERT INTO access_token (uuid, account_id, kind, secret_hash, label, description, scopes, is_active, "
    "is_generated, creator_ip, creator_agent, created_by, created_at, expires_at) VALUES ($1, $2, $3, $4, "
    "$5, $6, $7, $8, $9, $10, $11, $12, $13, $14) RETURNING id"};
constexpr sql::Query kInsertResource{"token.insert_resource",
                                     "INSERT INTO access_token_resource (token_id, position, type, path, scopes) "
                                     "VALUES ($1, $2, $3, $4, $5)"};
constexpr sql::Query kDeleteResources{"token.delete_resources",
                                      "DELETE FROM access_token_resource WHERE token_id = $1"};
constexpr sql::Query kResources{
    "token.resources", "SELECT type, path, scopes FROM access_token_resource WHERE token_id = $1 ORDER BY position"};

#define BERTH_TOKEN_SELECT                                                                                     \
  "SELECT t.id, t.uuid, t.account_id, t.kind, t.label, t.description, t.scopes, t.is_active, t.is_generated, " \
  "t.creator_ip, "                                                                                             \
  "t.creator_agent, t.created_by, t.created_at, t.expires_at, t.last_used_at, c.name FROM access_token t "     \
  "LEFT JOIN account c ON c.id = t.created_by WHERE t.account_id = $1 AND t.kind = $2"
constexpr sql::Query kFind{"token.find", BERTH_TOKEN_SELECT " AND t.uuid = $3"};
constexpr sql::Query kList{"token.list", BERTH_TOKEN_SELECT " ORDER BY t.id DESC LIMIT $3 OFFSET $4"};
constexpr sql::Query kCount{"token.count", "SELECT COUNT(*) FROM access_token WHERE account_id = $1 AND kind = $2"};
constexpr sql::Query kCountActive{
    "token.count_active",
    "SELECT COUNT(*) FROM access_token WHERE account_id = $1 AND kind = $2 AND is_active = 1 AND "
    "(expires_at IS NULL OR expires_at > $3)"};
constexpr sql::Query kUpdate{"token.update",
                             "UPDATE access_token SET label = $2, description = $3, is_active = $4 WHERE id = $1"};
constexpr sql::Query kDelete{"token.delete", "DELETE FROM access_token WHERE id = $1"};
constexpr sql::Query kTrim{
    "token.trim_generated",
    "DELETE FROM access_token WHERE account_id = $1 AND is_generated = 1 AND id NOT IN (SELECT id FROM "
    "access_token WHERE account_id = $1 AND is_generated = 1 ORDER BY id DESC LIMIT $2)"};
constexpr sql::Query kLastUsed{"token.last_used", "UPDATE access_token SET last_used_at = $2 WHERE id = $1"};

#define BERTH_TOKEN_CREDENTIAL                                                               \
  "SELECT t.id, t.uuid, t.kind, t.scopes, t.is_active, t.expires_at, " BERTH_ACCOUNT_COLUMNS \
  " FROM access_token t JOIN account a ON a.id = t.account_id WHERE "
constexpr sql::Query kCredentialByHash{"token.credential_by_hash", BERTH_TOKEN_CREDENTIAL "t.secret_hash = $1"};
constexpr sql::Query kCredentialByUuid{"token.credential_by_uuid", BERTH_TOKEN_CREDENTIAL "t.uuid = $1"};

std::string_view KindText(TokenKind kind) { return kind == TokenKind::kOrganization ? "organization" : "personal"; }

std::vector<TokenScope> ScopesFromText(std::string_view text) {
  std::vector<TokenScope> scopes;
  for (const auto word : Split(text, ' ')) {
    if (const auto scope = ParseTokenScope(word)) scopes.push_back(*scope);
  }
  return scopes;
}

std::string Joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text.append(text.empty() ? "" : " ").append(word);
  return text;
}

std::vector<std::string> Words(std::string_view text) {
  std::vector<std::string> words;
  for (const auto word : Split(text, ' ')) {
    if (!word.empty()) words.emplace_back(word);
  }
  return words;
}

AccessToken TokenFromRow(const sql::Row& row) {
  AccessToken token;
  token.row = row.Int(0);
  token.uuid = row.String(1);
  token.account = row.IdAt<AccountId>(2);
  token.kind = row.Text(3) == KindText(TokenKind::kOrganization) ? TokenKind::kOrganization : TokenKind::kPersonal;
  token.label = row.String(4);
  token.description = row.String(5);
  token.scopes = ScopesFromText(row.Text(6));
  token.is_active = row.Bool(7);
  token.is_generated = row.Bool(8);
  token.creator_ip = row.String(9);
  token.creator_agent = row.String(10);
  token.created_by = row.IdAt<AccountId>(11);
  token.created_at = row.Time(12);
  token.expires_at = row.OptionalTime(13);
  token.last_used_at = row.OptionalTime(14);
  token.created_by_name = row.String(15);
  return token;
}

Credential CredentialFromRow(const sql::Row& row) {
  Credential credential;
  credential.row = row.Int(0);
  credential.uuid = row.String(1);
  const bool personal = row.Text(2) == KindText(TokenKind::kPersonal);
  credential.kind = personal ? CredentialKind::kPersonalToken : CredentialKind::kOrganizationToken;
  credential.scope = TokenScope::kPublicRead;
  for (const auto scope : ScopesFromText(row.Text(3))) credential.scope = std::max(credential.scope, scope);
  credential.is_active = row.Bool(4);
  credential.expires_at = row.OptionalTime(5);
  credential.account = AccountFromRow(row, 6);
  return credential;
}

Result<std::vector<TokenResource>> FindResources(sql::Connection& connection, int64_t row_id) {
  return connection.All(kResources, {row_id}, [](const sql::Row& row) {
    return TokenResource{row.String(0), row.String(1), Words(row.Text(2))};
  });
}

Result<void> PutResources(sql::Transaction& tx, int64_t row_id, const std::vector<TokenResource>& resources) {
  TRY_VOID(tx.Run(kDeleteResources, {row_id}));
  for (size_t i = 0; i < resources.size(); ++i) {
    TRY_VOID(tx.Run(kInsertResource, {row_id, i, resources[i].type, resources[i].path, Joined(resources[i].scopes)}));
  }
  return {};
}

Result<std::optional<Credential>> FindCredential(sql::Connection& connection, const sql::Query& query,
                                                 std::string_view key) {
  TRY(auto credential, connection.One(query, {key}, CredentialFromRow));
  if (credential && credential->kind == CredentialKind::kOrganizationToken) {
    TRY(credential->resources, FindResources(connection, credential->row));
  }
  return credential;
}

Result<int64_t> FirstInt(Result<std::optional<int64_t>> found) {
  if (!found) return Fail(found.error());
  return found->value_or(0);
}

}  // namespace

std::string_view ToString(TokenScope scope) {
  switch (scope) {
    case TokenScope::kPublicRead:
      return "repo:public_read";
    case TokenScope::kRead:
      return "repo:read";
    case TokenScope::kWrite:
      return "repo:write";
    case TokenScope::kAdmin:
      return "repo:admin";
  }
  return "repo:public_read";
}

std::optional<TokenScope> ParseTokenScope(std::string_view text) {
  for (const auto scope : {TokenScope::kPublicRead, TokenScope::kRead, TokenScope::kWrite, TokenScope::kAdmin}) {
    if (text == ToString(scope)) return scope;
  }
  return std::nullopt;
}

Result<int64_t> TokenStore::Insert(sql::Transaction& tx, const AccessToken& t, std::string_view secret_hash) {
  std::vector<std::string> scopes;
  for (const auto scope : t.scopes) scopes.emplace_back(ToString(scope));
  const std::string scope_text = Joined(scopes);
  TRY(const auto id,
      tx.One(kInsert,
             {t.uuid, t.account, KindText(t.kind), secret_hash, t.label, t.description, scope_text, t.is_active,
              t.is_generated, t.creator_ip, t.creator_agent, t.created_by, t.created_at, t.expires_at},
             [](const sql::Row& row) { return row.Int(0); }));
  if (!id) return Fail(ErrorCode::kInternal, "the token got no id");
  TRY_VOID(PutResources(tx, *id, t.resources));
  return *id;
}

Result<std::optional<AccessToken>> TokenStore::Find(sql::Connection& connection, AccountId account, TokenKind kind,
                                                    std::string_view uuid) {
  TRY(auto token, connection.One(kFind, {account, KindText(kind), uuid}, TokenFromRow));
  if (token && kind == TokenKind::kOrganization) {
    TRY(token->resources, FindResources(connection, token->row));
  }
  return token;
}

Result<std::vector<AccessToken>> TokenStore::List(sql::Connection& connection, AccountId account, TokenKind kind,
                                                  int64_t offset, int64_t limit) {
  return connection.All(kList, {account, KindText(kind), limit, offset}, TokenFromRow);
}

Result<int64_t> TokenStore::Count(sql::Connection& connection, AccountId account, TokenKind kind) {
  return FirstInt(connection.One(kCount, {account, KindText(kind)}, [](const sql::Row& row) { return row.Int(0); }));
}

Result<int64_t> TokenStore::CountActive(sql::Connection& connection, AccountId account, TokenKind kind, Timestamp now) {
  return FirstInt(
      connection.One(kCountActive, {account, KindText(kind), now}, [](const sql::Row& row) { return row.Int(0); }));
}

Result<void> TokenStore::Update(sql::Transaction& tx, const AccessToken& t) {
  TRY_VOID(tx.Run(kUpdate, {t.row, t.label, t.description, t.is_active}));
  return PutResources(tx, t.row, t.resources);
}

Result<void> TokenStore::Delete(sql::Transaction& tx, int64_t row) {
  TRY_VOID(tx.Run(kDelete, {row}));
  return {};
}

Result<void> TokenStore::TrimGenerated(sql::Transaction& tx, AccountId account, int64_t keep) {
  TRY_VOID(tx.Run(kTrim, {account, keep}));
  return {};
}

Result<void> TokenStore::SetLastUsed(sql::Transaction& tx, int64_t row, Timestamp at) {
  TRY_VOID(tx.Run(kLastUsed, {row, at}));
  return {};
}

Result<std::optional<Credential>> TokenStore::FindCredentialByHash(sql::Connection& connection,
                                                                   std::string_view secret_hash) {
  return FindCredential(connection, kCredentialByHash, secret_hash);
}

Result<std::optional<Credential>> TokenStore::FindCredentialByUuid(sql::Connection& connection, std::string_view uuid) {
  return FindCredential(connection, kCredentialByUuid, uuid);
}

}  // namespace berth::accounts
