#include "app/background.h"

#include "base/log.h"

namespace berth::app {

void Background::RunOnce(const Task& task, size_t index) {
  std::string error;
  try {
    if (auto done = task.run(); !done) error = done.error().message;
  } catch (const std::exception& thrown) {
    error = std::string("exception: ") + thrown.what();
  }
  if (!error.empty()) log::Warn("background", "task failed", {{"task", task.name}, {"error", error}});
  const std::lock_guard lock(mutex_);
  outcomes_[index].finished_at = clock_.Now();
  outcomes_[index].error = std::move(error);
}

std::vector<Background::Outcome> Background::Outcomes() const {
  const std::lock_guard lock(mutex_);
  return outcomes_;
}

void Background::Every(std::string name, Duration interval, std::function<Result<void>()> task) {
  Start({std::move(name), interval, std::move(task), false});
}

void Background::EveryAndAtEnd(std::string name, Duration interval, std::function<Result<void>()> task) {
  Start({std::move(name), interval, std::move(task), true});
}

void Background::Start(Task task) {
  const std::lock_guard lock(mutex_);
  outcomes_.push_back({task.name, task.interval, std::nullopt, ""});
  threads_.emplace_back([this, task = std::move(task), index = outcomes_.size() - 1] { Loop(task, index); });
}

void Background::Loop(const Task& task, size_t index) {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, task.interval, [this] { return stopping_; })) {
    lock.unlock();
    RunOnce(task, index);
    lock.lock();
  }
  lock.unlock();
  if (task.at_end) RunOnce(task, index);
}

void Background::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (auto& thread : threads_) thread.join();
  threads_.clear();
}

}  // namespace berth::app
