// The memory that uploads receive into. Fresh memory costs the kernel a fault and the zeroing of each page, so it is
// kept for the next piece; it lies in huge pages where there are any, of which a direct write to the disk takes a piece
// in one request instead of several.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace berth::http_server {

// Thread-safe. Lends pieces of 64 KiB to 1 MiB, by powers of two: what is asked for while little is lent, then what is
// left for each of the uploads, so that all of them together stay within about 64 MiB.
class PieceMemory {
  struct Slab;

 public:
  static constexpr size_t kLeast = 64 << 10;
  static constexpr size_t kMost = 1 << 20;

  // A piece, given back at its end, which must come before that of the PieceMemory. Begins at a page; not initialised.
  class Loan {
   public:
    Loan() = default;
    ~Loan() { GiveBack(); }
    Loan(Loan&& other) noexcept { *this = std::move(other); }
    Loan& operator=(Loan&& other) noexcept;

    char* data() const { return data_; }
    size_t size() const { return size_; }

   private:
    friend class PieceMemory;
    Loan(PieceMemory& owner, Slab& slab, char* data, size_t size)
        : owner_(&owner), slab_(&slab), data_(data), size_(size) {}
    void GiveBack();

    PieceMemory* owner_ = nullptr;
    Slab* slab_ = nullptr;
    char* data_ = nullptr;
    size_t size_ = 0;
  };

  PieceMemory();
  ~PieceMemory();
  PieceMemory(const PieceMemory&) = delete;
  PieceMemory& operator=(const PieceMemory&) = delete;

  // Room for `wanted` bytes, or less where many ask for it. `uploads`: how many there are now. Throws std::bad_alloc.
  Loan Take(size_t wanted, int uploads);
  // Called now and then: gives back to the kernel what was not needed since the last call.
  void Trim();

 private:
  size_t Share(size_t wanted, int uploads) const;

  std::mutex mutex_;
  std::vector<std::unique_ptr<Slab>> slabs_;
  size_t lent_ = 0;  // bytes
};

}  // namespace berth::http_server
