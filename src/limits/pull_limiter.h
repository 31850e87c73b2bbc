// Counts pulls against a limit in a window, by user or by address (IPv4, or the /64 of an IPv6 address), as Docker Hub
// does.
//
// The limit itself travels in the registry token (a plan's numbers at the time of issue), so that counting needs no
// database. Counts live in memory and are written behind by Flush; a crash loses the last seconds of a count. Copies of
// the server add up through the database: between two flushes a caller can overshoot by at most one limit's worth per
// further copy. An index and the manifest of a platform fetched after it are one pull; when another copy serves the
// second it counts as one of its own. Thread-safe; Count takes one short lock of a shard.
#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"
#include "base/result.h"
#include "sql/database.h"

namespace berth::limits {

struct PullLimit {
  int64_t pulls = -1;  // in the window; -1: no limit
  int64_t window_seconds = 21600;
};

struct PullVerdict {
  bool allowed = true;
  int64_t remaining = 0;
  int64_t retry_after_seconds = 0;  // until the window ends, when not allowed
};

// The key that an address is counted under: IPv4 as it is, IPv6 as its /64 ("2001:db8:0:1::/64").
std::string AddressKey(std::string_view address);

class PullLimiter {
 public:
  explicit PullLimiter(const Clock& clock) : clock_(clock) {}

  // A GET by `key`. Counts only when it is allowed. An index counts, and the next manifest that is none is free: it is
  // what the index was fetched for.
  PullVerdict Count(std::string_view key, const PullLimit& limit, bool is_index = false);
  // What Count would see, without counting (HEAD).
  PullVerdict Peek(std::string_view key, const PullLimit& limit);

  // Adds what was counted since the last call to the database, takes over what other copies counted, forgets ended
  // windows.
  Result<void> Flush(sql::Database& database);
  // At start: takes over the running windows.
  Result<void> Load(sql::Database& database);

 private:
  struct Window {
    int64_t start = 0;      // microseconds
    int64_t length = 0;     // microseconds
    int64_t pulls = 0;      // known in all
    int64_t unwritten = 0;  // of these, not yet in the database
    int64_t indexes = 0;    // of these, indexes whose platform was not fetched yet
  };
  struct Shard {
    std::mutex mutex;
    std::unordered_map<std::string, Window> windows;
  };
  static constexpr size_t kShards = 16;

  Shard& ShardOf(std::string_view key) { return shards_[std::hash<std::string_view>()(key) % kShards]; }
  static PullVerdict Judge(const Window& window, const PullLimit& limit, int64_t now);

  const Clock& clock_;
  std::array<Shard, kShards> shards_;
};

}  // namespace berth::limits
