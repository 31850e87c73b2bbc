// Work that comes round: each task on a thread of its own, at its interval, until Stop. A task that fails is logged and
// tried again at its next turn.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace berth::app {

class Background {
 public:
  explicit Background(const Clock& clock) : clock_(clock) {}
  ~Background() { Stop(); }

  void Every(std::string name, Duration interval, std::function<Result<void>()> task);
  // What became of each task's last turn.
  struct Outcome {
    std::string name;
    Duration interval{};
    std::optional<Timestamp> finished_at;  // empty: it has not had its turn yet
    std::string error;                     // empty: it went well
  };
  std::vector<Outcome> Outcomes() const;
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
  void Loop(const Task& task, size_t index);
  void RunOnce(const Task& task, size_t index);

  const Clock& clock_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::vector<Outcome> outcomes_;
  std::vector<std::thread> threads_;
};

}  // namespace berth::app
