// Connections of one process to the server, at most PostgresOptions::max_connections.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "sql/postgres/handle.h"

namespace berth::sql::postgres {

// Thread-safe.
class Pool {
 public:
  class Lease {
   public:
    Lease(Pool& pool, std::unique_ptr<Handle> handle) : pool_(&pool), handle_(std::move(handle)) {}
    Lease(Lease&&) = default;
    ~Lease() {
      if (handle_) pool_->Return(std::move(handle_));
    }
    Handle& operator*() { return *handle_; }
    Handle* operator->() { return handle_.get(); }

   private:
    Pool* pool_;
    std::unique_ptr<Handle> handle_;
  };

  explicit Pool(PostgresOptions options) : options_(std::move(options)) {}
  // Waits for a connection. Errors: kUnavailable (none came free in time, or the server can't be reached).
  Result<Lease> Acquire();

 private:
  void Return(std::unique_ptr<Handle> handle);

  const PostgresOptions options_;
  std::mutex mutex_;
  std::condition_variable freed_;
  std::vector<std::unique_ptr<Handle>> idle_;  // the last one used is the next one
  int open_ = 0;
};

}  // namespace berth::sql::postgres
