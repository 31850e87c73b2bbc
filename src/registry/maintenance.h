// What the registry does by itself: writes counters every few seconds, collects garbage, expires uploads. Sweeping the
// files comes round so rarely that it must outlast restarts: it is the job kSweepJob (garbage.h), which src/app
// registers.
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

  // Removes files of blobs and of uploads that the database does not know of. Ends early when `stop` is set.
  Result<void> Sweep(const std::atomic<bool>& stop);

 private:
  void FlushCounters();
  void Collect();

  Registry& registry_;
  std::atomic<bool> stop_{false};
  std::mutex mutex_;
  std::condition_variable wake_;
  // Apart, because a pass over much garbage must not hold back the counters.
  std::thread counters_;
  std::thread collector_;
};

}  // namespace berth::registry
