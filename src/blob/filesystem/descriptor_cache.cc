#include "blob/filesystem/descriptor_cache.h"

namespace berth::blob {

std::shared_ptr<const BlobFile> DescriptorCache::Find(const Digest& digest, uint64_t& generation) {
  Shard& shard = ShardOf(digest);
  std::lock_guard lock(shard.mutex);
  generation = shard.generation;
  const auto found = shard.by_digest.find(digest);
  if (found == shard.by_digest.end()) return nullptr;
  shard.recent.splice(shard.recent.begin(), shard.recent, found->second);
  return found->second->second;
}

void DescriptorCache::Insert(const Digest& digest, std::shared_ptr<const BlobFile> file, uint64_t generation) {
  if (per_shard_ == 0) return;
  Shard& shard = ShardOf(digest);
  std::shared_ptr<const BlobFile> dropped;  // declared first, so closed after the lock is gone
  std::lock_guard lock(shard.mutex);
  if (shard.generation != generation || shard.by_digest.contains(digest)) return;
  shard.recent.emplace_front(digest, std::move(file));
  shard.by_digest[digest] = shard.recent.begin();
  if (shard.recent.size() > per_shard_) {
    dropped = std::move(shard.recent.back().second);
    shard.by_digest.erase(shard.recent.back().first);
    shard.recent.pop_back();
  }
}

void DescriptorCache::Revoke(const Digest& digest) {
  Shard& shard = ShardOf(digest);
  std::lock_guard lock(shard.mutex);
  ++shard.generation;
  const auto found = shard.by_digest.find(digest);
  if (found == shard.by_digest.end()) return;
  shard.recent.erase(found->second);
  shard.by_digest.erase(found);
}

}  // namespace berth::blob
