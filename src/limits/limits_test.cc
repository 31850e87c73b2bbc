#include <gtest/gtest.h>

#include "limits/plan.h"
#include "limits/plan_assignment.h"
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

TEST(PullLimiter, AnIndexAndItsPlatformAreOnePull) {
  ManualClock clock;
  PullLimiter limiter(clock);
  const PullLimit limit{.pulls = 4, .window_seconds = 60};
  EXPECT_EQ(limiter.Count("k", limit, true).remaining, 3);
  EXPECT_EQ(limiter.Count("k", limit, true).remaining, 2) << "an index fetched alone is one, too";
  EXPECT_EQ(limiter.Count("k", limit).remaining, 2);
  EXPECT_EQ(limiter.Count("k", limit).remaining, 2);
  EXPECT_EQ(limiter.Count("k", limit).remaining, 1) << "a further platform";
  // The platform of the last index that was allowed is allowed, too.
  EXPECT_EQ(limiter.Count("k", limit, true).remaining, 0);
  EXPECT_FALSE(limiter.Count("k", limit, true).allowed);
  EXPECT_TRUE(limiter.Count("k", limit).allowed);
  EXPECT_FALSE(limiter.Count("k", limit).allowed);
}

TEST_P(LimitsTest, PlansAreRows) {
  auto plans = database().Read([](sql::Connection& c) { return PlanStore::List(c); });
  ASSERT_TRUE(plans.has_value());
  ASSERT_EQ(plans->size(), 4u) << "anonymous callers' is none to choose";
  Plan personal = (*plans)[0];
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

TEST_P(LimitsTest, EveryNumberOfAPlanIsKept) {
  Plan plan;
  plan.name = "guild";
  plan.title = "Guild";
  plan.position = 9;
  plan.for_organizations = true;
  plan.private_repositories = 1;
  plan.collaborators = 2;
  plan.teams = 3;
  plan.access_tokens = 4;
  plan.organization_tokens = 5;
  plan.seats = 6;
  plan.parallel_builds = 7;
  plan.storage_bytes = 8;
  plan.pulls = 0;
  plan.pull_window_seconds = 10;
  plan.audit_log = plan.scim = plan.access_management = plan.registry_access = plan.custom_roles = false;
  plan.is_enabled = false;
  auto kept = database().Write([&](sql::Transaction& tx) -> Result<std::optional<Plan>> {
    TRY_VOID(PlanStore::Save(tx, plan));
    return PlanStore::Find(tx, "guild");
  });
  ASSERT_TRUE(kept && *kept);
  const Plan& k = **kept;
  EXPECT_EQ(k.title, "Guild");
  EXPECT_EQ(k.position, 9);
  EXPECT_TRUE(k.for_organizations);
  EXPECT_EQ(k.private_repositories, 1);
  EXPECT_EQ(k.collaborators, 2);
  EXPECT_EQ(k.teams, 3);
  EXPECT_EQ(k.access_tokens, 4);
  EXPECT_EQ(k.organization_tokens, 5);
  EXPECT_EQ(k.seats, 6);
  EXPECT_EQ(k.parallel_builds, 7);
  EXPECT_EQ(k.storage_bytes, 8);
  EXPECT_EQ(k.pulls, 0);
  EXPECT_EQ(k.pull_window_seconds, 10);
  EXPECT_FALSE(k.audit_log || k.scim || k.access_management || k.registry_access || k.custom_roles);
  EXPECT_FALSE(k.is_enabled);
}

class PlanTest : public LimitsTest {
 protected:
  PlanTest() {
    Run("INSERT INTO account (uuid, name, kind, created_at, updated_at) VALUES ('u1', 'alice', 'user', 1, 1), "
        "('u2', 'bob', 'user', 1, 1), ('o1', 'acme', 'organization', 1, 1)");
    Run("INSERT INTO organization_member (organization_id, account_id, role, created_at) SELECT o.id, u.id, 'owner', 1 "
        "FROM account o, account u WHERE o.name = 'acme' AND u.kind = 'user'");
  }
  void Run(std::string_view statement) {
    auto done = database().Write(
        [&](sql::Transaction& tx) { return tx.ExecuteDynamic(statement, {}, [](const sql::Row&) {}); });
    ASSERT_TRUE(done) << done.error().message;
  }
  template <typename F>
  auto In(F&& f) {
    return database().Write([&](sql::Transaction& tx) { return f(tx); });
  }
  Result<PlanAssignment> Assign(std::string_view account, std::string_view plan, std::optional<int64_t> seats = {}) {
    return In(
        [&](auto& tx) { return AssignPlan(tx, account, plan, seats, {AccountId(1), "root", "", ""}, FromMicros(5)); });
  }
  std::string PlanOf(const std::string& account) {
    static constexpr sql::Query kId{"test.id", "SELECT id FROM account WHERE name = $1"};
    auto plan = In([&](auto& tx) -> Result<std::optional<Plan>> {
      TRY(const auto id, tx.One(kId, {account}, [](const sql::Row& row) { return AccountId(row.Int(0)); }));
      return PlanStore::FindOfAccount(tx, *id);
    });
    return plan && *plan ? (*plan)->name : "";
  }
  std::vector<std::string> Events() {
    static constexpr sql::Query kTypes{"test.types", "SELECT type FROM event ORDER BY id"};
    return *In([&](auto& tx) { return tx.All(kTypes, {}, [](const sql::Row& row) { return row.String(0); }); });
  }
};
INSTANTIATE_TEST_SUITE_P(Backends, PlanTest, sql::AllBackends(), sql::BackendName);

TEST_P(PlanTest, AccountsWithoutAPlanHaveTheDefaultOfTheirKind) {
  EXPECT_EQ(PlanOf("alice"), "personal");
  EXPECT_EQ(PlanOf("acme"), "business");
  ASSERT_TRUE(In([](auto& tx) -> Result<void> {
    TRY(auto pro, PlanStore::Find(tx, "pro"));
    pro->is_default = true;
    return PlanStore::Save(tx, *pro);
  }));
  EXPECT_EQ(PlanOf("alice"), "pro");
  EXPECT_EQ(PlanOf("acme"), "business") << "each kind has its own";
  const auto personal = In([](auto& tx) { return PlanStore::Find(tx, "personal"); });
  EXPECT_FALSE((*personal)->is_default);
}

TEST_P(PlanTest, ThereIsAlwaysADefault) {
  const auto save = [&](auto change) {
    return In([&](auto& tx) -> Result<void> {
      TRY(auto plan, PlanStore::Find(tx, "personal"));
      change(*plan);
      return PlanStore::Save(tx, *plan);
    });
  };
  auto done = save([](Plan& plan) { plan.is_default = false; });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::kConflict);
  EXPECT_FALSE(save([](Plan& plan) { plan.is_enabled = false; }));
  EXPECT_FALSE(save([](Plan& plan) { plan.for_organizations = true; }));
  done = In([](auto& tx) { return PlanStore::Remove(tx, "personal"); });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::kConflict);
}

TEST_P(PlanTest, OneThatSomebodyHasIsNotDeleted) {
  ASSERT_TRUE(Assign("alice", "pro"));
  auto removed = In([](auto& tx) { return PlanStore::Remove(tx, "pro"); });
  ASSERT_FALSE(removed);
  EXPECT_EQ(removed.error().code, ErrorCode::kConflict);
  ASSERT_TRUE(Assign("alice", "personal"));
  EXPECT_TRUE(In([](auto& tx) { return PlanStore::Remove(tx, "pro"); }));
  removed = In([](auto& tx) { return PlanStore::Remove(tx, "pro"); });
  EXPECT_EQ(removed.error().code, ErrorCode::kNotFound);
}

TEST_P(PlanTest, AssigningWritesWhatChanged) {
  auto assigned = Assign("acme", "team", 5);
  ASSERT_TRUE(assigned) << assigned.error().message;
  EXPECT_EQ(assigned->seats, 5);
  EXPECT_EQ(assigned->assigned_by, "root");
  EXPECT_EQ(PlanOf("acme"), "team");
  ASSERT_TRUE(Assign("acme", "team", 9));
  ASSERT_TRUE(Assign("acme", "business"));
  ASSERT_TRUE(Assign("acme", "business", 3));
  EXPECT_EQ(Events(), (std::vector<std::string>{"billing.plan.downgrade", "billing.plan.seat_add",
                                                "billing.plan.upgrade", "billing.plan.seat_remove"}));
}

TEST_P(PlanTest, AssigningRefusesWhatDoesNotFit) {
  const auto refused = [&](std::string_view account, std::string_view plan, std::optional<int64_t> seats = {}) {
    auto done = Assign(account, plan, seats);
    EXPECT_FALSE(done) << account << " " << plan;
    return done ? std::pair(ErrorCode::kInternal, std::string()) : std::pair(done.error().code, done.error().field);
  };
  EXPECT_EQ(refused("nobody", "pro").first, ErrorCode::kNotFound);
  EXPECT_EQ(refused("alice", "gold"), std::pair(ErrorCode::kInvalidArgument, std::string("plan")));
  EXPECT_EQ(refused("alice", "anonymous"), std::pair(ErrorCode::kInvalidArgument, std::string("plan")));
  EXPECT_EQ(refused("alice", "team"), std::pair(ErrorCode::kInvalidArgument, std::string("plan")));
  EXPECT_EQ(refused("acme", "pro"), std::pair(ErrorCode::kInvalidArgument, std::string("plan")));
  EXPECT_EQ(refused("alice", "pro", 2), std::pair(ErrorCode::kInvalidArgument, std::string("seats")));
  EXPECT_EQ(refused("acme", "team", 0), std::pair(ErrorCode::kInvalidArgument, std::string("seats")));
  EXPECT_EQ(refused("acme", "team", 101), std::pair(ErrorCode::kInvalidArgument, std::string("seats")));
  EXPECT_EQ(refused("acme", "team", 1).first, ErrorCode::kConflict) << "two are members";
  Run("UPDATE plan SET is_enabled = 0 WHERE name = 'pro'");
  EXPECT_EQ(refused("alice", "pro").first, ErrorCode::kConflict);
  EXPECT_TRUE(Events().empty());
  EXPECT_EQ(PlanOf("alice"), "personal");
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
