// Counts pulls in memory; Flush writes them in one transaction. A crash loses the last seconds of counts, never
// anything else.
#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <unordered_map>

#include "base/clock.h"
#include "base/result.h"
#include "registry/caches.h"
#include "sql/database.h"

namespace berth::registry {

// Thread-safe. Count never blocks on anything but a short lock.
class PullCounter {
 public:
  PullCounter(sql::Database& database, const Clock& clock) : database_(database), clock_(clock) {}

  // A manifest was fetched with GET. An index only leads to the image that is pulled next, so it marks its tag and
  // itself as used but is no pull by itself.
  void Count(const ServedManifest& manifest);
  // A manifest was asked for with HEAD: no pull, but statistics tell of it.
  void CountCheck(const ServedManifest& manifest);
  // Writes what was counted since; on failure the counts stay for the next time.
  Result<void> Flush();

 private:
  static constexpr size_t kShards = 16;
  // One row of pull_hour.
  struct Slot {
    RepositoryId repository;
    int64_t tag = 0;  // 0: the repository as a whole
    Timestamp hour;
    bool operator==(const Slot&) const = default;
  };
  struct SlotHash {
    size_t operator()(const Slot& slot) const {
      const auto mix = [](uint64_t a, int64_t b) { return (a ^ static_cast<uint64_t>(b)) * 0x9e3779b97f4a7c15ULL; };
      return mix(mix(mix(1, slot.repository.value), slot.tag), ToMicros(slot.hour));
    }
  };
  struct Tally {
    int64_t pulls = 0;
    int64_t checks = 0;
    void Add(const Tally& other) {
      pulls += other.pulls;
      checks += other.checks;
    }
  };
  struct Counts {
    std::unordered_map<Slot, Tally, SlotHash> hours;
    std::unordered_map<RepositoryId, int64_t> repositories;
    std::unordered_map<ManifestId, Timestamp> manifests;
    std::unordered_map<int64_t, Timestamp> tags;
    bool empty() const { return hours.empty() && repositories.empty() && manifests.empty() && tags.empty(); }
  };
  struct Shard {
    std::mutex mutex;
    Counts counts;
  };

  Shard& OwnShard();
  static void AddToHour(Counts& counts, const ServedManifest& manifest, Timestamp now, const Tally& whole,
                        const Tally& by_tag);
  Counts TakeAll();
  void GiveBack(const Counts& counts);
  Result<void> WriteCounts(sql::Transaction& tx, const Counts& counts, Timestamp now);

  sql::Database& database_;
  const Clock& clock_;
  std::array<Shard, kShards> shards_;
};

}  // namespace berth::registry
