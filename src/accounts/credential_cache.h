// What the database says of a credential, remembered for a few seconds: a personal or organization token or a session,
// and the account behind it. A change made through this process is seen at once (the services forget on commit), one
// made by another copy of the server or by the command line within kLifetime. Bounded; thread-safe.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "accounts/account.h"
#include "accounts/caller.h"
#include "base/clock.h"

namespace berth::accounts {

// A credential with its account, as stored. Says nothing of whether it may still be used; Authenticator checks that
// each time.
struct Credential {
  CredentialKind kind = CredentialKind::kAnonymous;
  Account account;
  int64_t row = 0;   // of access_token or session
  std::string uuid;  // of the token or session
  TokenScope scope = TokenScope::kAdmin;
  std::vector<TokenResource> resources;
  bool is_active = true;
  std::optional<Timestamp> expires_at;
  std::string token_uuid;  // the token that a session was begun with, or empty
};

class CredentialCache {
 public:
  static constexpr std::chrono::seconds kLifetime{5};

  explicit CredentialCache(const Clock& clock, size_t capacity = 16384);
  ~CredentialCache();

  // Keys: "secret:<hash>", "token:<uuid>", "session:<uuid>", "refresh:<hash>".
  std::shared_ptr<const Credential> Find(std::string_view key);
  // Take before reading the database, hand to Put: what was read before a change is not remembered after it.
  uint64_t Generation() const;
  void Put(std::string_view key, std::shared_ptr<const Credential> credential, uint64_t generation);
  // After any change of an account, token or session. Forgets everything: changes are rare beside reads.
  void Forget();

 private:
  struct Shard;
  const Clock& clock_;
  size_t shard_capacity_;
  std::unique_ptr<Shard[]> shards_;
  std::atomic<uint64_t> generation_{0};
};

}  // namespace berth::accounts
