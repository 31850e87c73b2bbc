#include "http_server/piece_memory.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdint>
#include <new>

namespace berth::http_server {
namespace {

constexpr size_t kMaxKept = 16;
constexpr size_t kHugePage = 2 << 20;

char* Map(size_t bytes) {
  void* memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  return static_cast<char*>(memory);
}

// Maps more than is asked for and lets go of what lies before and behind the part that begins at a huge page.
char* MapHuge(size_t bytes) {
  char* const memory = Map(bytes + kHugePage);
  const size_t before = (kHugePage - reinterpret_cast<uintptr_t>(memory) % kHugePage) % kHugePage;
  if (before > 0) ::munmap(memory, before);
  if (before < kHugePage) ::munmap(memory + before + bytes, kHugePage - before);
  ::madvise(memory + before, bytes, MADV_HUGEPAGE);  // where it is not to be had, it stays as it is
  return memory + before;
}

}  // namespace

void PieceMemory::Unmap::operator()(char* block) const { ::munmap(block, bytes); }

PieceMemory::Block PieceMemory::Take(size_t bytes) {
  if (bytes == kept_bytes_) {
    const std::lock_guard lock(mutex_);
    if (!kept_.empty()) {
      Block block = std::move(kept_.back());
      kept_.pop_back();
      unneeded_ = std::min(unneeded_, kept_.size());
      return block;
    }
  }
  return {bytes % kHugePage == 0 ? MapHuge(bytes) : Map(bytes), Unmap{bytes}};
}

void PieceMemory::GiveBack(Block block) {
  if (!block || block.get_deleter().bytes != kept_bytes_) return;
  const std::lock_guard lock(mutex_);
  if (kept_.size() < kMaxKept) kept_.push_back(std::move(block));
}

void PieceMemory::Trim() {
  std::vector<Block> gone;  // unmapped without the lock
  const std::lock_guard lock(mutex_);
  gone.assign(std::make_move_iterator(kept_.begin()),
              std::make_move_iterator(kept_.begin() + static_cast<std::ptrdiff_t>(unneeded_)));
  kept_.erase(kept_.begin(), kept_.begin() + static_cast<std::ptrdiff_t>(unneeded_));
  unneeded_ = kept_.size();
}

}  // namespace berth::http_server
