// One upload's file: appended to, cut back when a write fails half way.
#pragma once

#include <memory>
#include <string>

#include "blob/blob_store.h"

namespace berth::blob {

class FilesystemUpload final : public UploadFile {
 public:
  // Takes the descriptor; `size` is the file's length.
  FilesystemUpload(int fd, std::string path, uint64_t size)
      : fd_(fd), path_(std::move(path)), size_(size), started_(size) {}
  ~FilesystemUpload() override;

  Result<void> Append(std::string_view bytes) override;
  uint64_t size() const override { return size_; }
  Result<void> Truncate(uint64_t size) override;
  Result<void> ReadAll(FunctionRef<void(std::string_view)> piece) override;

  // fdatasync(2).
  Result<void> Sync();
  const std::string& path() const { return path_; }

 private:
  const int fd_;
  const std::string path_;
  uint64_t size_;
  uint64_t started_;  // up to here the kernel was told to begin writing to the disk
};

}  // namespace berth::blob
