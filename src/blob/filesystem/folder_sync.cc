#include "blob/filesystem/folder_sync.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "blob/filesystem/io_error.h"

namespace berth::blob {

Result<void> SyncFolder(const std::string& folder) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return Fail(IoError(errno, "sync folder", folder));
  const int failed = ::fsync(fd) == 0 ? 0 : errno;
  ::close(fd);
  if (failed != 0) return Fail(IoError(failed, "sync folder", folder));
  return {};
}

Result<void> FolderSync::Sync(const std::string& folder) {
  std::unique_lock lock(mutex_);
  const uint64_t wanted = started_ + 1;  // one under way may have passed our rename already
  while (completed_ < wanted) {
    if (running_) {
      done_.wait(lock);
      continue;
    }
    running_ = true;
    const uint64_t mine = ++started_;
    lock.unlock();
    Result<void> synced = SyncFolder(folder);
    lock.lock();
    running_ = false;
    if (synced) completed_ = mine;
    done_.notify_all();
    // The others try by themselves: the kernel tells each failure once only.
    if (!synced) return synced;
  }
  return {};
}

}  // namespace berth::blob
