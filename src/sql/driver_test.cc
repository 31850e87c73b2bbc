// What every driver does alike with values and statements. Runs on SQLite and PostgreSQL.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sql/test_things.h"

namespace berth::sql {
namespace {

using ::testing::ElementsAre;

class DriverTest : public ThingsTest {};
INSTANTIATE_TEST_SUITE_P(Backends, DriverTest, AllBackends(), BackendName);

TEST_P(DriverTest, CarriesEveryKindOfValue) {
  const std::string bytes("\0\x01\xff'\\\0", 6);
  ASSERT_TRUE(Insert("é \"quoted\" \\ 日本", INT64_MIN, Bytes{bytes}));
  ASSERT_TRUE(Insert("empty", INT64_MAX, Bytes{}));
  ASSERT_TRUE(Insert("", nullptr, nullptr));
  static constexpr Query kAll{"all", "SELECT name, number, data FROM thing ORDER BY id"};
  int row_number = 0;
  auto rows = database().Read([&](Connection& c) {
    return c.Each(kAll, {}, [&](const Row& row) {
      switch (row_number++) {
        case 0:
          EXPECT_EQ(row.Text(0), "é \"quoted\" \\ 日本");
          EXPECT_EQ(row.Int(1), INT64_MIN);
          EXPECT_EQ(row.Blob(2), bytes);
          break;
        case 1:
          EXPECT_EQ(row.Int(1), INT64_MAX);
          EXPECT_FALSE(row.IsNull(2));
          EXPECT_EQ(row.Blob(2), "");
          break;
        default:
          EXPECT_FALSE(row.IsNull(0));
          EXPECT_EQ(row.Text(0), "");
          EXPECT_TRUE(row.IsNull(1));
          EXPECT_EQ(row.Int(1), 0);
          EXPECT_TRUE(row.IsNull(2));
          EXPECT_EQ(row.Blob(2), "");
          EXPECT_EQ(row.OptionalTime(1), std::nullopt);
      }
    });
  });
  ASSERT_TRUE(rows) << rows.error().message;
  EXPECT_EQ(*rows, 3);
}

TEST_P(DriverTest, AggregatesAndTruthAreIntegers) {
  ASSERT_TRUE(Insert("a", int64_t{1} << 40));
  ASSERT_TRUE(Insert("b", 5));
  static constexpr Query kSums{
      "sums",
      "SELECT SUM(number), COUNT(*), EXISTS (SELECT 1 FROM thing WHERE name = $1), MAX(number) > $2, "
      "COALESCE(SUM(number), 0) - 1, COUNT(DISTINCT name), SUM(CASE WHEN name = $1 THEN 1 ELSE 0 END) FROM thing"};
  auto sums = database().Read([](Connection& c) {
    return c.One(kSums, {"a", 100}, [](const Row& row) {
      std::vector<int64_t> values;
      for (int i = 0; i < 7; ++i) values.push_back(row.Int(i));
      return values;
    });
  });
  ASSERT_TRUE(sums) << sums.error().message;
  const int64_t sum = (int64_t{1} << 40) + 5;
  EXPECT_THAT(**sums, ElementsAre(sum, 2, 1, 1, sum - 1, 2, 1));
}

TEST_P(DriverTest, SumsOfEverySizeAndSign) {
  for (const int64_t value :
       std::vector<int64_t>{0, 7, -7, 9999, 10000, -10000, 100000000, 123456789012, INT64_MAX, INT64_MIN}) {
    static constexpr Query kSum{"sum", "SELECT SUM(number) FROM thing"};
    Must("DELETE FROM thing");
    ASSERT_TRUE(Insert("x", value));
    auto sum =
        database().Read([](Connection& c) { return c.One(kSum, {}, [](const Row& row) { return row.Int(0); }); });
    ASSERT_TRUE(sum) << sum.error().message;
    EXPECT_EQ(**sum, value);
  }
}

TEST_P(DriverTest, ParametersAreBoundByNumber) {
  static constexpr Query kMixed{
      "mixed", "SELECT name FROM thing WHERE number = $2 AND name = $1 AND (number = $2 OR $3 = 1) ORDER BY name"};
  ASSERT_TRUE(Insert("a", 1));
  ASSERT_TRUE(Insert("b", 2));
  auto found = database().Read(
      [](Connection& c) { return c.All(kMixed, {"b", 2, 0}, [](const Row& r) { return r.String(0); }); });
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_THAT(*found, ElementsAre("b"));
}

TEST_P(DriverTest, ANullParameterWhereAValueWas) {
  static constexpr Query kFilter{
      "filter", "SELECT COUNT(*) FROM thing WHERE ($1 IS NULL OR name = $1) AND ($2 IS NULL OR number >= $2)"};
  ASSERT_TRUE(Insert("a", 1));
  ASSERT_TRUE(Insert("b", 2));
  const auto count = [&](Value name, Value number) {
    auto n = database().Read(
        [&](Connection& c) { return c.One(kFilter, {name, number}, [](const Row& r) { return r.Int(0); }); });
    EXPECT_TRUE(n) << n.error().message;
    return n ? **n : -1;
  };
  EXPECT_EQ(count("a", 1), 1);
  EXPECT_EQ(count(nullptr, 2), 1);
  EXPECT_EQ(count("b", nullptr), 1);
  EXPECT_EQ(count(nullptr, nullptr), 2);

  static constexpr Query kLookalike{"lookalike", "SELECT '$1''$1', $1 AS \"$1\", $2 + 1 -- $1\n, COALESCE($1, '$2')"};
  auto row = database().Read([](Connection& c) {
    return c.One(kLookalike, {nullptr, 41}, [](const Row& r) {
      EXPECT_TRUE(r.IsNull(1));
      return r.String(0) + " " + r.String(2) + " " + r.String(3);
    });
  });
  ASSERT_TRUE(row) << row.error().message;
  EXPECT_EQ(**row, "$1'$1 42 $2");
}

TEST_P(DriverTest, TextComparesByBytes) {
  for (const char* name : {"b", "B", "a-b", "ab", "a/b", "é", "z", "Z", "_"}) ASSERT_TRUE(Insert(name));
  EXPECT_THAT(Names(), ElementsAre("B", "Z", "_", "a-b", "a/b", "ab", "b", "z", "é"));
}

TEST_P(DriverTest, RefusesTextThatOnlyOneDatabaseWouldTake) {
  for (const std::string& bad : {std::string("a\0b", 3), std::string("\xff"), std::string("\xed\xa0\x80")}) {
    auto done = Insert(bad);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, ErrorCode::kInvalidArgument);
  }
}

TEST_P(DriverTest, AnswersRowsOrChanges) {
  ASSERT_TRUE(Insert("a", 1));
  ASSERT_TRUE(Insert("b", 1));
  static constexpr Query kUpdate{"update", "UPDATE thing SET number = number + 1 WHERE number = $1"};
  static constexpr Query kNone{"none", "DELETE FROM thing WHERE number = $1"};
  static constexpr Query kReturning{"returning", "UPDATE thing SET number = 9 WHERE name >= $1 RETURNING id, name"};
  auto counts = database().Write([](Transaction& tx) -> Result<std::vector<int64_t>> {
    std::vector<int64_t> counts;
    TRY(counts.emplace_back(), tx.Run(kUpdate, {1}));
    TRY(counts.emplace_back(), tx.Run(kNone, {77}));
    TRY(counts.emplace_back(), tx.Run(kReturning, {"a"}));
    TRY(counts.emplace_back(), tx.Run(kReturning, {"x"}));
    TRY(counts.emplace_back(), tx.Run(kNames));
    TRY(counts.emplace_back(), tx.Run(kNone, {9}));
    return counts;
  });
  ASSERT_TRUE(counts) << counts.error().message;
  EXPECT_THAT(*counts, ElementsAre(2, 0, 2, 0, 2, 2));
}

TEST_P(DriverTest, ReturningAndOnConflict) {
  static constexpr Query kUpsert{
      "upsert",
      "INSERT INTO thing (name, number) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET number = "
      "thing.number + excluded.number RETURNING id, number"};
  static constexpr Query kIgnore{"ignore", "INSERT INTO thing (name) VALUES ($1) ON CONFLICT DO NOTHING RETURNING id"};
  const auto upsert = [&](int n) {
    auto row = database().Write([&](Transaction& tx) {
      return tx.One(kUpsert, {"a", n}, [](const Row& r) { return std::pair(r.Int(0), r.Int(1)); });
    });
    EXPECT_TRUE(row) << row.error().message;
    return **row;
  };
  const auto [id, number] = upsert(1);
  EXPECT_GT(id, 0);
  EXPECT_EQ(number, 1);
  EXPECT_EQ(upsert(4), std::pair(id, int64_t{5}));
  auto ignored =
      database().Write([&](Transaction& tx) { return tx.One(kIgnore, {"a"}, [](const Row& r) { return r.Int(0); }); });
  ASSERT_TRUE(ignored);
  EXPECT_EQ(*ignored, std::nullopt);
}

TEST_P(DriverTest, ErrorsSpeakTheDomain) {
  ASSERT_TRUE(Insert("a"));
  auto twice = Insert("a");
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().code, ErrorCode::kAlreadyExists);
  EXPECT_THAT(twice.error().message, ::testing::StartsWith("insert: "));

  static constexpr Query kPart{"part", "INSERT INTO part (thing_id, size) VALUES ($1, $2)"};
  static constexpr Query kPartOfA{"part of a",
                                  "INSERT INTO part (thing_id, size) SELECT id, 1 FROM thing WHERE name = 'a'"};
  static constexpr Query kDelete{"delete", "DELETE FROM thing WHERE name = $1"};
  static constexpr Query kWrong{"wrong", "SELECT missing_column FROM thing"};
  static constexpr Query kQuoted{"quoted", "SELECT \"not a text\" FROM thing"};
  const auto code = [&](const Query& query, std::vector<Value> params) {
    auto done = database().Write([&](Transaction& tx) { return tx.Execute(query, params, [](const Row&) {}); });
    return done ? std::string("success") : std::string(ToString(done.error().code));
  };
  EXPECT_EQ(code(kPart, {987654, 1}), "Conflict");
  EXPECT_EQ(code(kPartOfA, {}), "success");
  EXPECT_EQ(code(kDelete, {"a"}), "Conflict");
  EXPECT_EQ(code(kPart, {1, -1}), "Internal");
  EXPECT_EQ(code(kInsert, {nullptr, 1, nullptr}), "Internal");
  EXPECT_EQ(code(kWrong, {}), "Internal");
  EXPECT_EQ(code(kQuoted, {}), "Internal");
  EXPECT_THAT(Names(), ElementsAre("a"));
}

TEST_P(DriverTest, AQueryInsideTheRowsOfTheSameQuery) {
  for (const char* name : {"a", "b", "c"}) ASSERT_TRUE(Insert(name));
  int inner = 0;
  auto done = database().Read([&](Connection& c) {
    return c.Each(kNames, {}, [&](const Row&) { EXPECT_TRUE(c.Each(kNames, {}, [&](const Row&) { ++inner; })); });
  });
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(inner, 9);
}

TEST_P(DriverTest, DynamicStatements) {
  ASSERT_TRUE(Insert("a", 1));
  ASSERT_TRUE(Insert("b", 2));
  std::vector<std::string> names;
  const std::vector<Value> params{1, 10};
  auto done = database().Read([&](Connection& c) {
    return c.ExecuteDynamic("SELECT name FROM thing WHERE number >= $1 ORDER BY number DESC LIMIT $2", params,
                            [&](const Row& row) { names.push_back(row.String(0)); });
  });
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(*done, 2);
  EXPECT_THAT(names, ElementsAre("b", "a"));
}

TEST_P(DriverTest, ATextAtAnAddressUsedBeforeIsAnotherStatement) {
  ASSERT_TRUE(Insert("a", 7));
  std::string text = "SELECT name FROM thing ";
  const auto run = [&] {
    return database().Read(
        [&](Connection& c) { return c.One(Query{"reused", text}, {}, [](const Row& r) { return r.String(0); }); });
  };
  EXPECT_EQ(*run(), "a");
  text = "SELECT 'other' AS other";  // same length, same address
  EXPECT_EQ(*run(), "other");
}

TEST_P(DriverTest, BigBlobs) {
  std::string big(8 << 20, '\0');
  for (size_t i = 0; i < big.size(); ++i) big[i] = static_cast<char>(i * 31 >> 3);
  ASSERT_TRUE(Insert("big", 1, Bytes{big}));
  static constexpr Query kData{"data", "SELECT data FROM thing"};
  auto data = database().Read(
      [](Connection& c) { return c.One(kData, {}, [](const Row& r) { return std::string(r.Blob(0)); }); });
  ASSERT_TRUE(data) << data.error().message;
  EXPECT_TRUE(**data == big);
}

TEST_P(DriverTest, ManyRows) {
  static constexpr Query kSeries{
      "series",
      "INSERT INTO thing (name, number) WITH RECURSIVE n (i) AS (SELECT $1 UNION ALL SELECT i + 1 FROM n WHERE i < $2) "
      "SELECT 'n' || i, i FROM n"};
  static constexpr Query kAll{"all numbers", "SELECT number FROM thing ORDER BY number"};
  auto made = database().Write([](Transaction& tx) { return tx.Run(kSeries, {1, 5000}); });
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(*made, 5000);
  auto all = database().Read([](Connection& c) { return c.All(kAll, {}, [](const Row& r) { return r.Int(0); }); });
  ASSERT_TRUE(all);
  ASSERT_EQ(all->size(), 5000U);
  EXPECT_EQ(all->front(), 1);
  EXPECT_EQ(all->back(), 5000);
}

}  // namespace
}  // namespace berth::sql
