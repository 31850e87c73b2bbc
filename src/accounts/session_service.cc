#include "accounts/session_service.h"

#include <algorithm>

#include "accounts/account_store.h"
#include "accounts/session_store.h"
#include "accounts/token_service.h"
#include "crypto/random.h"

namespace berth::accounts {
namespace {

// A refresh token's use is noted at most so often: the note is a durable write on the way of a pull.
constexpr std::chrono::minutes kLastUsedStep{10};
constexpr size_t kMaxAgent = 512;
constexpr size_t kRefreshTokenLength = 43;  // 256 bits

}  // namespace

Result<CreatedSession> SessionService::Create(const NewSession& wanted) {
  NewSession session = wanted;
  session.agent.resize(std::min(session.agent.size(), kMaxAgent));
  session.client_id.resize(std::min(session.client_id.size(), kMaxAgent));
  CreatedSession created{crypto::NewUuid(), {}};
  std::string refresh_hash;
  if (session.with_refresh_token) {
    created.refresh_token = std::string(kRefreshTokenPrefix) + crypto::RandomText(kRefreshTokenLength);
    refresh_hash = HashSecret(created.refresh_token);
  }
  const Timestamp now = clock_.Now();
  TRY_VOID(database_.Write([&](sql::Transaction& tx) -> Result<void> {
    TRY_VOID(SessionStore::Insert(tx, session, created.uuid, refresh_hash, now));
    if (session.kind == SessionKind::kHub) TRY_VOID(AccountStore::SetLastLogin(tx, session.account, now));
    return {};
  }));
  return created;
}

Result<std::shared_ptr<const Credential>> SessionService::LookUp(std::string_view uuid) {
  const std::string key = "session:" + std::string(uuid);
  auto credential = cache_.Find(key);
  if (!credential) {
    const uint64_t generation = cache_.Generation();
    TRY(auto found, database_.Read([&](sql::Connection& c) { return SessionStore::FindByUuid(c, uuid); }));
    if (!found) return std::shared_ptr<const Credential>();
    credential = std::make_shared<const Credential>(std::move(*found));
    cache_.Put(key, credential, generation);
  }
  if (credential->expires_at && *credential->expires_at <= clock_.Now()) return std::shared_ptr<const Credential>();
  return credential;
}

Result<std::shared_ptr<const Credential>> SessionService::LookUpRefreshToken(std::string_view refresh_token) {
  const std::string hash = HashSecret(refresh_token);
  const std::string key = "refresh:" + hash;
  auto credential = cache_.Find(key);
  const Timestamp now = clock_.Now();
  if (!credential) {
    const uint64_t generation = cache_.Generation();
    TRY(auto found, database_.Read([&](sql::Connection& c) { return SessionStore::FindByRefreshHash(c, hash); }));
    if (!found) return std::shared_ptr<const Credential>();
    credential = std::make_shared<const Credential>(std::move(*found));
    cache_.Put(key, credential, generation);
  }
  if (credential->expires_at && *credential->expires_at <= now) return std::shared_ptr<const Credential>();
  TRY_VOID(NoteUse(*credential, now));
  return credential;
}

Result<void> SessionService::NoteUse(const Credential& credential, Timestamp now) {
  {
    std::lock_guard lock(used_mutex_);
    auto [entry, first] = used_.try_emplace(credential.row, now);
    if (!first && now - entry->second < kLastUsedStep) return {};
    entry->second = now;
    if (used_.size() > kMaxUsed) used_.clear();
  }
  return database_.Write([&](sql::Transaction& tx) { return SessionStore::SetLastUsed(tx, credential.row, now); });
}

Result<std::vector<Session>> SessionService::List(AccountId account) {
  return database_.Read([&](sql::Connection& c) { return SessionStore::List(c, account, clock_.Now()); });
}

Result<void> SessionService::End(AccountId account, std::string_view uuid) {
  return database_.Write([&](sql::Transaction& tx) -> Result<void> {
    TRY(const bool ended, SessionStore::Delete(tx, account, uuid));
    if (!ended) return Fail(ErrorCode::kNotFound, "no such session");
    tx.OnCommit([this] { cache_.Forget(); });
    return {};
  });
}

Result<void> SessionService::EndByRefreshToken(std::string_view refresh_token) {
  const std::string hash = HashSecret(refresh_token);
  return database_.Write([&](sql::Transaction& tx) -> Result<void> {
    TRY(const bool ended, SessionStore::DeleteByRefreshHash(tx, hash));
    if (ended) tx.OnCommit([this] { cache_.Forget(); });
    return {};
  });
}

Result<int64_t> SessionService::DeleteExpired(int64_t limit) {
  return database_.Write([&](sql::Transaction& tx) { return SessionStore::DeleteExpired(tx, clock_.Now(), limit); });
}

}  // namespace berth::accounts
