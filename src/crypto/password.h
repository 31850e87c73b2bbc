// Password hashes: argon2id (RFC 9106) in libsodium's text form, which carries its own parameters.
//
// Hashing is dear by design, so at most `max_concurrent` run at once; a few more may wait, and beyond that callers are
// told to come back, so that a storm of sign-ins never holds the threads that serve everybody else. Thread-safe.
#pragma once

#include <atomic>
#include <cstddef>
#include <string>
#include <string_view>

#include "base/crew.h"
#include "base/result.h"

namespace berth::crypto {

struct PasswordOptions {
  size_t memory_bytes = size_t{19} << 20;  // a hash at work holds this much
  unsigned passes = 2;
  int max_concurrent = 2;
  int max_waiting = 24;
};

class PasswordHasher {
 public:
  explicit PasswordHasher(PasswordOptions options = {});
  PasswordHasher(const PasswordHasher&) = delete;
  PasswordHasher& operator=(const PasswordHasher&) = delete;

  // Errors of all three: kTooManyRequests with a Retry-After when too many wait, kUnavailable without memory.
  Result<std::string> Hash(std::string_view password) const;
  // Compares against an empty `hash` (no such account, or one without a password) at the same cost and answers false.
  Result<bool> Verify(std::string_view hash, std::string_view password) const;
  // True when the hash was made with other parameters than today's.
  bool NeedsRehash(std::string_view hash) const;

 private:
  template <typename Work>
  auto Aside(Work work) const -> Result<decltype(work())>;

  PasswordOptions options_;
  mutable std::atomic<int> inside_ = 0;  // at work or waiting
  mutable Crew crew_;
};

}  // namespace berth::crypto
