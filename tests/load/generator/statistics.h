// What was measured: latencies, bytes and errors of one run.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace berth::load {

using Clock = std::chrono::steady_clock;

// A span of time in which nothing that was measured counts.
struct Pause {
  Clock::time_point begin;
  Clock::time_point end;
};

class Statistics {
 public:
  void AddRequest(Clock::time_point begin, Clock::time_point done);
  void AddClient(Clock::duration until_done);
  void AddBytes(std::uint64_t count) { bytes_ += count; }
  // Counts an error and keeps the text of the first few.
  void AddError(const std::string& text);

  // Forgets the requests that were under way in one of the pauses.
  void LeaveOut(const std::vector<Pause>& pauses);

  // One line of JSON; times in microseconds. `open` is the number of connections still open.
  std::string ToJson(Clock::duration elapsed, int open);

 private:
  struct Request {
    Clock::time_point begin;
    std::uint32_t latency;  // µs
  };

  std::vector<Request> requests_;
  std::size_t left_out_ = 0;
  std::vector<std::uint32_t> clients_;
  std::uint64_t bytes_ = 0;
  std::uint64_t errors_ = 0;
  std::vector<std::string> texts_;
};

}  // namespace berth::load
