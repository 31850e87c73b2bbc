#include "crypto/password.h"

#include <sodium.h>

#include <array>
#include <cstdlib>
#include <thread>
#include <utility>

#include "base/priority.h"
#include "crypto/random.h"

namespace berth::crypto {

// A place among those that hash at this moment.
class PasswordHasher::Slot {
 public:
  static Result<Slot> Take(const PasswordHasher& owner) {
    std::unique_lock lock(owner.mutex_);
    if (owner.running_ >= owner.options_.max_concurrent) {
      if (owner.waiting_ >= owner.options_.max_waiting) {
        return Fail(Error(ErrorCode::kTooManyRequests, "too many sign-ins at once, try again").WithRetryAfter(1));
      }
      ++owner.waiting_;
      owner.freed_.wait(lock, [&] { return owner.running_ < owner.options_.max_concurrent; });
      --owner.waiting_;
    }
    ++owner.running_;
    return Slot(owner);
  }
  Slot(Slot&& other) noexcept : owner_(std::exchange(other.owner_, nullptr)) {}
  Slot& operator=(Slot&&) = delete;
  ~Slot() {
    if (owner_ == nullptr) return;
    {
      std::lock_guard lock(owner_->mutex_);
      --owner_->running_;
    }
    owner_->freed_.notify_one();
  }

 private:
  explicit Slot(const PasswordHasher& owner) : owner_(&owner) {}
  const PasswordHasher* owner_;
};

namespace {

Result<std::string> HashNow(const PasswordOptions& options, std::string_view password) {
  std::array<char, crypto_pwhash_STRBYTES> text;
  if (crypto_pwhash_str_alg(text.data(), password.data(), password.size(), options.passes, options.memory_bytes,
                            crypto_pwhash_ALG_ARGON2ID13) != 0) {
    return Fail(ErrorCode::kUnavailable, "not enough memory to hash a password");
  }
  return std::string(text.data());
}

// Tens of milliseconds of nothing but arithmetic: on a thread that steps back, so that pulls beside it do not wait for
// a turn of the scheduler.
template <typename Work>
auto Aside(Work work) {
  decltype(work()) outcome;
  std::thread([&] {
    GiveWay(kDearNice);
    outcome = work();
  }).join();
  return outcome;
}

bool IsArgon2id(std::string_view hash) {
  return hash.starts_with("$argon2id$") && hash.size() < crypto_pwhash_STRBYTES;
}

}  // namespace

PasswordHasher::PasswordHasher(PasswordOptions options) : options_(options) {
  if (sodium_init() < 0) std::abort();
}

Result<std::string> PasswordHasher::Hash(std::string_view password) const {
  TRY(const auto slot, Slot::Take(*this));
  return Aside([&] { return HashNow(options_, password); });
}

Result<bool> PasswordHasher::Verify(std::string_view hash, std::string_view password) const {
  TRY(const auto slot, Slot::Take(*this));
  if (!IsArgon2id(hash)) {
    // The same work as a check, thrown away.
    TRY_VOID(Aside([&] { return HashNow(options_, password); }));
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
