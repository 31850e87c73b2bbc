#include "base/line_queue.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>

namespace berth::log {

void WriteAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written >= 0) {
      bytes.remove_prefix(static_cast<size_t>(written));
    } else if (errno == EAGAIN) {
      pollfd ready{fd, POLLOUT, 0};
      ::poll(&ready, 1, -1);
    } else if (errno != EINTR) {
      return;
    }
  }
}

LineQueue::LineQueue(int fd, Options options) : fd_(fd), options_(options), thread_([this] { Run(); }) {}

LineQueue::~LineQueue() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void LineQueue::Push(std::string_view line) {
  bool wake = false;
  bool full = false;
  {
    const std::lock_guard lock(mutex_);
    waiting_.append(line);
    waiting_ += '\n';
    wake = sleeping_;
    sleeping_ = false;
    full = waiting_.size() >= options_.capacity;
  }
  if (full) {
    WriteWaiting();
  } else if (wake) {
    wake_.notify_one();
  }
}

void LineQueue::Flush() { WriteWaiting(); }

void LineQueue::WriteWaiting() {
  const std::lock_guard sink(sink_mutex_);
  {
    const std::lock_guard lock(mutex_);
    writing_.swap(waiting_);
  }
  WriteAll(fd_, writing_);
  writing_.clear();
}

// A waking costs the pusher a system call, so it happens only when the thread found nothing to write for a whole
// linger.
void LineQueue::Run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    sleeping_ = waiting_.empty();
    wake_.wait(lock, [this] { return stop_ || !waiting_.empty(); });
    sleeping_ = false;
    wake_.wait_for(lock, options_.linger, [this] { return stop_; });
    lock.unlock();
    WriteWaiting();
    lock.lock();
    if (stop_ && waiting_.empty()) return;
  }
}

}  // namespace berth::log
