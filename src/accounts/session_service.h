// Sign-ins that can be listed and ended: sessions of the Hub API and the web, and the refresh tokens of clients
// (`docker login` with an identity token, hub-tool). Thread-safe.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "accounts/account.h"
#include "accounts/credential_cache.h"
#include "base/clock.h"
#include "base/result.h"
#include "sql/database.h"

namespace berth::accounts {

enum class SessionKind {
  kHub,
  kRegistry
};  // a Hub API or web sign-in; a refresh token of the registry's token service

struct Session {
  int64_t row = 0;
  std::string uuid;
  AccountId account;
  SessionKind kind = SessionKind::kHub;
  std::string client_id;
  std::string address;
  std::string agent;
  Timestamp created_at;
  Timestamp expires_at;
  std::optional<Timestamp> last_used_at;
};

struct NewSession {
  AccountId account;
  SessionKind kind = SessionKind::kHub;
  std::string token_uuid;  // the access token it was begun with: ends with it
  std::string client_id;
  std::string address;
  std::string agent;
  std::chrono::seconds lifetime{0};
  bool with_refresh_token = false;
};

struct CreatedSession {
  std::string uuid;
  std::string refresh_token;  // empty unless asked for
};

class SessionService {
 public:
  SessionService(sql::Database& database, CredentialCache& cache, const Clock& clock)
      : database_(database), cache_(cache), clock_(clock) {}

  Result<CreatedSession> Create(const NewSession& session);
  // What is stored for a session's uuid or a refresh token; null when there is none or its time is over. Through the
  // cache.
  Result<std::shared_ptr<const Credential>> LookUp(std::string_view uuid);
  Result<std::shared_ptr<const Credential>> LookUpRefreshToken(std::string_view refresh_token);
  Result<std::vector<Session>> List(AccountId account);
  Result<void> End(AccountId account, std::string_view uuid);      // kNotFound
  Result<void> EndByRefreshToken(std::string_view refresh_token);  // succeeds when there is none (RFC 7009)
  // Removes up to `limit` sessions whose time is over; answers how many. For a periodic job.
  Result<int64_t> DeleteExpired(int64_t limit);

 private:
  static constexpr size_t kMaxUsed = 16384;
  Result<void> NoteUse(const Credential& credential, Timestamp now);

  sql::Database& database_;
  CredentialCache& cache_;
  const Clock& clock_;
  std::mutex used_mutex_;
  std::unordered_map<int64_t, Timestamp> used_;  // by row: when a use was last written down
};

}  // namespace berth::accounts
