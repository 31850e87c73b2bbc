// What is written about a repository, who works on it, and what its owner's plan allows, on every database.
#include "catalog/repository_info.h"

#include <gtest/gtest.h>

#include "catalog/repository_extras.h"
#include "registry/test_registry.h"

namespace berth::catalog {
namespace {

class RepositoryInfoTest : public registry::RegistryTest {
 protected:
  RepositoryInfoTest() : service_(database(), clock()), extras_(database(), clock()) { Repo("alice/app", alice()); }

  RepositoryInfo Find(std::string_view name) {
    auto found = database().Read([&](sql::Connection& c) { return RepositoryInfoService::Find(c, name); });
    EXPECT_TRUE(found && *found);
    return found && *found ? **found : RepositoryInfo();
  }
  Result<RepositoryInfo> Change(std::string_view name, const RepositoryChange& change) {
    return service_.Change(alice(), Find(name).id, change);
  }
  Result<void> Hide(std::string_view name) {
    RepositoryChange change;
    change.is_private = true;
    TRY(auto changed, Change(name, change));
    EXPECT_TRUE(changed.is_private);
    return {};
  }
  void Assign(std::string_view plan) {
    static constexpr sql::Query kAssign{"test.assign_plan", "UPDATE account SET plan = $2 WHERE id = $1"};
    const auto done = database().Write([&](sql::Transaction& tx) -> Result<void> {
      TRY(const int64_t changed, tx.Run(kAssign, {alice().account, plan}));
      EXPECT_EQ(changed, 1);
      return {};
    });
    ASSERT_TRUE(done) << done.error().message;
  }

  RepositoryInfoService service_;
  RepositoryExtras extras_;
};
INSTANTIATE_TEST_SUITE_P(Backends, RepositoryInfoTest, sql::AllBackends(), sql::BackendName);

TEST_P(RepositoryInfoTest, KeepsTextsByteForByte) {
  RepositoryChange change;
  change.description = "short <b>&amp; \xE2\x82\xAC";
  change.full_description = "# Title\r\n\ttrailing space \n";
  ASSERT_TRUE(Change("alice/app", change));
  EXPECT_EQ(Find("alice/app").description, *change.description);
  EXPECT_EQ(Find("alice/app").full_description, *change.full_description);
}

TEST_P(RepositoryInfoTest, RefusesWhatIsTooLongAndChangesNothing) {
  RepositoryChange change;
  change.full_description = "kept";
  ASSERT_TRUE(Change("alice/app", change));
  change.full_description = "lost";
  change.description = std::string(kMaxDescription + 1, 'x');
  const auto refused = Change("alice/app", change);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(refused.error().field, "description");
  EXPECT_EQ(Find("alice/app").full_description, "kept");
}

TEST_P(RepositoryInfoTest, WithoutAPlanThereAreNoLimits) {
  Repo("alice/b", alice());
  EXPECT_TRUE(Hide("alice/app"));
  EXPECT_TRUE(Hide("alice/b"));
  EXPECT_TRUE(extras_.AddCollaborator(alice(), Find("alice/app"), "bob"));
}

TEST_P(RepositoryInfoTest, ThePlanLimitsPrivateRepositories) {
  Assign("personal");
  Repo("alice/b", alice());
  ASSERT_TRUE(Hide("alice/app"));
  const auto refused = Hide("alice/b");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kLimitExceeded);
  EXPECT_FALSE(Find("alice/b").is_private);
  const auto made = registry().repositories().Create(alice(), *registry::RepositoryName::Parse("alice/c"), true);
  ASSERT_FALSE(made) << "nor is one made private";
  EXPECT_EQ(made.error().code, ErrorCode::kLimitExceeded);
  EXPECT_TRUE(registry().repositories().Create(alice(), *registry::RepositoryName::Parse("alice/c"), false));
}

TEST_P(RepositoryInfoTest, ThePlanLimitsCollaboratorsOfPrivateRepositories) {
  Assign("personal");
  EXPECT_TRUE(extras_.AddCollaborator(alice(), Find("alice/app"), "bob")) << "a public one has no limit";
  ASSERT_TRUE(extras_.RemoveCollaborator(alice(), Find("alice/app"), "bob"));
  ASSERT_TRUE(Hide("alice/app"));
  const auto refused = extras_.AddCollaborator(alice(), Find("alice/app"), "bob");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kLimitExceeded);
  Assign("pro");
  EXPECT_TRUE(extras_.AddCollaborator(alice(), Find("alice/app"), "bob"));
}

TEST_P(RepositoryInfoTest, ACollaboratorIsAUser) {
  ASSERT_TRUE(extras_.AddCollaborator(alice(), Find("alice/app"), "bob"));
  const auto nobody = extras_.AddCollaborator(alice(), Find("alice/app"), "nobody");
  ASSERT_FALSE(nobody);
  EXPECT_EQ(nobody.error().code, ErrorCode::kNotFound);
  const auto count = database().Read(
      [&](sql::Connection& c) { return RepositoryExtras::CountCollaborators(c, Find("alice/app").id); });
  EXPECT_EQ(*count, 1);
}

TEST_P(RepositoryInfoTest, AStarCountsOnce) {
  const RepositoryId id = Find("alice/app").id;
  ASSERT_TRUE(extras_.Star(bob().account, id));
  ASSERT_TRUE(extras_.Star(bob().account, id));
  EXPECT_EQ(Find("alice/app").star_count, 1);
  ASSERT_TRUE(extras_.Unstar(bob().account, id));
  ASSERT_TRUE(extras_.Unstar(bob().account, id));
  EXPECT_EQ(Find("alice/app").star_count, 0);
}

TEST_P(RepositoryInfoTest, CategoriesComeFromTheListAndAreThreeAtMost) {
  const RepositoryInfo info = Find("alice/app");
  std::vector<std::string> slugs;
  for (size_t i = 0; i < 3; ++i) slugs.emplace_back(AllCategories().at(i).slug);
  EXPECT_TRUE(extras_.SetCategories(alice(), info, slugs));
  slugs.emplace_back(AllCategories().at(3).slug);
  EXPECT_FALSE(extras_.SetCategories(alice(), info, slugs));
  EXPECT_FALSE(extras_.SetCategories(alice(), info, {"no-such-category"}));
  const auto kept = database().Read([&](sql::Connection& c) { return RepositoryExtras::Categories(c, info.id); });
  EXPECT_EQ(kept->size(), 3u);
}

}  // namespace
}  // namespace berth::catalog
