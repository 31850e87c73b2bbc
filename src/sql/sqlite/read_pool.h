// The connections that read. A thread finds the connection that it had before with one atomic exchange; connections
// open as they are needed, up to a bound, and a thread that finds all of them taken waits.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>

#include "sql/sqlite/handle.h"

namespace berth::sql::sqlite {

// Thread-safe.
class ReadPool {
 public:
  static constexpr size_t kMaxConnections = 64;

  class Lease {
   public:
    Lease(ReadPool& pool, size_t slot) : pool_(&pool), slot_(slot) {}
    ~Lease() { pool_->Release(slot_); }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    Result<Handle*> handle();  // opens it when it is the slot's first use

   private:
    ReadPool* pool_;
    size_t slot_;
  };

  explicit ReadPool(SqliteOptions options) : options_(std::move(options)) {}
  Lease Acquire();

 private:
  struct alignas(64) Slot {
    std::atomic<bool> taken{false};
    std::unique_ptr<Handle> handle;  // belongs to who has taken the slot
  };

  size_t AcquireSlot();
  bool TryTake(size_t slot);
  void Release(size_t slot);
  bool TryAny(size_t first, size_t& taken);

  const SqliteOptions options_;
  std::array<Slot, kMaxConnections> slots_;
  std::atomic<int> waiting_{0};
  std::mutex mutex_;
  std::condition_variable freed_;
};

}  // namespace berth::sql::sqlite
