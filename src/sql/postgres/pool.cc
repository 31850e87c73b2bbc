#include "sql/postgres/pool.h"

#include <chrono>

namespace berth::sql::postgres {
namespace {
constexpr std::chrono::seconds kPatience{10};
}

Result<Pool::Lease> Pool::Acquire() {
  {
    std::unique_lock lock(mutex_);
    const bool ready =
        freed_.wait_for(lock, kPatience, [this] { return !idle_.empty() || open_ < options_.max_connections; });
    if (!ready) {
      return Fail(Error(ErrorCode::kUnavailable,
                        "all " + std::to_string(options_.max_connections) + " database connections are busy")
                      .WithRetryAfter(1));
    }
    if (!idle_.empty()) {
      Lease lease(*this, std::move(idle_.back()));
      idle_.pop_back();
      return lease;
    }
    ++open_;
  }
  auto opened = Handle::Open(options_);
  if (opened) return Lease(*this, *std::move(opened));
  {
    const std::lock_guard lock(mutex_);
    --open_;
  }
  freed_.notify_one();
  return Fail(std::move(opened).error());
}

void Pool::Return(std::unique_ptr<Handle> handle) {
  {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(handle));
  }
  freed_.notify_one();
}

}  // namespace berth::sql::postgres
