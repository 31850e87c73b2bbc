// Uploads of blobs: begun, continued, finished, cancelled, forgotten. Thread-safe.
//
// An upload belongs to one repository and one account; anybody else gets the answer for an upload that is not there.
// Its open file and running hash stay in memory between requests; after a restart, or when too many are open, they are
// made again from the file.
//
// An embedded database costs a durable write for each row, so there an upload has none, and no file, before it has
// received something, and none at all when the first request brings everything. A crash forgets only uploads that have
// received nothing. In a shared database the row comes first: another copy may get the next request.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "accounts/caller.h"
#include "base/clock.h"
#include "base/result.h"
#include "blob/blob_store.h"
#include "crypto/digest.h"
#include "registry/hash_aside.h"
#include "registry/options.h"
#include "registry/repository_store.h"
#include "registry/upload_store.h"
#include "sql/database.h"

namespace berth::registry {

struct UploadStatus {
  std::string id;
  uint64_t size = 0;  // bytes received
};

class UploadService {
  struct Session;

 public:
  // The only writer of one upload while it lives; letting go of it keeps the upload.
  class Writer {
   public:
    ~Writer();
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    // kOutOfSpace, kUnavailable; then nothing was taken.
    Result<void> Append(std::string_view bytes);
    // From here on what was appended outlives the process.
    Result<void> Keep();
    uint64_t size() const;
    const std::string& id() const;

   private:
    friend class UploadService;
    Writer(UploadService& service, std::shared_ptr<Session> session)
        : service_(&service), session_(std::move(session)) {}
    UploadService* service_;
    std::shared_ptr<Session> session_;
  };

  UploadService(sql::Database& database, BlobStore& blobs, const Clock& clock, const Options& options);
  ~UploadService();

  // kTooManyRequests while too many are busy.
  Result<UploadStatus> Start(const accounts::Caller& caller, const Repository& repository, DigestAlgorithm algorithm);
  // For a blob in a single request: as Start and Open, but without a row, so it does not outlive the process.
  Result<std::unique_ptr<Writer>> StartWhole(const accounts::Caller& caller, const Repository& repository,
                                             DigestAlgorithm algorithm);
  // kBlobUploadUnknown; kConflict while another request writes to it.
  Result<std::unique_ptr<Writer>> Open(const accounts::Caller& caller, const Repository& repository,
                                       std::string_view id);
  Result<UploadStatus> Find(const accounts::Caller& caller, const Repository& repository, std::string_view id);
  Result<void> Cancel(const accounts::Caller& caller, const Repository& repository, std::string_view id);

  // Checks the digest, publishes the bytes durably and makes the repository hold the blob. kDigestInvalid drops the
  // upload; other errors keep it where they can, so that the client may finish again.
  Result<void> Finish(std::unique_ptr<Writer> writer, const Repository& repository, const Digest& digest);
  // Drops what a failed single request has written.
  void Discard(std::unique_ptr<Writer> writer);

  // For the collector; both answer how many went. Expire removes up to `limit` uploads without progress for too long,
  // DropStrangers the files that no row and no session knows, by when they were written.
  Result<int64_t> Expire(int64_t limit);
  Result<int64_t> DropStrangers();

 private:
  struct Session {
    UploadRow row;
    bool has_row = false;
    bool single = false;               // one request brings everything, and nothing is kept when it fails
    std::unique_ptr<UploadFile> file;  // made for the first byte
    std::optional<Hasher> hasher;      // of all that the file holds; none after a failed write
    std::unique_ptr<BlobGuard> guard;  // while busy in a shared database: no other copy of the server writes to it
    bool busy = true;         // guarded by UploadService::mutex_; the fields above belong to whoever made it busy
    uint64_t known_size = 0;  // guarded by mutex_; the size when it was last let go
    Timestamp last_used;      // guarded by mutex_
  };
  using SessionPtr = std::shared_ptr<Session>;

  Result<SessionPtr> AddSession(UploadRow row);
  Result<SessionPtr> Acquire(const accounts::Caller& caller, const Repository& repository, std::string_view id);
  Result<void> Ready(Session& session);
  Result<void> Load(Session& session);
  Result<void> Refresh(Session& session);
  Result<void> KeepOthersOut(Session& session);
  Result<void> AddRow(Session& session);
  Result<void> InsertRow(Session& session);
  void LetGo(const SessionPtr& session);
  void Forget(const SessionPtr& session);
  bool MakeRoom();
  Result<UploadRow> FindRow(const accounts::Caller& caller, const Repository& repository, std::string_view id);
  Result<void> Drop(const SessionPtr& session);
  void DropLogged(const SessionPtr& session);
  Result<Digest> DigestOfSession(Session& session, DigestAlgorithm algorithm);
  Result<void> PublishUnlessThere(Session& session, const Digest& digest, uint64_t size);
  Result<void> Commit(Session& session, const Repository& repository, const Digest& digest, uint64_t size);
  Result<bool> ExpireOne(const UploadRow& row, Timestamp now);
  void Salvage(const SessionPtr& session);
  std::vector<SessionPtr> TakeForgotten(Timestamp now);

  sql::Database& database_;
  BlobStore& blobs_;
  const Clock& clock_;
  const Options& options_;
  HashAside aside_;
  std::mutex mutex_;
  std::unordered_map<std::string, SessionPtr> sessions_;
};

}  // namespace berth::registry
