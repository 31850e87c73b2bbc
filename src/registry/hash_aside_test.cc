#include "registry/hash_aside.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

namespace berth::registry {
namespace {

TEST(HashAside, HashesWhateverTheWriteAnswers) {
  HashAside aside;
  Hasher hasher(DigestAlgorithm::kSha256);
  const std::string bytes(1 << 20, 'x');
  bool wrote = false;
  EXPECT_TRUE(aside.Run(hasher, bytes, [&]() -> Result<void> {
    wrote = true;
    return {};
  }));
  EXPECT_TRUE(wrote);
  const auto failed = aside.Run(hasher, bytes, []() -> Result<void> { return Fail(ErrorCode::kOutOfSpace, "full"); });
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::kOutOfSpace);
  EXPECT_EQ(hasher.Finish(), DigestOf(bytes + bytes));
}

// Whoever finds the thread busy, or done with before it woke up, hashes by himself: nothing is hashed twice or never.
TEST(HashAside, ManyAtOnce) {
  HashAside aside;
  std::vector<std::thread> threads;
  for (char c = 'a'; c < 'g'; ++c) {
    threads.emplace_back([&aside, c] {
      const std::string piece(70'000, c);
      Hasher hasher(DigestAlgorithm::kSha512);
      std::string all;
      for (int i = 0; i < 40; ++i) {
        EXPECT_TRUE(aside.Run(hasher, piece, [&]() -> Result<void> {
          all += piece;
          return {};
        }));
      }
      EXPECT_EQ(hasher.Finish(), DigestOf(all, DigestAlgorithm::kSha512));
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(HashAside, AWriteThatThrowsLeavesNothingBehind) {
  HashAside aside;
  const std::string bytes(1 << 20, 'x');
  for (int i = 0; i < 10; ++i) {
    Hasher lost(DigestAlgorithm::kSha256);
    EXPECT_THROW((void)aside.Run(lost, bytes, []() -> Result<void> { throw std::runtime_error("boom"); }),
                 std::runtime_error);
  }
  Hasher hasher(DigestAlgorithm::kSha256);
  EXPECT_TRUE(aside.Run(hasher, bytes, []() -> Result<void> { return {}; }));
  EXPECT_EQ(hasher.Finish(), DigestOf(bytes));
}

}  // namespace
}  // namespace berth::registry
