#include "sql/migrator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "sql/open.h"
#include "sql/test_databases.h"

namespace berth::sql {
namespace {

constexpr Migration kFirst{9001, "first", "CREATE TABLE first_table (id BIGINT); INSERT INTO first_table VALUES (1);"};
constexpr Migration kSecond{9002, "second", "CREATE TABLE second_table (id BIGINT); -- ends in a comment\n"};
constexpr Migration kBroken{9003, "broken",
                            "CREATE TABLE third_table (id BIGINT); INSERT INTO no_such_table VALUES (1);"};

class MigratorTest : public DatabaseTest {
 protected:
  bool HasTable(const std::string& name) {
    return database()
        .Read([&](Connection& c) { return c.ExecuteDynamic("SELECT * FROM " + name, {}, [](const Row&) {}); })
        .has_value();
  }
  int64_t LastNumber() {
    static constexpr Query kLast{"last", "SELECT MAX(number) FROM schema_version"};
    return **database().Read([](Connection& c) { return c.One(kLast, {}, [](const Row& r) { return r.Int(0); }); });
  }
};

TEST_P(MigratorTest, TheProgramsOwnMigrationsApply) {
  const auto own = Migrations(GetParam());
  ASSERT_FALSE(own.empty());
  EXPECT_EQ(LastNumber(), own.back().number);
  EXPECT_TRUE(HasTable("account"));
  EXPECT_TRUE(Migrate(database(), own));
}

TEST_P(MigratorTest, BothDialectsHoldTheSameNumbers) {
  const auto sqlite = Migrations(Dialect::kSqlite);
  const auto postgres = Migrations(Dialect::kPostgres);
  ASSERT_EQ(sqlite.size(), postgres.size());
  for (size_t i = 0; i < sqlite.size(); ++i) {
    EXPECT_EQ(sqlite[i].number, static_cast<int>(i) + 1);
    EXPECT_EQ(postgres[i].name, sqlite[i].name);
  }
}

TEST_P(MigratorTest, AppliesOnlyWhatIsMissing) {
  const std::vector<Migration> one{kFirst};
  const std::vector<Migration> two{kFirst, kSecond};
  ASSERT_TRUE(Migrate(database(), one));
  ASSERT_TRUE(Migrate(database(), two));
  EXPECT_EQ(LastNumber(), 9002);
  EXPECT_TRUE(HasTable("second_table"));
}

TEST_P(MigratorTest, ANewerDatabaseIsRefused) {
  ASSERT_TRUE(Migrate(database(), std::vector<Migration>{kFirst, kSecond}));
  auto refused = Migrate(database(), std::vector<Migration>{kFirst});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kPreconditionFailed);
  EXPECT_THAT(refused.error().message, ::testing::HasSubstr("9002"));
  EXPECT_THAT(refused.error().message, ::testing::HasSubstr("9001"));
}

TEST_P(MigratorTest, AFailedMigrationLeavesNothing) {
  auto failed = Migrate(database(), std::vector<Migration>{kFirst, kBroken});
  ASSERT_FALSE(failed);
  EXPECT_THAT(failed.error().message, ::testing::HasSubstr("broken"));
  EXPECT_EQ(LastNumber(), 9001);
  EXPECT_TRUE(HasTable("first_table"));
  EXPECT_FALSE(HasTable("third_table"));
}

TEST_P(MigratorTest, SeveralAtOnce) {
  const std::vector<Migration> migrations{kFirst, kSecond};
  std::vector<std::unique_ptr<Database>> others;
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    others.push_back(OpenAgain());
    threads.emplace_back([&, db = others.back().get()] {
      auto done = Migrate(*db, migrations);
      EXPECT_TRUE(done) << done.error().message;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(LastNumber(), 9002);
}

INSTANTIATE_TEST_SUITE_P(Backends, MigratorTest, AllBackends(), BackendName);

}  // namespace
}  // namespace berth::sql
