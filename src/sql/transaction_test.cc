// What every driver does alike with transactions: what is seen, kept, rolled back. Runs on SQLite and PostgreSQL.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "sql/test_things.h"

namespace berth::sql {
namespace {

using ::testing::ElementsAre;

class TransactionTest : public ThingsTest {};
INSTANTIATE_TEST_SUITE_P(Backends, TransactionTest, AllBackends(), BackendName);

TEST_P(TransactionTest, WritesOfBothDurabilitiesMix) {
  constexpr int kEach = 50;
  std::atomic<int> hooks{0};
  const auto write = [&](const std::string& prefix, Durability durability) {
    for (int i = 0; i < kEach; ++i) {
      auto done = database().Write(
          [&](Transaction& tx) {
            tx.OnCommit([&] { ++hooks; });
            return tx.Run(kInsert, {prefix + std::to_string(i), i, nullptr});
          },
          durability);
      EXPECT_TRUE(done);
    }
  };
  std::thread lesser([&] { write("lesser", Durability::kProcessEnd); });
  write("synced", Durability::kPowerLoss);
  lesser.join();
  EXPECT_EQ(hooks, 2 * kEach);
  EXPECT_EQ(Names().size(), 2u * kEach);
  ASSERT_FALSE(database().Write([](Transaction& tx) { return tx.Run(kInsert, {"lesser1", 1, nullptr}); },
                                Durability::kProcessEnd));
  EXPECT_EQ(NumberOf("lesser1"), 1);
}

TEST_P(TransactionTest, AReadCannotWrite) {
  auto done = database().Read([](Connection& c) { return c.Run(kInsert, {"a", 1, nullptr}); });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(Names(), ElementsAre());
}

TEST_P(TransactionTest, AnErrorOfTheBodyRollsBack) {
  auto done = database().Write([](Transaction& tx) -> Result<int> {
    TRY_VOID(tx.Run(kInsert, {"a", 1, nullptr}));
    return Fail(ErrorCode::kTagInvalid, "no");
  });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::kTagInvalid);
  EXPECT_THAT(Names(), ElementsAre());
}

TEST_P(TransactionTest, AnExceptionOfTheBodyRollsBackAndReachesTheCaller) {
  const auto write = [&] {
    (void)database().Write([](Transaction& tx) -> Result<void> {
      TRY_VOID(tx.Run(kInsert, {"a", 1, nullptr}));
      throw std::logic_error("bug");
    });
  };
  EXPECT_THROW(write(), std::logic_error);
  EXPECT_THAT(Names(), ElementsAre());
  const auto read = [&] {
    (void)database().Read([](Connection& c) -> Result<void> {
      TRY_VOID(c.Run(kNames));
      throw std::logic_error("bug");
    });
  };
  EXPECT_THROW(read(), std::logic_error);
  ASSERT_TRUE(Insert("b"));
  const auto row = [&] {
    (void)database().Read(
        [](Connection& c) { return c.Each(kNames, {}, [](const Row&) { throw std::logic_error("bug"); }); });
  };
  EXPECT_THROW(row(), std::logic_error);
  EXPECT_THAT(Names(), ElementsAre("b"));
}

TEST_P(TransactionTest, AFailedStatementSpoilsTheTransaction) {
  ASSERT_TRUE(Insert("a"));
  bool hook_ran = false;
  auto done = database().Write([&](Transaction& tx) -> Result<void> {
    tx.OnCommit([&] { hook_ran = true; });
    EXPECT_FALSE(tx.Run(kInsert, {"a", 1, nullptr}));
    auto next = tx.Run(kInsert, {"b", 1, nullptr});
    EXPECT_FALSE(next);
    EXPECT_EQ(next.error().code, ErrorCode::kAlreadyExists);
    return {};
  });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::kAlreadyExists);
  EXPECT_FALSE(hook_ran);
  EXPECT_THAT(Names(), ElementsAre("a"));
}

TEST_P(TransactionTest, HooksRunAfterTheCommitOnTheCallersThread) {
  std::vector<std::string> seen;
  const auto caller = std::this_thread::get_id();
  auto done = database().Write([&](Transaction& tx) -> Result<void> {
    TRY_VOID(tx.Run(kInsert, {"a", 1, nullptr}));
    tx.OnCommit([&] {
      EXPECT_EQ(std::this_thread::get_id(), caller);
      seen.emplace_back("first");
    });
    tx.OnCommit([&] { seen.emplace_back("second"); });
    EXPECT_TRUE(seen.empty());
    return {};
  });
  ASSERT_TRUE(done);
  EXPECT_THAT(seen, ElementsAre("first", "second"));
  bool ran = false;
  (void)database().Write([&](Transaction& tx) -> Result<void> {
    tx.OnCommit([&] { ran = true; });
    return Fail(ErrorCode::kConflict, "no");
  });
  EXPECT_FALSE(ran);
}

TEST_P(TransactionTest, AReadSeesOneSnapshot) {
  ASSERT_TRUE(Insert("a"));
  auto counts = database().Read([&](Connection& c) -> Result<std::vector<int64_t>> {
    std::vector<int64_t> counts;
    TRY(counts.emplace_back(), c.Run(kNames));
    std::thread([&] { EXPECT_TRUE(Insert("b")); }).join();
    TRY(counts.emplace_back(), c.Run(kNames));
    return counts;
  });
  ASSERT_TRUE(counts) << counts.error().message;
  EXPECT_THAT(*counts, ElementsAre(1, 1));
  EXPECT_THAT(Names(), ElementsAre("a", "b"));
}

TEST_P(TransactionTest, NobodySeesWhatIsNotCommitted) {
  auto done = database().Write([&](Transaction& tx) -> Result<void> {
    TRY_VOID(tx.Run(kInsert, {"a", 1, nullptr}));
    TRY(const int64_t own, tx.Run(kNames));
    EXPECT_EQ(own, 1);
    std::thread([&] { EXPECT_THAT(Names(), ElementsAre()); }).join();
    return {};
  });
  ASSERT_TRUE(done);
  EXPECT_THAT(Names(), ElementsAre("a"));
}

TEST_P(TransactionTest, TheDatabaseIsRefusedInsideAWrite) {
  auto done = database().Write([&](Transaction&) { return Insert("a"); });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::kInternal);
  EXPECT_THAT(Names(), ElementsAre());
}

TEST_P(TransactionTest, NoUpdateIsLost) {
  ASSERT_TRUE(Insert("counter", 0));
  static constexpr Query kSet{"set", "UPDATE thing SET number = $1 WHERE name = 'counter'"};
  constexpr int kThreads = 6;
  constexpr int kTimes = 25;
  std::atomic<int> hooks{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < kTimes; ++i) {
        for (;;) {  // a conflict that lasts longer than the driver's patience is answered, not hidden
          auto done = database().Write([&](Transaction& tx) -> Result<void> {
            TRY(auto now, tx.One(kNumber, {"counter"}, [](const Row& r) { return r.Int(0); }));
            TRY_VOID(tx.Run(kSet, {*now + 1}));
            tx.OnCommit([&] { ++hooks; });
            return {};
          });
          if (done) break;
          ASSERT_EQ(done.error().code, ErrorCode::kUnavailable) << done.error().message;
        }
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(NumberOf("counter"), kThreads * kTimes);
  EXPECT_EQ(hooks, kThreads * kTimes);
}

TEST_P(TransactionTest, TransactionsAreSerializable) {
  // Write skew: each of two transactions reads what the other one writes. Only one order of them can be.
  ASSERT_TRUE(Insert("x", 1));
  ASSERT_TRUE(Insert("y", 1));
  static constexpr Query kSum{"sum", "SELECT SUM(number) FROM thing"};
  static constexpr Query kClear{"clear", "UPDATE thing SET number = 0 WHERE name = $1"};
  const auto clear_if_both = [&](const char* name) {
    auto done = database().Write([&](Transaction& tx) -> Result<void> {
      TRY(auto sum, tx.One(kSum, {}, [](const Row& r) { return r.Int(0); }));
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      if (*sum == 2) TRY_VOID(tx.Run(kClear, {name}));
      return {};
    });
    EXPECT_TRUE(done) << done.error().message;
  };
  std::thread other([&] { clear_if_both("x"); });
  clear_if_both("y");
  other.join();
  EXPECT_EQ(NumberOf("x") + NumberOf("y"), 1);
}

TEST_P(TransactionTest, ManyThreadsReadAtOnce) {
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(Insert("n" + std::to_string(i), i));
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 80; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 20; ++i) {
        if (NumberOf("n" + std::to_string(i)) != i) ++wrong;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST_P(TransactionTest, WhatWasWrittenIsThereAfterARestart) {
  ASSERT_TRUE(Insert("a", 42));
  Reopen();
  EXPECT_EQ(NumberOf("a"), 42);
}

}  // namespace
}  // namespace berth::sql
