// A few threads of one priority for work that takes much of the processor beside requests (priority.h).
//
// They stay: hundreds of threads a second that are made, step back and end cost more than small pieces of work do.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "base/function_ref.h"

namespace berth {

// Thread-safe. Threads are started when work first needs them.
class Crew {
 public:
  // `name` for the system's list of threads, at most 15 bytes; `nice` as for GiveWay.
  Crew(const char* name, size_t most_threads, int nice) : name_(name), most_threads_(most_threads), nice_(nice) {}
  ~Crew();  // nobody may wait for it any more
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;

  // `work` must not throw. Runs it on a thread of the crew after what came earlier, on the caller's if the system gives
  // no thread. Answers when it is done.
  void Do(FunctionRef<void()> work);
  // Runs it on the caller's thread and on up to `others` of the crew at once. Answers when all have come back.
  void DoTogether(size_t others, FunctionRef<void()> work);

 private:
  // Lives on its caller's stack.
  struct Job {
    FunctionRef<void()> work;
    size_t left = 0;
  };

  bool Add(Job& job, size_t times);
  void WaitFor(const Job& job);
  void Run();

  const char* const name_;
  const size_t most_threads_;
  const int nice_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable done_;
  std::deque<Job*> queue_;
  size_t resting_ = 0;
  bool stop_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace berth
