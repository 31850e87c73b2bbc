#include "sql/sqlite/checkpointer.h"

#include "base/log.h"

namespace berth::sql::sqlite {

Checkpointer::Checkpointer(SqliteOptions options) : options_(std::move(options)), thread_([this] { Run(); }) {}

Checkpointer::~Checkpointer() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void Checkpointer::Request() {
  {
    const std::lock_guard lock(mutex_);
    if (requested_) return;
    requested_ = true;
  }
  wake_.notify_one();
}

void Checkpointer::Forget() {
  const std::lock_guard lock(mutex_);
  ++logs_;
  moved_pages_.store(0, std::memory_order_relaxed);
}

void Checkpointer::Run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return stop_ || requested_; });
    if (stop_) return;
    const uint64_t log = logs_;
    lock.unlock();
    const std::optional<int> moved = Pass();
    lock.lock();
    if (moved && log == logs_) moved_pages_.store(*moved, std::memory_order_relaxed);
    requested_ = false;
  }
}

// A failure is no one's answer: the log stays as it is, and the next commit asks again.
std::optional<int> Checkpointer::Pass() {
  if (!handle_) {
    auto opened = Handle::Open(options_, Access::kWrite);
    if (!opened) {
      log::Warn("sql", "checkpoint", {{"error", opened.error().message}});
      return std::nullopt;
    }
    handle_ = *std::move(opened);
  }
  int pages = 0;
  int moved = 0;
  const int code = sqlite3_wal_checkpoint_v2(handle_->db(), nullptr, SQLITE_CHECKPOINT_PASSIVE, &pages, &moved);
  if (code != SQLITE_OK && (code & 0xFF) != SQLITE_BUSY) {
    log::Warn("sql", "checkpoint", {{"error", MakeError(handle_->db(), code, "checkpoint").message}});
    return std::nullopt;
  }
  return moved;
}

}  // namespace berth::sql::sqlite
