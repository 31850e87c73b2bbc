#include "layers/memory_cache.h"

#include <iterator>

namespace berth::layers {

std::shared_ptr<const void> MemoryCache::FindAny(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto found = places_.find(key);
  if (found == places_.end()) return nullptr;
  recent_.splice(recent_.begin(), recent_, found->second);
  return found->second->value;
}

void MemoryCache::Drop(std::list<Entry>::iterator entry, std::list<Entry>& dropped) {
  bytes_ -= entry->bytes;
  places_.erase(entry->key);
  dropped.splice(dropped.end(), recent_, entry);
}

void MemoryCache::Keep(const std::string& key, std::shared_ptr<const void> value, size_t bytes) {
  if (bytes > max_bytes_) return;
  std::list<Entry> dropped;  // freed after the lock is gone
  const std::lock_guard lock(mutex_);
  if (const auto found = places_.find(key); found != places_.end()) Drop(found->second, dropped);
  recent_.push_front({key, std::move(value), bytes});
  places_[key] = recent_.begin();
  bytes_ += bytes;
  while (bytes_ > max_bytes_) Drop(std::prev(recent_.end()), dropped);
}

void MemoryCache::Forget(const std::string& key) {
  std::list<Entry> dropped;
  const std::lock_guard lock(mutex_);
  if (const auto found = places_.find(key); found != places_.end()) Drop(found->second, dropped);
}

}  // namespace berth::layers
