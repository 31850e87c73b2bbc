#include "limits/pull_limiter.h"

#include <arpa/inet.h>

#include <algorithm>
#include <vector>

namespace berth::limits {
namespace {

constexpr int64_t kSecond = 1'000'000;
constexpr int64_t kLongestWindow = 31 * 86400 * kSecond;

constexpr sql::Query kAdd{
    "pull_usage.add",
    "INSERT INTO pull_usage (key, window_start, pulls) VALUES ($1, $2, $3) "
    "ON CONFLICT (key) DO UPDATE SET "
    "pulls = CASE WHEN pull_usage.window_start >= $4 THEN pull_usage.pulls + excluded.pulls ELSE excluded.pulls END, "
    "window_start = CASE WHEN pull_usage.window_start >= $4 THEN pull_usage.window_start "
    "ELSE excluded.window_start END "
    "RETURNING window_start, pulls"};
constexpr sql::Query kLoad{"pull_usage.load",
                           "SELECT key, window_start, pulls FROM pull_usage WHERE window_start > $1"};
constexpr sql::Query kForget{"pull_usage.forget", "DELETE FROM pull_usage WHERE window_start <= $1"};

struct Delta {
  std::string key;
  int64_t start;
  int64_t length;
  int64_t pulls;
};

}  // namespace

std::string AddressKey(std::string_view address) {
  const std::string text(address);
  in6_addr v6{};
  if (inet_pton(AF_INET6, text.c_str(), &v6) != 1) return text;
  if (IN6_IS_ADDR_V4MAPPED(&v6)) {
    char out[INET_ADDRSTRLEN];
    inet_ntop(AF_INET, &v6.s6_addr[12], out, sizeof out);
    return out;
  }
  std::fill(v6.s6_addr + 8, v6.s6_addr + 16, 0);
  char out[INET6_ADDRSTRLEN];
  inet_ntop(AF_INET6, &v6, out, sizeof out);
  return std::string(out) + "/64";
}

PullVerdict PullLimiter::Judge(const Window& window, const PullLimit& limit, int64_t now) {
  PullVerdict verdict;
  verdict.allowed = window.pulls < limit.pulls;
  verdict.remaining = std::max<int64_t>(0, limit.pulls - window.pulls);
  if (!verdict.allowed)
    verdict.retry_after_seconds = std::max<int64_t>(1, (window.start + window.length - now + kSecond - 1) / kSecond);
  return verdict;
}

PullVerdict PullLimiter::Count(std::string_view key, const PullLimit& limit, bool is_index) {
  const int64_t now = ToMicros(clock_.Now());
  Shard& shard = ShardOf(key);
  const std::lock_guard lock(shard.mutex);
  Window& window = shard.windows[std::string(key)];
  if (window.length == 0 || now >= window.start + window.length) {
    window = {.start = now, .length = limit.window_seconds * kSecond};
  }
  PullVerdict verdict = Judge(window, limit, now);
  if (!is_index && window.indexes > 0) {
    --window.indexes;
    verdict.allowed = true;
    verdict.retry_after_seconds = 0;
    return verdict;
  }
  if (!verdict.allowed) return verdict;
  ++window.pulls;
  ++window.unwritten;
  if (is_index) ++window.indexes;
  --verdict.remaining;
  return verdict;
}

PullVerdict PullLimiter::Peek(std::string_view key, const PullLimit& limit) {
  const int64_t now = ToMicros(clock_.Now());
  Shard& shard = ShardOf(key);
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.windows.find(std::string(key));
  if (found == shard.windows.end() || now >= found->second.start + found->second.length)
    return {.remaining = limit.pulls};
  return Judge(found->second, limit, now);
}

Result<void> PullLimiter::Flush(sql::Database& database) {
  const int64_t now = ToMicros(clock_.Now());
  std::vector<Delta> deltas;
  for (Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    std::erase_if(shard.windows, [now](const auto& entry) { return now >= entry.second.start + entry.second.length; });
    for (auto& [key, window] : shard.windows) {
      if (window.unwritten > 0) deltas.push_back({key, window.start, window.length, window.unwritten});
    }
  }
  if (deltas.empty()) return {};
  std::vector<std::pair<int64_t, int64_t>> totals;  // start, pulls as the database has them afterwards
  auto written = database.Write([&](sql::Transaction& tx) -> Result<void> {
    totals.clear();
    for (const Delta& d : deltas) {
      const auto take = [&](const sql::Row& row) { totals.emplace_back(row.Int(0), row.Int(1)); };
      TRY_VOID(tx.Each(kAdd, {d.key, d.start, d.pulls, now - d.length}, take));
    }
    TRY_VOID(tx.Run(kForget, {now - kLongestWindow}));
    return {};
  });
  if (!written) return written;
  for (size_t i = 0; i < deltas.size(); ++i) {
    Shard& shard = ShardOf(deltas[i].key);
    const std::lock_guard lock(shard.mutex);
    const auto found = shard.windows.find(deltas[i].key);
    if (found == shard.windows.end() || found->second.start != deltas[i].start) continue;
    Window& window = found->second;
    window.unwritten -= deltas[i].pulls;
    window.start = totals[i].first;
    window.pulls = totals[i].second + window.unwritten;
  }
  return {};
}

Result<void> PullLimiter::Load(sql::Database& database) {
  const int64_t now = ToMicros(clock_.Now());
  // The window's length is the plan's business and not kept; the default serves until the first flush of a copy that
  // knows better.
  const int64_t length = PullLimit().window_seconds * kSecond;
  return database.Read([&](sql::Connection& connection) -> Result<void> {
    TRY_VOID(connection.Each(kLoad, {now - length}, [&](const sql::Row& row) {
      Shard& shard = ShardOf(row.Text(0));
      const std::lock_guard lock(shard.mutex);
      shard.windows[row.String(0)] = {.start = row.Int(1), .length = length, .pulls = row.Int(2)};
    }));
    return {};
  });
}

}  // namespace berth::limits
