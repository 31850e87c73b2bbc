#include "events/event_log.h"

#include <gtest/gtest.h>

#include "sql/test_databases.h"

namespace berth::events {
namespace {

class EventLogTest : public sql::DatabaseTest {};
INSTANTIATE_TEST_SUITE_P(Backends, EventLogTest, sql::AllBackends(), sql::BackendName);

constexpr sql::Query kAll{
    "test.events",
    "SELECT type, account_id, account, repository_id, name, actor_id, actor, credential, address, data, "
    "created_at FROM event ORDER BY id"};

std::string Line(const sql::Row& row) {
  std::string line;
  for (const int column : {0, 2, 4, 6, 7, 8, 9}) line.append(row.Text(column)).append("|");
  for (const int column : {1, 3, 5, 10}) line.append(std::to_string(row.Int(column))).append("|");
  return line;
}

TEST_P(EventLogTest, KeepsEveryFieldInOrder) {
  const Actor actor{.id = AccountId(7), .name = "alice", .credential = "pat:1", .address = "192.0.2.1"};
  const Event push{.type = "repo.tag.push",
                   .account_id = AccountId(8),
                   .account = "team",
                   .repository_id = RepositoryId(9),
                   .name = "team/app",
                   .data = R"({"tag":"v1"})"};
  const Event create{.type = "org.create", .account_id = AccountId(8), .account = "team", .name = "team"};
  ASSERT_TRUE(database().Write([&](sql::Transaction& tx) -> Result<void> {
    TRY_VOID(Append(tx, actor, push, FromMicros(123)));
    return Append(tx, Actor{}, create, FromMicros(124));
  }));
  const auto lines = database().Read([](sql::Connection& c) { return c.All(kAll, {}, Line); }).value();
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0], R"(repo.tag.push|team|team/app|alice|pat:1|192.0.2.1|{"tag":"v1"}|8|9|7|123|)");
  EXPECT_EQ(lines[1], "org.create|team|team||||{}|8|0|0|124|");
}

TEST_P(EventLogTest, GoesAwayWithItsTransaction) {
  const auto outcome = database().Write([&](sql::Transaction& tx) -> Result<void> {
    TRY_VOID(Append(tx, Actor{}, {.type = "org.create"}, FromMicros(1)));
    return Fail(ErrorCode::kConflict, "no");
  });
  EXPECT_FALSE(outcome.has_value());
  EXPECT_TRUE(database().Read([](sql::Connection& c) { return c.All(kAll, {}, Line); }).value().empty());
}

}  // namespace
}  // namespace berth::events
