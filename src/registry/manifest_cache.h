// Manifests ready to be sent, by repository and reference, so that a popular pull costs no query.
//
// Exactness: a reader takes Ticket() before it queries and hands it to Insert; Invalidate, called after a commit, makes
// older tickets worthless. So what was read before a change can't be inserted after it.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/id.h"
#include "crypto/digest.h"

namespace berth::registry {

// A manifest as it is answered. Immutable once shared.
struct ServedManifest {
  RepositoryId repository;
  ManifestId id;
  int64_t tag_id = 0;  // when it was found by tag
  Digest digest;
  std::string media_type;
  bool is_index = false;
  std::shared_ptr<const std::string> payload;
};
using ServedManifestPtr = std::shared_ptr<const ServedManifest>;

// Thread-safe; never blocks on anything but a short lock.
class ManifestCache {
 public:
  explicit ManifestCache(size_t max_bytes) : per_shard_(max_bytes / kShards) {}

  // `reference` is a tag or a digest, as in the request.
  ServedManifestPtr Find(std::string_view repository, std::string_view reference);
  uint64_t Ticket(std::string_view repository, std::string_view reference) const;
  void Insert(std::string_view repository, std::string_view reference, ServedManifestPtr manifest, uint64_t ticket);
  void Invalidate(std::string_view repository, std::string_view reference);
  // Everything, for changes of a whole repository.
  void Clear();

 private:
  static constexpr size_t kShards = 32;
  struct Entry {
    std::string key;
    ServedManifestPtr manifest;
    size_t bytes = 0;
  };
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  struct Shard {
    std::mutex mutex;
    std::list<Entry> recent;  // newest first
    std::unordered_map<std::string_view, std::list<Entry>::iterator, Hash, std::equal_to<>>
        by_key;  // views into `recent`
    size_t bytes = 0;
    std::atomic<uint64_t> generation{0};
  };

  Shard& ShardOf(std::string_view key) { return shards_[Hash()(key) % kShards]; }
  static void Erase(Shard& shard, std::list<Entry>::iterator entry);

  const size_t per_shard_;
  std::array<Shard, kShards> shards_;
};

}  // namespace berth::registry
