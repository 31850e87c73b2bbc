#include "registry/manifest_cache.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace berth::registry {
namespace {

ServedManifestPtr Make(const std::string& payload) {
  auto manifest = std::make_shared<ServedManifest>();
  manifest->payload = std::make_shared<const std::string>(payload);
  return manifest;
}

TEST(ManifestCache, FindsByRepositoryAndReference) {
  ManifestCache cache(1 << 20);
  cache.Insert("a/b", "latest", Make("1"), cache.Ticket("a/b", "latest"));
  ASSERT_TRUE(cache.Find("a/b", "latest"));
  EXPECT_EQ(*cache.Find("a/b", "latest")->payload, "1");
  EXPECT_FALSE(cache.Find("a/c", "latest")) << "never another repository's";
  EXPECT_FALSE(cache.Find("a/b", "v1"));
}

TEST(ManifestCache, WhatWasReadBeforeAChangeIsNotInsertedAfterIt) {
  ManifestCache cache(1 << 20);
  const uint64_t ticket = cache.Ticket("a/b", "latest");
  cache.Invalidate("a/b", "latest");
  cache.Insert("a/b", "latest", Make("old"), ticket);
  EXPECT_FALSE(cache.Find("a/b", "latest"));
  cache.Insert("a/b", "latest", Make("new"), cache.Ticket("a/b", "latest"));
  EXPECT_TRUE(cache.Find("a/b", "latest"));
  cache.Clear();
  EXPECT_FALSE(cache.Find("a/b", "latest"));
}

TEST(ManifestCache, StaysWithinItsBytes) {
  ManifestCache cache(32 * 4096);
  for (int i = 0; i < 1000; ++i) {
    const std::string tag = "t" + std::to_string(i);
    cache.Insert("a/b", tag, Make(std::string(1000, 'x')), cache.Ticket("a/b", tag));
  }
  int kept = 0;
  for (int i = 0; i < 1000; ++i) kept += cache.Find("a/b", "t" + std::to_string(i)) ? 1 : 0;
  EXPECT_GT(kept, 0);
  EXPECT_LE(kept, 32 * 3);
  cache.Insert("a/b", "huge", Make(std::string(8192, 'x')), cache.Ticket("a/b", "huge"));
  EXPECT_FALSE(cache.Find("a/b", "huge"));
}

TEST(ManifestCache, NothingIsKeptWithoutBytes) {
  ManifestCache cache(0);
  cache.Insert("a/b", "latest", Make("1"), cache.Ticket("a/b", "latest"));
  EXPECT_FALSE(cache.Find("a/b", "latest"));
}

// A "database" of one number, changed and invalidated while readers fill the cache: after an invalidation no reader
// sees less.
TEST(ManifestCache, NeverAnswersWhatWasReplacedBefore) {
  ManifestCache cache(1 << 20);
  std::atomic<int> stored{0};
  std::atomic<int> acknowledged{0};
  std::atomic<bool> stop{false};
  std::atomic<int> stale{0};
  std::vector<std::thread> readers;
  for (int t = 0; t < 4; ++t) {
    readers.emplace_back([&] {
      while (!stop) {
        const int least = acknowledged.load();
        ServedManifestPtr found = cache.Find("a/b", "latest");
        if (!found) {
          const uint64_t ticket = cache.Ticket("a/b", "latest");
          found = Make(std::to_string(stored.load()));
          cache.Insert("a/b", "latest", found, ticket);
        }
        if (std::stoi(*found->payload) < least) ++stale;
      }
    });
  }
  for (int i = 1; i < 20'000; ++i) {
    stored = i;
    cache.Invalidate("a/b", "latest");
    acknowledged = i;
  }
  stop = true;
  for (auto& reader : readers) reader.join();
  EXPECT_EQ(stale, 0);
}

}  // namespace
}  // namespace berth::registry
