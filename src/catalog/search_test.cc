// Search on both databases: what is found, what is hidden, in which order.
#include "catalog/search.h"

#include <gtest/gtest.h>

#include <set>

#include "registry/test_registry.h"

namespace berth::catalog {
namespace {

class SearchTest : public registry::RegistryTest {
 protected:
  SearchTest() : search_(database()) {}

  void Add(const std::string& name, const std::string& description, int64_t pulls = 0, bool is_private = false) {
    const auto repository = Repo(name, name.starts_with("bob/") ? bob() : alice());
    Execute("UPDATE repository SET description = '" + description + "', pull_count = " + std::to_string(pulls) +
            ", is_private = " + (is_private ? "1" : "0") + " WHERE id = " + std::to_string(repository.id.value));
  }
  std::vector<std::string> Find(const std::string& text, SearchOrder order = SearchOrder::kBestMatch) {
    SearchQuery query;
    query.text = text;
    query.order = order;
    return Names(query);
  }
  std::vector<std::string> Names(const SearchQuery& query) {
    const auto found = search_.Find(query);
    EXPECT_TRUE(found) << found.error().message;
    std::vector<std::string> names;
    if (!found) return names;
    EXPECT_EQ(found->total, static_cast<int64_t>(found->hits.size()));
    for (const auto& hit : found->hits) names.push_back(hit.ShownName());
    return names;
  }
  using List = std::vector<std::string>;

  Search search_;
};
INSTANTIATE_TEST_SUITE_P(Backends, SearchTest, sql::AllBackends(), sql::BackendName);

TEST_P(SearchTest, FindsWordsOfNamesDescriptionsAndReadmes) {
  Add("alice/web-server", "Serves pages");
  Add("alice/other", "A cache");
  Execute("UPDATE repository SET full_description = 'Speaks memcached' WHERE name = 'other'");
  EXPECT_EQ(Find("server"), List{"alice/web-server"});
  EXPECT_EQ(Find("PAGES serves"), List{"alice/web-server"});
  EXPECT_EQ(Find("memcached"), List{"alice/other"});
  EXPECT_EQ(Find("we"), List{"alice/web-server"});  // the beginning of a name
  EXPECT_EQ(Find("nothing"), List());
  EXPECT_EQ(Find("\"*)(:^"), List());
}

TEST_P(SearchTest, FollowsEveryChange) {
  Add("alice/tool", "first");
  EXPECT_EQ(Find("first"), List{"alice/tool"});
  Execute("UPDATE repository SET description = 'second', pull_count = 123456");
  EXPECT_EQ(Find("first"), List());
  EXPECT_EQ(Find("second"), List{"alice/tool"});
  Execute("UPDATE repository SET is_private = 1");
  EXPECT_EQ(Find("second"), List());
  EXPECT_EQ(Find("tool"), List());
  EXPECT_EQ(Find(""), List());
  Execute("UPDATE repository SET is_private = 0");
  EXPECT_EQ(Find("second"), List{"alice/tool"});
  Execute("DELETE FROM repository");
  EXPECT_EQ(Find("second"), List());
}

TEST_P(SearchTest, RanksTheExactNameThenWhatIsUsed) {
  Add("alice/redis-tools", "redis redis redis", 5000);
  Add("bob/redis", "a store", 10);
  Add("alice/redis-extra", "redis", 900000);
  EXPECT_EQ(Find("redis").front(), "bob/redis");
  EXPECT_EQ(Find("redis", SearchOrder::kMostPulled), (List{"alice/redis-extra", "alice/redis-tools", "bob/redis"}));
  EXPECT_EQ(Find("", SearchOrder::kMostPulled).front(), "alice/redis-extra");
}

TEST_P(SearchTest, FiltersByBadgeCategoryAndPlatform) {
  Add("alice/one", "thing");
  Add("bob/two", "thing");
  Execute("UPDATE account SET badge = 'verified_publisher' WHERE name = 'bob'");
  Execute(
      "INSERT INTO repository_category (repository_id, slug, position) SELECT id, 'security', 0 FROM repository WHERE "
      "name = 'one'");
  PushImage(Repo("alice/one", alice()), alice(), "1", {"latest"});
  SearchQuery query;
  query.text = "thing";
  query.badges = {"verified_publisher"};
  EXPECT_EQ(Names(query), List{"bob/two"});
  query.badges = {"none"};
  EXPECT_EQ(Names(query), List{"alice/one"});
  query.badges.clear();
  query.categories = {"security"};
  EXPECT_EQ(Names(query), List{"alice/one"});
  query.categories.clear();
  query.architectures = {"arm64", "amd64"};
  query.operating_systems = {"linux"};
  EXPECT_EQ(Names(query), List{"alice/one"});
  query.operating_systems = {"windows"};
  EXPECT_EQ(Names(query), List());
}

TEST_P(SearchTest, FiltersFollowEveryChange) {
  const auto one = Repo("alice/one", alice());
  SearchQuery none, official, secure, arm, both;
  none.badges = {"none"};
  official.badges = {"official", "no such badge'\" OR"};
  secure.categories = {"security"};
  arm.architectures = {"arm64"};
  both = secure;
  both.badges = {"official"};
  EXPECT_EQ(Names(none), List{"alice/one"});
  EXPECT_EQ(Names(secure), List());
  Execute("INSERT INTO repository_category (repository_id, slug, position) SELECT id, 'security', 0 FROM repository");
  EXPECT_EQ(Names(secure), List{"alice/one"});
  EXPECT_EQ(Names(both), List());
  Execute("UPDATE repository SET badge = 'official', description = 'said', pull_count = 12345");
  EXPECT_EQ(Names(official), List{"alice/one"});
  EXPECT_EQ(Names(both), List{"alice/one"});
  EXPECT_EQ(Names(none), List());
  Execute("UPDATE account SET badge = 'open_source'");
  EXPECT_EQ(Names(official), List{"alice/one"}) << "its own badge counts";
  Execute("UPDATE repository SET badge = ''");
  EXPECT_EQ(Names(official), List());
  official.badges = {"open_source"};
  EXPECT_EQ(Names(official), List{"alice/one"});
  PushImage(one, alice(), "1", {"latest"});
  Execute("UPDATE manifest SET os = 'linux', architecture = 'arm64'");
  Execute(
      "INSERT INTO repository_platform (repository_id, os, architecture) SELECT id, 'linux', 'arm64' FROM repository");
  EXPECT_EQ(Names(arm), List{"alice/one"});
  arm.operating_systems = {"windows", "linux"};
  EXPECT_EQ(Names(arm), List{"alice/one"});
  arm.operating_systems = {"windows"};
  EXPECT_EQ(Names(arm), List());
  Execute("UPDATE repository SET is_private = 1");
  EXPECT_EQ(Names(secure), List());
  Execute("UPDATE account SET badge = ''");
  Execute("DELETE FROM repository_category");
  Execute("UPDATE repository SET is_private = 0");
  EXPECT_EQ(Names(secure), List());
  EXPECT_EQ(Names(none), List{"alice/one"});
  EXPECT_EQ(Find("said"), List{"alice/one"});
  Execute("DELETE FROM tag");
  Execute("DELETE FROM manifest");
  Execute("DELETE FROM repository");
  EXPECT_EQ(Names(none), List());
  if (database().dialect() == sql::Dialect::kSqlite) {
    EXPECT_EQ(Count("SELECT COUNT(*) FROM search_index WHERE search_index MATCH 'said'"), 0);
  }
}

TEST_P(SearchTest, FiltersAndWordsAreAskedTogether) {
  // More matches than are ranked, and the one that passes the filter is the least popular.
  const auto last = Repo("alice/last", alice());
  Execute("UPDATE repository SET description = 'common r1'");
  constexpr int64_t kRows = 3 * kMaxRanked + 20;
  const std::string id = std::to_string(last.id.value);
  Execute(
      "INSERT INTO repository (account_id, namespace, name, full_name, description, pull_count, created_at, "
      "updated_at) "
      "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < " +
      std::to_string(kRows - 1) +
      ") SELECT account_id, namespace, 'r' || i, 'alice/r' || i, 'common r1', 1000000, created_at, updated_at FROM "
      "repository, n WHERE id = " +
      id);
  Execute("INSERT INTO repository_category (repository_id, slug, position) VALUES (" + std::to_string(last.id.value) +
          ", 'security', 0)");
  SearchQuery query;
  query.text = "common";
  query.categories = {"security"};
  EXPECT_EQ(Names(query), List{"alice/last"});
  query.categories.clear();
  const auto found = search_.Find(query);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->total, kRows + 1);
  EXPECT_EQ(found->hits.size(), 25u);
  // Page by page, each match comes once: those after the first tier too, and without anything looked for.
  for (const char* text : {"common", "r1", ""}) {
    SearchQuery deep;
    deep.text = text;
    std::set<std::string> seen;
    int64_t rows = 0;
    for (deep.offset = 0; deep.offset < kRows + 50; deep.offset += deep.limit) {
      const auto page = search_.Find(deep);
      ASSERT_TRUE(page) << page.error().message;
      EXPECT_EQ(page->total, kRows + 1);
      for (const SearchHit& hit : page->hits) seen.insert(hit.name);
      rows += static_cast<int64_t>(page->hits.size());
    }
    EXPECT_EQ(rows, kRows + 1) << text;
    EXPECT_EQ(static_cast<int64_t>(seen.size()), kRows + 1) << text;
  }
  // Whose name is typed comes first, and is not repeated among the least popular.
  SearchQuery named;
  named.text = "common";
  Execute("UPDATE repository SET name = 'common', full_name = 'alice/common' WHERE id = " +
          std::to_string(last.id.value));
  named.offset = kRows - 20;
  named.limit = 100;
  const auto behind = search_.Find(named);
  ASSERT_TRUE(behind);
  EXPECT_EQ(behind->hits.size(), 21u);
  for (const SearchHit& hit : behind->hits) EXPECT_NE(hit.name, "common");
  Execute("UPDATE repository SET name = 'last', full_name = 'alice/last' WHERE id = " + std::to_string(last.id.value));
  // Browsed by time with a filter that lets everything pass, it is found although it is not popular.
  Execute("UPDATE repository SET updated_at = updated_at + 1 WHERE name = 'last'");
  query.text.clear();
  query.badges = {"none"};
  query.order = SearchOrder::kNewestFirst;
  const auto newest = search_.Find(query);
  ASSERT_TRUE(newest);
  EXPECT_EQ(newest->hits.front().name, "last");
}

TEST_P(SearchTest, SuggestsByTheBeginningOfNames) {
  Add("alice/proxy", "x");
  Add("bob/proxy-two", "x", 0, true);
  const auto hits = search_.Suggest("pro", 8);
  ASSERT_TRUE(hits) << hits.error().message;
  ASSERT_EQ(hits->size(), 1u);
  EXPECT_EQ(hits->front().ShownName(), "alice/proxy");
  const auto accounts = search_.SuggestAccounts("al", 8);
  ASSERT_TRUE(accounts);
  ASSERT_EQ(accounts->size(), 1u);
  EXPECT_EQ(accounts->front().name, "alice");
}

TEST(SearchWords, CutsTextIntoWords) {
  EXPECT_EQ(SearchWords(" Library/Nginx-Plus 1.2 "), (std::vector<std::string>{"nginx", "plus", "1", "2"}));
  EXPECT_TRUE(SearchWords("*\"()").empty());
  EXPECT_EQ(SearchWords("the server for a team"), (std::vector<std::string>{"server", "team"}));
  EXPECT_EQ(SearchWords("for the"), (std::vector<std::string>{"for", "the"}));
}

}  // namespace
}  // namespace berth::catalog
