#include "jobs/queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "sql/test_databases.h"

namespace berth::jobs {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

class QueueTest : public sql::DatabaseTest {
 protected:
  void Put(const NewJob& job) {
    auto done = database().Write([&](sql::Transaction& tx) { return Enqueue(tx, job, clock_.Now()); });
    ASSERT_TRUE(done) << done.error().message;
  }
  std::optional<Job> Take() {
    auto job = database().Write([&](sql::Transaction& tx) { return Claim(tx, kinds_, clock_.Now()); });
    EXPECT_TRUE(job) << job.error().message;
    return job ? *job : std::nullopt;
  }
  template <typename F>
  auto In(F&& f) {
    return database().Write([&](sql::Transaction& tx) { return f(tx); });
  }
  std::vector<DeadJob> Dead() {
    return *database().Read([](sql::Connection& c) { return ListDead(c, JobId(0), 100); });
  }
  Depth Counts() {
    return *database().Read([](sql::Connection& c) { return CountJobs(c); });
  }

  ManualClock clock_;
  Policies kinds_{{"scan", {.lease = minutes(5), .max_attempts = 3}}, {"mail", {}}, {"tick", {.every = minutes(1)}}};
};

TEST_P(QueueTest, AJobIsClaimedOnceAndGoneWhenDone) {
  Put({.kind = "scan", .payload = R"({"a":1})"});
  const auto job = Take();
  ASSERT_TRUE(job);
  EXPECT_EQ(job->kind, "scan");
  EXPECT_EQ(job->payload, R"({"a":1})");
  EXPECT_EQ(job->attempts, 1);
  EXPECT_FALSE(Take());
  ASSERT_TRUE(In([&](auto& tx) { return Complete(tx, *job, kinds_["scan"], clock_.Now()); }));
  clock_.Advance(minutes(60));
  EXPECT_FALSE(Take());
  EXPECT_EQ(Counts().ready + Counts().running + Counts().dead, 0);
}

TEST_P(QueueTest, ARolledBackTransactionEnqueuesNothing) {
  (void)In([&](auto& tx) -> Result<void> {
    TRY_VOID(Enqueue(tx, {.kind = "scan"}, clock_.Now()));
    return berth::Fail(ErrorCode::kConflict, "no");
  });
  EXPECT_FALSE(Take());
}

TEST_P(QueueTest, NotBeforeItsTimeAndTheLongestDueFirst) {
  Put({.kind = "scan", .payload = "3", .run_after = clock_.Now() + seconds(30)});
  Put({.kind = "mail", .payload = "2", .run_after = clock_.Now() + seconds(20)});
  Put({.kind = "scan", .payload = "1"});
  EXPECT_EQ(Take()->payload, "1");
  EXPECT_FALSE(Take());
  clock_.Advance(seconds(40));
  EXPECT_EQ(Take()->payload, "2");
  EXPECT_EQ(Take()->payload, "3");
}

TEST_P(QueueTest, AnUnknownKindIsLeftAlone) {
  Put({.kind = "from the future"});
  EXPECT_FALSE(Take());
  EXPECT_EQ(Counts().ready, 1);
}

TEST_P(QueueTest, OneJobAKey) {
  Put({.kind = "scan", .key = "k", .payload = "1", .run_after = clock_.Now() + seconds(10)});
  Put({.kind = "scan", .key = "k", .payload = "2", .run_after = clock_.Now() + seconds(90)});
  Put({.kind = "mail", .key = "k"});
  Put({.kind = "mail"});
  Put({.kind = "mail"});
  EXPECT_EQ(Counts().ready, 4);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Take()->kind, "mail");
  clock_.Advance(seconds(10));  // the earlier of both times
  const auto job = Take();
  ASSERT_TRUE(job);
  EXPECT_EQ(job->payload, "2");
}

TEST_P(QueueTest, AskedForWhileItRunsItRunsOnceMore) {
  Put({.kind = "scan", .key = "k"});
  const auto first = Take();
  Put({.kind = "scan", .key = "k", .payload = "2"});
  Put({.kind = "scan", .key = "k", .payload = "3"});
  EXPECT_FALSE(Take());
  ASSERT_TRUE(In([&](auto& tx) { return Complete(tx, *first, kinds_["scan"], clock_.Now()); }));
  const auto second = Take();
  ASSERT_TRUE(second);
  EXPECT_EQ(second->payload, "3");
  EXPECT_EQ(second->attempts, 1);
  ASSERT_TRUE(In([&](auto& tx) { return Complete(tx, *second, kinds_["scan"], clock_.Now()); }));
  EXPECT_FALSE(Take());
}

TEST_P(QueueTest, FailuresPauseLongerThenDie) {
  Put({.kind = "scan", .key = "k"});
  for (int attempt = 1; attempt <= 3; ++attempt) {
    const auto job = Take();
    ASSERT_TRUE(job);
    EXPECT_EQ(job->attempts, attempt);
    ASSERT_TRUE(
        In([&](auto& tx) { return Fail(tx, *job, kinds_["scan"], "boom " + std::to_string(attempt), clock_.Now()); }));
    EXPECT_FALSE(Take());
    clock_.Advance(seconds(5) * (1 << (attempt - 1)));
  }
  EXPECT_FALSE(Take());
  const auto dead = Dead();
  ASSERT_EQ(dead.size(), 1U);
  EXPECT_EQ(dead[0].last_error, "boom 3");
  EXPECT_EQ(dead[0].attempts, 3);

  ASSERT_TRUE(In([&](auto& tx) { return Replay(tx, dead[0].id, clock_.Now()); }));
  EXPECT_EQ(Take()->attempts, 1);
  EXPECT_TRUE(Dead().empty());
  auto missing = In([&](auto& tx) { return Replay(tx, dead[0].id, clock_.Now()); });
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::kNotFound);
}

TEST_P(QueueTest, ADeadJobThatIsAskedForLivesAgain) {
  Put({.kind = "scan", .key = "k"});
  for (int i = 0; i < 3; ++i) {
    clock_.Advance(minutes(60));
    const auto job = Take();
    ASSERT_TRUE(In([&](auto& tx) { return Fail(tx, *job, kinds_["scan"], std::string(5000, 'x'), clock_.Now()); }));
  }
  ASSERT_EQ(Dead().size(), 1U);
  EXPECT_EQ(Dead()[0].last_error.size(), 2000U);
  Put({.kind = "scan", .key = "k"});
  EXPECT_EQ(Take()->attempts, 1);
  EXPECT_TRUE(Dead().empty());
}

TEST_P(QueueTest, ADiscardedJobIsGone) {
  kinds_["scan"].max_attempts = 1;
  Put({.kind = "scan"});
  const auto job = Take();
  ASSERT_TRUE(In([&](auto& tx) { return Fail(tx, *job, kinds_["scan"], "boom", clock_.Now()); }));
  ASSERT_TRUE(In([&](auto& tx) { return Discard(tx, job->id); }));
  EXPECT_FALSE(In([&](auto& tx) { return Discard(tx, job->id); }));
}

TEST_P(QueueTest, ALeaseThatRanOutIsTakenOverAndTheOldHolderHasNoSay) {
  Put({.kind = "scan"});
  const auto old_holder = Take();
  clock_.Advance(minutes(4));
  ASSERT_TRUE(In([&](auto& tx) { return Renew(tx, *old_holder, clock_.Now() + minutes(5)); }));
  clock_.Advance(minutes(4));
  EXPECT_FALSE(Take());
  clock_.Advance(minutes(2));
  const auto new_holder = Take();
  ASSERT_TRUE(new_holder);
  EXPECT_EQ(new_holder->attempts, 2);
  const auto code = [](const Result<void>& r) { return r ? "success" : std::string(ToString(r.error().code)); };
  EXPECT_EQ(code(In([&](auto& tx) { return Complete(tx, *old_holder, kinds_["scan"], clock_.Now()); })), "Conflict");
  EXPECT_EQ(code(In([&](auto& tx) { return Fail(tx, *old_holder, kinds_["scan"], "x", clock_.Now()); })), "Conflict");
  EXPECT_EQ(code(In([&](auto& tx) { return Renew(tx, *old_holder, clock_.Now()); })), "Conflict");
  EXPECT_EQ(code(In([&](auto& tx) { return GiveBack(tx, *old_holder, clock_.Now()); })), "Conflict");
  EXPECT_EQ(code(In([&](auto& tx) { return Complete(tx, *new_holder, kinds_["scan"], clock_.Now()); })), "success");
}

TEST_P(QueueTest, AJobThatKillsItsWorkersDies) {
  Put({.kind = "scan"});
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(Take());
    clock_.Advance(minutes(6));
  }
  EXPECT_FALSE(Take());
  ASSERT_EQ(Dead().size(), 1U);
  EXPECT_THAT(Dead()[0].last_error, ::testing::HasSubstr("disappeared"));
}

TEST_P(QueueTest, GivenBackIsAsIfNeverTaken) {
  Put({.kind = "scan"});
  const auto job = Take();
  ASSERT_TRUE(In([&](auto& tx) { return GiveBack(tx, *job, clock_.Now()); }));
  EXPECT_EQ(Take()->attempts, 1);
}

TEST_P(QueueTest, APeriodicJobComesAgain) {
  Put({.kind = "tick", .key = "periodic"});
  const auto job = Take();
  ASSERT_TRUE(In([&](auto& tx) { return Complete(tx, *job, kinds_["tick"], clock_.Now()); }));
  EXPECT_FALSE(Take());
  clock_.Advance(minutes(1));
  auto again = Take();
  for (int i = 0; i < 50; ++i) {  // never dead, and never later than its rhythm
    ASSERT_TRUE(again);
    ASSERT_TRUE(In([&](auto& tx) { return Fail(tx, *again, kinds_["tick"], "boom", clock_.Now()); }));
    clock_.Advance(minutes(1));
    again = Take();
  }
  EXPECT_TRUE(Dead().empty());
}

TEST_P(QueueTest, TheListFiltersAndPages) {
  Put({.kind = "scan", .key = "a"});
  Put({.kind = "mail", .key = "b"});
  Put({.kind = "scan", .key = "c"});
  const auto job = Take();
  ASSERT_TRUE(job);
  const auto list = [&](std::string_view state, std::string_view kind, JobId after, int64_t limit) {
    auto found = database().Read([&](sql::Connection& c) { return ListJobs(c, state, kind, after, limit); });
    EXPECT_TRUE(found) << found.error().message;
    std::string keys;
    for (const JobState& state_of : *found) keys += state_of.key;
    return keys;
  };
  EXPECT_EQ(list("", "", JobId(0), 10), "abc");
  EXPECT_EQ(list("", "", JobId(0), 2), "ab");
  EXPECT_EQ(list("", "", job->id, 10), "bc");
  EXPECT_EQ(list("running", "", JobId(0), 10), "a");
  EXPECT_EQ(list("ready", "scan", JobId(0), 10), "c");
  EXPECT_EQ(list("dead", "", JobId(0), 10), "");
  const auto shown = *database().Read([&](sql::Connection& c) { return FindJob(c, job->id); });
  ASSERT_TRUE(shown);
  EXPECT_EQ(shown->leased_until, clock_.Now() + kinds_["scan"].lease);
  EXPECT_TRUE(*database().Read([](sql::Connection& c) { return IsUnderWay(c, "mail"); }));
  EXPECT_FALSE(*database().Read([](sql::Connection& c) { return IsUnderWay(c, "tick"); }));
}

TEST_P(QueueTest, AWaitingJobRunsNowARunningOneIsLeftAlone) {
  Put({.kind = "scan", .key = "later", .run_after = clock_.Now() + minutes(60)});
  EXPECT_FALSE(Take());
  const JobId id = (*database().Read([](sql::Connection& c) { return ListJobs(c, "", "", JobId(0), 1); }))[0].id;
  ASSERT_TRUE(In([&](auto& tx) { return RunNow(tx, id, clock_.Now()); }));
  auto job = Take();
  ASSERT_TRUE(job);
  for (auto refused : {In([&](auto& tx) { return RunNow(tx, id, clock_.Now()); }),
                       In([&](auto& tx) { return DiscardIdle(tx, id); })}) {
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kConflict);
  }
  const Policy once{.max_attempts = 1};
  ASSERT_TRUE(In([&](auto& tx) { return Fail(tx, *job, once, "boom", clock_.Now()); }));
  EXPECT_EQ(Counts().dead, 1);
  ASSERT_TRUE(In([&](auto& tx) { return RunNow(tx, id, clock_.Now()); }));
  job = Take();
  ASSERT_TRUE(job);
  EXPECT_EQ(job->attempts, 1) << "a dead job begins again";
  ASSERT_TRUE(In([&](auto& tx) { return Fail(tx, *job, once, "boom", clock_.Now()); }));
  ASSERT_TRUE(In([&](auto& tx) { return DiscardIdle(tx, id); }));
  const auto gone = In([&](auto& tx) { return DiscardIdle(tx, id); });
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().code, ErrorCode::kNotFound);
}

TEST_P(QueueTest, WhatComesRoundIsNotDiscarded) {
  Put({.kind = "tick", .key = kPeriodicKey});
  const JobId id = (*database().Read([](sql::Connection& c) { return ListJobs(c, "", "", JobId(0), 1); }))[0].id;
  const auto refused = In([&](auto& tx) { return DiscardIdle(tx, id); });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kConflict);
  EXPECT_EQ(Counts().ready, 1);
}

TEST(Pause, DoublesWithinBounds) {
  const Policy policy{.first_pause = seconds(4), .max_pause = seconds(60)};
  const std::vector<int> most{4, 8, 16, 32, 60, 60};
  for (size_t i = 0; i < most.size(); ++i) {
    for (int times = 0; times < 50; ++times) {
      const Duration pause = PauseAfter(policy, static_cast<int>(i) + 1);
      EXPECT_LE(pause, seconds(most[i]));
      EXPECT_GE(pause * 2, seconds(most[i]));
    }
  }
  EXPECT_LE(PauseAfter(policy, 1'000'000), seconds(60));
}

TEST_P(QueueTest, ManyWorkersNeverShareAJob) {
  constexpr int kJobs = 40;
  for (int i = 0; i < kJobs; ++i) Put({.kind = "mail", .payload = std::to_string(i)});
  std::mutex mutex;
  std::multiset<std::string> taken;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (;;) {
        auto job = database().Write([&](sql::Transaction& tx) { return Claim(tx, kinds_, clock_.Now()); });
        if (!job) {
          EXPECT_EQ(job.error().code, ErrorCode::kUnavailable) << job.error().message;
          continue;
        }
        if (!*job) return;
        const std::lock_guard lock(mutex);
        taken.insert((*job)->payload);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(taken.size(), size_t{kJobs});
  EXPECT_EQ(std::set<std::string>(taken.begin(), taken.end()).size(), size_t{kJobs});
}

INSTANTIATE_TEST_SUITE_P(Backends, QueueTest, sql::AllBackends(), sql::BackendName);

}  // namespace
}  // namespace berth::jobs
