// The registry's tokens (distribution specification, "Token Authentication Implementation"): issued by the token
// service, checked by the registry without a look at the database. Their audience is the service name, so a Hub API
// token is none, nor the other way.
//
// A verdict is remembered under the token's text until the token expires, by each thread and in a memory that they
// share: a pull pays for one signature check.
#pragma once

#include <array>
#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "accounts/caller.h"
#include "accounts/signing_keys.h"
#include "base/clock.h"
#include "base/result.h"

namespace berth::accounts {

// One entry of the `access` claim.
struct AccessEntry {
  std::string type;   // "repository", "registry"
  std::string klass;  // "plugin" or empty
  std::string name;   // as the client asked: "nginx" stays "nginx"
  std::vector<std::string> actions;
};

struct RegistryAccess {
  Caller caller;
  std::vector<AccessEntry> access;
  Timestamp expires;

  // `repository` with or without "library/"; "*" covers every action.
  bool Allows(std::string_view repository, std::string_view action) const;
  bool AllowsCatalog() const;  // registry:catalog:*
};

struct RegistryTokenOptions {
  std::string service =
      "berth";  // the `service` of challenges and the audience of tokens; never changes while clients hold tokens
  std::string issuer = "berth";
  std::chrono::seconds lifetime{300};  // at least 60: clients treat less as 60
};

struct IssuedRegistryToken {
  std::string token;
  Timestamp issued;
  Timestamp expires;
};

// Thread-safe.
class RegistryTokens {
 public:
  RegistryTokens(SigningKeys& keys, const Clock& clock, RegistryTokenOptions options);

  Result<IssuedRegistryToken> Issue(const Caller& caller, const std::vector<AccessEntry>& access);
  // kUnauthenticated, kTokenExpired. `address` of the answer's caller is empty: a token is remembered for all its
  // connections.
  Result<std::shared_ptr<const RegistryAccess>> Verify(std::string_view token);
  const RegistryTokenOptions& options() const { return options_; }

  // A token that was found right, with what it says.
  struct Verdict {
    std::string token;
    RegistryAccess access;
  };

 private:
  static constexpr size_t kShards = 16;
  static constexpr size_t kShardEntries = 1024;
  struct Shard {
    std::mutex mutex;
    std::unordered_map<uint64_t, std::shared_ptr<const Verdict>> verdicts;
  };

  // From what all threads share, else by checking the signature.
  Result<std::shared_ptr<const Verdict>> Remembered(uint64_t fingerprint, std::string_view token);
  Result<std::shared_ptr<const Verdict>> Check(std::string_view token);

  SigningKeys& keys_;
  const Clock& clock_;
  RegistryTokenOptions options_;
  uint64_t serial_;  // tells this instance's entries in the threads' memories from others'
  std::array<Shard, kShards> shards_;
};

// The value of WWW-Authenticate (RFC 6750 §3): Bearer realm="…",service="…"[,scope="…"][,error="…"].
// `scope` like "repository:ns/name:pull,push"; `error` is empty, "invalid_token" or "insufficient_scope".
std::string BearerChallenge(std::string_view realm, std::string_view service, std::string_view scope = {},
                            std::string_view error = {});

}  // namespace berth::accounts
