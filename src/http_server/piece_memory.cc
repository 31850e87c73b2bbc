#include "http_server/piece_memory.h"

#include <sys/mman.h>

#include <algorithm>
#include <bit>
#include <new>

namespace berth::http_server {
namespace {

constexpr size_t kSlab = 2 << 20;       // a huge page
constexpr size_t kPlenty = 32 << 20;    // lent as asked for up to here
constexpr size_t kTogether = 64 << 20;  // what all uploads should stay within; each has two pieces

// Maps more than is asked for and lets go of what lies before and behind the part that begins at a huge page.
char* MapSlab() {
  void* const mapped = ::mmap(nullptr, 2 * kSlab, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) throw std::bad_alloc();
  char* const memory = static_cast<char*>(mapped);
  const size_t before = (kSlab - reinterpret_cast<uintptr_t>(memory) % kSlab) % kSlab;
  if (before > 0) ::munmap(memory, before);
  ::munmap(memory + before + kSlab, kSlab - before);
  ::madvise(memory + before, kSlab, MADV_HUGEPAGE);  // where it is not to be had, it stays as it is
  return memory + before;
}

}  // namespace

struct PieceMemory::Slab {
  using Units = uint32_t;  // one bit for each kLeast bytes

  Slab() : memory(MapSlab()) {}
  ~Slab() { ::munmap(memory, kSlab); }
  Slab(const Slab&) = delete;
  Slab& operator=(const Slab&) = delete;

  static Units Run(size_t first, size_t bytes) { return ((Units{1} << (bytes / kLeast)) - 1) << first; }

  // Null when there is no free run of that size.
  char* Lend(size_t bytes) {
    const size_t count = bytes / kLeast;
    for (size_t first = 0; first + count <= kSlab / kLeast; first += count) {
      if ((lent & Run(first, bytes)) != 0) continue;
      lent |= Run(first, bytes);
      needed = true;
      return memory + first * kLeast;
    }
    return nullptr;
  }
  void TakeBack(const char* data, size_t bytes) { lent &= ~Run(static_cast<size_t>(data - memory) / kLeast, bytes); }

  char* const memory;
  Units lent = 0;
  bool needed = false;  // since the last Trim
};

PieceMemory::PieceMemory() = default;
PieceMemory::~PieceMemory() = default;

PieceMemory::Loan& PieceMemory::Loan::operator=(Loan&& other) noexcept {
  if (this == &other) return *this;
  GiveBack();
  owner_ = std::exchange(other.owner_, nullptr);
  slab_ = std::exchange(other.slab_, nullptr);
  data_ = std::exchange(other.data_, nullptr);
  size_ = std::exchange(other.size_, 0);
  return *this;
}

void PieceMemory::Loan::GiveBack() {
  if (owner_ == nullptr) return;
  const std::lock_guard lock(owner_->mutex_);
  slab_->TakeBack(data_, size_);
  owner_->lent_ -= size_;
}

size_t PieceMemory::Share(size_t wanted, int uploads) const {
  const size_t whole = std::bit_ceil(std::clamp(wanted, kLeast, kMost));
  if (lent_ + whole <= kPlenty) return whole;
  const size_t fair = kTogether / 2 / static_cast<size_t>(std::max(uploads, 1));
  return std::min(whole, std::bit_floor(std::clamp(fair, kLeast, kMost)));
}

PieceMemory::Loan PieceMemory::Take(size_t wanted, int uploads) {
  const std::lock_guard lock(mutex_);
  const size_t bytes = Share(wanted, uploads);
  char* data = nullptr;
  const auto with_room = std::ranges::find_if(slabs_, [&](const auto& slab) {
    data = slab->Lend(bytes);
    return data != nullptr;
  });
  Slab& slab = with_room != slabs_.end() ? **with_room : *slabs_.emplace_back(std::make_unique<Slab>());
  if (data == nullptr) data = slab.Lend(bytes);
  lent_ += bytes;
  return {*this, slab, data, bytes};
}

void PieceMemory::Trim() {
  std::vector<std::unique_ptr<Slab>> gone;  // unmapped without the lock
  const std::lock_guard lock(mutex_);
  const auto idle = [](const auto& slab) { return slab->lent == 0 && !slab->needed; };
  const auto first = std::stable_partition(slabs_.begin(), slabs_.end(), [&](const auto& slab) { return !idle(slab); });
  gone.assign(std::make_move_iterator(first), std::make_move_iterator(slabs_.end()));
  slabs_.erase(first, slabs_.end());
  for (const auto& slab : slabs_) slab->needed = slab->lent != 0;
}

}  // namespace berth::http_server
