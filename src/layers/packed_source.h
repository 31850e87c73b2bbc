// Where the bytes of a layer are read from.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "base/result.h"
#include "blob/blob_store.h"

namespace berth::layers {

// Used by one thread at a time.
class PackedSource {
 public:
  virtual ~PackedSource() = default;
  virtual uint64_t size() const = 0;
  // At least one byte, unless `offset` is the end. kUnavailable when the disk refuses.
  virtual Result<size_t> ReadAt(uint64_t offset, std::span<char> out) = 0;
};

class BlobSource final : public PackedSource {
 public:
  explicit BlobSource(std::shared_ptr<const BlobFile> file) : file_(std::move(file)) {}
  uint64_t size() const override { return file_->size(); }
  Result<size_t> ReadAt(uint64_t offset, std::span<char> out) override;

 private:
  std::shared_ptr<const BlobFile> file_;
};

// Does not own the bytes.
class MemorySource final : public PackedSource {
 public:
  explicit MemorySource(std::string_view bytes) : bytes_(bytes) {}
  uint64_t size() const override { return bytes_.size(); }
  Result<size_t> ReadAt(uint64_t offset, std::span<char> out) override {
    return offset >= bytes_.size() ? 0 : bytes_.copy(out.data(), out.size(), offset);
  }

 private:
  std::string_view bytes_;
};

}  // namespace berth::layers
