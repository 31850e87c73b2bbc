// Latency histogram with a bounded relative error.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace berth::bench {

// Log-linear buckets: 128 to each power of two, so a percentile is at most 0.8 % off.
// Values are nanoseconds. Not thread-safe.
class Histogram {
 public:
  void Record(uint64_t nanoseconds);
  void Clear();

  uint64_t count() const { return count_; }
  uint64_t max() const { return max_; }
  double Mean() const;
  // The upper bound of the bucket that holds the given share (0..1) of the values.
  uint64_t Percentile(double share) const;

  // {"p50_us":…, …, "buckets":[[upper_us,count],…]}, empty buckets left out.
  std::string ToJson() const;

 private:
  std::vector<uint64_t> buckets_;
  uint64_t count_ = 0;
  uint64_t max_ = 0;
  double sum_ = 0;
};

}  // namespace berth::bench
