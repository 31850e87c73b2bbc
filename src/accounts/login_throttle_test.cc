#include "accounts/login_throttle.h"

#include <gtest/gtest.h>

namespace berth::accounts {
namespace {

using std::chrono::seconds;

class LoginThrottleTest : public ::testing::Test {
 protected:
  void Fail(int times, std::string_view account, std::string_view address) {
    for (int i = 0; i < times; ++i) throttle_.Failed(account, address);
  }
  // Seconds to wait, 0 when an attempt would be looked at.
  int Wait(std::string_view account, std::string_view address) {
    const auto checked = throttle_.Check(account, address);
    if (checked) return 0;
    EXPECT_EQ(checked.error().code, ErrorCode::kTooManyRequests);
    EXPECT_GT(checked.error().retry_after_seconds, 0);
    return checked.error().retry_after_seconds;
  }
  ManualClock clock_;
  LoginThrottle throttle_{clock_};
};

TEST_F(LoginThrottleTest, TheFirstFailuresAreFree) {
  Fail(4, "alice", "192.0.2.1");
  EXPECT_EQ(Wait("alice", "192.0.2.1"), 0);
}

TEST_F(LoginThrottleTest, EachFurtherFailureDoublesTheWait) {
  Fail(4, "alice", "192.0.2.1");
  for (const int expected : {1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300}) {
    throttle_.Failed("alice", "192.0.2.1");
    EXPECT_EQ(Wait("alice", "192.0.2.1"), expected);
    clock_.Advance(seconds(expected) - Duration(1));
    EXPECT_EQ(Wait("alice", "192.0.2.1"), 1);
    clock_.Advance(Duration(1));
    EXPECT_EQ(Wait("alice", "192.0.2.1"), 0);
  }
}

TEST_F(LoginThrottleTest, AnAccountIsSlowedFromEverywhere) {
  for (int i = 0; i < 6; ++i) throttle_.Failed("alice", "192.0.2." + std::to_string(i));
  EXPECT_GT(Wait("alice", "198.51.100.1"), 0);
  EXPECT_EQ(Wait("bob", "198.51.100.1"), 0);
}

TEST_F(LoginThrottleTest, AnAddressIsSlowedForEveryAccount) {
  for (int i = 0; i < 20; ++i) throttle_.Failed("user" + std::to_string(i), "192.0.2.1");
  EXPECT_GT(Wait("somebody", "192.0.2.1"), 0);
  EXPECT_GT(Wait("", "192.0.2.1"), 0);
  EXPECT_EQ(Wait("somebody", "192.0.2.2"), 0);
}

TEST_F(LoginThrottleTest, AnIpv6CustomerIsAWholeSlash64) {
  for (int i = 0; i < 20; ++i) throttle_.Failed("user" + std::to_string(i), "2001:db8:1:2::" + std::to_string(i));
  EXPECT_GT(Wait("somebody", "2001:db8:1:2:ffff::1"), 0);
  EXPECT_EQ(Wait("somebody", "2001:db8:1:3::1"), 0);
}

TEST_F(LoginThrottleTest, StrangersDoNotLockTheOwnerOut) {
  throttle_.Succeeded("alice", "192.0.2.1");
  Fail(30, "alice", "198.51.100.1");
  EXPECT_GT(Wait("alice", "198.51.100.1"), 0);
  EXPECT_GT(Wait("alice", "203.0.113.1"), 0);
  EXPECT_EQ(Wait("alice", "192.0.2.1"), 0);
  // But guesses from the owner's own address count as well.
  Fail(6, "alice", "192.0.2.1");
  EXPECT_GT(Wait("alice", "192.0.2.1"), 0);
}

TEST_F(LoginThrottleTest, OwnSuccessDoesNotClearTheAddress) {
  for (int i = 0; i < 25; ++i) {
    throttle_.Failed("victim" + std::to_string(i), "192.0.2.1");
    throttle_.Succeeded("mallory", "192.0.2.1");
  }
  EXPECT_GT(Wait("victim99", "192.0.2.1"), 0);
}

TEST_F(LoginThrottleTest, OutdatedTokensSlowTheAddressOnly) {
  Fail(25, "", "192.0.2.1");
  EXPECT_GT(Wait("", "192.0.2.1"), 0);
  EXPECT_EQ(Wait("alice", "192.0.2.2"), 0);
  EXPECT_EQ(Wait("", "192.0.2.2"), 0);
}

TEST_F(LoginThrottleTest, FailuresAreForgotten) {
  Fail(5, "alice", "192.0.2.1");
  clock_.Advance(seconds(900));
  Fail(4, "alice", "192.0.2.1");
  EXPECT_EQ(Wait("alice", "192.0.2.1"), 0);
}

TEST_F(LoginThrottleTest, MemoryIsBoundedAndTheLeastRecentGoesFirst) {
  LoginThrottle small(clock_, {.free_failures_per_account = 1, .free_failures_per_address = 1000, .max_entries = 4});
  small.Failed("alice", "192.0.2.1");
  EXPECT_FALSE(small.Check("alice", "192.0.2.9").has_value());
  for (int i = 0; i < 100; ++i) small.Failed("user" + std::to_string(i), "192.0.2.1");
  EXPECT_TRUE(small.Check("alice", "192.0.2.9").has_value());
  EXPECT_FALSE(small.Check("user99", "192.0.2.9").has_value());
}

}  // namespace
}  // namespace berth::accounts
