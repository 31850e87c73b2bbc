#include "histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdio>

namespace berth::bench {
namespace {

constexpr unsigned kSubBits = 7;
constexpr uint64_t kSubCount = uint64_t{1} << kSubBits;

size_t BucketOf(uint64_t value) {
  if (value < kSubCount) return value;
  const unsigned shift = std::bit_width(value) - 1 - kSubBits;
  return (shift + 1) * kSubCount + ((value >> shift) - kSubCount);
}

uint64_t UpperBound(size_t bucket) {
  if (bucket < kSubCount) return bucket;
  const unsigned shift = bucket / kSubCount - 1;
  return ((bucket % kSubCount + kSubCount + 1) << shift) - 1;
}

std::string Micros(uint64_t nanoseconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", static_cast<double>(nanoseconds) / 1000.0);
  return text;
}

}  // namespace

void Histogram::Record(uint64_t nanoseconds) {
  const size_t bucket = BucketOf(nanoseconds);
  if (bucket >= buckets_.size()) buckets_.resize(bucket + 1);
  ++buckets_[bucket];
  ++count_;
  max_ = std::max(max_, nanoseconds);
  sum_ += static_cast<double>(nanoseconds);
}

void Histogram::Clear() { *this = Histogram(); }

double Histogram::Mean() const { return count_ == 0 ? 0 : sum_ / static_cast<double>(count_); }

uint64_t Histogram::Percentile(double share) const {
  if (count_ == 0) return 0;
  const auto wanted = static_cast<uint64_t>(std::ceil(share * static_cast<double>(count_)));
  uint64_t seen = 0;
  for (size_t i = 0; i < buckets_.size(); ++i) {
    seen += buckets_[i];
    if (seen >= wanted) return std::min(UpperBound(i), max_);
  }
  return max_;
}

std::string Histogram::ToJson() const {
  std::string out = "{\"count\":" + std::to_string(count_);
  out += ",\"mean_us\":" + Micros(static_cast<uint64_t>(Mean()));
  const std::pair<const char*, double> shares[] = {{"p50_us", 0.50}, {"p75_us", 0.75}, {"p90_us", 0.90},
                                                   {"p95_us", 0.95}, {"p99_us", 0.99}, {"p999_us", 0.999}};
  for (const auto& [name, share] : shares) {
    out += ",\"" + std::string(name) + "\":" + Micros(Percentile(share));
  }
  out += ",\"max_us\":" + Micros(max_) + ",\"buckets\":[";
  bool first = true;
  for (size_t i = 0; i < buckets_.size(); ++i) {
    if (buckets_[i] == 0) continue;
    if (!first) out += ',';
    first = false;
    out += '[' + Micros(UpperBound(i)) + ',' + std::to_string(buckets_[i]) + ']';
  }
  return out + "]}";
}

}  // namespace berth::bench
