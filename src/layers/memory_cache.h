// The most recently used of things that are dear to make, up to a number of bytes altogether. Thread-safe.
#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

namespace berth::layers {

class MemoryCache {
 public:
  explicit MemoryCache(size_t max_bytes) : max_bytes_(max_bytes) {}

  // The caller knows what type is kept under a key.
  template <typename T>
  std::shared_ptr<const T> Find(const std::string& key) {
    return std::static_pointer_cast<const T>(FindAny(key));
  }
  // What is larger than the cache is not kept.
  void Keep(const std::string& key, std::shared_ptr<const void> value, size_t bytes);
  void Forget(const std::string& key);

 private:
  struct Entry {
    std::string key;
    std::shared_ptr<const void> value;
    size_t bytes = 0;
  };
  std::shared_ptr<const void> FindAny(const std::string& key);
  void Drop(std::list<Entry>::iterator entry, std::list<Entry>& dropped);

  const size_t max_bytes_;
  std::mutex mutex_;
  size_t bytes_ = 0;
  std::list<Entry> recent_;  // the most recently used first
  std::unordered_map<std::string, std::list<Entry>::iterator> places_;
};

}  // namespace berth::layers
