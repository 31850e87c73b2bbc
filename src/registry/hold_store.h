// Rows of `blob` and `repository_blob`: which blobs there are, and which repository holds which. Also the review
// queue's entry.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "base/result.h"
#include "crypto/digest.h"
#include "sql/database.h"

namespace berth::registry {

struct BlobRow {
  BlobId id;
  uint64_t size = 0;  // bytes
};

namespace hold_store {

// The blob, if the repository holds it.
Result<std::optional<BlobRow>> FindHeld(sql::Connection& connection, std::string_view repository, const Digest& digest);
Result<std::optional<BlobRow>> FindHeld(sql::Connection& connection, RepositoryId repository, const Digest& digest);
// Whether the repository holds the blob and the collector leaves that alone until `until` at least.
Result<bool> IsLeased(sql::Connection& connection, RepositoryId repository, BlobId blob, Timestamp until);
// Whoever holds it or not.
Result<std::optional<BlobRow>> FindBlob(sql::Connection& connection, const Digest& digest);
// The repositories that hold the blob, `limit` at most.
Result<std::vector<RepositoryId>> Holders(sql::Connection& connection, BlobId blob, int64_t limit);

Result<BlobRow> InsertBlob(sql::Transaction& tx, const Digest& digest, uint64_t size, Timestamp now);

// Makes the repository hold the blob until `leased_until` at least, has it reviewed then, and gives it to manifests of
// the repository that were stored while it was missing.
Result<void> Hold(sql::Transaction& tx, RepositoryId repository, const BlobRow& blob, const Digest& digest,
                  Timestamp leased_until);
Result<bool> HasEdge(sql::Connection& connection, RepositoryId repository, BlobId blob);
Result<void> Release(sql::Transaction& tx, RepositoryId repository, const BlobRow& blob);
struct HeldBlob {
  RepositoryId repository;
  BlobRow blob;
};
// As Release for each, with one change of each repository's size.
Result<void> ReleaseAll(sql::Transaction& tx, const std::vector<HeldBlob>& holds);

enum class ReviewKind { kHold, kBlob, kManifest };
// Puts an object into the review queue, or puts its entry off until `due`; what is due later already stays so.
// `repository` is 0 for kBlob.
Result<void> Review(sql::Transaction& tx, ReviewKind kind, RepositoryId repository, int64_t object, Timestamp due);

}  // namespace hold_store
}  // namespace berth::registry
