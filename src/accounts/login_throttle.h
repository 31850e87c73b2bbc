// Slows down guessing. Failures count by account name and by client address (IPv6: by /64); after a few free ones each
// failure doubles the time until the next attempt is looked at. An address from which an account has signed in before
// is counted on its own for that account, so that a stranger's guesses don't lock the owner out. Memory is bounded;
// thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"
#include "base/result.h"

namespace berth::accounts {

struct ThrottleOptions {
  int free_failures_per_account = 5;
  int free_failures_per_address = 20;
  std::chrono::seconds first_delay{1};
  std::chrono::seconds longest_delay{300};
  std::chrono::seconds forget_after{900};  // without a failure
  size_t max_entries = 16384;
};

class LoginThrottle {
 public:
  explicit LoginThrottle(const Clock& clock, ThrottleOptions options = {});

  // kTooManyRequests with Retry-After while the account or address has to wait. The same for names that do not exist.
  // An empty account looks at the address alone (tokens: they can't be guessed, so an outdated one must not lock its
  // owner out).
  Result<void> Check(std::string_view account, std::string_view address);
  void Failed(std::string_view account, std::string_view address);
  void Succeeded(std::string_view account, std::string_view address);

 private:
  struct Entry {
    std::string key;
    int failures = 0;
    bool trusted = false;
    Timestamp last;
    Timestamp blocked_until;
  };
  using Entries = std::list<Entry>;  // most recently used first

  Entry* Find(const std::string& key);
  Entry& Touch(const std::string& key);
  void Count(const std::string& key, int free_failures);
  std::chrono::microseconds Wait(const std::string& key);

  const Clock& clock_;
  ThrottleOptions options_;
  std::mutex mutex_;
  Entries entries_;
  std::unordered_map<std::string_view, Entries::iterator> by_key_;
};

}  // namespace berth::accounts
