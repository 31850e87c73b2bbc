#include <gtest/gtest.h>

#include "limits/plan.h"
#include "limits/pull_limiter.h"
#include "sql/test_databases.h"

namespace berth::limits {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

class LimitsTest : public sql::DatabaseTest {};
INSTANTIATE_TEST_SUITE_P(Backends, LimitsTest, sql::AllBackends(), sql::BackendName);

TEST(AddressKey, CountsIpv6ByItsNetwork) {
  EXPECT_EQ(AddressKey("192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(AddressKey("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
  EXPECT_EQ(AddressKey("2001:db8:1:2::9"), AddressKey("2001:db8:1:2:ffff::"));
  EXPECT_NE(AddressKey("2001:db8:1:2::9"), AddressKey("2001:db8:1:3::9"));
  EXPECT_EQ(AddressKey("::ffff:192.0.2.1"), "192.0.2.1");
}

TEST(PullLimiter, CountsInAWindowAndStartsAgain) {
  ManualClock clock;
  PullLimiter limiter(clock);
  const PullLimit limit{.pulls = 2, .window_seconds = 60};
  EXPECT_EQ(limiter.Peek("k", limit).remaining, 2);
  EXPECT_EQ(limiter.Count("k", limit).remaining, 1);
  clock.Advance(seconds(20));
  EXPECT_EQ(limiter.Count("k", limit).remaining, 0);
  const auto refused = limiter.Count("k", limit);
  EXPECT_FALSE(refused.allowed);
  EXPECT_EQ(refused.retry_after_seconds, 40);
  EXPECT_TRUE(limiter.Count("other", limit).allowed);
  clock.Advance(seconds(40));
  EXPECT_TRUE(limiter.Count("k", limit).allowed);
}

TEST_P(LimitsTest, PlansAreRows) {
  auto plans = database().Read([](sql::Connection& c) { return PlanStore::List(c); });
  ASSERT_TRUE(plans.has_value());
  ASSERT_EQ(plans->size(), 5u);
  Plan personal = (*plans)[1];
  EXPECT_EQ(personal.name, "personal");
  EXPECT_EQ(personal.pulls, 200);
  personal.pulls = 7;
  ASSERT_TRUE(database().Write([&](sql::Transaction& tx) { return PlanStore::Save(tx, personal); }).has_value());
  const auto again = database().Read([](sql::Connection& c) { return PlanStore::Find(c, "personal"); });
  ASSERT_TRUE(again.has_value() && again->has_value());
  EXPECT_EQ((*again)->pulls, 7);
  personal.seats = -2;
  const auto refused = database().Write([&](sql::Transaction& tx) { return PlanStore::Save(tx, personal); });
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().field, "seats");
  EXPECT_FALSE(database().Write([](sql::Transaction& tx) { return PlanStore::Remove(tx, "personal"); }).has_value());
  EXPECT_TRUE(database().Write([](sql::Transaction& tx) { return PlanStore::Remove(tx, "team"); }).has_value());
}

TEST_P(LimitsTest, CopiesAddUpThroughTheDatabase) {
  ManualClock clock;
  const PullLimit limit{.pulls = 10, .window_seconds = 21600};
  PullLimiter one(clock), two(clock);
  for (int i = 0; i < 3; ++i) one.Count("k", limit);
  for (int i = 0; i < 4; ++i) two.Count("k", limit);
  ASSERT_TRUE(one.Flush(database()).has_value());
  ASSERT_TRUE(two.Flush(database()).has_value());
  EXPECT_EQ(two.Peek("k", limit).remaining, 3);
  one.Count("k", limit);
  ASSERT_TRUE(one.Flush(database()).has_value());
  EXPECT_EQ(one.Peek("k", limit).remaining, 2);
  PullLimiter three(clock);
  ASSERT_TRUE(three.Load(database()).has_value());
  EXPECT_EQ(three.Peek("k", limit).remaining, 2);
  clock.Advance(hours(7));
  PullLimiter four(clock);
  ASSERT_TRUE(four.Load(database()).has_value());
  EXPECT_EQ(four.Peek("k", limit).remaining, 10);
  four.Count("k", limit);
  ASSERT_TRUE(four.Flush(database()).has_value());
  EXPECT_EQ(four.Peek("k", limit).remaining, 9);
}

}  // namespace
}  // namespace berth::limits
