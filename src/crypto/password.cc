#include "crypto/password.h"

#include <sodium.h>

#include <array>
#include <cstdlib>
#include <optional>
#include <utility>

#include "base/priority.h"
#include "crypto/random.h"

namespace berth::crypto {
namespace {

Result<std::string> HashNow(const PasswordOptions& options, std::string_view password) {
  std::array<char, crypto_pwhash_STRBYTES> text;
  if (crypto_pwhash_str_alg(text.data(), password.data(), password.size(), options.passes, options.memory_bytes,
                            crypto_pwhash_ALG_ARGON2ID13) != 0) {
    return Fail(ErrorCode::kUnavailable, "not enough memory to hash a password");
  }
  return std::string(text.data());
}

bool IsArgon2id(std::string_view hash) {
  return hash.starts_with("$argon2id$") && hash.size() < crypto_pwhash_STRBYTES;
}

}  // namespace

PasswordHasher::PasswordHasher(PasswordOptions options)
    : options_(options), crew_("berth-password", static_cast<size_t>(options.max_concurrent), kDearNice) {
  if (sodium_init() < 0) std::abort();
}

// Tens of milliseconds of nothing but arithmetic: on threads that step back, so that pulls beside it do not wait for a
// turn of the scheduler.
template <typename Work>
auto PasswordHasher::Aside(Work work) const -> Result<decltype(work())> {
  struct Place {
    explicit Place(std::atomic<int>& inside) : inside(inside), number(++inside) {}
    ~Place() { --inside; }
    std::atomic<int>& inside;
    const int number;
  };
  const Place place(inside_);
  if (place.number > options_.max_concurrent + options_.max_waiting) {
    return Fail(Error(ErrorCode::kTooManyRequests, "too many sign-ins at once, try again").WithRetryAfter(1));
  }
  std::optional<decltype(work())> outcome;
  crew_.Do([&] { outcome.emplace(work()); });
  return *std::move(outcome);
}

Result<std::string> PasswordHasher::Hash(std::string_view password) const {
  TRY(auto hash, Aside([&] { return HashNow(options_, password); }));
  return hash;
}

Result<bool> PasswordHasher::Verify(std::string_view hash, std::string_view password) const {
  if (!IsArgon2id(hash)) {
    // The same work as a check, thrown away.
    TRY_VOID(Hash(password));
    return false;
  }
  const std::string text(hash);
  return Aside([&] { return crypto_pwhash_str_verify(text.c_str(), password.data(), password.size()) == 0; });
}

bool PasswordHasher::NeedsRehash(std::string_view hash) const {
  if (!IsArgon2id(hash)) return true;
  const std::string text(hash);
  return crypto_pwhash_str_needs_rehash(text.c_str(), options_.passes, options_.memory_bytes) != 0;
}

}  // namespace berth::crypto
