// When the machine stood still. A virtual machine's processors are taken from it for milliseconds now and then; what is
// measured meanwhile says nothing about the server.
#pragma once

#include <atomic>
#include <thread>
#include <vector>

#include "statistics.h"

namespace berth::load {

// Watches every processor of the machine from a thread of its own, which sleeps for moments and notes when it woke far
// too late. With real-time priority (CAP_SYS_NICE) no other process delays those threads, so only the machine's own
// pauses are noted; without it there is nothing to be trusted and working() is false.
class PauseWatch {
 public:
  PauseWatch();
  ~PauseWatch();
  PauseWatch(const PauseWatch&) = delete;
  PauseWatch& operator=(const PauseWatch&) = delete;

  bool working() const { return working_; }
  // Ends the watch; the pauses of all processors, in no order.
  std::vector<Pause> Stop();

 private:
  struct Watcher {
    int processor = 0;
    std::vector<Pause> pauses;
    std::thread thread;
  };
  void Watch(Watcher& watcher) const;

  std::atomic<bool> stop_ = false;
  bool working_ = true;
  std::vector<Watcher> watchers_;
};

}  // namespace berth::load
