#include "registry/hold_store.h"

#include <map>

#include "registry/repository_store.h"
#include "registry/review_sql.h"

namespace berth::registry::hold_store {
namespace {

constexpr sql::Query kFindHeldByName{
    "blob.find_held_by_name",
    "SELECT b.id, b.size FROM repository r JOIN blob b ON b.digest = $2"
    " JOIN repository_blob h ON h.repository_id = r.id AND h.blob_id = b.id WHERE r.full_name = $1"};
constexpr sql::Query kFindHeld{
    "blob.find_held",
    "SELECT b.id, b.size FROM blob b JOIN repository_blob h ON h.repository_id = $1 AND h.blob_id = b.id"
    " WHERE b.digest = $2"};
constexpr sql::Query kIsLeased{
    "blob.is_leased", "SELECT 1 FROM repository_blob WHERE repository_id = $1 AND blob_id = $2 AND leased_until >= $3"};
constexpr sql::Query kFindBlob{"blob.find", "SELECT id, size FROM blob WHERE digest = $1"};
constexpr sql::Query kHolders{
    "blob.holders", "SELECT repository_id FROM repository_blob WHERE blob_id = $1 ORDER BY repository_id LIMIT $2"};
constexpr sql::Query kInsertBlob{"blob.insert",
                                 "INSERT INTO blob (digest, size, created_at) VALUES ($1, $2, $3) RETURNING id"};
constexpr sql::Query kInsertHold{
    "blob.insert_hold",
    "INSERT INTO repository_blob (repository_id, blob_id, leased_until) VALUES ($1, $2, $3)"
    " ON CONFLICT (repository_id, blob_id) DO NOTHING"};
constexpr sql::Query kRenewHold{
    "blob.renew_hold",
    "UPDATE repository_blob SET leased_until = $3 WHERE repository_id = $1 AND blob_id = $2 AND leased_until < $3"};
constexpr sql::Query kHasAbsentEdge{
    "blob.has_absent_edge", "SELECT 1 FROM manifest_absent_blob WHERE repository_id = $1 AND digest = $2 LIMIT 1"};
constexpr sql::Query kLinkAbsentEdges{"blob.link_absent_edges",
                                      "INSERT INTO manifest_blob (manifest_id, position, repository_id, blob_id)"
                                      " SELECT manifest_id, position, repository_id, $3 FROM manifest_absent_blob "
                                      "WHERE repository_id = $1 AND digest = $2"};
constexpr sql::Query kDropAbsentEdges{"blob.drop_absent_edges",
                                      "DELETE FROM manifest_absent_blob WHERE repository_id = $1 AND digest = $2"};
constexpr sql::Query kHasEdge{"blob.has_edge",
                              "SELECT 1 FROM manifest_blob WHERE repository_id = $1 AND blob_id = $2 LIMIT 1"};
constexpr sql::Query kRelease{"blob.release", "DELETE FROM repository_blob WHERE repository_id = $1 AND blob_id = $2"};
constexpr sql::Query kReview{"garbage.review",
                             "INSERT INTO gc_review (kind, repository_id, object_id, review_after)"
                             " VALUES ($1, $2, $3, $4)" BERTH_OR_PUT_OFF_REVIEW};

BlobRow ToBlob(const sql::Row& row) { return {row.IdAt<BlobId>(0), static_cast<uint64_t>(row.Int(1))}; }
int64_t ToInt(const sql::Row& row) { return row.Int(0); }

std::string_view Name(ReviewKind kind) {
  switch (kind) {
    case ReviewKind::kHold:
      return "repository_blob";
    case ReviewKind::kBlob:
      return "blob";
    case ReviewKind::kManifest:
      return "manifest";
  }
  return "";
}

}  // namespace

Result<std::optional<BlobRow>> FindHeld(sql::Connection& connection, std::string_view repository,
                                        const Digest& digest) {
  return connection.One(kFindHeldByName, {repository, digest.text()}, ToBlob);
}

Result<std::optional<BlobRow>> FindHeld(sql::Connection& connection, RepositoryId repository, const Digest& digest) {
  return connection.One(kFindHeld, {repository, digest.text()}, ToBlob);
}

Result<bool> IsLeased(sql::Connection& connection, RepositoryId repository, BlobId blob, Timestamp until) {
  TRY(auto found, connection.One(kIsLeased, {repository, blob, until}, ToInt));
  return found.has_value();
}

Result<std::optional<BlobRow>> FindBlob(sql::Connection& connection, const Digest& digest) {
  return connection.One(kFindBlob, {digest.text()}, ToBlob);
}

Result<std::vector<RepositoryId>> Holders(sql::Connection& connection, BlobId blob, int64_t limit) {
  return connection.All(kHolders, {blob, limit}, [](const sql::Row& row) { return row.IdAt<RepositoryId>(0); });
}

Result<BlobRow> InsertBlob(sql::Transaction& tx, const Digest& digest, uint64_t size, Timestamp now) {
  TRY(auto found, FindBlob(tx, digest));
  if (found) return *found;
  TRY(auto id,
      tx.One(kInsertBlob, {digest.text(), size, now}, [](const sql::Row& row) { return row.IdAt<BlobId>(0); }));
  if (!id) return Fail(ErrorCode::kInternal, "a new blob has no id");
  return BlobRow{*id, size};
}

Result<void> Hold(sql::Transaction& tx, RepositoryId repository, const BlobRow& blob, const Digest& digest,
                  Timestamp leased_until) {
  TRY(const int64_t added, tx.Run(kInsertHold, {repository, blob.id, leased_until}));
  if (added > 0) {
    TRY_VOID(repository_store::AddStorage(tx, repository, static_cast<int64_t>(blob.size)));
    TRY(auto absent, tx.One(kHasAbsentEdge, {repository, digest.text()}, ToInt));
    if (absent) {
      TRY_VOID(tx.Run(kLinkAbsentEdges, {repository, digest.text(), blob.id}));
      TRY_VOID(tx.Run(kDropAbsentEdges, {repository, digest.text()}));
    }
  } else {
    TRY_VOID(tx.Run(kRenewHold, {repository, blob.id, leased_until}));
  }
  return Review(tx, ReviewKind::kHold, repository, blob.id.value, leased_until);
}

Result<bool> HasEdge(sql::Connection& connection, RepositoryId repository, BlobId blob) {
  TRY(auto found, connection.One(kHasEdge, {repository, blob}, ToInt));
  return found.has_value();
}

Result<void> ReleaseAll(sql::Transaction& tx, const std::vector<HeldBlob>& holds) {
  std::map<RepositoryId, int64_t>
      freed;  // in order, so that transactions on several repositories wait for each other in turn
  for (const HeldBlob& hold : holds) {
    TRY(const int64_t removed, tx.Run(kRelease, {hold.repository, hold.blob.id}));
    if (removed > 0) freed[hold.repository] += static_cast<int64_t>(hold.blob.size);
  }
  for (const auto& [repository, bytes] : freed) TRY_VOID(repository_store::AddStorage(tx, repository, -bytes));
  return {};
}

Result<void> Release(sql::Transaction& tx, RepositoryId repository, const BlobRow& blob) {
  return ReleaseAll(tx, {{repository, blob}});
}

Result<void> Review(sql::Transaction& tx, ReviewKind kind, RepositoryId repository, int64_t object, Timestamp due) {
  TRY_VOID(tx.Run(kReview, {Name(kind), repository, object, due}));
  return {};
}

}  // namespace berth::registry::hold_store
