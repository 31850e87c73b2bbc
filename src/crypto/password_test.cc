#include "crypto/password.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <ctime>
#include <limits>
#include <thread>
#include <vector>

namespace berth::crypto {
namespace {

PasswordOptions Cheap() { return {.memory_bytes = 64 << 10, .passes = 1}; }

TEST(Password, VerifiesWhatItHashed) {
  const PasswordHasher hasher(Cheap());
  const auto hash = hasher.Hash("correct horse");
  ASSERT_TRUE(hash.has_value());
  EXPECT_TRUE(hash->starts_with("$argon2id$v=19$m=64,t=1,p=1$")) << *hash;
  EXPECT_TRUE(hasher.Verify(*hash, "correct horse").value());
  EXPECT_FALSE(hasher.Verify(*hash, "correct horsf").value());
  EXPECT_FALSE(hasher.Verify(*hash, "").value());
  EXPECT_NE(hasher.Hash("correct horse").value(), *hash);
}

TEST(Password, VerifiesAHashMadeByTheReferenceProgram) {
  // From the test vectors of the reference implementation.
  const PasswordHasher hasher(Cheap());
  const std::string_view hash =
      "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
  EXPECT_TRUE(hasher.Verify(hash, "password").value());
  EXPECT_TRUE(hasher.NeedsRehash(hash));
}

TEST(Password, NothingMatchesAMissingOrForeignHash) {
  const PasswordHasher hasher(Cheap());
  EXPECT_FALSE(hasher.Verify("", "password").value());
  EXPECT_FALSE(hasher.Verify("$2y$10$abcdefghijklmnopqrstuv", "password").value());
  EXPECT_FALSE(hasher.Verify("password", "password").value());
}

// Of the processor: the clock on the wall also counts what else runs on this machine.
double ProcessSeconds() {
  timespec spent{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent);
  return static_cast<double>(spent.tv_sec) + static_cast<double>(spent.tv_nsec) * 1e-9;
}

TEST(Password, AMissingAccountCostsWhatAWrongPasswordCosts) {
  const PasswordHasher hasher({.memory_bytes = size_t{16} << 20, .passes = 2});
  const std::string hash = hasher.Hash("password").value();
  const auto cost = [&](std::string_view stored) {
    double best = std::numeric_limits<double>::max();
    for (int i = 0; i < 7; ++i) {
      const double start = ProcessSeconds();
      EXPECT_FALSE(hasher.Verify(stored, "wrong").value());
      best = std::min(best, ProcessSeconds() - start);
    }
    return best;
  };
  const double ratio = cost("") / cost(hash);
  EXPECT_GT(ratio, 0.6);
  EXPECT_LT(ratio, 1.6);
}

TEST(Password, RehashIsWantedWhenParametersChange) {
  const PasswordHasher weak(Cheap());
  const PasswordHasher strong({.memory_bytes = 128 << 10, .passes = 2});
  const std::string hash = weak.Hash("password").value();
  EXPECT_FALSE(weak.NeedsRehash(hash));
  EXPECT_TRUE(strong.NeedsRehash(hash));
  EXPECT_TRUE(strong.Verify(hash, "password").value());
}

TEST(Password, AStormIsTurnedAwayInsteadOfHoldingEveryThread) {
  const PasswordHasher hasher({.memory_bytes = size_t{8} << 20, .passes = 8, .max_concurrent = 1, .max_waiting = 2});
  std::atomic<int> done = 0, refused = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 12; ++i) {
    threads.emplace_back([&] {
      const auto hash = hasher.Hash("password");
      if (hash) {
        ++done;
      } else {
        EXPECT_EQ(hash.error().code, ErrorCode::kTooManyRequests);
        EXPECT_GT(hash.error().retry_after_seconds, 0);
        ++refused;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(done + refused, 12);
  EXPECT_GE(done.load(), 3);  // one at work and two waiting at least
  EXPECT_GE(refused.load(), 1);
  EXPECT_TRUE(hasher.Hash("password").has_value());
}

}  // namespace
}  // namespace berth::crypto
