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
// An hour of the repository, and of a tag that is still there.
constexpr sql::Query kCountHour{
    "pulls.count_hour",
    "INSERT INTO pull_hour (repository_id, tag, hour, pulls, version_checks)"
    " SELECT r.id, COALESCE(t.name, ''), $3, $4, $5 FROM repository r LEFT JOIN tag t ON t.id = $2"
    " WHERE r.id = $1 AND ($2 = 0 OR t.id IS NOT NULL)"
    " ON CONFLICT (repository_id, tag, hour) DO UPDATE SET pulls = pull_hour.pulls + excluded.pulls,"
    " version_checks = pull_hour.version_checks + excluded.version_checks"};
constexpr Duration kManifestPrecision = std::chrono::minutes(1);

}  // namespace

// Threads keep to their shard, so that I/O threads don't wait for each other.
PullCounter::Shard& PullCounter::OwnShard() {
  thread_local const size_t own = std::hash<std::thread::id>()(std::this_thread::get_id()) % kShards;
  return shards_[own];
}

void PullCounter::AddToHour(Counts& counts, const ServedManifest& manifest, Timestamp now, const Tally& whole,
                            const Tally& by_tag) {
  const Timestamp hour = std::chrono::floor<std::chrono::hours>(now);
  if (whole.pulls + whole.checks > 0) counts.hours[{manifest.repository, 0, hour}].Add(whole);
  if (manifest.tag_id != 0) counts.hours[{manifest.repository, manifest.tag_id, hour}].Add(by_tag);
}

void PullCounter::Count(const ServedManifest& manifest) {
  const Timestamp now = clock_.Now();
  const int64_t pulls = manifest.is_index ? 0 : 1;
  Shard& shard = OwnShard();
  std::lock_guard lock(shard.mutex);
  shard.counts.repositories[manifest.repository] += pulls;
  shard.counts.manifests[manifest.id] = now;
  if (manifest.tag_id != 0) shard.counts.tags[manifest.tag_id] = now;
  // By tag an index counts: what is pulled next comes by digest.
  AddToHour(shard.counts, manifest, now, {pulls, 0}, {1, 0});
}

void PullCounter::CountCheck(const ServedManifest& manifest) {
  const Timestamp now = clock_.Now();
  Shard& shard = OwnShard();
  std::lock_guard lock(shard.mutex);
  AddToHour(shard.counts, manifest, now, {0, 1}, {0, 1});
}

PullCounter::Counts PullCounter::TakeAll() {
  Counts all;
  for (Shard& shard : shards_) {
    Counts taken;
    {
      std::lock_guard lock(shard.mutex);
      std::swap(taken, shard.counts);
    }
    for (const auto& [slot, tally] : taken.hours) all.hours[slot].Add(tally);
    for (const auto& [id, count] : taken.repositories) all.repositories[id] += count;
    for (const auto& [id, when] : taken.manifests) all.manifests[id] = std::max(all.manifests[id], when);
    for (const auto& [id, when] : taken.tags) all.tags[id] = std::max(all.tags[id], when);
  }
  return all;
}

void PullCounter::GiveBack(const Counts& counts) {
  Shard& shard = shards_[0];
  std::lock_guard lock(shard.mutex);
  for (const auto& [slot, tally] : counts.hours) shard.counts.hours[slot].Add(tally);
  for (const auto& [id, count] : counts.repositories) shard.counts.repositories[id] += count;
  for (const auto& [id, when] : counts.manifests) shard.counts.manifests.try_emplace(id, when);
  for (const auto& [id, when] : counts.tags) shard.counts.tags.try_emplace(id, when);
}

Result<void> PullCounter::WriteCounts(sql::Transaction& tx, const Counts& counts, Timestamp now) {
  for (const auto& [id, count] : counts.repositories) TRY_VOID(tx.Run(kCountPulls, {id, count, now}));
  for (const auto& [slot, tally] : counts.hours) {
    TRY_VOID(tx.Run(kCountHour, {slot.repository, slot.tag, slot.hour, tally.pulls, tally.checks}));
  }
  for (const auto& [id, when] : counts.tags) TRY_VOID(tx.Run(kMarkTag, {id, when}));
  for (const auto& [id, when] : counts.manifests)
    TRY_VOID(tx.Run(kMarkManifest, {id, when, when - kManifestPrecision}));
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
