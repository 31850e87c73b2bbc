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

void Checkpointer::Run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return stop_ || requested_; });
    if (stop_) return;
    lock.unlock();
    Pass();
    lock.lock();
    requested_ = false;
  }
}

// A failure is no one's answer: the log stays as it is, and the next commit asks again.
void Checkpointer::Pass() {
  if (!handle_) {
    auto opened = Handle::Open(options_, Access::kWrite);
    if (!opened) return log::Warn("sql", "checkpoint", {{"error", opened.error().message}});
    handle_ = *std::move(opened);
  }
  int pages = 0;
  int moved = 0;
  const int code = sqlite3_wal_checkpoint_v2(handle_->db(), nullptr, SQLITE_CHECKPOINT_PASSIVE, &pages, &moved);
  if (code != SQLITE_OK && (code & 0xFF) != SQLITE_BUSY) {
    log::Warn("sql", "checkpoint", {{"error", MakeError(handle_->db(), code, "checkpoint").message}});
    return;
  }
  moved_pages_.store(moved, std::memory_order_relaxed);
}

}  // namespace berth::sql::sqlite
