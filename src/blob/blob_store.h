// Where blob bytes rest. Content-addressed and durable: once Publish answers, the bytes survive kill -9 and power loss.
//
// Threads: a BlobStore may be used by any number of threads; one upload key is written by one thread at a time (the
// caller sees to that). All calls may block on the disk, except where said.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/function_ref.h"
#include "base/result.h"
#include "crypto/digest.h"

namespace berth {

// An open blob for reading. Owns its file descriptor; bytes can be sent with sendfile(2).
class BlobFile {
 public:
  BlobFile(int fd, uint64_t size) : fd_(fd), size_(size) {}
  ~BlobFile();
  BlobFile(const BlobFile&) = delete;
  BlobFile& operator=(const BlobFile&) = delete;
  int fd() const { return fd_; }
  uint64_t size() const { return size_; }

 private:
  int fd_;
  uint64_t size_;
};

// The growing file of one upload. Append writes at the end; nothing is promised until Publish.
class UploadFile {
 public:
  virtual ~UploadFile() = default;
  virtual Result<void> Append(
      std::string_view bytes) = 0;  // kOutOfSpace, kUnavailable; a failed append leaves size() unchanged
  virtual uint64_t size() const = 0;
  // Cuts back to `size` (<= size()): what came after it was not acknowledged.
  virtual Result<void> Truncate(uint64_t size) = 0;
  // Reads everything written so far in order, to hash it again after a restart.
  virtual Result<void> ReadAll(FunctionRef<void(std::string_view)> piece) = 0;
};

struct StoredBlob {
  Digest digest;
  uint64_t size = 0;
  Timestamp modified;
};

struct StoredUpload {
  std::string key;
  Timestamp modified;  // when bytes came last
};

// Held while a blob's row and its file must agree, or while an upload is written to; see BlobStore. Released when
// destroyed.
class BlobGuard {
 public:
  virtual ~BlobGuard() = default;
};

enum class GuardMode {
  kPublish,  // waits until nobody publishes or removes the digest
  kRemove,   // kConflict at once when somebody does
};

class BlobStore {
 public:
  virtual ~BlobStore() = default;

  // One at a time publishes or removes a digest, also between processes that share the store. Who publishes holds
  // kPublish from before the look for the blob's row until the row has committed; who removes takes kRemove, sees that
  // there is no row, deletes the file and lets go. So a row never outlives its file. Other digests may share a guard.
  virtual Result<std::unique_ptr<BlobGuard>> Guard(const Digest& digest, GuardMode mode) = 0;

  // One at a time writes to an upload, also between processes; kConflict at once when somebody does. Other uploads may
  // share a guard.
  virtual Result<std::unique_ptr<BlobGuard>> GuardUpload(std::string_view upload_key) = 0;

  // `upload_key` is a UUID chosen by the caller. kAlreadyExists when taken.
  virtual Result<std::unique_ptr<UploadFile>> CreateUpload(std::string_view upload_key) = 0;
  virtual Result<std::unique_ptr<UploadFile>> OpenUpload(std::string_view upload_key) = 0;  // kBlobUploadUnknown
  // Makes the upload the blob `digest` (checked by the caller) in place of what may lie there, durably; the upload is
  // gone afterwards. What lies under a digest is whole only where this call has succeeded: after a power loss in the
  // middle of it there may be a file of the right size with other bytes. So whoever trusts a file needs a row for it.
  virtual Result<void> Publish(std::string_view upload_key, std::unique_ptr<UploadFile> upload,
                               const Digest& digest) = 0;
  virtual Result<void> DropUpload(std::string_view upload_key) = 0;  // succeeds when there is none
  virtual Result<std::vector<StoredUpload>> ListUploads() = 0;       // in no order

  virtual Result<std::shared_ptr<const BlobFile>> Open(const Digest& digest) = 0;  // kBlobUnknown
  virtual Result<bool> Exists(const Digest& digest, uint64_t size) = 0;
  virtual Result<void> Delete(const Digest& digest) = 0;  // succeeds when there is none
  // Moves a broken blob aside (`quarantine/`), never deletes it. For fsck.
  virtual Result<void> Quarantine(const Digest& digest) = 0;
  // Every blob, in no order, until `visit` answers false. Walks all folders: for fsck and the collector's sweep.
  virtual Result<void> ForEach(FunctionRef<bool(const StoredBlob&)> visit) = 0;

  // A small durable probe (create, write, sync, remove) for /readyz.
  virtual Result<void> Probe() = 0;
};

struct FilesystemBlobOptions {
  std::string folder;           // <data>/blobs; made when missing
  bool sync = true;             // false only for tests
  size_t max_open_blobs = 512;  // descriptors kept open for the next reader; 0 keeps none
};
Result<std::unique_ptr<BlobStore>> OpenFilesystemBlobStore(const FilesystemBlobOptions& options);

}  // namespace berth
