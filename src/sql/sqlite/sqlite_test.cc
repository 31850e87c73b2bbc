// What only SQLite has: group commit, a disk that fills up or is read-only, kill -9.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fstream>
#include <latch>
#include <thread>

#include "sql/open.h"

namespace {
std::atomic<int> sync_count{0};
}

// SQLite's calls land here before the C library's, so that syncs can be counted.
extern "C" int fdatasync(int fd) {
  ++sync_count;
  return static_cast<int>(::syscall(SYS_fdatasync, fd));
}
extern "C" int fsync(int fd) {
  ++sync_count;
  return static_cast<int>(::syscall(SYS_fsync, fd));
}

namespace berth::sql {
namespace {

constexpr Query kCreate{"create", "CREATE TABLE thing (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, data BLOB)"};
constexpr Query kInsert{"insert", "INSERT INTO thing (name) VALUES ($1)"};
constexpr Query kInsertData{"insert data", "INSERT INTO thing (name, data) VALUES ($1, $2)"};
constexpr Query kCount{"count", "SELECT COUNT(*) FROM thing"};
constexpr Query kFind{"find", "SELECT id FROM thing WHERE name = $1"};
constexpr Query kDelete{"delete", "DELETE FROM thing WHERE name = $1"};

// SQLite's unix layer lets a test stand in for a system call.
class FailingWrites {
 public:
  explicit FailingWrites(int error) {
    error_ = error;
    vfs_ = sqlite3_vfs_find("unix");
    vfs_->xSetSystemCall(vfs_, "pwrite64", reinterpret_cast<sqlite3_syscall_ptr>(&Pwrite64));
    vfs_->xSetSystemCall(vfs_, "pwrite", reinterpret_cast<sqlite3_syscall_ptr>(&Pwrite64));
  }
  ~FailingWrites() {
    vfs_->xSetSystemCall(vfs_, "pwrite64", nullptr);
    vfs_->xSetSystemCall(vfs_, "pwrite", nullptr);
  }
  FailingWrites(const FailingWrites&) = delete;
  FailingWrites& operator=(const FailingWrites&) = delete;

 private:
  static ssize_t Pwrite64(int, const void*, size_t, off64_t) {
    errno = error_;
    return -1;
  }
  static inline std::atomic<int> error_{0};
  sqlite3_vfs* vfs_;
};

class SqliteTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "berth-sqlite.XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    Open();
    ASSERT_TRUE(db_->Write([](Transaction& tx) { return tx.Run(kCreate); }));
  }
  void TearDown() override {
    db_.reset();
    std::filesystem::remove_all(folder_);
  }
  std::filesystem::path File() const { return folder_ / "berth.db"; }
  void Open(bool sync = true) {
    auto opened = OpenSqlite({.file = File(), .sync = sync});
    ASSERT_TRUE(opened) << opened.error().message;
    db_ = *std::move(opened);
  }
  Result<int64_t> Insert(const std::string& name) {
    return db_->Write([&](Transaction& tx) { return tx.Run(kInsert, {name}); });
  }
  int64_t Count() {
    auto count = db_->Read([](Connection& c) { return c.One(kCount, {}, [](const Row& r) { return r.Int(0); }); });
    EXPECT_TRUE(count) << count.error().message;
    return count ? **count : -1;
  }
  // Holds the writer until `ready` threads wait behind it, so that these share a batch.
  template <typename Body>
  void RunTogether(int threads, Body&& body) {
    std::latch started(threads);
    std::vector<std::thread> all;
    std::thread blocker([&] {
      auto held = db_->Write([&](Transaction&) -> Result<void> {
        started.wait();
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        return {};
      });
      EXPECT_TRUE(held);
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    for (int t = 0; t < threads; ++t) {
      all.emplace_back([&, t] {
        started.count_down();
        body(t);
      });
    }
    for (auto& thread : all) thread.join();
    blocker.join();
  }

  std::filesystem::path folder_;
  std::unique_ptr<Database> db_;
};

TEST_F(SqliteTest, EveryCommitIsSynced) {
  ASSERT_TRUE(Insert("warm up"));
  const int before = sync_count;
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(Insert(std::to_string(i)));
  EXPECT_GE(sync_count - before, 10);
}

TEST_F(SqliteTest, TransactionsThatWaitTogetherShareASync) {
  constexpr int kThreads = 50;
  ASSERT_TRUE(Insert("warm up"));
  const int before = sync_count;
  RunTogether(kThreads, [&](int t) { EXPECT_TRUE(Insert(std::to_string(t))); });
  EXPECT_GE(sync_count - before, 1);
  EXPECT_LE(sync_count - before, 5);
  EXPECT_EQ(Count(), kThreads + 1);
}

TEST_F(SqliteTest, OneThatFailsInABatchLeavesTheOthers) {
  std::atomic<int> hooks{0};
  std::atomic<int> thrown{0};
  RunTogether(30, [&](int t) {
    const auto write = [&] {
      return db_->Write([&](Transaction& tx) -> Result<void> {
        tx.OnCommit([&] { ++hooks; });
        TRY_VOID(tx.Run(kInsert, {std::to_string(t)}));
        if (t % 3 == 1) return Fail(ErrorCode::kDenied, "no");
        if (t % 3 == 2) throw std::runtime_error("bug");
        return {};
      });
    };
    try {
      const auto done = write();
      EXPECT_EQ(done.has_value(), t % 3 == 0);
      EXPECT_TRUE(done || done.error().code == ErrorCode::kDenied);
    } catch (const std::runtime_error&) {
      ++thrown;
    }
  });
  EXPECT_EQ(Count(), 10);
  EXPECT_EQ(hooks, 10);
  EXPECT_EQ(thrown, 10);
}

TEST_F(SqliteTest, AFullDiskIsToldAndLeft) {
  ASSERT_TRUE(Insert("before"));
  {
    const FailingWrites full(ENOSPC);
    const auto one = Insert("lost");
    ASSERT_FALSE(one);
    EXPECT_EQ(one.error().code, ErrorCode::kOutOfSpace) << one.error().message;
    std::atomic<int> hooks{0};
    RunTogether(10, [&](int t) {
      const auto done = db_->Write([&](Transaction& tx) {
        tx.OnCommit([&] { ++hooks; });
        return tx.Run(kInsert, {std::to_string(t)});
      });
      ASSERT_FALSE(done);
      EXPECT_EQ(done.error().code, ErrorCode::kOutOfSpace) << done.error().message;
    });
    EXPECT_EQ(hooks, 0);
    EXPECT_EQ(Count(), 1);  // reading goes on
  }
  EXPECT_TRUE(Insert("after"));
  EXPECT_EQ(Count(), 2);
}

TEST_F(SqliteTest, ADiskThatFailsIsUnavailableAndLeft) {
  {
    const FailingWrites broken(EIO);
    const auto done = Insert("lost");
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, ErrorCode::kUnavailable) << done.error().message;
  }
  EXPECT_TRUE(Insert("after"));
  EXPECT_EQ(Count(), 1);
}

TEST_F(SqliteTest, AFileSystemWithoutSpace) {
  if (::geteuid() != 0) GTEST_SKIP() << "mounting needs root";
  db_.reset();
  const auto mount = folder_ / "small";
  std::filesystem::create_directory(mount);
  const std::string quoted = "'" + mount.string() + "'";
  if (std::system(("mount -t tmpfs -o size=1m none " + quoted + " 2>/dev/null").c_str()) != 0)
    GTEST_SKIP() << "no tmpfs here";
  auto opened = OpenSqlite({.file = mount / "berth.db"});
  ASSERT_TRUE(opened) << opened.error().message;
  db_ = *std::move(opened);
  ASSERT_TRUE(db_->Write([](Transaction& tx) { return tx.Run(kCreate); }));
  const std::string data(50'000, 'x');
  int64_t stored = 0;
  Error error;
  for (; stored < 100; ++stored) {
    auto done = db_->Write([&](Transaction& tx) { return tx.Run(kInsertData, {std::to_string(stored), Bytes{data}}); });
    if (done) continue;
    error = done.error();
    break;
  }
  EXPECT_LT(stored, 100);
  EXPECT_EQ(error.code, ErrorCode::kOutOfSpace) << error.message;
  EXPECT_EQ(Count(), stored);
  db_.reset();
  EXPECT_EQ(std::system(("umount " + quoted).c_str()), 0);
}

TEST_F(SqliteTest, WhatCannotBeOpenedIsRefused) {
  db_.reset();
  const auto missing = OpenSqlite({.file = "/proc/berth-test/berth.db"});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::kUnavailable);

  std::ofstream(folder_ / "text.db") << std::string(5000, 'x');
  EXPECT_FALSE(OpenSqlite({.file = folder_ / "text.db"}));
}

TEST_F(SqliteTest, AReadOnlyFolderIsUnavailable) {
  db_.reset();
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {  // root may write anywhere, so as someone else
    std::filesystem::permissions(folder_, std::filesystem::perms(0555));
    std::filesystem::permissions(File(), std::filesystem::perms(0444));
    if (::geteuid() == 0 && ::setuid(65534) != 0) ::_exit(2);
    const auto opened = OpenSqlite({.file = File()});
    if (!opened) ::_exit(opened.error().code == ErrorCode::kUnavailable ? 0 : 3);
    const auto done = (*opened)->Write([](Transaction& tx) { return tx.Run(kInsert, {"x"}); });
    ::_exit(!done && done.error().code == ErrorCode::kUnavailable ? 0 : 4);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  std::filesystem::permissions(folder_, std::filesystem::perms(0700));
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST_F(SqliteTest, OnlyTheOwnerMayReadTheFiles) {
  ASSERT_TRUE(Insert("a"));
  for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
    EXPECT_EQ(std::filesystem::status(entry).permissions(), std::filesystem::perms(0600)) << entry.path();
  }
}

TEST_F(SqliteTest, AnotherProcessMayWriteToo) {
  auto other = OpenSqlite({.file = File()});
  ASSERT_TRUE(other);
  std::vector<std::thread> threads;
  for (Database* db : {db_.get(), other->get()}) {
    threads.emplace_back([db, this] {
      for (int i = 0; i < 50; ++i) {
        const std::string name = std::to_string(i) + (db == db_.get() ? "a" : "b");
        auto done = db->Write([&](Transaction& tx) { return tx.Run(kInsert, {name}); });
        EXPECT_TRUE(done) << done.error().message;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(Count(), 100);
}

// What was acknowledged over the pipe must be there after the process was killed.
TEST_F(SqliteTest, WhatWasAcknowledgedSurvivesKill) {
  db_.reset();
  for (int round = 0; round < 3; ++round) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      ::close(ends[0]);
      auto db = OpenSqlite({.file = File()});
      if (!db) ::_exit(1);
      std::vector<std::thread> threads;
      for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&, t] {
          for (int64_t i = 0;; ++i) {
            const int64_t number = (round * 4 + t) * 1'000'000LL + i;
            if (!(*db)->Write([&](Transaction& tx) { return tx.Run(kInsert, {std::to_string(number)}); })) ::_exit(1);
            if (::write(ends[1], &number, sizeof number) != sizeof number) ::_exit(1);
          }
        });
      }
      for (auto& thread : threads) thread.join();
    }
    ::close(ends[1]);
    std::vector<int64_t> acknowledged;
    int64_t number = 0;
    while (acknowledged.size() < 100 && ::read(ends[0], &number, sizeof number) == sizeof number)
      acknowledged.push_back(number);
    ::kill(child, SIGKILL);
    while (::read(ends[0], &number, sizeof number) == sizeof number) acknowledged.push_back(number);
    ::close(ends[0]);
    ::waitpid(child, nullptr, 0);
    ASSERT_GE(acknowledged.size(), 100U);
    Open();
    for (const int64_t n : acknowledged) {
      auto found = db_->Read([&](Connection& c) { return c.Run(kFind, {std::to_string(n)}); });
      ASSERT_TRUE(found && *found == 1) << n;
    }
    db_.reset();
  }
}

TEST_F(SqliteTest, TheLogStaysShortUnderASteadyStreamOfWritesAndReads) {
  db_.reset();
  Open(false);
  std::atomic<bool> stop{false};
  std::vector<std::thread> readers;
  for (int i = 0; i < 2; ++i) {
    readers.emplace_back([&] {
      while (!stop) EXPECT_GE(Count(), 0);
    });
  }
  const std::string data(12'000, 'x');
  std::vector<std::thread> writers;
  for (int t = 0; t < 4; ++t) {
    writers.emplace_back([&, t] {
      for (int i = 0; i < 500; ++i) {
        const std::string name = std::to_string(t) + "/" + std::to_string(i);
        EXPECT_TRUE(db_->Write([&](Transaction& tx) -> Result<void> {
          TRY_VOID(tx.Run(kInsertData, {name, Bytes{data}}));
          TRY_VOID(tx.Run(kDelete, {name}));
          return {};
        }));
      }
    });
  }
  for (auto& writer : writers) writer.join();
  stop = true;
  for (auto& reader : readers) reader.join();
  EXPECT_LT(std::filesystem::file_size(File().string() + "-wal"), 64U << 20);
}

// Many pages moved at once would hold up every other sync of the disk.
TEST_F(SqliteTest, FewPagesOfTheLogAreEnoughToBeMoved) {
  const auto size_before = std::filesystem::file_size(File());
  const std::string data(200 * 4096, 'x');  // less than a megabyte
  ASSERT_TRUE(db_->Write([&](Transaction& tx) { return tx.Run(kInsertData, {std::string("much"), Bytes{data}}); }));
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (std::filesystem::file_size(File()) < size_before + data.size() &&
         std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  EXPECT_GE(std::filesystem::file_size(File()), size_before + data.size());
}

}  // namespace
}  // namespace berth::sql
