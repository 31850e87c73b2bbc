// Makes renames into one folder durable; callers that wait together share one fsync.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>

#include "base/result.h"

namespace berth::blob {

// Thread-safe.
class FolderSync {
 public:
  // Answers after an fsync of `folder` that began after this call did: what was renamed into it before is durable.
  Result<void> Sync(const std::string& folder);

 private:
  std::mutex mutex_;
  std::condition_variable done_;
  uint64_t started_ = 0;    // number of the newest fsync that has begun
  uint64_t completed_ = 0;  // number of the newest fsync that has succeeded
  bool running_ = false;
};

// Opens, syncs and closes the folder.
Result<void> SyncFolder(const std::string& folder);

}  // namespace berth::blob
