#include "blob/filesystem/upload_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>

#include "blob/filesystem/io_error.h"

namespace berth::blob {
namespace {

// The disk begins with a piece while the next ones arrive, so that little is left for the sync at the end.
constexpr uint64_t kWriteBehind = 8 << 20;
constexpr size_t kReadPiece = 1 << 20;
// What the memory, offset and length of a direct write are multiples of; enough for every common disk.
constexpr size_t kPage = 4 << 10;
// Below this the disk's answer takes longer than the copy, and what is small is often read at once.
constexpr size_t kLeastDirect = 128 << 10;

// How much of the bytes can be written directly at this place of the file.
size_t DirectPart(uint64_t at, std::string_view bytes) {
  const bool aligned = at % kPage == 0 && reinterpret_cast<uintptr_t>(bytes.data()) % kPage == 0;
  return aligned && bytes.size() >= kLeastDirect ? bytes.size() / kPage * kPage : 0;
}

}  // namespace

FilesystemUpload::~FilesystemUpload() { ::close(fd_); }

bool FilesystemUpload::SetDirect(bool direct) {
  if (direct == direct_) return true;
  if (::fcntl(fd_, F_SETFL, direct ? O_DIRECT : 0) != 0) return false;
  direct_ = direct;
  return true;
}

Result<void> FilesystemUpload::WriteAll(uint64_t at, std::string_view bytes) {
  while (!bytes.empty()) {
    size_t part = can_direct_ ? DirectPart(at, bytes) : 0;
    if (!SetDirect(part > 0)) {
      can_direct_ = false;
      part = 0;
    }
    const ssize_t n = ::pwrite(fd_, bytes.data(), part > 0 ? part : bytes.size(), static_cast<off_t>(at));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EINVAL && part > 0) {  // a file system that takes the flag, but not the write
      can_direct_ = false;
      continue;
    }
    if (n <= 0) return Fail(IoError(n == 0 ? ENOSPC : errno, "write upload", path_));
    at += static_cast<uint64_t>(n);
    bytes.remove_prefix(static_cast<size_t>(n));
  }
  return {};
}

Result<void> FilesystemUpload::Append(std::string_view bytes) {
  if (auto written = WriteAll(size_, bytes); !written) {
    // size() is what counts; the cut only gives the space back, and later appends overwrite what stays.
    if (::ftruncate(fd_, static_cast<off_t>(size_)) != 0) IoError(errno, "cut upload", path_);
    return written;
  }
  size_ += bytes.size();
  if (size_ - started_ >= kWriteBehind) {
    ::sync_file_range(fd_, static_cast<off_t>(started_), static_cast<off_t>(size_ - started_), SYNC_FILE_RANGE_WRITE);
    started_ = size_;
  }
  return {};
}

Result<void> FilesystemUpload::Truncate(uint64_t size) {
  if (size > size_) return Fail(ErrorCode::kInvalidArgument, "an upload can't be cut to more than it holds");
  if (::ftruncate(fd_, static_cast<off_t>(size)) != 0) return Fail(IoError(errno, "cut upload", path_));
  size_ = size;
  started_ = std::min(started_, size);
  return {};
}

Result<void> FilesystemUpload::ReadAll(FunctionRef<void(std::string_view)> piece) {
  SetDirect(false);
  std::string buffer(std::min<uint64_t>(kReadPiece, size_), '\0');
  uint64_t at = 0;
  while (at < size_) {
    const size_t wanted = std::min<uint64_t>(buffer.size(), size_ - at);
    const ssize_t n = ::pread(fd_, buffer.data(), wanted, static_cast<off_t>(at));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return Fail(IoError(n == 0 ? EIO : errno, "read upload", path_));
    piece(std::string_view(buffer.data(), static_cast<size_t>(n)));
    at += static_cast<uint64_t>(n);
  }
  return {};
}

Result<void> FilesystemUpload::Sync() {
  // A failed ftruncate after a failed write may have left bytes behind size().
  if (::lseek(fd_, 0, SEEK_END) != static_cast<off_t>(size_)) TRY_VOID(Truncate(size_));
  if (::fdatasync(fd_) != 0) return Fail(IoError(errno, "sync upload", path_));
  return {};
}

}  // namespace berth::blob
