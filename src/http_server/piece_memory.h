// The memory that uploads receive into. Fresh memory costs the kernel a fault and the zeroing of each page, so blocks
// are kept for the next upload; in huge pages where there are any, which a direct write to the disk takes in one
// request instead of several.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

namespace berth::http_server {

// Thread-safe.
class PieceMemory {
 public:
  struct Unmap {
    size_t bytes = 0;
    void operator()(char* block) const;
  };
  using Block = std::unique_ptr<char[], Unmap>;  // begins at a page; not initialised

  // `kept_bytes`: the size of the blocks that are kept. Others are given back to the kernel.
  explicit PieceMemory(size_t kept_bytes) : kept_bytes_(kept_bytes) {}

  Block Take(size_t bytes);  // throws std::bad_alloc
  void GiveBack(Block block);
  // Called now and then: gives back to the kernel what was not needed since the last call.
  void Trim();

 private:
  const size_t kept_bytes_;
  std::mutex mutex_;
  std::vector<Block> kept_;
  size_t unneeded_ = 0;  // the fewest that lay here since the last Trim
};

}  // namespace berth::http_server
