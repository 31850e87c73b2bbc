// Tags, images and their deletion as the Hub lists them, on every database.
#include "catalog/images.h"

#include <gtest/gtest.h>

#include <set>

#include "catalog/deletion.h"
#include "catalog/image_config.h"
#include "catalog/pull_statistics.h"
#include "catalog/tags.h"
#include "registry/test_registry.h"

namespace berth::catalog {
namespace {

using registry::Repository;

class CatalogImagesTest : public registry::RegistryTest {
 protected:
  CatalogImagesTest() : app_(Repo("alice/app", alice())) {}

  Digest PushIndex(const std::vector<Digest>& children, std::vector<std::string> tags) {
    auto stored = Put(app_, alice(), IndexText(children), std::move(tags));
    EXPECT_TRUE(stored) << stored.error().message;
    return stored->digest;
  }
  template <typename Body>
  auto Read(Body&& body) {
    auto result = database().Read(body);
    EXPECT_TRUE(result) << result.error().message;
    return *std::move(result);
  }
  std::vector<std::string> Names(const TagFilter& filter) {
    std::vector<std::string> names;
    for (const auto& tag : Read([&](sql::Connection& c) { return ListTags(c, filter, 0, 100); }))
      names.push_back(tag.name);
    return names;
  }
  ImageDeletion Deletion() { return ImageDeletion(database(), registry().manifests()); }

  const Repository app_;
};
INSTANTIATE_TEST_SUITE_P(Backends, CatalogImagesTest, sql::AllBackends(), sql::BackendName);

TEST_P(CatalogImagesTest, OrdersTagsAndPagesThroughThemByCursor) {
  for (const std::string tag : {"b", "a", "c"}) {
    PushImage(app_, alice(), tag, {tag});
    clock().Advance(std::chrono::seconds(1));
  }
  TagFilter filter{app_.id, "", "", "", TagOrder::kNewestFirst};
  EXPECT_EQ(Names(filter), (std::vector<std::string>{"c", "a", "b"}));
  filter.order = TagOrder::kNameDown;
  EXPECT_EQ(Names(filter), (std::vector<std::string>{"c", "b", "a"}));
  for (const auto order :
       {TagOrder::kNewestFirst, TagOrder::kOldestFirst, TagOrder::kNameUp, TagOrder::kNameDown, TagOrder::kLatestPulled,
        TagOrder::kEarliestPulled, TagOrder::kLargest, TagOrder::kSmallest}) {
    filter.order = order;
    std::vector<std::string> walked;
    std::optional<TagPosition> after;
    for (int i = 0; i < 3; ++i) {
      const auto page = Read([&](sql::Connection& c) { return ListTagsAfter(c, filter, after, 1); });
      ASSERT_EQ(page.size(), 1u);
      walked.push_back(page[0].name);
      after = PositionOf(page[0], order);
    }
    EXPECT_EQ(walked, Names(filter));
    EXPECT_TRUE(Read([&](sql::Connection& c) { return ListTagsAfter(c, filter, after, 1); }).empty());
  }
}

TEST_P(CatalogImagesTest, FiltersTagsByNameAndPlatform) {
  PushImage(app_, alice(), "1", {"v1", "x_y"});
  EXPECT_EQ(Names({app_.id, "v", "", "", TagOrder::kNameUp}), (std::vector<std::string>{"v1"}));
  EXPECT_EQ(Names({app_.id, "x_", "", "", TagOrder::kNameUp}), (std::vector<std::string>{"x_y"}));
  EXPECT_EQ(Names({app_.id, "%", "", "", TagOrder::kNameUp}), std::vector<std::string>());
  EXPECT_EQ(Names({app_.id, "", "amd64", "linux", TagOrder::kNameUp}), (std::vector<std::string>{"v1", "x_y"}));
  EXPECT_EQ(Names({app_.id, "", "arm64", "", TagOrder::kNameUp}), std::vector<std::string>());
  EXPECT_EQ(Read([&](sql::Connection& c) { return CountTags(c, {app_.id, "", "amd64", "", TagOrder::kNameUp}); }), 2);
}

TEST_P(CatalogImagesTest, ShowsTheImagesOfAnIndex) {
  const Digest one = PushImage(app_, alice(), "1", {}), two = PushImage(app_, alice(), "2", {});
  const Digest absent = DigestOf("never pushed");
  const Digest index = PushIndex({one, two, absent}, {"multi"});
  const auto tag = Read([&](sql::Connection& c) { return FindTag(c, app_.id, "multi"); });
  ASSERT_TRUE(tag);
  EXPECT_EQ(tag->digest, index.text());
  EXPECT_TRUE(tag->is_index);
  EXPECT_EQ(tag->pushed_by_name, "alice");
  ASSERT_EQ(tag->images.size(), 3u);
  EXPECT_EQ(tag->images[1].digest, two.text());
  EXPECT_EQ(tag->full_size, 5);  // the layer's size as its manifest says
  EXPECT_FALSE(tag->images[2].present);
  EXPECT_FALSE(Read([&](sql::Connection& c) { return FindTag(c, app_.id, "none"); }));
}

TEST_P(CatalogImagesTest, ListsImagesWithTagsTheyHaveAndHad) {
  const Digest old = PushImage(app_, alice(), "1", {"latest", "v1"});
  clock().Advance(std::chrono::hours(24 * 40));
  const Digest fresh = PushImage(app_, alice(), "2", {"latest"});
  const Digest part = PushImage(app_, alice(), "3", {});
  PushIndex({part}, {"multi"});
  ImageFilter filter;
  filter.repository = app_.id;
  filter.active_from = clock().Now() - std::chrono::hours(24 * 30);
  auto images = Read([&](sql::Connection& c) { return ListImages(c, filter, 0, 10); });
  ASSERT_EQ(images.size(), 3u);  // not the index's part
  EXPECT_EQ(images[2].digest, old.text());
  ASSERT_EQ(images[2].tags.size(), 2u);
  EXPECT_EQ(images[2].tags[0].name, "latest");
  EXPECT_FALSE(images[2].tags[0].is_current);
  EXPECT_TRUE(images[2].tags[1].is_current);
  const auto counts = Read([&](sql::Connection& c) { return SummarizeImages(c, app_.id, filter.active_from); });
  EXPECT_EQ(counts.total, 3);
  EXPECT_EQ(counts.active, 2);
  filter.active = false;
  EXPECT_EQ(Read([&](sql::Connection& c) { return CountImages(c, filter); }), 1);
  filter.active.reset();
  filter.tagged = false;
  EXPECT_EQ(Read([&](sql::Connection& c) { return CountImages(c, filter); }), 0);
  EXPECT_EQ(Read([&](sql::Connection& c) { return CountTagsOfImage(c, images[2].id); }), 2);
  EXPECT_NE(old, fresh);
}

TEST_P(CatalogImagesTest, ListsManifestsByCursorInEveryOrder) {
  std::vector<Digest> parts;
  for (int i = 0; i < 4; ++i) parts.push_back(PushImage(app_, alice(), std::to_string(i), {}));
  const Digest index = PushIndex({parts[0], parts[1]}, {"multi"});
  for (const auto order : {ManifestOrder::kPushedUp, ManifestOrder::kPushedDown, ManifestOrder::kPulledUp,
                           ManifestOrder::kPulledDown, ManifestOrder::kSizeUp, ManifestOrder::kSizeDown}) {
    ManifestFilter filter{app_.id, ManifestKind::kAny, order, {}};
    std::set<std::string> seen;
    std::optional<ManifestPosition> after;
    for (;;) {
      const auto page = Read([&](sql::Connection& c) { return ListManifests(c, filter, after, 2); });
      if (page.empty()) break;
      for (const auto& manifest : page) EXPECT_TRUE(seen.insert(manifest.digest).second);
      after = PositionOf(page.back(), order);
    }
    EXPECT_EQ(seen.size(), 5u);
  }
  const auto indexes =
      Read([&](sql::Connection& c) { return ListManifests(c, {app_.id, ManifestKind::kIndex, {}, {}}, {}, 10); });
  ASSERT_EQ(indexes.size(), 1u);
  EXPECT_EQ(indexes[0].Kind(), "index");
  const auto found = Read([&](sql::Connection& c) { return FindManifests(c, app_.id, {parts[0].text()}); });
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].parents, std::vector<std::string>{index.text()});
  EXPECT_GT(indexes[0].total_size, found[0].total_size);
}

TEST_P(CatalogImagesTest, DeletingAnIndexTakesWhatOnlyItLeadsTo) {
  const Digest own = PushImage(app_, alice(), "own", {}), shared = PushImage(app_, alice(), "shared", {"keep"});
  PushIndex({own, shared}, {"multi"});
  const auto plan = Deletion().Plan(app_, {{"multi", "none"}, {}});
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_EQ(plan->tags, std::vector<std::string>{"multi"});
  ASSERT_EQ(plan->kept.size(), 1u);
  EXPECT_EQ(plan->kept[0].reason, "not_found");
  ASSERT_EQ(plan->manifests.size(), 2u);  // the index and its own image
  EXPECT_EQ(plan->manifests[1].digest, own.text());
  EXPECT_GT(plan->freed, 0);
  const auto outcome = Deletion().Run(alice(), app_, *plan);
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->tags, 1);
  EXPECT_EQ(outcome->manifests, 2);
  EXPECT_EQ(Count("SELECT COUNT(*) FROM manifest"), 1);
  EXPECT_EQ(Names({app_.id, "", "", "", TagOrder::kNameUp}), std::vector<std::string>{"keep"});
}

TEST_P(CatalogImagesTest, DeletingATagOfManyLeavesTheImage) {
  PushImage(app_, alice(), "1", {"a", "b"});
  const auto plan = Deletion().Plan(app_, {{"a"}, {}});
  ASSERT_TRUE(plan);
  EXPECT_TRUE(plan->manifests.empty());
  const auto both = Deletion().Plan(app_, {{"a", "b"}, {}});
  ASSERT_TRUE(both);
  EXPECT_EQ(both->manifests.size(), 1u);
  EXPECT_NE(plan->Fingerprint(), both->Fingerprint());
}

TEST_P(CatalogImagesTest, ImmutableTagsAreKeptWithTheirImage) {
  const Digest digest = PushImage(app_, alice(), "1", {"v1"});
  Repository repository = app_;
  repository.immutable_mode = "all";
  const auto plan = Deletion().Plan(repository, {{"v1"}, {digest.text()}});
  ASSERT_TRUE(plan);
  EXPECT_TRUE(plan->tags.empty());
  EXPECT_TRUE(plan->manifests.empty());
  ASSERT_FALSE(plan->kept.empty());
  EXPECT_EQ(plan->kept[0].reason, "immutable");
}

TEST_P(CatalogImagesTest, RetagsWithoutAPush) {
  const Digest one = PushImage(app_, alice(), "1", {"v1"}), two = PushImage(app_, alice(), "2", {"v2"});
  auto changed = registry().manifests().Retag(alice(), app_, "stable", "v1");
  ASSERT_TRUE(changed) << changed.error().message;
  EXPECT_EQ(changed->digest, one.text());
  EXPECT_EQ(changed->previous, "");
  changed = registry().manifests().Retag(alice(), app_, "stable", two.text());
  ASSERT_TRUE(changed);
  EXPECT_EQ(changed->previous, one.text());
  EXPECT_EQ(registry().manifests().Retag(alice(), app_, "stable", "none").error().code, ErrorCode::kManifestUnknown);
  EXPECT_EQ(registry().manifests().Retag(alice(), app_, "no tag", "v1").error().code, ErrorCode::kTagInvalid);
}

TEST_P(CatalogImagesTest, CountsPullsByTheHourAndTag) {
  PushImage(app_, alice(), "1", {"v1"});
  const auto served = registry().manifests().Get("alice/app", "v1");
  ASSERT_TRUE(served);
  const Timestamp start = clock().Now();
  registry().pulls().Count(**served);
  registry().pulls().CountCheck(**served);
  ASSERT_TRUE(registry().pulls().Flush());
  clock().Advance(std::chrono::hours(24));
  registry().pulls().Count(**served);
  ASSERT_TRUE(registry().pulls().Flush());
  for (const std::string tag : {"", "v1"}) {
    const auto points = Read([&](sql::Connection& c) {
      return PullSeries(c, app_.id, tag, start, clock().Now() + std::chrono::hours(1), PullInterval::kDay);
    });
    ASSERT_EQ(points.size(), 2u);
    EXPECT_EQ(points[0].pulls, 1);
    EXPECT_EQ(points[0].version_checks, 1);
    EXPECT_EQ(points[1].pulls, 1);
  }
}

TEST(PullIntervals, BeginWhereCalendarsDo) {
  const auto at = [](const char* text) { return *ParseRfc3339(text); };
  const Timestamp time = at("2026-11-25T10:20:30Z");  // a Wednesday
  EXPECT_EQ(IntervalStart(time, PullInterval::kHour), at("2026-11-25T10:00:00Z"));
  EXPECT_EQ(IntervalStart(time, PullInterval::kDay), at("2026-11-25T00:00:00Z"));
  EXPECT_EQ(IntervalStart(time, PullInterval::kWeek), at("2026-11-23T00:00:00Z"));
  EXPECT_EQ(IntervalStart(time, PullInterval::kMonth), at("2026-11-01T00:00:00Z"));
  EXPECT_EQ(NextInterval(at("2026-12-01T00:00:00Z"), PullInterval::kMonth), at("2027-01-01T00:00:00Z"));
}

TEST(ImageConfigs, PairsHistoryWithLayers) {
  const auto config = ParseImageConfig(
      R"({"history":[{"created_by":"FROM"},{"created_by":"ENV A=1","empty_layer":true},{"created_by":"RUN x"}],"config":{"Env":["A=1",2]}})");
  ASSERT_TRUE(config);
  EXPECT_EQ(config->env, std::vector<std::string>{"A=1"});
  registry::ParsedManifest manifest;
  manifest.layers.resize(3);
  const auto pairs = PairLayers(*config, manifest);
  ASSERT_EQ(pairs.size(), 4u);
  EXPECT_EQ(pairs[0].layer, &manifest.layers[0]);
  EXPECT_EQ(pairs[1].layer, nullptr);
  EXPECT_EQ(pairs[2].layer, &manifest.layers[1]);
  EXPECT_EQ(pairs[3].layer, &manifest.layers[2]);
  EXPECT_EQ(pairs[3].history.instruction, "");
  EXPECT_FALSE(ParseImageConfig("[]"));
}

}  // namespace
}  // namespace berth::catalog
