// What was measured: latencies, bytes and errors of one run.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace berth::load {

using Clock = std::chrono::steady_clock;

class Statistics {
 public:
  void AddRequest(Clock::duration latency);
  void AddClient(Clock::duration until_done);
  void AddBytes(std::uint64_t count) { bytes_ += count; }
  // Counts an error and keeps the text of the first few.
  void AddError(const std::string& text);

  // One line of JSON; times in microseconds. `open` is the number of connections still open.
  std::string ToJson(Clock::duration elapsed, int open);

 private:
  std::vector<std::uint32_t> requests_;
  std::vector<std::uint32_t> clients_;
  std::uint64_t bytes_ = 0;
  std::uint64_t errors_ = 0;
  std::vector<std::string> texts_;
};

}  // namespace berth::load
