// One upload's file: appended to, cut back when a write fails half way.
//
// Whole pages go straight to the disk, past the page cache (O_DIRECT), where the file system can: a copy less, and a
// large push does not drive out what is being pulled. Small and odd pieces are written as usual.
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
  Result<void> WriteAll(uint64_t at, std::string_view bytes);
  bool SetDirect(bool direct);

  const int fd_;
  const std::string path_;
  uint64_t size_;
  bool can_direct_ = true;  // until the file system says otherwise
  bool direct_ = false;     // the descriptor's state
  uint64_t started_;        // up to here the kernel was told to begin writing to the disk
};

}  // namespace berth::blob
