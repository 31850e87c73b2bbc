// Search on both databases: what is found, what is hidden, in which order.
#include "catalog/search.h"

#include <gtest/gtest.h>

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
}

}  // namespace
}  // namespace berth::catalog
