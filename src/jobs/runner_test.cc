#include "jobs/runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <stdexcept>

#include "sql/test_databases.h"

namespace berth::jobs {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

class RunnerTest : public sql::DatabaseTest {
 protected:
  void Put(const NewJob& job) {
    auto done = database().Write([&](sql::Transaction& tx) { return Enqueue(tx, job, clock_.Now()); });
    ASSERT_TRUE(done) << done.error().message;
  }
  Depth Counts() {
    return *database().Read([](sql::Connection& c) { return CountJobs(c); });
  }
  template <typename Condition>
  static bool Eventually(Condition&& condition) {
    for (int i = 0; i < 4000; ++i) {
      if (condition()) return true;
      std::this_thread::sleep_for(milliseconds(5));
    }
    return false;
  }
  ManualClock clock_;
  Runner::Options fast_{.threads = 2, .poll_interval = milliseconds(5)};
};

TEST_P(RunnerTest, RunsWhatIsEnqueued) {
  std::atomic<int> sum{0};
  Runner runner(database(), clock_, fast_);
  runner.Register("add", {}, [&](const Job& job, const std::stop_token&) -> Result<void> {
    sum += std::stoi(job.payload);
    return {};
  });
  ASSERT_TRUE(runner.Start());
  for (int i = 1; i <= 10; ++i) Put({.kind = "add", .payload = std::to_string(i)});
  EXPECT_TRUE(Eventually([&] { return sum == 55 && Counts().running + Counts().ready == 0; }));
}

TEST_P(RunnerTest, AWokenRunnerDoesNotWaitForItsPoll) {
  std::atomic<bool> ran{false};
  Runner runner(database(), clock_, {.threads = 1, .poll_interval = minutes(10)});
  runner.Register("now", {}, [&](const Job&, const std::stop_token&) -> Result<void> {
    ran = true;
    return {};
  });
  ASSERT_TRUE(runner.Start());
  Put({.kind = "now"});
  runner.Wake();
  EXPECT_TRUE(Eventually([&] { return ran.load(); }));
}

TEST_P(RunnerTest, FailuresAndExceptionsAreTriedAgainAndThenDead) {
  std::atomic<int> runs{0};
  Runner runner(database(), clock_, fast_);
  runner.Register("bad", {.max_attempts = 3}, [&](const Job&, const std::stop_token&) -> Result<void> {
    if (++runs == 2) throw std::runtime_error("thrown");
    return berth::Fail(ErrorCode::kInternal, "returned");
  });
  ASSERT_TRUE(runner.Start());
  Put({.kind = "bad"});
  EXPECT_TRUE(Eventually([&] {
    clock_.Advance(seconds(30));
    return Counts().dead == 1;
  }));
  EXPECT_EQ(runs, 3);
}

TEST_P(RunnerTest, ALongJobKeepsItsLease) {
  std::atomic<int> runs{0};
  std::latch release(1);
  Runner runner(database(), clock_, fast_);
  runner.Register("long", {.lease = minutes(5)}, [&](const Job&, const std::stop_token&) -> Result<void> {
    ++runs;
    release.wait();
    return {};
  });
  ASSERT_TRUE(runner.Start());
  Put({.kind = "long"});
  ASSERT_TRUE(Eventually([&] { return runs == 1; }));
  for (int i = 0; i < 8; ++i) {  // 16 minutes
    const Timestamp renewed = clock_.Now() + minutes(2);
    clock_.Advance(minutes(2));
    static constexpr sql::Query kLease{"lease", "SELECT leased_until FROM job"};
    ASSERT_TRUE(Eventually([&] {
      return **database().Read([](sql::Connection& c) {
        return c.One(kLease, {}, [](const sql::Row& r) { return r.Time(0); });
      }) >= renewed + minutes(5);
    }));
  }
  release.count_down();
  EXPECT_TRUE(Eventually([&] { return Counts().running == 0; }));
  EXPECT_EQ(runs, 1);
}

TEST_P(RunnerTest, StoppingGivesAnUnfinishedJobBack) {
  std::atomic<bool> started{false};
  {
    Runner runner(database(), clock_, fast_);
    runner.Register("long", {}, [&](const Job&, const std::stop_token& stop) -> Result<void> {
      started = true;
      while (!stop.stop_requested()) std::this_thread::sleep_for(milliseconds(1));
      return berth::Fail(ErrorCode::kUnavailable, "stopping");
    });
    ASSERT_TRUE(runner.Start());
    Put({.kind = "long"});
    ASSERT_TRUE(Eventually([&] { return started.load(); }));
    runner.Stop();
  }
  EXPECT_EQ(Counts().ready, 1);
  const Policies kinds{{"long", {}}};
  auto job = database().Write([&](sql::Transaction& tx) { return Claim(tx, kinds, clock_.Now()); });
  ASSERT_TRUE(job && *job);
  EXPECT_EQ((*job)->attempts, 1);
}

TEST_P(RunnerTest, PeriodicJobsRunInTheirRhythmOnceForAllRunners) {
  std::atomic<int> runs{0};
  const auto handler = [&](const Job&, const std::stop_token&) -> Result<void> {
    ++runs;
    return {};
  };
  Runner one(database(), clock_, fast_);
  Runner two(database(), clock_, fast_);
  for (Runner* runner : {&one, &two}) {
    runner->Register("tick", {.every = minutes(1)}, handler);
    ASSERT_TRUE(runner->Start());
  }
  for (int round = 1; round <= 4; ++round) {
    ASSERT_TRUE(Eventually([&] { return runs == round && Counts().ready == 1; }));
    std::this_thread::sleep_for(milliseconds(30));
    ASSERT_EQ(runs, round);
    clock_.Advance(minutes(1));
  }
}

TEST_P(RunnerTest, APeriodicJobKeepsItsTurnOverRestarts) {
  std::atomic<int> runs{0};
  // A runner that lives until the job rests.
  const auto run_once = [&](Duration every) {
    Runner runner(database(), clock_, fast_);
    runner.Register("tick", {.every = every}, [&](const Job&, const std::stop_token&) -> Result<void> {
      ++runs;
      return {};
    });
    ASSERT_TRUE(runner.Start());
    const Policies kinds{{"tick", {.every = every}}};
    ASSERT_TRUE(Eventually([&] {
      const auto due = database().Read([&](sql::Connection& c) { return HasDue(c, kinds, clock_.Now()); });
      return due && !*due && Counts().ready == 1;
    }));
  };
  run_once(minutes(60));
  EXPECT_EQ(runs, 1) << "at once, the first time";
  for (int restart = 0; restart < 5; ++restart) {
    clock_.Advance(minutes(11));
    run_once(minutes(60));
  }
  EXPECT_EQ(runs, 1);
  clock_.Advance(minutes(11));
  run_once(minutes(60));
  EXPECT_EQ(runs, 2) << "none of the servers lived for an hour, but the hour is over";
  run_once(minutes(10));
  EXPECT_EQ(runs, 2);
  clock_.Advance(minutes(10));
  run_once(minutes(10));
  EXPECT_EQ(runs, 3) << "the shorter rhythm holds from its first start";
  run_once(minutes(60));
  clock_.Advance(minutes(10));
  run_once(minutes(60));
  EXPECT_EQ(runs, 4) << "the longer one from the next round";
}

INSTANTIATE_TEST_SUITE_P(Backends, RunnerTest, sql::AllBackends(), sql::BackendName);

}  // namespace
}  // namespace berth::jobs
