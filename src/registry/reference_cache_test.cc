#include "registry/reference_cache.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace berth::registry {
namespace {

using Text = std::shared_ptr<const std::string>;
using TextCache = ReferenceCache<Text>;

Text Make(std::string text) { return std::make_shared<const std::string>(std::move(text)); }

void Insert(TextCache& cache, const std::string& reference, const Text& text, uint64_t ticket) {
  cache.Insert("a/b", reference, text, text->size(), ticket);
}

TEST(ReferenceCache, FindsByRepositoryAndReference) {
  TextCache cache(1 << 20);
  Insert(cache, "latest", Make("1"), cache.Ticket("a/b", "latest"));
  ASSERT_TRUE(cache.Find("a/b", "latest"));
  EXPECT_EQ(*cache.Find("a/b", "latest"), "1");
  EXPECT_FALSE(cache.Find("a/c", "latest")) << "never another repository's";
  EXPECT_FALSE(cache.Find("a/b", "v1"));
}

TEST(ReferenceCache, WhatWasReadBeforeAChangeIsNotInsertedAfterIt) {
  TextCache cache(1 << 20);
  const uint64_t ticket = cache.Ticket("a/b", "latest");
  cache.Invalidate("a/b", "latest");
  Insert(cache, "latest", Make("old"), ticket);
  EXPECT_FALSE(cache.Find("a/b", "latest"));
  Insert(cache, "latest", Make("new"), cache.Ticket("a/b", "latest"));
  EXPECT_TRUE(cache.Find("a/b", "latest"));
  cache.Clear();
  EXPECT_FALSE(cache.Find("a/b", "latest"));
}

TEST(ReferenceCache, StaysWithinItsBytes) {
  TextCache cache(32 * 4096);
  for (int i = 0; i < 1000; ++i) {
    const std::string tag = "t" + std::to_string(i);
    Insert(cache, tag, Make(std::string(1000, 'x')), cache.Ticket("a/b", tag));
  }
  int kept = 0;
  for (int i = 0; i < 1000; ++i) kept += cache.Find("a/b", "t" + std::to_string(i)) ? 1 : 0;
  EXPECT_GT(kept, 0);
  EXPECT_LE(kept, 32 * 3);
  Insert(cache, "huge", Make(std::string(8192, 'x')), cache.Ticket("a/b", "huge"));
  EXPECT_FALSE(cache.Find("a/b", "huge"));
}

TEST(ReferenceCache, NothingIsKeptWithoutBytes) {
  TextCache cache(0);
  Insert(cache, "latest", Make("1"), cache.Ticket("a/b", "latest"));
  EXPECT_FALSE(cache.Find("a/b", "latest"));
}

// A "database" of one number, changed and invalidated while readers fill the cache: after an invalidation no reader
// sees less.
TEST(ReferenceCache, NeverAnswersWhatWasReplacedBefore) {
  TextCache cache(1 << 20);
  std::atomic<int> stored{0};
  std::atomic<int> acknowledged{0};
  std::atomic<bool> stop{false};
  std::atomic<int> stale{0};
  std::vector<std::thread> readers;
  for (int t = 0; t < 4; ++t) {
    readers.emplace_back([&] {
      while (!stop) {
        const int least = acknowledged.load();
        Text found = cache.Find("a/b", "latest");
        if (!found) {
          const uint64_t ticket = cache.Ticket("a/b", "latest");
          found = Make(std::to_string(stored.load()));
          Insert(cache, "latest", found, ticket);
        }
        if (std::stoi(*found) < least) ++stale;
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
