#include "events/reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <set>
#include <thread>

#include "events/event_log.h"
#include "sql/test_databases.h"

namespace berth::events {
namespace {

using ::testing::ElementsAre;

constexpr int kPatience = 15'000;  // times 2 ms

class ReaderTest : public sql::DatabaseTest {
 protected:
  Result<void> AppendOne(std::string_view name) {
    return database().Write([&](sql::Transaction& tx) { return AppendIn(tx, name); });
  }
  static Result<void> AppendIn(sql::Transaction& tx, std::string_view name) {
    return Append(tx, Actor{}, {.type = "repo.tag.push", .account_id = AccountId(1), .account = "ns", .name = name},
                  FromMicros(5));
  }
  Cursor Read(Cursor after, int64_t limit, std::vector<std::string>& names) {
    auto next = database().Read([&](sql::Connection& c) {
      return ReadAfter(c, after, limit, [&](const StoredEvent& e) { names.emplace_back(e.name); });
    });
    EXPECT_TRUE(next) << next.error().message;
    return next ? *next : after;
  }
  // Other tests' transactions on the same server can hold events back for a moment.
  std::vector<std::string> ReadAll(size_t expected) {
    std::vector<std::string> names;
    Cursor cursor;
    for (int i = 0; i < kPatience && names.size() < expected; ++i) {
      cursor = Read(cursor, 3, names);
      if (names.size() < expected) std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return names;
  }
  void Must(const std::string& sql) {
    auto done =
        database().Write([&](sql::Transaction& tx) { return tx.ExecuteDynamic(sql, {}, [](const sql::Row&) {}); });
    ASSERT_TRUE(done) << done.error().message;
  }
};

TEST_P(ReaderTest, KeepsEveryField) {
  const Actor actor{AccountId(7), "alice", "pat:1", "::1"};
  const Event event{"repo.create", AccountId(3), "ns", RepositoryId(4), "ns/app", R"({"private":true})"};
  auto done = database().Write([&](sql::Transaction& tx) { return Append(tx, actor, event, FromMicros(123)); });
  ASSERT_TRUE(done) << done.error().message;
  int seen = 0;
  for (int i = 0; i < kPatience && seen == 0; ++i) {
    auto next = database().Read([&](sql::Connection& c) {
      return ReadAfter(c, {}, 10, [&](const StoredEvent& e) {
        ++seen;
        EXPECT_EQ(e.type, "repo.create");
        EXPECT_EQ(e.account_id, AccountId(3));
        EXPECT_EQ(e.account, "ns");
        EXPECT_EQ(e.repository_id, RepositoryId(4));
        EXPECT_EQ(e.name, "ns/app");
        EXPECT_EQ(e.actor_id, AccountId(7));
        EXPECT_EQ(e.actor, "alice");
        EXPECT_EQ(e.credential, "pat:1");
        EXPECT_EQ(e.address, "::1");
        EXPECT_EQ(e.data, R"({"private":true})");
        EXPECT_EQ(e.created_at, FromMicros(123));
      });
    });
    ASSERT_TRUE(next) << next.error().message;
  }
  EXPECT_EQ(seen, 1);
}

TEST_P(ReaderTest, PagesInOrderFromACursorThatIsKept) {
  for (const char* name : {"a", "b", "c", "d", "e"}) ASSERT_TRUE(AppendOne(name));
  ASSERT_THAT(ReadAll(5), ElementsAre("a", "b", "c", "d", "e"));
  std::vector<std::string> names;
  const Cursor middle = Read({}, 2, names);
  EXPECT_THAT(names, ElementsAre("a", "b"));
  auto saved = database().Write([&](sql::Transaction& tx) { return SaveCursor(tx, "webhooks", middle); });
  ASSERT_TRUE(saved) << saved.error().message;
  Reopen();
  auto loaded = database().Read([](sql::Connection& c) { return LoadCursor(c, "webhooks"); });
  ASSERT_TRUE(loaded);
  EXPECT_EQ(*loaded, middle);
  names.clear();
  const Cursor end = Read(*loaded, 10, names);
  EXPECT_THAT(names, ElementsAre("c", "d", "e"));
  EXPECT_EQ(Read(end, 10, names), end);
  EXPECT_EQ(*database().Read([](sql::Connection& c) { return EndOfLog(c); }), end);
  EXPECT_EQ(*database().Read([](sql::Connection& c) { return LoadCursor(c, "other"); }), Cursor{});
  ASSERT_TRUE(database().Write([&](sql::Transaction& tx) { return SaveCursor(tx, "webhooks", end); }));
  EXPECT_EQ(*database().Read([](sql::Connection& c) { return LoadCursor(c, "webhooks"); }), end);
}

TEST_P(ReaderTest, ARolledBackChangeLeavesNoEvent) {
  (void)database().Write([&](sql::Transaction& tx) -> Result<void> {
    TRY_VOID(AppendIn(tx, "gone"));
    return Fail(ErrorCode::kConflict, "no");
  });
  ASSERT_TRUE(AppendOne("kept"));
  EXPECT_THAT(ReadAll(1), ElementsAre("kept"));
}

// A transaction that wrote its event early and commits late must not be overtaken for good.
TEST_P(ReaderTest, NoEventIsMissedByAReaderThatFollowsManyWriters) {
  constexpr int kThreads = 6;
  constexpr int kEach = 30;
  std::atomic<bool> failed{false};
  std::vector<std::thread> writers;
  for (int t = 0; t < kThreads; ++t) {
    writers.emplace_back([&, t] {
      for (int i = 0; i < kEach; ++i) {
        auto done = database().Write([&](sql::Transaction& tx) -> Result<void> {
          TRY_VOID(AppendIn(tx, std::to_string(t) + "/" + std::to_string(i)));
          if (t % 2 == 0) std::this_thread::sleep_for(std::chrono::microseconds(300));
          return {};
        });
        if (!done) failed = true;
      }
    });
  }
  std::vector<std::string> names;
  Cursor cursor;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (names.size() < kThreads * kEach && std::chrono::steady_clock::now() < deadline)
    cursor = Read(cursor, 7, names);
  for (auto& writer : writers) writer.join();
  EXPECT_FALSE(failed);
  EXPECT_EQ(names.size(), size_t{kThreads * kEach});
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), names.size());
}

TEST_P(ReaderTest, ALogFromAnotherServerIsAdopted) {
  for (const char* name : {"a", "b", "c"}) ASSERT_TRUE(AppendOne(name));
  ASSERT_THAT(ReadAll(3), ElementsAre("a", "b", "c"));
  ASSERT_TRUE(AdoptRestoredLog(database()));  // nothing to do
  ASSERT_THAT(ReadAll(3), ElementsAre("a", "b", "c"));
  // As restored from a server that was far ahead: the consumer has seen the first event.
  Must("UPDATE event SET txid = 4000000000000 + id");
  Must("INSERT INTO event_cursor (consumer, txid, event_id) SELECT 'webhooks', txid, id FROM event WHERE name = 'a'");
  ASSERT_TRUE(AdoptRestoredLog(database()));
  ASSERT_TRUE(AppendOne("d"));
  auto cursor = database().Read([](sql::Connection& c) { return LoadCursor(c, "webhooks"); });
  ASSERT_TRUE(cursor);
  std::vector<std::string> names;
  for (int i = 0; i < kPatience && names.size() < 3; ++i) *cursor = Read(*cursor, 10, names);
  EXPECT_THAT(names, ElementsAre("b", "c", "d"));
}

INSTANTIATE_TEST_SUITE_P(Backends, ReaderTest, sql::AllBackends(), sql::BackendName);

}  // namespace
}  // namespace berth::events
