// Blobs of a repository: found, read, mounted, taken out. Uploading is UploadService's. Thread-safe.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "accounts/caller.h"
#include "base/clock.h"
#include "base/result.h"
#include "blob/blob_store.h"
#include "registry/caches.h"
#include "registry/hold_store.h"
#include "registry/options.h"
#include "registry/repository_store.h"
#include "sql/database.h"

namespace berth::registry {

class BlobService {
 public:
  BlobService(sql::Database& database, BlobStore& blobs, const Clock& clock, const Options& options, HoldCache& holds)
      : database_(database), blobs_(blobs), clock_(clock), options_(options), holds_(holds) {}

  // The open blob, if the repository (full name) holds it. At most one indexed query and one open(2). kBlobUnknown; a
  // held blob whose file has vanished is kBlobUnknown too, so that clients push it again, and an error in the log.
  Result<std::shared_ptr<const BlobFile>> Open(std::string_view repository, const Digest& digest);

  struct MountSource {
    std::string_view repository;  // full name; empty: any that holds the blob and that the caller may read
    bool readable = false;        // the caller's token says so already
  };
  // Makes `target` hold the blob. False when there is no such blob, or none that the caller may read: one answer for
  // both.
  Result<bool> Mount(const accounts::Caller& caller, const Repository& target, const Digest& digest,
                     const MountSource& source);

  // Takes the blob out of the repository at once; its bytes go when nobody holds it any more. kBlobUnknown;
  // kMethodNotAllowed while a manifest of the repository refers to it.
  Result<void> Delete(RepositoryId repository, const Digest& digest);

 private:
  Result<bool> MayReadSource(sql::Connection& connection, const accounts::Caller& caller, const BlobRow& blob,
                             const Digest& digest, const MountSource& source);
  Result<std::optional<uint64_t>> HeldSize(std::string_view repository, const Digest& digest);
  Result<bool> MayRead(sql::Connection& connection, const accounts::Caller& caller, RepositoryId repository);

  sql::Database& database_;
  BlobStore& blobs_;
  const Clock& clock_;
  const Options& options_;
  HoldCache& holds_;
};

}  // namespace berth::registry
