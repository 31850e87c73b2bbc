// Signed tokens: JWT (RFC 7519) as JWS compact serialization (RFC 7515) with RS256 and nothing else, and the public
// keys as JWKS (RFC 7517). Only keys that this server holds are ever used: `jwk`, `jku`, `x5c` and the like in a
// token's header are not read.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "json/value.h"

namespace berth::crypto {

// An RSA key pair. Immutable and thread-safe; every thread keeps its own signing context.
class SigningKey {
 public:
  static Result<std::shared_ptr<const SigningKey>> Generate();  // 2048 bits; takes a tenth of a second or so
  static Result<std::shared_ptr<const SigningKey>> FromPem(std::string_view pem);  // kInvalidArgument
  ~SigningKey();
  SigningKey(const SigningKey&) = delete;
  SigningKey& operator=(const SigningKey&) = delete;

  const std::string& kid() const { return kid_; }  // RFC 7638 thumbprint
  const std::string& jwk() const { return jwk_; }  // the public half, a JSON object
  std::string PrivatePem() const;

  // RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518 §3.3).
  std::string Sign(std::string_view text) const;
  bool Verify(std::string_view text, std::string_view signature) const;

 private:
  struct Handle;
  explicit SigningKey(std::unique_ptr<Handle> handle);

  std::unique_ptr<Handle> handle_;
  uint64_t serial_;  // never used twice in a process; finds this thread's contexts
  std::string kid_;
  std::string jwk_;
};

// What a token must say to be taken.
struct JwtExpectation {
  std::string_view issuer;
  std::string_view audience;  // `aud` as a text or as one of a list
  Timestamp now;
  std::chrono::seconds leeway{5};
};

struct VerifiedJwt {
  json::Document claims;  // its root is an object
  Timestamp expires;
};

// Reads what may be known of a token before its signature is checked: the kid. For finding out whether keys must be
// read again. kUnauthenticated when it is no RS256 token with a kid.
Result<std::string> PeekKid(std::string_view token);

// The keys of the server: the first signs, all verify. Immutable and thread-safe.
class KeySet {
 public:
  static constexpr size_t kMaxTokenBytes = 16 << 10;

  explicit KeySet(std::vector<std::shared_ptr<const SigningKey>> keys);  // at least one

  // `claims` is a JSON object.
  std::string Sign(std::string_view claims) const;
  // kUnauthenticated when anything is wrong with it, kTokenExpired when only its time has passed.
  Result<VerifiedJwt> Verify(std::string_view token, const JwtExpectation& expectation) const;
  bool Holds(std::string_view kid) const { return Find(kid) != nullptr; }
  // {"keys":[…]}
  const std::string& Jwks() const { return jwks_; }

 private:
  const SigningKey* Find(std::string_view kid) const;
  std::vector<std::shared_ptr<const SigningKey>> keys_;
  std::string header_;  // the encoded head of every token we sign
  std::string jwks_;
};

}  // namespace berth::crypto
