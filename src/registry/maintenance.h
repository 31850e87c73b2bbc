// The registry's background thread: writes counters every few seconds, collects garbage, expires uploads, sweeps once
// in a while.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/clock.h"
#include "registry/registry.h"

namespace berth::registry {

class Maintenance {
 public:
  explicit Maintenance(Registry& registry) : registry_(registry) {}
  ~Maintenance() { Stop(); }
  Maintenance(const Maintenance&) = delete;
  Maintenance& operator=(const Maintenance&) = delete;

  void Start();
  // Ends the running batch, writes the counters a last time, and joins. May be called twice.
  void Stop();

 private:
  using Steady = std::chrono::steady_clock;
  void Loop();
  void FlushCounters();
  void Collect();
  void Sweep();

  Registry& registry_;
  std::atomic<bool> stop_{false};
  std::mutex mutex_;
  std::condition_variable wake_;
  // Apart, because a pass over much garbage must not hold back the counters.
  std::thread counters_;
  std::thread collector_;
};

}  // namespace berth::registry
