#include "accounts/credential_cache.h"

namespace berth::accounts {
namespace {

constexpr size_t kShards = 16;

struct TextHash {
  using is_transparent = void;
  size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
};

}  // namespace

struct CredentialCache::Shard {
  struct Entry {
    std::shared_ptr<const Credential> credential;
    Timestamp read_at;
  };
  std::mutex mutex;
  std::unordered_map<std::string, Entry, TextHash, std::equal_to<>> entries;
};

CredentialCache::CredentialCache(const Clock& clock, size_t capacity)
    : clock_(clock), shard_capacity_(capacity / kShards + 1), shards_(std::make_unique<Shard[]>(kShards)) {}

CredentialCache::~CredentialCache() = default;

std::shared_ptr<const Credential> CredentialCache::Find(std::string_view key) {
  Shard& shard = shards_[TextHash()(key) % kShards];
  std::lock_guard lock(shard.mutex);
  const auto found = shard.entries.find(key);
  if (found == shard.entries.end()) return nullptr;
  const Timestamp now = clock_.Now();
  // A clock that was set back must not keep an entry alive.
  if (now < found->second.read_at || now - found->second.read_at >= kLifetime) {
    shard.entries.erase(found);
    return nullptr;
  }
  return found->second.credential;
}

uint64_t CredentialCache::Generation() const { return generation_.load(); }

void CredentialCache::Put(std::string_view key, std::shared_ptr<const Credential> credential, uint64_t generation) {
  Shard& shard = shards_[TextHash()(key) % kShards];
  std::lock_guard lock(shard.mutex);
  if (generation_.load() != generation) return;
  // Entries live for seconds, so a full shard is simply begun anew.
  if (shard.entries.size() >= shard_capacity_) shard.entries.clear();
  shard.entries.insert_or_assign(std::string(key), Shard::Entry{std::move(credential), clock_.Now()});
}

void CredentialCache::Forget() {
  // First the number, then the entries: a Put that comes between is either refused or cleared.
  generation_.fetch_add(1);
  for (size_t i = 0; i < kShards; ++i) {
    std::lock_guard lock(shards_[i].mutex);
    shards_[i].entries.clear();
  }
}

}  // namespace berth::accounts
