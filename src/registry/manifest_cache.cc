#include "registry/manifest_cache.h"

namespace berth::registry {
namespace {

// Neither part can hold a line end. The buffer is reused: a look-up allocates nothing.
std::string_view KeyOf(std::string_view repository, std::string_view reference) {
  thread_local std::string key;
  key.assign(repository).append(1, '\n').append(reference);
  return key;
}

constexpr size_t kOverhead = 256;  // list node, map node, the manifest's own fields

}  // namespace

void ManifestCache::Erase(Shard& shard, std::list<Entry>::iterator entry) {
  shard.bytes -= entry->bytes;
  shard.by_key.erase(std::string_view(entry->key));
  shard.recent.erase(entry);
}

ServedManifestPtr ManifestCache::Find(std::string_view repository, std::string_view reference) {
  const std::string_view key = KeyOf(repository, reference);
  Shard& shard = ShardOf(key);
  std::lock_guard lock(shard.mutex);
  const auto found = shard.by_key.find(key);
  if (found == shard.by_key.end()) return nullptr;
  shard.recent.splice(shard.recent.begin(), shard.recent, found->second);
  return found->second->manifest;
}

uint64_t ManifestCache::Ticket(std::string_view repository, std::string_view reference) const {
  return shards_[Hash()(KeyOf(repository, reference)) % kShards].generation.load(std::memory_order_acquire);
}

void ManifestCache::Insert(std::string_view repository, std::string_view reference, ServedManifestPtr manifest,
                           uint64_t ticket) {
  const std::string_view key = KeyOf(repository, reference);
  const size_t bytes = kOverhead + key.size() + manifest->payload->size();
  if (bytes > per_shard_) return;
  Shard& shard = ShardOf(key);
  std::lock_guard lock(shard.mutex);
  if (shard.generation.load(std::memory_order_relaxed) != ticket || shard.by_key.contains(key)) return;
  shard.recent.push_front(Entry{std::string(key), std::move(manifest), bytes});
  shard.by_key.emplace(shard.recent.front().key, shard.recent.begin());
  shard.bytes += bytes;
  while (shard.bytes > per_shard_) Erase(shard, std::prev(shard.recent.end()));
}

void ManifestCache::Invalidate(std::string_view repository, std::string_view reference) {
  const std::string_view key = KeyOf(repository, reference);
  Shard& shard = ShardOf(key);
  std::lock_guard lock(shard.mutex);
  shard.generation.fetch_add(1, std::memory_order_release);
  const auto found = shard.by_key.find(key);
  if (found != shard.by_key.end()) Erase(shard, found->second);
}

void ManifestCache::Clear() {
  for (Shard& shard : shards_) {
    std::lock_guard lock(shard.mutex);
    shard.generation.fetch_add(1, std::memory_order_release);
    shard.by_key.clear();
    shard.recent.clear();
    shard.bytes = 0;
  }
}

}  // namespace berth::registry
