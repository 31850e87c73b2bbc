// Moves pages from the write-ahead log into the database file on a thread of its own, so that no commit waits for that.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <thread>

#include "sql/sqlite/handle.h"

namespace berth::sql::sqlite {

// Thread-safe.
class Checkpointer {
 public:
  explicit Checkpointer(SqliteOptions options);
  ~Checkpointer();
  Checkpointer(const Checkpointer&) = delete;
  Checkpointer& operator=(const Checkpointer&) = delete;

  void Request();  // returns at once
  // Pages of the log that the last pass has moved; the rest is what a restart of the log still has to wait for.
  int moved_pages() const { return moved_pages_.load(std::memory_order_relaxed); }
  void Forget();  // the log has begun anew

 private:
  void Run();
  std::optional<int> Pass();

  const SqliteOptions options_;
  std::unique_ptr<Handle> handle_;  // the thread's
  std::atomic<int> moved_pages_{0};
  std::mutex mutex_;
  std::condition_variable wake_;
  uint64_t logs_ = 0;  // how often the log has begun anew
  bool requested_ = false;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace berth::sql::sqlite
