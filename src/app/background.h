// Work that comes round: each task on a thread of its own, at its interval, until Stop. A task that fails is logged and
// tried again at its next turn.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace berth::app {

class Background {
 public:
  ~Background() { Stop(); }

  void Every(std::string name, Duration interval, std::function<Result<void>()> task);
  // Waits for running tasks. After it, each task marked `last_turn` has run once more.
  void Stop();
  // Like Every, and once more on Stop (what gathers in memory and must be written).
  void EveryAndAtEnd(std::string name, Duration interval, std::function<Result<void>()> task);

 private:
  struct Task {
    std::string name;
    Duration interval;
    std::function<Result<void>()> run;
    bool at_end = false;
  };
  void Start(Task task);
  void Loop(const Task& task);

  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace berth::app
