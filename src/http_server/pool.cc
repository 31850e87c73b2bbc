#include "http_server/pool.h"

#include <pthread.h>

#include <csignal>
#include <utility>

namespace berth::http_server {

std::thread StartQuietThread(std::move_only_function<void()> body, const char* name) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  std::thread thread(std::move(body));
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  pthread_setname_np(thread.native_handle(), name);
  return thread;
}

bool Pool::Submit(Job& job, bool always) {
  std::unique_lock lock(mutex_);
  if (!resting_.empty()) {
    Worker* worker = resting_.back();
    resting_.pop_back();
    worker->job = std::move(job);
    lock.unlock();
    worker->wake.notify_one();
    return true;
  }
  if (workers_.size() < max_threads_ && !stopping_) {
    Worker* worker = workers_.emplace_back(std::make_unique<Worker>()).get();
    worker->thread = StartQuietThread(
        [this, worker, first = std::move(job)]() mutable { Run(*worker, std::move(first)); }, "berth-pool");
    return true;
  }
  if (!always && queue_.size() >= max_queue_) return false;
  queue_.push_back(std::move(job));
  return true;
}

void Pool::Run(Worker& self, Job job) {
  for (;;) {
    job();
    job = nullptr;
    std::unique_lock lock(mutex_);
    if (!queue_.empty()) {
      job = std::move(queue_.front());
      queue_.pop_front();
      continue;
    }
    if (stopping_) return;
    resting_.push_back(&self);
    self.wake.wait(lock, [&] { return self.job != nullptr || stopping_; });
    if (self.job == nullptr) return;
    job = std::exchange(self.job, nullptr);
  }
}

void Pool::Stop() {
  std::vector<std::unique_ptr<Worker>> workers;
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    resting_.clear();
    workers.swap(workers_);
  }
  for (const auto& worker : workers) worker->wake.notify_one();
  for (const auto& worker : workers) worker->thread.join();
}

}  // namespace berth::http_server
