#include "registry/pull_counter.h"

#include <functional>
#include <thread>

namespace berth::registry {
namespace {

constexpr sql::Query kCountPulls{
    "pulls.count", "UPDATE repository SET pull_count = pull_count + $2, last_pulled_at = $3 WHERE id = $1"};
constexpr sql::Query kMarkTag{"pulls.mark_tag", "UPDATE tag SET last_pulled_at = $2 WHERE id = $1"};
// A manifest's row carries its bytes: it is not worth writing again within a minute.
constexpr sql::Query kMarkManifest{
    "pulls.mark_manifest",
    "UPDATE manifest SET last_pulled_at = $2 WHERE id = $1 AND (last_pulled_at IS NULL OR last_pulled_at < $3)"};
constexpr Duration kManifestPrecision = std::chrono::minutes(1);

}  // namespace

void PullCounter::Count(const ServedManifest& manifest) {
  // Threads keep to their shard, so that I/O threads don't wait for each other.
  thread_local const size_t own = std::hash<std::thread::id>()(std::this_thread::get_id()) % kShards;
  const Timestamp now = clock_.Now();
  Shard& shard = shards_[own];
  std::lock_guard lock(shard.mutex);
  shard.counts.repositories[manifest.repository] += manifest.is_index ? 0 : 1;
  shard.counts.manifests[manifest.id] = now;
  if (manifest.tag_id != 0) shard.counts.tags[manifest.tag_id] = now;
}

PullCounter::Counts PullCounter::TakeAll() {
  Counts all;
  for (Shard& shard : shards_) {
    Counts taken;
    {
      std::lock_guard lock(shard.mutex);
      std::swap(taken, shard.counts);
    }
    for (const auto& [id, count] : taken.repositories) all.repositories[id] += count;
    for (const auto& [id, when] : taken.manifests) all.manifests[id] = std::max(all.manifests[id], when);
    for (const auto& [id, when] : taken.tags) all.tags[id] = std::max(all.tags[id], when);
  }
  return all;
}

void PullCounter::GiveBack(const Counts& counts) {
  Shard& shard = shards_[0];
  std::lock_guard lock(shard.mutex);
  for (const auto& [id, count] : counts.repositories) shard.counts.repositories[id] += count;
  for (const auto& [id, when] : counts.manifests) shard.counts.manifests.try_emplace(id, when);
  for (const auto& [id, when] : counts.tags) shard.counts.tags.try_emplace(id, when);
}

Result<void> PullCounter::WriteCounts(sql::Transaction& tx, const Counts& counts, Timestamp now) {
  for (const auto& [id, count] : counts.repositories) TRY_VOID(tx.Run(kCountPulls, {id, count, now}));
  for (const auto& [id, when] : counts.tags) TRY_VOID(tx.Run(kMarkTag, {id, when}));
  for (const auto& [id, when] : counts.manifests) TRY_VOID(tx.Run(kMarkManifest, {id, when, when - kManifestPrecision}));
  return {};
}

Result<void> PullCounter::Flush() {
  const Counts counts = TakeAll();
  if (counts.empty()) return {};
  auto written = database_.Write([&](sql::Transaction& tx) { return WriteCounts(tx, counts, clock_.Now()); });
  if (!written) GiveBack(counts);
  return written;
}

}  // namespace berth::registry
