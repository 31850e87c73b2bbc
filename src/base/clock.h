// Time as Berth keeps it: microseconds since the Unix epoch, UTC. The clock is passed in, so tests can turn it.
#pragma once

#include <atomic>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace berth {

using Duration = std::chrono::microseconds;
using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;

inline int64_t ToMicros(Timestamp t) { return t.time_since_epoch().count(); }
inline Timestamp FromMicros(int64_t micros) { return Timestamp(Duration(micros)); }
inline int64_t ToUnixSeconds(Timestamp t) {
  return std::chrono::floor<std::chrono::seconds>(t).time_since_epoch().count();
}

// "2026-11-23T09:08:07.123456Z": always microseconds and Z, as Docker Hub's strict clients want it.
std::string FormatRfc3339(Timestamp t);
// Any RFC 3339 date-time, with or without fraction, Z or an offset. Empty when it is none.
std::optional<Timestamp> ParseRfc3339(std::string_view text);
// "Mon, 23 Nov 2026 09:08:07 GMT" (RFC 9110 §5.6.7).
std::string FormatHttpDate(Timestamp t);

// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Timestamp Now() const = 0;
};

class SystemClock final : public Clock {
 public:
  Timestamp Now() const override;
};

// For tests: stands still until told.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Timestamp start = FromMicros(1'700'000'000'000'000)) : now_(ToMicros(start)) {}
  Timestamp Now() const override { return FromMicros(now_.load()); }
  void Advance(Duration d) { now_.fetch_add(d.count()); }

 private:
  std::atomic<int64_t> now_;
};

}  // namespace berth
