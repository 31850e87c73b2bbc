#include "registry/garbage.h"

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <random>
#include <thread>

#include "registry/fsck.h"
#include "registry/maintenance.h"
#include "registry/test_registry.h"

namespace berth::registry {
namespace {

class GarbageTest : public RegistryTest {
 protected:
  int64_t Collect() {
    const std::atomic<bool> stop{false};
    const auto done = registry().garbage().Run(stop);
    EXPECT_TRUE(done) << done.error().message;
    return done.value_or(-1);
  }
  void PassGrace() { clock().Advance(options().gc_grace + std::chrono::seconds(1)); }
  int64_t Files() {
    int64_t files = 0;
    EXPECT_TRUE(blobs().ForEach([&](const StoredBlob&) { return ++files > 0; }));
    return files;
  }
  void ExpectConsistent() {
    const auto report = Fsck(database(), blobs(), {});
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_TRUE(report->IsClean()) << report->ToJson();
  }
};
INSTANTIATE_TEST_SUITE_P(Backends, GarbageTest, sql::AllBackends(), sql::BackendName);

TEST_P(GarbageTest, WhatAManifestNeedsStays) {
  const Repository repository = Repo("alice/app", alice());
  PushImage(repository, alice(), "1", {"v1"});
  for (int i = 0; i < 3; ++i) {
    PassGrace();
    Collect();
  }
  EXPECT_EQ(Files(), 2);
  EXPECT_EQ(Count("SELECT COUNT(*) FROM gc_review"), 0) << "what is needed is not looked at again";
  ExpectConsistent();
}

TEST_P(GarbageTest, ThePassesThatFreedSomethingAreKept) {
  const Repository repository = Repo("alice/app", alice());
  ASSERT_TRUE(PushBlob(repository, alice(), "bytes"));
  const auto status = [&] {
    return *database().Read([&](sql::Connection& c) { return ReadGarbageStatus(c, clock().Now()); });
  };
  const std::atomic<bool> stop{false};
  ASSERT_TRUE(registry().garbage().Collect(stop, false));
  EXPECT_EQ(status().waiting_items, 1);
  EXPECT_EQ(status().waiting_bytes, 5);
  EXPECT_EQ(status().due_items, 0);
  EXPECT_FALSE(status().last_started_at) << "nothing was freed, nobody asked";
  PassGrace();
  EXPECT_EQ(status().due_items, 1);
  ASSERT_TRUE(registry().garbage().Collect(stop, false));
  EXPECT_EQ(status().waiting_items, 0);
  EXPECT_EQ(status().last_freed_items, 1);
  EXPECT_EQ(status().last_freed_bytes, 5);
  EXPECT_EQ(status().total_freed_bytes, 5);
  EXPECT_EQ(status().last_finished_at, clock().Now());
  clock().Advance(std::chrono::seconds(9));
  ASSERT_TRUE(registry().garbage().Collect(stop, true));
  EXPECT_EQ(status().last_started_at, clock().Now()) << "asked for";
  EXPECT_EQ(status().last_freed_bytes, 0);
  EXPECT_EQ(status().total_freed_bytes, 5);
  EXPECT_FALSE(registry().garbage().IsRunning());
}

TEST_P(GarbageTest, ABlobWithoutManifestGoesAfterTheGraceTime) {
  const Repository repository = Repo("alice/app", alice());
  const auto digest = PushBlob(repository, alice(), "bytes");
  EXPECT_EQ(Collect(), 0);
  EXPECT_EQ(Files(), 1);
  PassGrace();
  Collect();
  EXPECT_EQ(Files(), 0);
  EXPECT_FALSE(registry().blobs().Open("alice/app", *digest));
  EXPECT_EQ(Count("SELECT COUNT(*) FROM blob"), 0);
  EXPECT_EQ(Count("SELECT storage_size FROM repository"), 0);
  EXPECT_EQ(registry().garbage().totals().blobs, 1);
  EXPECT_EQ(registry().garbage().totals().bytes, 5);
  ExpectConsistent();
}

TEST_P(GarbageTest, PushingAgainRenewsTheLease) {
  const Repository repository = Repo("alice/app", alice());
  ASSERT_TRUE(PushBlob(repository, alice(), "bytes"));
  clock().Advance(options().gc_grace - std::chrono::hours(1));
  ASSERT_TRUE(PushBlob(repository, alice(), "bytes"));
  clock().Advance(std::chrono::hours(2));
  Collect();
  EXPECT_EQ(Files(), 1);
  PassGrace();
  Collect();
  EXPECT_EQ(Files(), 0);
}

TEST_P(GarbageTest, EveryMountGivesAWholeGrace) {
  const Repository source = Repo("alice/source", alice());
  const Repository target = Repo("alice/target", alice());
  const auto digest = PushBlob(source, alice(), "bytes");
  ASSERT_TRUE(digest);
  ASSERT_TRUE(*registry().blobs().Mount(alice(), target, *digest, {}));
  for (int i = 0; i < 3; ++i) {
    clock().Advance(options().gc_grace * 2 / 5);
    ASSERT_TRUE(*registry().blobs().Mount(alice(), target, *digest, {}));
    clock().Advance(options().gc_grace - std::chrono::seconds(1));
    Collect();
    EXPECT_TRUE(registry().blobs().Open("alice/target", *digest)) << "mount " << i;
  }
  clock().Advance(options().gc_grace);
  Collect();
  EXPECT_EQ(Files(), 0);
}

TEST_P(GarbageTest, ALeaseThatOutlivesItsReviewIsLookedAtLater) {
  const Repository repository = Repo("alice/app", alice());
  ASSERT_TRUE(PushBlob(repository, alice(), "bytes"));
  Execute("UPDATE repository_blob SET leased_until = leased_until + 3600000000");
  PassGrace();
  EXPECT_EQ(Collect(), 1);
  EXPECT_EQ(Files(), 1);
  EXPECT_EQ(Count("SELECT COUNT(*) FROM gc_review"), 1);
  clock().Advance(std::chrono::hours(1));
  Collect();
  EXPECT_EQ(Files(), 0);
}

TEST_P(GarbageTest, ADeletedManifestFreesItsBlobs) {
  const Repository repository = Repo("alice/app", alice());
  const Digest one = PushImage(repository, alice(), "1", {"v1"});
  PushImage(repository, alice(), "2", {"v2"});
  PassGrace();
  Collect();
  ASSERT_TRUE(registry().manifests().DeleteManifest(alice(), repository, one));
  Collect();
  EXPECT_EQ(Files(), 4) << "not before the grace time";
  PassGrace();
  Collect();
  EXPECT_EQ(Files(), 2);
  ExpectConsistent();
}

TEST_P(GarbageTest, ABlobHeldElsewhereStays) {
  const Repository one = Repo("alice/one", alice());
  const Repository two = Repo("alice/two", alice());
  const Digest image = PushImage(one, alice(), "1", {"v1"});
  PushImage(two, alice(), "1", {"v1"});
  ASSERT_TRUE(registry().manifests().DeleteManifest(alice(), one, image));
  EXPECT_TRUE(registry().blobs().Open("alice/one", DigestOf("layer 1"))) << "and is remembered";
  PassGrace();
  Collect();
  EXPECT_EQ(Files(), 2);
  EXPECT_FALSE(registry().blobs().Open("alice/one", DigestOf("layer 1")));
  EXPECT_TRUE(registry().blobs().Open("alice/two", DigestOf("layer 1")));
  ExpectConsistent();
}

TEST_P(GarbageTest, ADeletedRepositoryFreesItsBlobs) {
  const Repository repository = Repo("alice/app", alice());
  for (int i = 0; i < 20; ++i) PushImage(repository, alice(), std::to_string(i), {"t" + std::to_string(i)});
  EXPECT_TRUE(registry().blobs().Open("alice/app", DigestOf("layer 1"))) << "and is remembered";
  ASSERT_TRUE(registry().repositories().Delete(alice(), repository.id));
  EXPECT_FALSE(registry().blobs().Open("alice/app", DigestOf("layer 1")));
  ExpectConsistent();
  EXPECT_EQ(Files(), 40);
  PassGrace();
  Collect();
  EXPECT_EQ(Files(), 0);
  EXPECT_EQ(Count("SELECT COUNT(*) FROM blob"), 0);
  EXPECT_EQ(Count("SELECT COUNT(*) FROM gc_review"), 0);
}

TEST_P(GarbageTest, UntaggedManifestsStayUnlessToldOtherwise) {
  const Repository repository = Repo("alice/app", alice());
  const Digest old = PushImage(repository, alice(), "1", {"latest"});
  PushImage(repository, alice(), "2", {"latest"});
  PassGrace();
  Collect();
  EXPECT_TRUE(registry().manifests().Get("alice/app", old.text()));
}

TEST_P(GarbageTest, GcUntaggedFollowsTagsIndexesAndSubjects) {
  options().gc_untagged = true;
  Restart();
  const Repository repository = Repo("alice/app", alice());
  const Digest child = PushImage(repository, alice(), "child", {});
  const auto index = Put(repository, alice(), IndexText({child}), {"multi"});
  const Digest config = *PushBlob(repository, alice(), "{}");
  const auto signature =
      Put(repository, alice(), ImageText(config, {}, R"(,"subject":)" + Describe(kOciManifest, child, 10)), {});
  const Digest lonely = PushImage(repository, alice(), "lonely", {});
  PassGrace();
  Collect();
  EXPECT_FALSE(registry().manifests().Get("alice/app", lonely.text()));
  for (const Digest& digest : {child, index->digest, signature->digest}) {
    EXPECT_TRUE(registry().manifests().Get("alice/app", digest.text())) << digest.text();
  }
  clock().Advance(std::chrono::seconds(1));
  Collect();
  EXPECT_EQ(Files(), 3) << "the blobs of the lonely one need no second grace time";
  ASSERT_TRUE(registry().manifests().DeleteTag(alice(), repository, "multi"));
  Collect();
  EXPECT_TRUE(registry().manifests().Get("alice/app", child.text()));
  for (int i = 0; i < 4; ++i) {
    PassGrace();
    Collect();
  }
  EXPECT_EQ(Count("SELECT COUNT(*) FROM manifest"), 0);
  EXPECT_EQ(Files(), 0);
  ExpectConsistent();
}

TEST_P(GarbageTest, ACollectedIndexDoesNotShortenTheGraceOfItsChildren) {
  options().gc_untagged = true;
  Restart();
  const Repository repository = Repo("alice/app", alice());
  const Digest child = PushImage(repository, alice(), "child", {});
  const auto index = Put(repository, alice(), IndexText({child}), {});
  clock().Advance(options().gc_grace - std::chrono::hours(1));
  PushImage(repository, alice(), "child", {});
  clock().Advance(std::chrono::hours(2));
  for (int i = 0; i < 2; ++i) {
    Collect();
    clock().Advance(std::chrono::seconds(1));
  }
  EXPECT_FALSE(registry().manifests().Get("alice/app", index->digest.text()));
  EXPECT_TRUE(registry().manifests().Get("alice/app", child.text()));
  PassGrace();
  Collect();
  EXPECT_FALSE(registry().manifests().Get("alice/app", child.text()));
}

TEST_P(GarbageTest, BatchesGoOnUntilNothingIsDue) {
  const Repository repository = Repo("alice/app", alice());
  for (int i = 0; i < 300; ++i) ASSERT_TRUE(PushBlob(repository, alice(), "blob " + std::to_string(i)));
  PassGrace();
  EXPECT_EQ(Collect(), 300);
  EXPECT_EQ(Files(), 0);
  EXPECT_EQ(Count("SELECT storage_size FROM repository"), 0);
}

TEST_P(GarbageTest, StopEndsAPass) {
  const Repository repository = Repo("alice/app", alice());
  ASSERT_TRUE(PushBlob(repository, alice(), "x"));
  PassGrace();
  const std::atomic<bool> stop{true};
  EXPECT_EQ(*registry().garbage().Run(stop), 0);
}

TEST_P(GarbageTest, SweepRemovesOldFilesWithoutARow) {
  const Repository repository = Repo("alice/app", alice());
  const auto kept = PushBlob(repository, alice(), "kept");
  auto upload = blobs().CreateUpload("00000000-0000-4000-8000-000000000001");
  ASSERT_TRUE((*upload)->Append("orphan"));
  ASSERT_TRUE(blobs().Publish("00000000-0000-4000-8000-000000000001", *std::move(upload), DigestOf("orphan")));
  const std::atomic<bool> stop{false};
  clock().Advance(SystemClock().Now() - clock().Now());  // files carry real times
  EXPECT_EQ(*registry().garbage().Sweep(stop), 0) << "too young";
  PassGrace();
  EXPECT_EQ(*registry().garbage().Sweep(stop), 1);
  EXPECT_TRUE(blobs().Open(*kept));
  EXPECT_FALSE(blobs().Open(DigestOf("orphan")));
}

// A batch that saw a manifest ends the review of its blob's hold; a deletion of the manifest in between wants that
// review. One of the two transactions must notice the other, also where the review has its time already.
TEST_P(GarbageTest, AReviewThatIsAskedForAgainIsNotEndedByABatch) {
  if (database().IsEmbedded()) GTEST_SKIP() << "has one writer";
  options().gc_grace = Duration(0);
  Restart();
  const Repository repository = Repo("alice/app", alice());
  const auto config = PushBlob(repository, alice(), "config");
  const auto image = Put(repository, alice(), ImageText(*config, {}), {});
  ASSERT_TRUE(image);
  for (const Duration clock_behind : {Duration(0), Duration(5)}) {
    const auto blob = database().Read([&](sql::Connection& c) { return hold_store::FindBlob(c, *config); });
    ASSERT_TRUE(blob && *blob);
    Execute("UPDATE gc_review SET review_after = review_after + " + std::to_string(ToMicros(Timestamp(clock_behind))));
    int attempts = 0;
    ASSERT_TRUE(database().Write([&](sql::Transaction& tx) -> Result<void> {
      TRY(const bool needed, hold_store::HasEdge(tx, repository.id, (**blob).id));
      if (attempts++ == 0) {
        EXPECT_TRUE(needed);
        std::thread([&] {
          EXPECT_TRUE(registry().manifests().DeleteManifest(alice(), repository, image->digest));
        }).join();
      }
      if (!needed) return {};
      TRY_VOID(tx.ExecuteDynamic("DELETE FROM gc_review WHERE kind = 'repository_blob'", {}, [](const sql::Row&) {}));
      return {};
    }));
    EXPECT_EQ(Count("SELECT COUNT(*) FROM gc_review WHERE kind = 'repository_blob'"), 1);
    ASSERT_TRUE(Put(repository, alice(), ImageText(*config, {}), {}));
  }
}

// Many threads push, mount and delete the same few blobs while the collector takes everything that is not needed at
// that moment. Whoever was told "stored" must be able to read, until somebody deletes it: grace is over at once, so the
// lease alone protects.
TEST_P(GarbageTest, NoLiveBlobIsLostToARace) {
  constexpr int kContents = 4;
  options().gc_grace = Duration(0);
  Restart();
  std::atomic<bool> stop{false};
  std::mutex mutex;
  std::vector<std::string> lost;
  const auto lose = [&](std::string what) {
    const std::lock_guard lock(mutex);
    lost.push_back(std::move(what));
  };
  std::atomic<int> stored{0};
  std::atomic<int> passes{0};
  std::thread collector([&] {
    while (!stop) {
      // PostgreSQL may give up on a pass that collides with pushes again and again; the next one goes on.
      if (registry().garbage().Run(stop)) ++passes;
      clock().Advance(Duration(10));
    }
  });
  std::vector<std::thread> pushers;
  for (int t = 0; t < 6; ++t) {
    const Repository repository = Repo("alice/r" + std::to_string(t), alice());
    pushers.emplace_back([&, t, repository] {
      std::mt19937 random(static_cast<unsigned>(t));
      for (int i = 0; i < 40; ++i) {
        const std::string content = "content " + std::to_string(random() % kContents);
        const auto config = PushBlob(repository, alice(), content);
        if (!config) {
          lose("push: " + config.error().message);
          continue;
        }
        // Between push and manifest the blob may go, since there is no grace; then the manifest must say so.
        const auto image = Put(repository, alice(),
                               ImageText(*config, {}, R"(,"annotations":{"i":")" + std::to_string(i) + "\"}"), {"v"});
        if (!image) {
          if (image.error().code != ErrorCode::kManifestBlobUnknown) lose("manifest: " + image.error().message);
          continue;
        }
        ++stored;
        std::this_thread::sleep_for(std::chrono::microseconds(random() % 500));
        const auto file = registry().blobs().Open(repository.full_name, *config);
        if (!file || (*file)->size() != content.size()) lose("pull: " + (file ? "size" : file.error().message));
        const auto gone = registry().manifests().DeleteManifest(alice(), repository, image->digest);
        if (!gone) lose("delete: " + gone.error().message);
      }
    });
  }
  for (auto& pusher : pushers) pusher.join();
  stop = true;
  collector.join();
  EXPECT_EQ(lost, std::vector<std::string>());
  EXPECT_GT(stored, 0);
  EXPECT_GT(passes, 0);
  const std::atomic<bool> go_on{false};
  clock().Advance(std::chrono::seconds(1));
  ASSERT_TRUE(registry().garbage().Run(go_on));
  const auto report = Fsck(database(), blobs(), {});
  ASSERT_TRUE(report);
  EXPECT_TRUE(report->IsClean()) << report->ToJson();
}

TEST_P(GarbageTest, MaintenanceCollectsAtItsStart) {
  options().gc_interval = std::chrono::hours(1);
  Restart();
  const Repository repository = Repo("alice/app", alice());
  ASSERT_TRUE(PushBlob(repository, alice(), "garbage"));
  PassGrace();
  Maintenance maintenance(registry());
  maintenance.Start();
  for (int i = 0; i < 12'000 && registry().garbage().totals().blobs == 0; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  maintenance.Stop();
  EXPECT_EQ(registry().garbage().totals().blobs, 1);
}

TEST_P(GarbageTest, MaintenanceSweepsBlobsAndUploads) {
  ASSERT_TRUE((*blobs().CreateUpload("00000000-0000-4000-8000-000000000001"))->Append("orphan"));
  auto upload = blobs().OpenUpload("00000000-0000-4000-8000-000000000001");
  ASSERT_TRUE(upload);
  ASSERT_TRUE(blobs().Publish("00000000-0000-4000-8000-000000000001", *std::move(upload), DigestOf("orphan")));
  ASSERT_TRUE(blobs().CreateUpload("00000000-0000-4000-8000-000000000002"));
  clock().Advance(SystemClock().Now() - clock().Now());  // files carry real times
  Maintenance maintenance(registry());
  ASSERT_TRUE(maintenance.Sweep(false));
  EXPECT_EQ(Files(), 1) << "too young";
  EXPECT_EQ(blobs().ListUploads()->size(), 1u);
  clock().Advance(options().gc_grace + options().upload_expiry);
  ASSERT_TRUE(maintenance.Sweep(true));
  EXPECT_EQ(Files(), 1) << "it was to stop";
  ASSERT_TRUE(maintenance.Sweep(false));
  EXPECT_EQ(Files(), 0);
  EXPECT_TRUE(blobs().ListUploads()->empty());
  EXPECT_EQ(registry().garbage().totals().orphan_files, 1);
  EXPECT_EQ(registry().garbage().totals().uploads, 1);
}

TEST_P(GarbageTest, MaintenanceRunsByItselfAndStops) {
  options().gc_grace = Duration(0);
  options().gc_interval = std::chrono::milliseconds(5);
  options().counter_interval = std::chrono::hours(1);
  Restart();
  const Repository repository = Repo("alice/app", alice());
  PushImage(repository, alice(), "1", {"v1"});
  ASSERT_TRUE(PushBlob(repository, alice(), "garbage"));
  registry().pulls().Count(**registry().manifests().Get("alice/app", "v1"));
  clock().Advance(Duration(1));
  Maintenance maintenance(registry());
  maintenance.Start();
  for (int i = 0; i < 12'000 && registry().garbage().totals().blobs == 0; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  maintenance.Stop();
  EXPECT_EQ(registry().garbage().totals().blobs, 1);
  EXPECT_EQ(Count("SELECT pull_count FROM repository"), 1) << "written when it stops";
}

}  // namespace
}  // namespace berth::registry
