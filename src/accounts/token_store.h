// The SQL of personal (PAT) and organization (OAT) access tokens.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "accounts/caller.h"
#include "accounts/credential_cache.h"
#include "base/clock.h"
#include "base/result.h"
#include "sql/database.h"

namespace berth::accounts {

enum class TokenKind { kPersonal, kOrganization };

std::string_view ToString(TokenScope scope);  // "repo:write"
std::optional<TokenScope> ParseTokenScope(std::string_view text);

struct AccessToken {
  int64_t row = 0;
  std::string uuid;
  AccountId account;
  TokenKind kind = TokenKind::kPersonal;
  std::string label;
  std::string description;
  std::vector<TokenScope> scopes;        // personal: as asked for, the highest counts
  std::vector<TokenResource> resources;  // organization
  bool is_active = true;
  bool is_generated = false;
  std::string creator_ip;
  std::string creator_agent;
  AccountId created_by;
  std::string created_by_name;  // read only
  Timestamp created_at;
  std::optional<Timestamp> expires_at;
  std::optional<Timestamp> last_used_at;
};

class TokenStore {
 public:
  static Result<int64_t> Insert(sql::Transaction& tx, const AccessToken& token, std::string_view secret_hash);
  static Result<std::optional<AccessToken>> Find(sql::Connection& connection, AccountId account, TokenKind kind,
                                                 std::string_view uuid);
  // Newest first.
  static Result<std::vector<AccessToken>> List(sql::Connection& connection, AccountId account, TokenKind kind,
                                               int64_t offset, int64_t limit);
  static Result<int64_t> Count(sql::Connection& connection, AccountId account, TokenKind kind);
  // Active and not expired at `now`.
  static Result<int64_t> CountActive(sql::Connection& connection, AccountId account, TokenKind kind, Timestamp now);
  // Label, description, active and resources.
  static Result<void> Update(sql::Transaction& tx, const AccessToken& token);
  static Result<void> Delete(sql::Transaction& tx, int64_t row);
  // Drops the oldest generated tokens of an account beyond `keep`.
  static Result<void> TrimGenerated(sql::Transaction& tx, AccountId account, int64_t keep);
  static Result<void> SetLastUsed(sql::Transaction& tx, int64_t row, Timestamp at);

  static Result<std::optional<Credential>> FindCredentialByHash(sql::Connection& connection,
                                                                std::string_view secret_hash);
  static Result<std::optional<Credential>> FindCredentialByUuid(sql::Connection& connection, std::string_view uuid);
};

}  // namespace berth::accounts
