#include "sql/sqlite/read_pool.h"

namespace berth::sql::sqlite {
namespace {

// Threads are numbered as they come, so the first kMaxConnections threads never meet.
size_t ThreadNumber() {
  static std::atomic<size_t> next{0};
  thread_local const size_t number = next.fetch_add(1, std::memory_order_relaxed);
  return number;
}

}  // namespace

Result<Handle*> ReadPool::Lease::handle() {
  std::unique_ptr<Handle>& handle = pool_->slots_[slot_].handle;
  if (!handle) {
    TRY(handle, Handle::Open(pool_->options_, Access::kRead));
  }
  return handle.get();
}

ReadPool::Lease ReadPool::Acquire() { return {*this, AcquireSlot()}; }

bool ReadPool::TryTake(size_t slot) { return !slots_[slot].taken.exchange(true); }

bool ReadPool::TryAny(size_t first, size_t& taken) {
  for (size_t i = 0; i < kMaxConnections; ++i) {
    const size_t slot = (first + i) % kMaxConnections;
    if (!slots_[slot].taken.load(std::memory_order_relaxed) && TryTake(slot)) {
      taken = slot;
      return true;
    }
  }
  return false;
}

size_t ReadPool::AcquireSlot() {
  const size_t own = ThreadNumber() % kMaxConnections;
  if (TryTake(own)) return own;
  size_t taken = 0;
  if (TryAny(own, taken)) return taken;
  std::unique_lock lock(mutex_);
  ++waiting_;
  // Release looks at waiting_ after it freed the slot, and takes the mutex to notify: no wake-up is lost.
  freed_.wait(lock, [&] { return TryAny(own, taken); });
  --waiting_;
  return taken;
}

void ReadPool::Release(size_t slot) {
  slots_[slot].taken.store(false);
  if (waiting_.load() == 0) return;
  const std::lock_guard lock(mutex_);
  freed_.notify_one();
}

}  // namespace berth::sql::sqlite
