#include "catalog/pull_usage.h"

#include <gtest/gtest.h>

#include "sql/test_databases.h"

namespace berth::catalog {
namespace {

constexpr int64_t kHour = 3'600'000'000;

class PullUsageTest : public sql::DatabaseTest {
 protected:
  void SetUp() override {
    Run("INSERT INTO account (id, uuid, name, kind, created_at, updated_at) VALUES (1, 'u', 'acme', 'organization', 0, "
        "0)");
    Run("INSERT INTO repository (id, account_id, namespace, name, full_name, is_private, created_at, updated_at) "
        "VALUES "
        "(1, 1, 'acme', 'web', 'acme/web', 0, 0, 0), (2, 1, 'acme', 'api', 'acme/api', 1, 0, 0)");
  }
  void Run(const std::string& sql) {
    const auto done = database().Write([&](sql::Transaction& tx) -> Result<void> {
      TRY_VOID(tx.ExecuteDynamic(sql, {}, [](const sql::Row&) {}));
      return {};
    });
    ASSERT_TRUE(done.has_value()) << done.error().message;
  }
  void Add(std::string_view tag, int64_t hour, int64_t pulls, int64_t checks) {
    static constexpr sql::Query kAdd{
        "test.pull_hour",
        "INSERT INTO pull_hour (repository_id, tag, hour, pulls, version_checks) VALUES (1, $1, $2, $3, $4)"};
    ASSERT_TRUE(database()
                    .Write([&](sql::Transaction& tx) { return tx.Run(kAdd, {tag, hour * kHour, pulls, checks}); })
                    .has_value());
  }
  // "hour tag pulls/checks"
  std::vector<std::string> Usage(int64_t from, int64_t to) {
    const auto rows = database().Read([&](sql::Connection& c) {
      return PullUsage(c, RepositoryId(1), FromMicros(from * kHour), FromMicros(to * kHour));
    });
    std::vector<std::string> lines;
    for (const auto& row : rows.value()) {
      lines.push_back(std::to_string(ToMicros(row.hour) / kHour) + " " + row.tag + " " + std::to_string(row.pulls) +
                      "/" + std::to_string(row.version_checks));
    }
    return lines;
  }
};
INSTANTIATE_TEST_SUITE_P(Backends, PullUsageTest, sql::AllBackends(), sql::BackendName);

using Lines = std::vector<std::string>;

TEST_P(PullUsageTest, WhatTagsDoNotExplainWasFetchedByDigest) {
  Add("", 10, 9, 5);
  Add("latest", 10, 4, 3);
  Add("v1", 10, 2, 2);
  Add("", 11, 3, 0);
  Add("latest", 11, 3, 0);
  Add("", 12, 0, 0);
  Add("index", 12, 2, 0);  // an index, of which nothing was pulled
  Add("", 13, 1, 0);
  EXPECT_EQ(Usage(10, 13), (Lines{"10  3/0", "10 latest 4/3", "10 v1 2/2", "11 latest 3/0", "12 index 2/0"}));
  EXPECT_EQ(Usage(13, 20), Lines{"13  1/0"});
  EXPECT_EQ(Usage(20, 30), Lines{});
}

TEST_P(PullUsageTest, RepositoriesFollowByName) {
  const auto next = [&](std::string_view after) {
    const auto found =
        database().Read([&](sql::Connection& c) { return NextRepository(c, AccountId(1), after); }).value();
    return found ? found->full_name + (found->is_private ? " private" : " public") : "";
  };
  EXPECT_EQ(next(""), "acme/api private");
  EXPECT_EQ(next("api"), "acme/web public");
  EXPECT_EQ(next("web"), "");
}

}  // namespace
}  // namespace berth::catalog
