// Open descriptors of blobs that were read lately, so that a popular blob is opened once.
#pragma once

#include <array>
#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "blob/blob_store.h"

namespace berth::blob {

// Thread-safe, never blocks on the disk.
class DescriptorCache {
 public:
  explicit DescriptorCache(size_t capacity) : per_shard_((capacity + kShards - 1) / kShards) {}

  // The open blob or null; `generation` goes back into Insert.
  std::shared_ptr<const BlobFile> Find(const Digest& digest, uint64_t& generation);
  // Keeps the file unless something was revoked since Find: the file may be the one that went.
  void Insert(const Digest& digest, std::shared_ptr<const BlobFile> file, uint64_t generation);
  // Forgets the blob. Readers that hold it keep their descriptor.
  void Revoke(const Digest& digest);

 private:
  static constexpr size_t kShards = 16;
  using Entry = std::pair<Digest, std::shared_ptr<const BlobFile>>;
  struct Shard {
    std::mutex mutex;
    std::list<Entry> recent;  // newest first
    std::unordered_map<Digest, std::list<Entry>::iterator> by_digest;
    uint64_t generation = 0;
  };
  Shard& ShardOf(const Digest& digest) { return shards_[std::hash<Digest>()(digest) % kShards]; }

  const size_t per_shard_;
  std::array<Shard, kShards> shards_;
};

}  // namespace berth::blob
