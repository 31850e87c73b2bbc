#include "app/background.h"

#include "base/log.h"

namespace berth::app {
namespace {

void RunOnce(const std::string& name, const std::function<Result<void>()>& run) {
  try {
    if (auto done = run(); !done)
      log::Warn("background", "task failed", {{"task", name}, {"error", done.error().message}});
  } catch (const std::exception& error) {
    log::Error("background", "task threw", {{"task", name}, {"error", error.what()}});
  }
}

}  // namespace

void Background::Every(std::string name, Duration interval, std::function<Result<void>()> task) {
  Start({std::move(name), interval, std::move(task), false});
}

void Background::EveryAndAtEnd(std::string name, Duration interval, std::function<Result<void>()> task) {
  Start({std::move(name), interval, std::move(task), true});
}

void Background::Start(Task task) {
  threads_.emplace_back([this, task = std::move(task)] { Loop(task); });
}

void Background::Loop(const Task& task) {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, task.interval, [this] { return stopping_; })) {
    lock.unlock();
    RunOnce(task.name, task.run);
    lock.lock();
  }
  lock.unlock();
  if (task.at_end) RunOnce(task.name, task.run);
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
