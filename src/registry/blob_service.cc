#include "registry/blob_service.h"

#include "access/decision.h"
#include "base/log.h"
#include "registry/repository_service.h"

namespace berth::registry {
namespace {

// How many holders an anonymous mount looks at: a blob that everybody holds is nearly always in one of the first.
constexpr int64_t kMaxMountCandidates = 64;

Error UnknownBlob(const Digest& digest) {
  return Error(ErrorCode::kBlobUnknown, "blob unknown to registry").WithDetail(digest.text());
}

}  // namespace

// Only an embedded database is remembered: another copy of the server may release a hold in a shared one.
Result<std::optional<uint64_t>> BlobService::HeldSize(std::string_view repository, const Digest& digest) {
  const bool remember = database_.IsEmbedded();
  if (remember) {
    if (const auto known = holds_.Find(repository, digest.text())) return known;
  }
  const uint64_t ticket = holds_.Ticket(repository, digest.text());
  TRY(const auto held, database_.Read([&](sql::Connection& c) { return hold_store::FindHeld(c, repository, digest); }));
  if (!held) return std::optional<uint64_t>();
  if (remember) holds_.Insert(repository, digest.text(), held->size, 0, ticket);
  return std::optional(held->size);
}

Result<std::shared_ptr<const BlobFile>> BlobService::Open(std::string_view repository, const Digest& digest) {
  TRY(const auto size, HeldSize(repository, digest));
  if (!size) return Fail(UnknownBlob(digest));
  auto file = blobs_.Open(digest);
  const bool vanished = !file && file.error().code == ErrorCode::kBlobUnknown;
  if (vanished || (file && (*file)->size() != *size)) {
    log::Error("registry", vanished ? "the file of a blob has vanished" : "the file of a blob has the wrong size",
               {{"digest", digest.text()}, {"repository", repository}, {"size", *size}});
    return Fail(UnknownBlob(digest));
  }
  return file;
}

Result<bool> BlobService::MayRead(sql::Connection& connection, const accounts::Caller& caller, RepositoryId id) {
  TRY(const auto repository, repository_store::FindById(connection, id));
  if (!repository) return false;
  TRY(const auto verdict,
      access::DecideRepository(connection, caller, repository->Facts(), access::RepositoryAction::kPullImage));
  return verdict == access::Verdict::kAllowed;
}

Result<bool> BlobService::MayReadSource(sql::Connection& connection, const accounts::Caller& caller,
                                        const BlobRow& blob, const Digest& digest, const MountSource& source) {
  if (!source.repository.empty()) {
    TRY(const auto repository, repository_store::Find(connection, source.repository));
    if (!repository) return false;
    TRY(const auto held, hold_store::FindHeld(connection, repository->id, digest));
    if (!held) return false;
    if (source.readable) return true;
    return MayRead(connection, caller, repository->id);
  }
  TRY(const auto holders, hold_store::Holders(connection, blob.id, kMaxMountCandidates));
  for (const RepositoryId holder : holders) {
    TRY(const bool readable, MayRead(connection, caller, holder));
    if (readable) return true;
  }
  return false;
}

Result<bool> BlobService::Mount(const accounts::Caller& caller, const Repository& target, const Digest& digest,
                                const MountSource& source) {
  // Look first without a place in the queue of writers: most mounts of a fresh image miss, and most of a rebuilt one
  // are there already. A lease from here lasts half a grace longer than it must, so that the mounts of that time find
  // their whole grace left and write nothing.
  bool held = false;
  TRY(const bool found, database_.Read([&](sql::Connection& c) -> Result<bool> {
    TRY(const auto blob, hold_store::FindBlob(c, digest));
    if (!blob) return false;
    TRY(const bool readable, MayReadSource(c, caller, *blob, digest, source));
    if (!readable) return false;
    TRY(const auto repository, repository_store::FindById(c, target.id));
    if (!repository || !RepositoryService::CheckWritable(*repository)) return true;  // refused below, where it counts
    TRY(held, hold_store::IsLeased(c, target.id, blob->id, clock_.Now() + options_.gc_grace));
    return true;
  }));
  if (!found || held) return found;
  return database_.Write([&](sql::Transaction& tx) -> Result<bool> {
    // Again, since both may be gone meanwhile: a hold must never outlive the blob's row.
    TRY(const auto blob, hold_store::FindBlob(tx, digest));
    if (!blob) return false;
    TRY(const auto repository, repository_store::FindById(tx, target.id));
    if (!repository) return false;
    TRY_VOID(RepositoryService::CheckWritable(*repository));
    TRY(const bool readable, MayReadSource(tx, caller, *blob, digest, source));
    if (!readable) return false;
    TRY_VOID(hold_store::Hold(tx, target.id, *blob, digest, clock_.Now() + options_.gc_grace * 3 / 2));
    return true;
  });
}

Result<void> BlobService::Delete(RepositoryId repository, const Digest& digest) {
  return database_.Write([&](sql::Transaction& tx) -> Result<void> {
    TRY(const auto row, repository_store::FindById(tx, repository));
    if (!row) return Fail(ErrorCode::kNameUnknown, "repository name not known to registry");
    TRY_VOID(RepositoryService::CheckWritable(*row));
    TRY(const auto held, hold_store::FindHeld(tx, repository, digest));
    if (!held) return Fail(UnknownBlob(digest));
    TRY(const bool used, hold_store::HasEdge(tx, repository, held->id));
    if (used) {
      return Fail(Error(ErrorCode::kMethodNotAllowed, "the blob is in use by a manifest of the repository")
                      .WithDetail(digest.text()));
    }
    TRY_VOID(hold_store::Release(tx, repository, *held));
    tx.OnCommit([this, name = row->full_name, digest] { holds_.Invalidate(name, digest.text()); });
    return hold_store::Review(tx, hold_store::ReviewKind::kBlob, RepositoryId(), held->id.value,
                              clock_.Now() + options_.gc_grace);
  });
}

}  // namespace berth::registry
