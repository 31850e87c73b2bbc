#include "pauses.h"

#include <pthread.h>
#include <sched.h>
#include <sys/sysinfo.h>

namespace berth::load {
namespace {

using std::chrono::microseconds;

constexpr microseconds kSleep{250};
constexpr microseconds kTooLate{500};
// What had to wait during a pause is worked off within this time after it.
constexpr microseconds kAftermath{1000};

// False where this process may not have real-time priority.
bool RunAlone(std::thread& thread, int processor) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(processor, &set);
  const sched_param priority{.sched_priority = 1};
  return pthread_setaffinity_np(thread.native_handle(), sizeof set, &set) == 0 &&
         pthread_setschedparam(thread.native_handle(), SCHED_FIFO, &priority) == 0;
}

}  // namespace

PauseWatch::PauseWatch() : watchers_(static_cast<std::size_t>(get_nprocs())) {
  for (std::size_t i = 0; i < watchers_.size(); ++i) {
    Watcher& watcher = watchers_[i];
    watcher.processor = static_cast<int>(i);
    watcher.thread = std::thread([this, &watcher] { Watch(watcher); });
    working_ = RunAlone(watcher.thread, watcher.processor) && working_;
  }
}

PauseWatch::~PauseWatch() { Stop(); }

std::vector<Pause> PauseWatch::Stop() {
  stop_ = true;
  std::vector<Pause> all;
  for (Watcher& watcher : watchers_) {
    if (watcher.thread.joinable()) watcher.thread.join();
    all.insert(all.end(), watcher.pauses.begin(), watcher.pauses.end());
  }
  return all;
}

void PauseWatch::Watch(Watcher& watcher) const {
  auto before = Clock::now();
  while (!stop_) {
    std::this_thread::sleep_for(kSleep);
    const auto now = Clock::now();
    if (now - before > kSleep + kTooLate) watcher.pauses.push_back({before, now + kAftermath});
    before = now;
  }
}

}  // namespace berth::load
