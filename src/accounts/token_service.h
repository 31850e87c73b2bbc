// The rules of access tokens. A secret is shown once, at creation; the database keeps its SHA-256. Each change writes
// its event. "Last used" gathers in memory and is written by Flush, which the server calls every few seconds.
// Thread-safe.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "accounts/account.h"
#include "accounts/credential_cache.h"
#include "accounts/token_store.h"
#include "base/clock.h"
#include "base/function_ref.h"
#include "events/event_log.h"
#include "sql/database.h"

namespace berth::accounts {

inline constexpr std::string_view kPersonalTokenPrefix = "dckr_pat_";
inline constexpr std::string_view kOrganizationTokenPrefix = "dckr_oat_";
inline constexpr std::string_view kRefreshTokenPrefix = "dckr_rt_";

// SHA-256 of a token's secret as lower-case hex: what is stored. Secrets are random, so a fast hash is enough.
std::string HashSecret(std::string_view secret);

struct NewToken {
  std::string label;  // 1–100 characters
  std::string description;
  std::vector<TokenScope> scopes;        // personal: at least one
  std::vector<TokenResource> resources;  // organization: at most 50 repositories
  std::optional<Timestamp> expires_at;   // in the future
  bool is_generated = false;             // by a sign-in of Docker Desktop or the device flow; five are kept
  std::string creator_ip;
  std::string creator_agent;
};

struct CreatedToken {
  AccessToken token;
  std::string secret;
};

struct TokenChange {
  std::optional<std::string> label, description;
  std::optional<bool> is_active;
  std::optional<std::vector<TokenResource>> resources;
};

struct TokenPage {
  int64_t count = 0;
  int64_t active_count = 0;
  std::vector<AccessToken> tokens;
};

class TokenService {
 public:
  TokenService(sql::Database& database, CredentialCache& cache, const Clock& clock)
      : database_(database), cache_(cache), clock_(clock) {}

  // `account` owns the token: a user for personal ones, an organization for organization tokens. kInvalidArgument with
  // the field; kLimitExceeded: the plan has no more organization tokens.
  Result<CreatedToken> Create(const Account& account, TokenKind kind, const NewToken& token,
                              const events::Actor& actor);
  Result<TokenPage> List(AccountId account, TokenKind kind, int64_t offset, int64_t limit);
  Result<AccessToken> Find(AccountId account, TokenKind kind, std::string_view uuid);  // kNotFound
  Result<AccessToken> Update(const Account& account, TokenKind kind, std::string_view uuid, const TokenChange& change,
                             const events::Actor& actor);
  Result<void> Delete(const Account& account, TokenKind kind, std::string_view uuid, const events::Actor& actor);

  // What the database holds for a secret or a token's uuid, through the cache; null when there is none.
  Result<std::shared_ptr<const Credential>> LookUpSecret(std::string_view secret);
  Result<std::shared_ptr<const Credential>> LookUp(std::string_view uuid);

  void MarkUsed(int64_t row);
  Result<void> Flush();

 private:
  Result<std::shared_ptr<const Credential>> LookUpBy(
      const std::string& key, FunctionRef<Result<std::optional<Credential>>(sql::Connection&)> read);

  sql::Database& database_;
  CredentialCache& cache_;
  const Clock& clock_;
  std::mutex used_mutex_;
  std::unordered_map<int64_t, Timestamp> used_;
};

}  // namespace berth::accounts
