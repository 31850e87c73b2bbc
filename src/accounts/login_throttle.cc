#include "accounts/login_throttle.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

namespace berth::accounts {
namespace {

constexpr size_t kMaxNamePart = 64;

// One customer's line is one address, or a whole /64 of IPv6.
std::string NetworkOf(std::string_view address) {
  const std::string text(address.substr(0, kMaxNamePart));
  std::array<unsigned char, 16> bytes;
  if (::inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1) {
    return std::string(reinterpret_cast<const char*>(bytes.data()), 8);
  }
  return text;
}

std::string AccountKey(std::string_view account) { return "a:" + std::string(account.substr(0, kMaxNamePart)); }
std::string AddressKey(std::string_view address) { return "n:" + NetworkOf(address); }
std::string PairKey(std::string_view account, std::string_view address) {
  return "p:" + std::string(account.substr(0, kMaxNamePart)) + "|" + NetworkOf(address);
}

}  // namespace

LoginThrottle::LoginThrottle(const Clock& clock, ThrottleOptions options) : clock_(clock), options_(options) {}

LoginThrottle::Entry* LoginThrottle::Find(const std::string& key) {
  const auto found = by_key_.find(key);
  return found == by_key_.end() ? nullptr : &*found->second;
}

LoginThrottle::Entry& LoginThrottle::Touch(const std::string& key) {
  const auto found = by_key_.find(key);
  if (found != by_key_.end()) {
    entries_.splice(entries_.begin(), entries_, found->second);
    return entries_.front();
  }
  if (entries_.size() >= options_.max_entries) {
    by_key_.erase(entries_.back().key);
    entries_.pop_back();
  }
  entries_.push_front({.key = key});
  by_key_.emplace(entries_.front().key, entries_.begin());
  return entries_.front();
}

void LoginThrottle::Count(const std::string& key, int free_failures) {
  const Timestamp now = clock_.Now();
  Entry& entry = Touch(key);
  if (now - entry.last >= options_.forget_after) entry.failures = 0;
  entry.last = now;
  ++entry.failures;
  if (entry.failures < free_failures) return;
  const int doublings = std::min(entry.failures - free_failures, 20);
  const auto delay =
      std::min<std::chrono::seconds>(options_.first_delay * (int64_t{1} << doublings), options_.longest_delay);
  entry.blocked_until = now + delay;
}

std::chrono::microseconds LoginThrottle::Wait(const std::string& key) {
  const Entry* entry = Find(key);
  if (entry == nullptr) return std::chrono::microseconds(0);
  // Never longer than it could have been, whatever the clock did meanwhile.
  return std::min<std::chrono::microseconds>(entry->blocked_until - clock_.Now(), options_.longest_delay);
}

Result<void> LoginThrottle::Check(std::string_view account, std::string_view address) {
  std::lock_guard lock(mutex_);
  const std::string pair = PairKey(account, address);
  const Entry* known = Find(pair);
  const auto wait =
      known != nullptr && known->trusted ? Wait(pair) : std::max(Wait(AccountKey(account)), Wait(AddressKey(address)));
  if (wait <= std::chrono::microseconds(0)) return {};
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(wait);
  return Fail(Error(ErrorCode::kTooManyRequests, "too many failed sign-ins, try again later")
                  .WithRetryAfter(static_cast<int>(seconds.count())));
}

void LoginThrottle::Failed(std::string_view account, std::string_view address) {
  std::lock_guard lock(mutex_);
  const std::string pair = PairKey(account, address);
  if (const Entry* known = Find(pair); known != nullptr && known->trusted) {
    Count(pair, options_.free_failures_per_account);
    return;
  }
  if (!account.empty()) Count(AccountKey(account), options_.free_failures_per_account);
  Count(AddressKey(address), options_.free_failures_per_address);
}

void LoginThrottle::Succeeded(std::string_view account, std::string_view address) {
  std::lock_guard lock(mutex_);
  Entry& entry = Touch(PairKey(account, address));
  entry.trusted = true;
  entry.failures = 0;
  entry.blocked_until = {};
}

}  // namespace berth::accounts
