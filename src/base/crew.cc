#include "base/crew.h"

#include <pthread.h>

#include <system_error>

#include "base/priority.h"

namespace berth {

Crew::~Crew() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void Crew::Do(FunctionRef<void()> work) {
  Job job{work};
  if (!Add(job, 1)) return work();
  WaitFor(job);
}

void Crew::DoTogether(size_t others, FunctionRef<void()> work) {
  Job job{work};
  const bool helped = others > 0 && Add(job, others);
  work();
  if (helped) WaitFor(job);
}

// False when there is no thread at all.
bool Crew::Add(Job& job, size_t times) {
  const std::lock_guard lock(mutex_);
  try {
    while (threads_.size() < most_threads_ && resting_ < queue_.size() + times) {
      threads_.emplace_back([this] { Run(); });
      ++resting_;
    }
  } catch (const std::system_error&) {  // fewer, then
  }
  if (threads_.empty()) return false;
  job.left = times;
  queue_.insert(queue_.end(), times, &job);
  for (size_t i = 0; i < times; ++i) wake_.notify_one();
  return true;
}

void Crew::WaitFor(const Job& job) {
  std::unique_lock lock(mutex_);
  done_.wait(lock, [&] { return job.left == 0; });
}

void Crew::Run() {
  pthread_setname_np(pthread_self(), name_);
  GiveWay(nice_);
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return stop_ || !queue_.empty(); });
    if (queue_.empty()) return;
    Job& job = *queue_.front();
    queue_.pop_front();
    --resting_;
    lock.unlock();
    job.work();
    lock.lock();
    ++resting_;
    // Under the lock: once it is free the job may be gone.
    if (--job.left == 0) done_.notify_all();
  }
}

}  // namespace berth
