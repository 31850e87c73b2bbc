// What only PostgreSQL has: a connection that can be lost, a pool.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <thread>

#include "sql/open.h"

namespace berth::sql {
namespace {

constexpr Query kOwnPid{"pid", "SELECT pg_backend_pid()"};
constexpr Query kOne{"one", "SELECT 1"};
constexpr Query kTerminate{"terminate", "SELECT pg_terminate_backend($1::int)"};

class PostgresTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (std::getenv("BERTH_TEST_POSTGRES") == nullptr) GTEST_SKIP() << "BERTH_TEST_POSTGRES is not set";
    db_ = Open(2);
    killer_ = Open(1);
  }
  static std::unique_ptr<Database> Open(int connections) {
    auto db = OpenPostgres({.uri = std::getenv("BERTH_TEST_POSTGRES"), .max_connections = connections, .schema = ""});
    EXPECT_TRUE(db) << db.error().message;
    return *std::move(db);
  }
  static Result<int64_t> Pid(Connection& c) {
    TRY(auto pid, c.One(kOwnPid, {}, [](const Row& r) { return r.Int(0); }));
    return *pid;
  }
  void Kill(int64_t pid) {
    auto done = killer_->Write([&](Transaction& tx) { return tx.Run(kTerminate, {pid}); });
    ASSERT_TRUE(done) << done.error().message;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  std::unique_ptr<Database> db_;
  std::unique_ptr<Database> killer_;
};

TEST_F(PostgresTest, AnIdleConnectionThatDiedIsReplacedUnnoticed) {
  const auto pid = db_->Read(Pid);
  ASSERT_TRUE(pid);
  Kill(*pid);
  const auto read = db_->Read(Pid);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_NE(*read, *pid);
  Kill(*read);
  const auto write = db_->Write([](Transaction& tx) { return Pid(tx); });
  ASSERT_TRUE(write) << write.error().message;
}

// Two rows of one name where there may be one: in a table that is gone with the test.
class ClashTest : public PostgresTest {
 protected:
  void SetUp() override {
    PostgresTest::SetUp();
    if (!IsSkipped()) Execute("CREATE TABLE IF NOT EXISTS clash_test (name TEXT PRIMARY KEY)");
  }
  void TearDown() override {
    if (killer_) Execute("DROP TABLE clash_test");
  }
  void Execute(std::string_view text) {
    const auto done = killer_->Write([&](Transaction& tx) { return tx.ExecuteDynamic(text, {}, [](const Row&) {}); });
    ASSERT_TRUE(done) << done.error().message;
  }
  static Result<void> Insert(Transaction& tx) {
    static constexpr Query kInsert{"clash.insert", "INSERT INTO clash_test (name) VALUES ('x')"};
    TRY_VOID(tx.Run(kInsert, {}));
    return {};
  }
};

TEST_F(ClashTest, ADuplicateThatCameMeanwhileIsAConflict) {
  static constexpr Query kCount{"clash.count", "SELECT COUNT(*) FROM clash_test"};
  int runs = 0;
  const auto done = db_->Write([&](Transaction& tx) -> Result<void> {
    TRY_VOID(tx.Run(kOne, {}));  // takes the snapshot
    if (++runs == 1) {
      std::thread([&] { Execute("INSERT INTO clash_test (name) VALUES ('x')"); }).join();
      return Insert(tx);
    }
    TRY(const auto count, tx.One(kCount, {}, [](const Row& r) { return r.Int(0); }));
    return *count == 1 ? Result<void>() : Insert(tx);
  });
  EXPECT_TRUE(done) << done.error().message;
  EXPECT_EQ(runs, 2);
}

TEST_F(ClashTest, ADuplicateThatStaysIsTold) {
  Execute("INSERT INTO clash_test (name) VALUES ('x')");
  const auto done = db_->Write(Insert);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::kAlreadyExists);
}

TEST_F(PostgresTest, AWriteThatLosesItsConnectionRunsAgain) {
  int runs = 0;
  auto done = db_->Write([&](Transaction& tx) -> Result<void> {
    TRY(const int64_t pid, Pid(tx));
    // Another thread: the body of a write must not use the database.
    if (++runs == 1) std::thread([&] { Kill(pid); }).join();
    TRY_VOID(tx.Run(kOne));
    return {};
  });
  EXPECT_TRUE(done) << done.error().message;
  EXPECT_EQ(runs, 2);
}

TEST_F(PostgresTest, AReadThatLosesItsConnectionIsUnavailable) {
  auto done = db_->Read([&](Connection& c) -> Result<void> {
    TRY(const int64_t pid, Pid(c));
    Kill(pid);
    TRY_VOID(c.Run(kOne));
    return {};
  });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::kUnavailable);
  EXPECT_TRUE(db_->Read(Pid));
}

TEST_F(PostgresTest, ACommitThatIsCutOffIsNotRunAgain) {
  int runs = 0;
  bool hook_ran = false;
  auto done = db_->Write([&](Transaction& tx) -> Result<void> {
    tx.OnCommit([&] { hook_ran = true; });
    TRY(const int64_t pid, Pid(tx));
    ++runs;
    std::thread([&] { Kill(pid); }).join();
    return {};
  });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(runs, 1);
  EXPECT_FALSE(hook_ran);
}

TEST_F(PostgresTest, ThePoolIsBounded) {
  std::atomic<int> most{0};
  std::atomic<int> now{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      auto done = db_->Read([&](Connection& c) -> Result<void> {
        TRY_VOID(c.Run(kOne));
        const int running = ++now;
        for (int seen = most; running > seen && !most.compare_exchange_weak(seen, running);) {
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
        --now;
        return {};
      });
      EXPECT_TRUE(done) << done.error().message;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_LE(most, 2);
}

TEST(PostgresOpen, AServerThatIsNotThereIsUnavailable) {
  const auto db = OpenPostgres({.uri = "postgres://nobody@127.0.0.1:1/nothing", .max_connections = 1, .schema = ""});
  ASSERT_FALSE(db);
  EXPECT_EQ(db.error().code, ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace berth::sql
