// Answers by repository and reference that stay right, so that what is asked often costs no query.
//
// Exactness: a reader takes Ticket() before it queries and hands it to Insert; Invalidate, called after a commit, makes
// older tickets worthless. So what was read before a change can't be inserted after it.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <iterator>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace berth::registry {

// Thread-safe; never blocks on anything but a short lock. A default Value means "not known here".
template <typename Value>
class ReferenceCache {
 public:
  explicit ReferenceCache(size_t max_bytes) : per_shard_(max_bytes / kShards) {}

  // `reference` is a tag or a digest, as in the request.
  Value Find(std::string_view repository, std::string_view reference) {
    const std::string_view key = KeyOf(repository, reference);
    Shard& shard = ShardOf(key);
    std::lock_guard lock(shard.mutex);
    const auto found = shard.by_key.find(key);
    if (found == shard.by_key.end()) return Value();
    shard.recent.splice(shard.recent.begin(), shard.recent, found->second);
    return found->second->value;
  }

  uint64_t Ticket(std::string_view repository, std::string_view reference) {
    return ShardOf(KeyOf(repository, reference)).generation.load(std::memory_order_acquire);
  }

  // `value_bytes`: what the value holds besides itself.
  void Insert(std::string_view repository, std::string_view reference, Value value, size_t value_bytes,
              uint64_t ticket) {
    const std::string_view key = KeyOf(repository, reference);
    const size_t bytes = kOverhead + key.size() + value_bytes;
    if (bytes > per_shard_) return;
    Shard& shard = ShardOf(key);
    std::lock_guard lock(shard.mutex);
    if (shard.generation.load(std::memory_order_relaxed) != ticket || shard.by_key.contains(key)) return;
    shard.recent.push_front(Entry{std::string(key), std::move(value), bytes});
    shard.by_key.emplace(shard.recent.front().key, shard.recent.begin());
    shard.bytes += bytes;
    while (shard.bytes > per_shard_) Erase(shard, std::prev(shard.recent.end()));
  }

  void Invalidate(std::string_view repository, std::string_view reference) {
    const std::string_view key = KeyOf(repository, reference);
    Shard& shard = ShardOf(key);
    std::lock_guard lock(shard.mutex);
    shard.generation.fetch_add(1, std::memory_order_release);
    const auto found = shard.by_key.find(key);
    if (found != shard.by_key.end()) Erase(shard, found->second);
  }

  // Everything, for changes of many at once.
  void Clear() {
    for (Shard& shard : shards_) {
      std::lock_guard lock(shard.mutex);
      shard.generation.fetch_add(1, std::memory_order_release);
      shard.by_key.clear();
      shard.recent.clear();
      shard.bytes = 0;
    }
  }

 private:
  static constexpr size_t kShards = 32;
  static constexpr size_t kOverhead = 256;  // list node, map node, the value's own fields
  struct Entry {
    std::string key;
    Value value;
    size_t bytes = 0;
  };
  using Entries = std::list<Entry>;
  struct Shard {
    std::mutex mutex;
    Entries recent;                                                           // newest first
    std::unordered_map<std::string_view, typename Entries::iterator> by_key;  // views into `recent`
    size_t bytes = 0;
    std::atomic<uint64_t> generation{0};
  };

  // Neither part can hold a line end. The buffer is reused: a look-up allocates nothing.
  static std::string_view KeyOf(std::string_view repository, std::string_view reference) {
    thread_local std::string key;
    key.assign(repository).append(1, '\n').append(reference);
    return key;
  }
  Shard& ShardOf(std::string_view key) { return shards_[std::hash<std::string_view>()(key) % kShards]; }
  static void Erase(Shard& shard, typename Entries::iterator entry) {
    shard.bytes -= entry->bytes;
    shard.by_key.erase(std::string_view(entry->key));
    shard.recent.erase(entry);
  }

  const size_t per_shard_;
  std::array<Shard, kShards> shards_;
};

}  // namespace berth::registry
