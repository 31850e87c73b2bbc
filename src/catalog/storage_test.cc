#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "catalog/storage_report.h"
#include "catalog/storage_survey.h"
#include "registry/test_registry.h"

namespace berth::catalog {
namespace {

using ::testing::ElementsAre;

TEST(CountTags, TellsOwnFromShared) {
  TagGraph graph;
  graph.blobs = {{1, {1, 100, false}}, {2, {2, 10, false}}, {3, {3, 1, true}}, {4, {4, 1000, false}}};
  graph.manifests[1] = {5, {}, {1, 2}};
  graph.manifests[2] = {6, {}, {2, 3}};
  graph.manifests[3] = {7, {1, 2}, {}};  // an index
  graph.manifests[4] = {8, {}, {4}};     // untagged
  graph.manifests[5] = {9, {5}, {4}};    // names itself, shares with the untagged one
  graph.tags = {{"a", 1, {}}, {"b", 3, {}}, {"c", 5, {}}, {"d", 99, {}}};
  const auto counted = CountTags(graph);
  ASSERT_EQ(counted.size(), 4u);
  // All of a is b's as well; of b its index, its second image and nothing that another repository has are its own.
  EXPECT_EQ(counted[0].own, 0);
  EXPECT_EQ(counted[0].shared, 115);
  EXPECT_EQ(counted[0].manifests, 1);
  EXPECT_EQ(counted[1].own, 7 + 6);
  EXPECT_EQ(counted[1].shared, 5 + 100 + 10 + 1);
  EXPECT_EQ(counted[1].manifests, 3);
  EXPECT_EQ(counted[2].own, 9);
  EXPECT_EQ(counted[2].shared, 1000);
  EXPECT_EQ(counted[3].own + counted[3].shared, 0) << "a manifest that has gone meanwhile";
}

class StorageTest : public registry::RegistryTest {
 protected:
  void Survey() {
    StorageSurvey survey(database(), clock());
    const auto done = survey.Run(std::stop_token());
    ASSERT_TRUE(done) << done.error().message;
  }
  StoragePage Server(const StorageQuery& query = {}) {
    return Read([&](sql::Connection& c) { return ServerStorage(c, query); });
  }
  StoragePage Namespace(const accounts::Caller& owner, const StorageQuery& query = {}, bool with_private = true) {
    return Read(
        [&](sql::Connection& c) { return NamespaceStorage(c, owner.account, {.with_private = with_private}, query); });
  }
  StoragePage Tags(const registry::Repository& repository, const StorageQuery& query = {}) {
    return Read([&](sql::Connection& c) { return RepositoryStorage(c, repository.id, query); });
  }
  template <typename F>
  StoragePage Read(F&& f) {
    auto page = database().Read(f);
    EXPECT_TRUE(page) << page.error().message;
    return page ? *std::move(page) : StoragePage();
  }
  static std::vector<std::string> Names(const StoragePage& page) {
    std::vector<std::string> names;
    for (const auto& row : page.rows) names.push_back(row.name);
    return names;
  }
  int64_t ManifestBytes(const registry::Repository& repository) {
    return Count("SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) FROM manifest WHERE repository_id = " +
                 std::to_string(repository.id.value));
  }
  int64_t BlobBytes() { return Count("SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) FROM blob"); }
};
INSTANTIATE_TEST_SUITE_P(Backends, StorageTest, sql::AllBackends(), sql::BackendName);

TEST_P(StorageTest, NothingIsToldBeforeTheFirstCount) {
  EXPECT_FALSE(Server().computed_at);
  Survey();
  EXPECT_EQ(Server().computed_at, clock().Now());
  EXPECT_TRUE(Server().rows.empty());
}

TEST_P(StorageTest, WhatIsAloneIsOwnWhatOthersHaveIsShared) {
  const auto one = Repo("alice/one", alice()), two = Repo("alice/two", alice()), other = Repo("bob/app", bob());
  PushImage(one, alice(), "x", {"v1", "latest"});
  PushImage(one, alice(), "y", {"v2"});
  PushImage(two, alice(), "x", {"v1"});
  PushImage(other, bob(), "z", {"v1"});
  Survey();
  const StoragePage server = Server();
  EXPECT_THAT(Names(server), ElementsAre("alice", "bob"));
  EXPECT_EQ(server.total.own, BlobBytes() + ManifestBytes(one) + ManifestBytes(two) + ManifestBytes(other));
  EXPECT_EQ(server.total.shared, 0);
  EXPECT_EQ(server.rows[0].bytes.shared, 0) << "shared among its own repositories only";
  EXPECT_EQ(server.rows[0].repositories, 2);
  EXPECT_EQ(server.rows[0].tags, 4);
  EXPECT_EQ(server.rows[0].manifests, 3);
  EXPECT_EQ(server.rows[0].last_pushed, clock().Now());
  EXPECT_EQ(server.rows[0].bytes.own + server.rows[1].bytes.own, server.total.own);

  const StoragePage mine = Namespace(alice());
  EXPECT_THAT(Names(mine), ElementsAre("alice/one", "alice/two"));
  EXPECT_EQ(mine.total.own, server.rows[0].bytes.own);
  EXPECT_EQ(mine.rows[1].bytes.own, ManifestBytes(two));
  EXPECT_GT(mine.rows[1].bytes.shared, 0);
  EXPECT_EQ(mine.rows[0].bytes.shared, mine.rows[1].bytes.shared);

  const StoragePage tags = Tags(one, {.order = StorageOrder::kName});
  EXPECT_THAT(Names(tags), ElementsAre("latest", "v1", "v2"));
  EXPECT_EQ(tags.rows[0].bytes.own, 0) << "another tag has it too";
  EXPECT_GT(tags.rows[2].bytes.own, 0);
  EXPECT_EQ(tags.rows[2].bytes.shared, 0);
  EXPECT_EQ(tags.total.own, mine.rows[0].bytes.own);
}

TEST_P(StorageTest, ForeignPrivateRepositoriesAreNotGivenAway) {
  const auto mine = Repo("alice/app", alice()), hidden = Repo("bob/secret", bob());
  PushImage(mine, alice(), "x", {"v1"});
  PushImage(hidden, bob(), "x", {"v1"});
  Execute("UPDATE repository SET is_private = 1 WHERE full_name = 'bob/secret'");
  Survey();
  EXPECT_EQ(Namespace(alice()).total.shared, 0);
  EXPECT_EQ(Namespace(alice()).rows[0].bytes.shared, 0);
  EXPECT_EQ(Tags(mine).rows[0].bytes.shared, 0);
  EXPECT_GT(Namespace(bob()).rows[0].bytes.shared, 0) << "the other one is public";
  for (const auto& row : Server().rows) EXPECT_GT(row.bytes.shared, 0) << "the administrator sees what is";
  EXPECT_TRUE(Namespace(bob(), {}, false).rows.empty());
  Execute("UPDATE repository SET is_private = 0 WHERE full_name = 'bob/secret'");
  Survey();
  EXPECT_GT(Namespace(alice()).rows[0].bytes.shared, 0);
  EXPECT_GT(Tags(mine).rows[0].bytes.shared, 0);
}

TEST_P(StorageTest, ALaterCountFollowsWhatChanged) {
  const auto repository = Repo("alice/app", alice());
  PushImage(repository, alice(), "x", {"v1", "v2"});
  Survey();
  EXPECT_EQ(Tags(repository).rows[0].bytes.own, 0);
  Execute("DELETE FROM tag WHERE name = 'v2'");
  clock().Advance(std::chrono::minutes(1));
  Survey();
  EXPECT_THAT(Names(Tags(repository)), ElementsAre("v1"));
  EXPECT_GT(Tags(repository).rows[0].bytes.own, 0);
  EXPECT_EQ(Tags(repository).computed_at, clock().Now());
  ASSERT_TRUE(registry().repositories().Delete(alice(), repository.id));
  Survey();
  EXPECT_TRUE(Server().rows.empty());
  EXPECT_TRUE(Namespace(alice()).rows.empty());
  EXPECT_EQ(Count("SELECT COUNT(*) FROM storage_tag"), 0);
  EXPECT_EQ(Server().total.own, BlobBytes()) << "what waits for the collector is still there";
}

TEST_P(StorageTest, WhatDidNotChangeIsNotWrittenAgain) {
  PushImage(Repo("alice/app", alice()), alice(), "x", {"v1"});
  Survey();
  const int64_t counted = Count("SELECT counted_at FROM storage_tag");
  clock().Advance(std::chrono::minutes(1));
  Survey();
  EXPECT_EQ(Count("SELECT counted_at FROM storage_tag"), counted);
}

TEST_P(StorageTest, PagesHoldEachRowOnceInEveryOrder) {
  const auto repository = Repo("alice/app", alice());
  for (int i = 0; i < 7; ++i)
    PushImage(repository, alice(), std::string(static_cast<size_t>(i / 2), 'x'), {"t" + std::to_string(i)});
  Survey();
  for (const StorageOrder order :
       {StorageOrder::kOwn, StorageOrder::kShared, StorageOrder::kTotal, StorageOrder::kName}) {
    const StoragePage whole = Tags(repository, {.order = order});
    ASSERT_EQ(whole.rows.size(), 7u);
    StorageQuery query{.order = order, .limit = 2};
    std::vector<std::string> names;
    for (int page = 0; page < 5; ++page) {
      const StoragePage part = Tags(repository, query);
      for (const auto& row : part.rows) names.push_back(row.name);
      if (part.rows.empty()) break;
      query.after = After(part.rows.back(), order);
    }
    EXPECT_EQ(names, Names(whole));
  }
}

TEST_P(StorageTest, AStopEndsTheCount) {
  PushImage(Repo("alice/app", alice()), alice(), "x", {"v1"});
  std::stop_source source;
  source.request_stop();
  StorageSurvey survey(database(), clock());
  const auto done = survey.Run(source.get_token());
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::kUnavailable);
  EXPECT_FALSE(Server().computed_at);
}

}  // namespace
}  // namespace berth::catalog
