#include "registry/upload_service.h"

#include <algorithm>

#include "base/log.h"
#include "crypto/random.h"
#include "registry/hold_store.h"
#include "registry/repository_service.h"

namespace berth::registry {
namespace {

// For less than this, the other thread's turn costs more than it saves.
constexpr size_t kLeastAside = 512 << 10;

Error WrittenToByAnother() {
  return Error(ErrorCode::kConflict, "another request is writing to this upload").WithRetryAfter(1);
}

Error UnknownUpload(std::string_view id) {
  return Error(ErrorCode::kBlobUploadUnknown, "blob upload unknown to registry")
      .WithDetail(std::string(id.substr(0, 64)));
}

}  // namespace

UploadService::Writer::~Writer() {
  if (!session_) return;
  if (auto kept = Keep(); !kept) {
    log::Warn("registry", "an upload would not outlive a restart",
              {{"upload", session_->row.id}, {"reason", kept.error().message}});
  }
  service_->LetGo(session_);
}

Result<void> UploadService::Writer::Append(std::string_view bytes) {
  TRY_VOID(service_->Ready(*session_));
  UploadFile& file = *session_->file;
  Hasher& hasher = *session_->hasher;
  if (bytes.size() < kLeastAside) {
    TRY_VOID(file.Append(bytes));
    hasher.Update(bytes);
    return {};
  }
  auto written = service_->aside_.Run(hasher, bytes, [&] { return file.Append(bytes); });
  if (!written) session_->hasher.reset();  // it has more than the file
  return written;
}

Result<void> UploadService::Writer::Keep() { return session_->single ? Result<void>() : service_->AddRow(*session_); }
uint64_t UploadService::Writer::size() const { return session_->file ? session_->file->size() : 0; }
const std::string& UploadService::Writer::id() const { return session_->row.id; }

UploadService::UploadService(sql::Database& database, BlobStore& blobs, const Clock& clock, const Options& options)
    : database_(database), blobs_(blobs), clock_(clock), options_(options) {}

// What only this process knows is written down, so that an orderly restart interrupts nobody. One by one: the
// repository of one may have been deleted meanwhile.
UploadService::~UploadService() {
  for (const auto& [id, session] : sessions_) {
    if (session->has_row || session->single) continue;
    if (auto added = InsertRow(*session); !added) log::Warn("registry", "an upload is forgotten", {{"upload", id}});
  }
}

// Called with mutex_ held: a place for one more session, by forgetting the idle one that was used longest ago.
bool UploadService::MakeRoom() {
  if (sessions_.size() < options_.max_open_uploads) return true;
  auto oldest = sessions_.end();
  for (auto it = sessions_.begin(); it != sessions_.end(); ++it) {
    const bool evictable = !it->second->busy && it->second->has_row;
    if (evictable && (oldest == sessions_.end() || it->second->last_used < oldest->second->last_used)) oldest = it;
  }
  if (oldest == sessions_.end()) return false;
  sessions_.erase(oldest);
  return true;
}

// A new busy session, not yet loaded. kConflict when there is one of that id.
Result<UploadService::SessionPtr> UploadService::AddSession(UploadRow row) {
  auto session = std::make_shared<Session>();
  session->last_used = clock_.Now();
  session->row = std::move(row);
  std::lock_guard lock(mutex_);
  if (sessions_.contains(session->row.id)) return Fail(ErrorCode::kConflict, "the upload is being written to");
  if (!MakeRoom()) return Fail(Error(ErrorCode::kTooManyRequests, "too many uploads at once").WithRetryAfter(5));
  sessions_[session->row.id] = session;
  return session;
}

// So that what came outlives the process. It need not outlive a power loss: that is promised of finished blobs only.
Result<void> UploadService::AddRow(Session& session) {
  return session.has_row || !session.file ? Result<void>() : InsertRow(session);
}

Result<void> UploadService::InsertRow(Session& session) {
  TRY_VOID(database_.Write([&](sql::Transaction& tx) { return upload_store::Insert(tx, session.row, clock_.Now()); },
                           sql::Durability::kProcessEnd));
  session.has_row = true;
  return {};
}

void UploadService::LetGo(const SessionPtr& session) {
  session->guard.reset();
  std::lock_guard lock(mutex_);
  session->busy = false;
  session->last_used = clock_.Now();
  if (session->file) session->known_size = session->file->size();
}

void UploadService::Forget(const SessionPtr& session) {
  std::lock_guard lock(mutex_);
  const auto found = sessions_.find(session->row.id);
  if (found != sessions_.end() && found->second == session) sessions_.erase(found);
}

Result<UploadStatus> UploadService::Start(const accounts::Caller& caller, const Repository& repository,
                                          DigestAlgorithm algorithm) {
  TRY(auto session,
      AddSession({crypto::NewUuid(), repository.id, caller.account, algorithm, clock_.Now() + options_.upload_expiry}));
  bool alone = database_.IsEmbedded();
  if (alone) {
    // Those without a row can't be put out of memory, so half of it is left to the others.
    std::lock_guard lock(mutex_);
    alone = sessions_.size() < options_.max_open_uploads / 2;
  }
  UploadStatus status{session->row.id, 0};
  if (alone) {
    LetGo(session);
    return status;
  }
  // Row and file tell all from here on; another copy of the server may go on with it.
  auto made = InsertRow(*session);
  Forget(session);
  if (!made) return Fail(std::move(made).error());
  return status;
}

Result<std::unique_ptr<UploadService::Writer>> UploadService::StartWhole(const accounts::Caller& caller,
                                                                         const Repository& repository,
                                                                         DigestAlgorithm algorithm) {
  TRY(auto session,
      AddSession({crypto::NewUuid(), repository.id, caller.account, algorithm, clock_.Now() + options_.upload_expiry}));
  session->single = true;
  return std::unique_ptr<Writer>(new Writer(*this, std::move(session)));
}

Result<UploadRow> UploadService::FindRow(const accounts::Caller& caller, const Repository& repository,
                                         std::string_view id) {
  TRY(auto row, database_.Read([&](sql::Connection& c) { return upload_store::Find(c, id); }));
  // Another's upload answers as if it were not there.
  if (!row || row->repository != repository.id || row->account != caller.account) return Fail(UnknownUpload(id));
  return *std::move(row);
}

// A file to append to and the hash of what it holds. The session is busy, hence ours.
Result<void> UploadService::Ready(Session& session) {
  if (!session.file) {
    TRY(session.file, blobs_.CreateUpload(session.row.id));
  }
  if (session.hasher) return {};
  Hasher hasher(session.row.algorithm);
  TRY_VOID(session.file->ReadAll([&](std::string_view piece) { hasher.Update(piece); }));
  session.hasher = std::move(hasher);
  return {};
}

Result<void> UploadService::Load(Session& session) {
  session.has_row = true;
  auto file = blobs_.OpenUpload(session.row.id);
  if (file) {
    session.file = *std::move(file);
    return Ready(session);
  }
  // Nothing has come yet.
  if (file.error().code == ErrorCode::kBlobUploadUnknown) return {};
  return Fail(std::move(file).error());
}

// In a shared database another copy of the server may have gone on with the upload since we had it.
Result<void> UploadService::Refresh(Session& session) {
  if (database_.IsEmbedded() || !session.file) return {};
  TRY(const auto file, blobs_.OpenUpload(session.row.id));
  if (file->size() == session.file->size()) return {};
  session.file.reset();
  session.hasher.reset();
  return Load(session);
}

// Until the session is let go.
Result<void> UploadService::KeepOthersOut(Session& session) {
  if (database_.IsEmbedded()) return {};
  auto guard = blobs_.GuardUpload(session.row.id);
  if (!guard) {
    return Fail(guard.error().code == ErrorCode::kConflict ? WrittenToByAnother() : std::move(guard).error());
  }
  session.guard = *std::move(guard);
  // It may have been finished or cancelled just before.
  TRY(const auto row, database_.Read([&](sql::Connection& c) { return upload_store::Find(c, session.row.id); }));
  if (!row) return Fail(UnknownUpload(session.row.id));
  return {};
}

Result<UploadService::SessionPtr> UploadService::Acquire(const accounts::Caller& caller, const Repository& repository,
                                                         std::string_view id) {
  SessionPtr kept;
  {
    std::lock_guard lock(mutex_);
    const auto found = sessions_.find(std::string(id));
    if (found != sessions_.end()) {
      Session& session = *found->second;
      if (session.row.repository != repository.id || session.row.account != caller.account || session.single) {
        return Fail(UnknownUpload(id));
      }
      if (session.busy) return Fail(WrittenToByAnother());
      session.busy = true;
      kept = found->second;
    }
  }
  if (kept) {
    if (auto alone = KeepOthersOut(*kept); !alone) {
      LetGo(kept);
      if (alone.error().code == ErrorCode::kBlobUploadUnknown) Forget(kept);
      return Fail(std::move(alone).error());
    }
    auto refreshed = Refresh(*kept);
    if (refreshed) return kept;
    Forget(kept);
    return Fail(std::move(refreshed).error());
  }
  TRY(auto row, FindRow(caller, repository, id));
  TRY(auto session, AddSession(std::move(row)));
  auto loaded = KeepOthersOut(*session);
  if (loaded) loaded = Load(*session);
  if (!loaded) {
    Forget(session);
    return Fail(std::move(loaded).error());
  }
  return session;
}

Result<std::unique_ptr<UploadService::Writer>> UploadService::Open(const accounts::Caller& caller,
                                                                   const Repository& repository, std::string_view id) {
  TRY(auto session, Acquire(caller, repository, id));
  return std::unique_ptr<Writer>(new Writer(*this, std::move(session)));
}

Result<UploadStatus> UploadService::Find(const accounts::Caller& caller, const Repository& repository,
                                         std::string_view id) {
  if (database_.IsEmbedded()) {
    std::lock_guard lock(mutex_);
    const auto found = sessions_.find(std::string(id));
    if (found != sessions_.end()) {
      const Session& session = *found->second;
      if (session.row.repository != repository.id || session.row.account != caller.account || session.single) {
        return Fail(UnknownUpload(id));
      }
      return UploadStatus{session.row.id, session.known_size};
    }
  }
  TRY(const auto row, FindRow(caller, repository, id));
  const auto file = blobs_.OpenUpload(row.id);
  if (file) return UploadStatus{row.id, (*file)->size()};
  if (file.error().code == ErrorCode::kBlobUploadUnknown) return UploadStatus{row.id, 0};
  return Fail(file.error());
}

// Removes the file, then the row, of a busy session.
Result<void> UploadService::Drop(const SessionPtr& session) {
  session->file.reset();
  TRY_VOID(blobs_.DropUpload(session->row.id));
  if (session->has_row) {
    TRY_VOID(database_.Write([&](sql::Transaction& tx) { return upload_store::Remove(tx, session->row.id); }));
  }
  return {};
}

void UploadService::DropLogged(const SessionPtr& session) {
  if (auto dropped = Drop(session); !dropped) {
    log::Warn("registry", "an upload could not be removed yet", {{"upload", session->row.id}});
  }
}

Result<void> UploadService::Cancel(const accounts::Caller& caller, const Repository& repository, std::string_view id) {
  TRY(auto session, Acquire(caller, repository, id));
  auto dropped = Drop(session);
  Forget(session);
  return dropped;
}

void UploadService::Discard(std::unique_ptr<Writer> writer) {
  const SessionPtr session = std::move(writer->session_);
  DropLogged(session);
  Forget(session);
}

Result<Digest> UploadService::DigestOfSession(Session& session, DigestAlgorithm algorithm) {
  TRY_VOID(Ready(session));
  if (session.hasher->algorithm() == algorithm) return session.hasher->Finish();
  // The client named another algorithm at the end than at the start.
  Hasher hasher(algorithm);
  TRY_VOID(session.file->ReadAll([&](std::string_view piece) { hasher.Update(piece); }));
  return hasher.Finish();
}

// A file without a row may be what a power loss has left of another upload; see BlobStore::Publish.
Result<void> UploadService::PublishUnlessThere(Session& session, const Digest& digest, uint64_t size) {
  TRY(const auto row, database_.Read([&](sql::Connection& c) { return hold_store::FindBlob(c, digest); }));
  if (row && row->size == size) {
    TRY(const bool there, blobs_.Exists(digest, size));
    if (there) return blobs_.DropUpload(session.row.id);
    log::Warn("registry", "a blob's file was missing or cut short, replaced by a new upload",
              {{"digest", digest.text()}});
  }
  return blobs_.Publish(session.row.id, std::move(session.file), digest);
}

// Publish and row under one guard, so that the collector can't remove the file between them (garbage.h has the
// argument).
Result<void> UploadService::Commit(Session& session, const Repository& repository, const Digest& digest,
                                   uint64_t size) {
  TRY(const auto guard, blobs_.Guard(digest, GuardMode::kPublish));
  TRY_VOID(PublishUnlessThere(session, digest, size));
  return database_.Write([&](sql::Transaction& tx) -> Result<void> {
    TRY(const auto row, repository_store::FindById(tx, repository.id));
    if (!row) return Fail(ErrorCode::kNameUnknown, "repository name not known to registry");
    TRY_VOID(RepositoryService::CheckWritable(*row));
    const Timestamp now = clock_.Now();
    TRY(const BlobRow blob, hold_store::InsertBlob(tx, digest, size, now));
    TRY_VOID(hold_store::Hold(tx, repository.id, blob, digest, now + options_.gc_grace));
    if (session.has_row) TRY_VOID(upload_store::Remove(tx, session.row.id));
    return {};
  });
}

Result<void> UploadService::Finish(std::unique_ptr<Writer> writer, const Repository& repository, const Digest& digest) {
  const SessionPtr session = std::move(writer->session_);
  auto actual = DigestOfSession(*session, digest.algorithm());
  if (!actual || *actual != digest) {
    // What was appended can't be taken back out of a wrong hash: the upload is lost.
    DropLogged(session);
    Forget(session);
    if (!actual) return Fail(std::move(actual).error());
    return Fail(
        Error(ErrorCode::kDigestInvalid, "provided digest did not match uploaded content").WithDetail(digest.text()));
  }
  auto committed = Commit(*session, repository, digest, session->file->size());
  if (!committed) Salvage(session);
  session->file.reset();
  Forget(session);
  return committed;
}

// After a failure at the very end: row and file, if it is still there, lead on, unless a single request brought it all.
void UploadService::Salvage(const SessionPtr& session) {
  if (session->single) return DropLogged(session);
  if (session->has_row) return;
  auto file = blobs_.OpenUpload(session->row.id);
  if (!file) return;
  session->file = *std::move(file);
  if (auto kept = AddRow(*session); !kept) DropLogged(session);
}

// True when it went.
Result<bool> UploadService::ExpireOne(const UploadRow& row, Timestamp now) {
  SessionPtr session;
  std::optional<Timestamp> prolonged;  // progress is known in memory only
  {
    std::lock_guard lock(mutex_);
    const auto found = sessions_.find(row.id);
    if (found != sessions_.end()) {
      const Timestamp last = found->second->busy ? now : found->second->last_used;
      if (last + options_.upload_expiry > now) {
        prolonged = last + options_.upload_expiry;
      } else {
        session = found->second;
        session->busy = true;
      }
    }
  }
  if (prolonged) {
    TRY_VOID(database_.Write([&](sql::Transaction& tx) { return upload_store::Prolong(tx, row.id, *prolonged); }));
    return false;
  }
  if (!session) {
    session = std::make_shared<Session>();
    session->row = row;
    session->has_row = true;
  }
  if (auto alone = KeepOthersOut(*session); !alone) {
    LetGo(session);
    if (alone.error().code == ErrorCode::kBlobUploadUnknown) Forget(session);
    // It goes on in another copy of the server, or has just ended there.
    if (alone.error().code == ErrorCode::kConflict || alone.error().code == ErrorCode::kBlobUploadUnknown) return false;
    return Fail(std::move(alone).error());
  }
  auto dropped = Drop(session);
  Forget(session);
  if (!dropped) return Fail(std::move(dropped).error());
  return true;
}

// Files that no row and no session knows: left by single requests that the process did not survive. Nothing may have
// come for the whole expiry time, since another copy of the server may be writing one.
Result<int64_t> UploadService::DropStrangers() {
  const Timestamp now = clock_.Now();
  TRY(const auto uploads, blobs_.ListUploads());
  int64_t dropped = 0;
  for (const auto& [key, modified] : uploads) {
    if (now - modified < options_.upload_expiry) continue;
    {
      std::lock_guard lock(mutex_);
      if (sessions_.contains(key)) continue;
    }
    TRY(const auto row, database_.Read([&](sql::Connection& c) { return upload_store::Find(c, key); }));
    if (row) continue;
    TRY_VOID(blobs_.DropUpload(key));
    ++dropped;
  }
  return dropped;
}

// Those that only this process knows and whose time is over, made busy.
std::vector<UploadService::SessionPtr> UploadService::TakeForgotten(Timestamp now) {
  std::vector<SessionPtr> taken;
  const std::lock_guard lock(mutex_);
  for (const auto& [id, session] : sessions_) {
    if (session->busy || session->has_row || session->last_used + options_.upload_expiry > now) continue;
    session->busy = true;
    taken.push_back(session);
  }
  return taken;
}

Result<int64_t> UploadService::Expire(int64_t limit) {
  const Timestamp now = clock_.Now();
  TRY(const auto rows, database_.Read([&](sql::Connection& c) { return upload_store::ListExpired(c, now, limit); }));
  int64_t gone = 0;
  for (const SessionPtr& session : TakeForgotten(now)) {
    DropLogged(session);
    Forget(session);
    ++gone;
  }
  for (const UploadRow& row : rows) {
    TRY(const bool went, ExpireOne(row, now));
    gone += went ? 1 : 0;
  }
  return gone;
}

}  // namespace berth::registry
