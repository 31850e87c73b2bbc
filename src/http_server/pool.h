// The bounded pool of threads on which handlers may block.
//
// Threads start when they are first needed and the one that rested least takes the next job, so a quiet server keeps
// few warm stacks. Thread-safe.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace berth::http_server {

class Pool {
 public:
  using Job = std::move_only_function<void()>;  // must not throw

  Pool(size_t max_threads, size_t max_queue) : max_threads_(max_threads), max_queue_(max_queue) {}
  ~Pool() { Stop(); }

  // False when as many jobs wait as may; `job` is left alone then.
  bool TryPost(Job& job) { return Submit(job, false); }
  // For what continues or ends work that was admitted: never refused.
  void Post(Job job) { Submit(job, true); }
  // Runs what is queued, then ends the threads.
  void Stop();

 private:
  struct Worker {
    std::thread thread;
    std::condition_variable wake;
    Job job;
  };
  bool Submit(Job& job, bool always);
  void Run(Worker& self, Job first);

  const size_t max_threads_;
  const size_t max_queue_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<Worker*> resting_;
  std::deque<Job> queue_;
  bool stopping_ = false;
};

// Starts a thread that takes no signals: those belong to the program's own thread, and a write to a closed socket
// (sendfile, OpenSSL) must not kill the process.
std::thread StartQuietThread(std::move_only_function<void()> body, const char* name);

}  // namespace berth::http_server
