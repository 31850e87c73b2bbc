// What every command opens first: the data folder, its lock, the database (migrated), the sealing key and the blobs.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "api/ops/metrics.h"
#include "app/config.h"
#include "base/result.h"
#include "blob/blob_store.h"
#include "crypto/secret_box.h"
#include "sql/database.h"

namespace berth::app {

// Keeps a second server away from the same data folder while it lives.
class FolderLock {
 public:
  static Result<FolderLock> Take(const std::string& folder);  // kConflict when another server has it
  FolderLock(FolderLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FolderLock& operator=(FolderLock&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~FolderLock();

 private:
  explicit FolderLock(int fd) : fd_(fd) {}
  int fd_;
};

// Makes the folder (0700) when it is missing. kUnavailable names it and says why not.
Result<void> PrepareDataFolder(const std::string& folder);
Result<std::unique_ptr<sql::Database>> OpenDatabase(const Config& config);
Result<crypto::SecretBox> OpenSecretBox(const Config& config);
Result<std::unique_ptr<BlobStore>> OpenBlobs(const Config& config);

// Raises the process's open-file limit as far as it may be, then lowers those of `config`'s bounds that keep files open
// (threads with their database connections, uploads) to what the limit allows: a quarter of it, the rest is for
// clients.
void FitOpenFiles(Config& config);

}  // namespace berth::app
