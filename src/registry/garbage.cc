#include "registry/garbage.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <thread>

#include "base/log.h"
#include "registry/hold_store.h"
#include "registry/manifest_store.h"
#include "registry/repository_store.h"

namespace berth::registry {
namespace {

// Small enough that a push which waits for its turn to write does not notice, large enough for thousands of blobs a
// second.
constexpr int64_t kBatch = 32;
// Files that are removed under one look into the database.
constexpr size_t kGroup = 8;

// What a batch leaves of processor and disk to requests: a rest of this share of the time it took, up to a limit for
// stores where removing is mostly waiting.
constexpr double kRest = 0.4;
constexpr std::chrono::milliseconds kLongestRest{5};

// The batch's reviews. Two searches of the index, for very many may have the batch's last time.
#define BERTH_IN_BATCH                                                               \
  "id IN (SELECT id FROM gc_review WHERE kind = $1 AND review_after < $2 UNION ALL " \
  "SELECT id FROM gc_review WHERE kind = $1 AND review_after = $2 AND id <= $3)"

constexpr sql::Query kTakeBatch{
    "garbage.take_batch",
    "SELECT id, review_after FROM gc_review WHERE kind = $1 AND review_after <= $2 ORDER BY review_after, id LIMIT $3"};
constexpr sql::Query kEndBatch{"garbage.end_batch", "DELETE FROM gc_review WHERE " BERTH_IN_BATCH};

// Holds that are leased longer than the review thought come back then.
constexpr sql::Query kPostponeLeased{
    "garbage.postpone_leased",
    "UPDATE gc_review SET review_after = (SELECT h.leased_until FROM repository_blob h"
    " WHERE h.repository_id = gc_review.repository_id AND h.blob_id = gc_review.object_id) WHERE " BERTH_IN_BATCH
    " AND EXISTS (SELECT 1 FROM repository_blob h WHERE h.repository_id = gc_review.repository_id"
    " AND h.blob_id = gc_review.object_id AND h.leased_until > $4)"};
constexpr sql::Query kUnneededHolds{
    "garbage.unneeded_holds",
    "SELECT h.repository_id, h.blob_id, b.size FROM gc_review g"
    " JOIN repository_blob h ON h.repository_id = g.repository_id AND h.blob_id = g.object_id"
    " JOIN blob b ON b.id = h.blob_id"
    " WHERE g." BERTH_IN_BATCH
    " AND h.leased_until <= $4"
    " AND NOT EXISTS (SELECT 1 FROM manifest_blob e WHERE e.blob_id = h.blob_id AND e.repository_id = "
    "h.repository_id)"};
constexpr sql::Query kUnheldBlobs{"garbage.unheld_blobs",
                                  "SELECT g.object_id FROM gc_review g WHERE g." BERTH_IN_BATCH
                                  " AND NOT EXISTS (SELECT 1 FROM repository_blob h WHERE h.blob_id = g.object_id)"};
// The whole chain of what may lead to a manifest: tags, indexes of the repository, and its subject.
constexpr sql::Query kUnreachedManifests{
    "garbage.unreached_manifests",
    "SELECT m.repository_id, m.id, m.digest, m.size, r.full_name FROM gc_review g"
    " JOIN manifest m ON m.id = g.object_id JOIN repository r ON r.id = m.repository_id"
    " WHERE g." BERTH_IN_BATCH
    " AND NOT EXISTS (SELECT 1 FROM tag t WHERE t.manifest_id = m.id)"
    " AND NOT EXISTS (SELECT 1 FROM manifest_child c WHERE c.repository_id = m.repository_id AND c.child_digest = "
    "m.digest)"
    " AND NOT EXISTS (SELECT 1 FROM manifest s WHERE s.repository_id = m.repository_id AND s.digest = "
    "m.subject_digest)"};
#undef BERTH_IN_BATCH

constexpr sql::Query kAddRun{
    "garbage.add_run",
    "INSERT INTO garbage_run (started_at, finished_at, freed_items, freed_bytes, total_freed_bytes) SELECT $1, $2, $3, "
    "$4, $4 + COALESCE((SELECT total_freed_bytes FROM garbage_run ORDER BY id DESC LIMIT 1), 0)"};
constexpr sql::Query kDropRuns{"garbage.drop_runs",
                               "DELETE FROM garbage_run WHERE id <= (SELECT MAX(id) FROM garbage_run) - 1000"};
constexpr sql::Query kLastRun{
    "garbage.last_run",
    "SELECT started_at, finished_at, freed_items, freed_bytes, total_freed_bytes FROM garbage_run ORDER BY id DESC "
    "LIMIT 1"};
constexpr sql::Query kWaiting{
    "garbage.waiting",
    "SELECT COUNT(*), COALESCE(SUM(CASE WHEN g.review_after <= $1 THEN 1 ELSE 0 END), 0) FROM "
    "(SELECT review_after FROM gc_review LIMIT $2) g"};
constexpr sql::Query kWaitingBytes{
    "garbage.waiting_bytes",
    "SELECT CAST(COALESCE(SUM(b.size), 0) AS BIGINT) FROM (SELECT DISTINCT object_id FROM (SELECT object_id FROM "
    "gc_review WHERE kind IN ('repository_blob', 'blob') LIMIT $1) picked) g JOIN blob b ON b.id = g.object_id "
    "WHERE NOT EXISTS (SELECT 1 FROM manifest_blob e WHERE e.blob_id = b.id)"};

void Rest(std::chrono::duration<double> after) {
  std::this_thread::sleep_for(std::min<std::chrono::duration<double>>(after * kRest, kLongestRest));
}

std::string IdList(const std::vector<int64_t>& ids) {
  std::string list;
  for (const int64_t id : ids) list.append(list.empty() ? "" : ",").append(std::to_string(id));
  return list;
}

}  // namespace

Result<GarbageCollector::Batch> GarbageCollector::TakeBatch(sql::Transaction& tx, std::string_view kind) {
  Batch batch;
  batch.kind = kind;
  TRY(batch.count, tx.Each(kTakeBatch, {kind, clock_.Now(), kBatch}, [&](const sql::Row& row) {
    batch.last_id = row.Int(0);
    batch.due = row.Time(1);
  }));
  return batch;
}

// Deletes those of the candidates that nobody holds. The list is of integers only, so it is safe in the text.
Result<void> GarbageCollector::RemoveBlobs(sql::Transaction& tx, const std::vector<int64_t>& candidates,
                                           Outcome& outcome) {
  if (candidates.empty()) return {};
  const std::string statement = "DELETE FROM blob WHERE id IN (" + IdList(candidates) +
                                ") AND NOT EXISTS (SELECT 1 FROM repository_blob h WHERE h.blob_id = blob.id)"
                                " RETURNING digest, size";
  TRY_VOID(tx.ExecuteDynamic(statement, {}, [&](const sql::Row& row) {
    auto digest = Digest::Parse(row.Text(0));
    if (digest) outcome.blobs.push_back({*std::move(digest), row.Int(1)});
  }));
  return {};
}

Result<void> GarbageCollector::ReviewHolds(sql::Transaction& tx, const Batch& batch, Outcome& outcome) {
  const Timestamp now = clock_.Now();
  TRY(const auto holds, tx.All(kUnneededHolds, {batch.kind, batch.due, batch.last_id, now}, [](const sql::Row& row) {
    return hold_store::HeldBlob{row.IdAt<RepositoryId>(0),
                                BlobRow{row.IdAt<BlobId>(1), static_cast<uint64_t>(row.Int(2))}};
  }));
  TRY_VOID(hold_store::ReleaseAll(tx, holds));
  if (!holds.empty()) tx.OnCommit([this] { caches_.holds.Clear(); });
  std::vector<int64_t> blobs;
  for (const auto& hold : holds) blobs.push_back(hold.blob.id.value);
  outcome.holds += static_cast<int64_t>(holds.size());
  TRY_VOID(RemoveBlobs(tx, blobs, outcome));
  TRY_VOID(tx.Run(kPostponeLeased, {batch.kind, batch.due, batch.last_id, now}));
  return {};
}

Result<void> GarbageCollector::ReviewBlobs(sql::Transaction& tx, const Batch& batch, Outcome& outcome) {
  TRY(const auto blobs,
      tx.All(kUnheldBlobs, {batch.kind, batch.due, batch.last_id}, [](const sql::Row& row) { return row.Int(0); }));
  return RemoveBlobs(tx, blobs, outcome);
}

Result<void> GarbageCollector::ReviewManifests(sql::Transaction& tx, const Batch& batch, Outcome& outcome) {
  struct Unreached {
    RepositoryId repository;
    ManifestRow manifest;
    std::string full_name;
  };
  if (!options_.gc_untagged) return {};
  TRY(const auto found, tx.All(kUnreachedManifests, {batch.kind, batch.due, batch.last_id}, [](const sql::Row& row) {
    Unreached unreached;
    unreached.repository = row.IdAt<RepositoryId>(0);
    unreached.manifest.id = row.IdAt<ManifestId>(1);
    if (auto digest = Digest::Parse(row.Text(2))) unreached.manifest.digest = *std::move(digest);
    unreached.manifest.size = row.Int(3);
    unreached.full_name = row.String(4);
    return unreached;
  }));
  // What they led to has had its grace time together with them. Just behind the batch, so that its end does not take
  // these along.
  const Timestamp next = std::max(clock_.Now(), batch.due) + Duration(1);
  for (const Unreached& unreached : found) {
    TRY_VOID(manifest_store::Remove(tx, unreached.repository, unreached.manifest, true, next));
    tx.OnCommit([this, name = unreached.full_name, digest = unreached.manifest.digest] {
      caches_.manifests.Invalidate(name, digest.text());
    });
  }
  outcome.manifests += static_cast<int64_t>(found.size());
  return {};
}

Result<GarbageCollector::Outcome> GarbageCollector::ReviewBatch(sql::Transaction& tx, std::string_view kind) {
  Outcome outcome;
  TRY(const Batch batch, TakeBatch(tx, kind));
  if (batch.count == 0) return outcome;
  outcome.reviewed = batch.count;
  if (kind == "repository_blob") TRY_VOID(ReviewHolds(tx, batch, outcome));
  if (kind == "blob") TRY_VOID(ReviewBlobs(tx, batch, outcome));
  if (kind == "manifest") TRY_VOID(ReviewManifests(tx, batch, outcome));
  TRY_VOID(tx.Run(kEndBatch, {batch.kind, batch.due, batch.last_id}));
  return outcome;
}

// What became of each: true when its file went, false when it was pushed again meanwhile. One look into the database
// for all, under their guards.
std::vector<Result<bool>> GarbageCollector::RemoveUnknown(std::span<const Digest* const> digests) {
  std::vector<Result<bool>> outcomes(digests.size(), Result<bool>(false));
  std::vector<std::unique_ptr<BlobGuard>> guards(digests.size());
  for (size_t i = 0; i < digests.size(); ++i) {
    auto guard = blobs_.Guard(*digests[i], GuardMode::kRemove);
    if (guard) {
      guards[i] = *std::move(guard);
    } else {
      outcomes[i] = Fail(std::move(guard).error());
    }
  }
  std::vector<bool> known(digests.size());
  const auto looked = database_.Read([&](sql::Connection& c) -> Result<void> {
    for (size_t i = 0; i < digests.size(); ++i) {
      if (!guards[i]) continue;
      TRY(const auto row, hold_store::FindBlob(c, *digests[i]));
      known[i] = row.has_value();
    }
    return {};
  });
  for (size_t i = 0; i < digests.size(); ++i) {
    if (!guards[i]) continue;
    if (!looked) {
      outcomes[i] = Fail(looked.error());
    } else if (!known[i]) {
      const auto deleted = blobs_.Delete(*digests[i]);
      outcomes[i] = deleted ? Result<bool>(true) : Fail(deleted.error());
    }
  }
  return outcomes;
}

void GarbageCollector::RemoveGroup(std::span<const RemovedBlob> group) {
  std::vector<const Digest*> digests;
  for (const RemovedBlob& blob : group) digests.push_back(&blob.digest);
  const auto outcomes = RemoveUnknown(digests);
  for (size_t i = 0; i < group.size(); ++i) {
    if (!outcomes[i]) {
      // Being published, or the disk refuses: a file without a row at worst, which Sweep finds.
      log::Info("garbage", "a file stays for now",
                {{"digest", group[i].digest.text()}, {"reason", outcomes[i].error().message}});
    } else if (*outcomes[i]) {
      totals_.blobs += 1;
      totals_.bytes += group[i].size;
    }
  }
}

// Some at a time: where the disk is told of each freed block at once (mount option discard), and over a network,
// removing a file is mostly waiting.
void GarbageCollector::RemoveFiles(const Outcome& outcome) {
  const std::span<const RemovedBlob> blobs(outcome.blobs);
  const size_t groups = (blobs.size() + kGroup - 1) / kGroup;
  if (groups == 0) return;
  std::atomic<size_t> next{0};
  removers_.DoTogether(std::min(kOtherRemovers, groups - 1), [&] {
    for (size_t i = next++; i < groups; i = next++) {
      const size_t first = i * kGroup;
      RemoveGroup(blobs.subspan(first, std::min(kGroup, blobs.size() - first)));
    }
  });
}

Result<int64_t> GarbageCollector::Run(const std::atomic<bool>& stop) {
  int64_t reviewed = 0;
  // Manifests first: what they release is looked at in the same pass when it is due.
  for (const std::string_view kind : {"manifest", "repository_blob", "blob"}) {
    while (!stop) {
      const auto begun = std::chrono::steady_clock::now();
      TRY(const Outcome outcome, database_.Write([&](sql::Transaction& tx) { return ReviewBatch(tx, kind); }));
      if (outcome.reviewed == 0) break;
      reviewed += outcome.reviewed;
      totals_.holds += outcome.holds;
      totals_.manifests += outcome.manifests;
      RemoveFiles(outcome);
      Rest(std::chrono::steady_clock::now() - begun);
    }
  }
  return reviewed;
}

Result<int64_t> GarbageCollector::Collect(const std::atomic<bool>& stop, bool asked_for) {
  passes_ += 1;
  const std::lock_guard lock(pass_);
  const Timestamp started = clock_.Now();
  const auto items = [this] { return totals_.blobs + totals_.manifests; };
  const int64_t items_before = items(), bytes_before = totals_.bytes;
  auto reviewed = Run(stop);
  const int64_t freed_items = items() - items_before, freed_bytes = totals_.bytes - bytes_before;
  Result<void> noted;
  if (freed_items > 0 || asked_for) {
    noted = database_.Write([&](sql::Transaction& tx) -> Result<void> {
      TRY_VOID(tx.Run(kAddRun, {started, clock_.Now(), freed_items, freed_bytes}));
      TRY_VOID(tx.Run(kDropRuns));
      return {};
    });
  }
  passes_ -= 1;
  if (reviewed && !noted) return Fail(std::move(noted).error());
  return reviewed;
}

Result<GarbageStatus> ReadGarbageStatus(sql::Connection& connection, Timestamp now) {
  GarbageStatus status;
  TRY_VOID(connection.Each(kWaiting, {now, kMostCounted}, [&](const sql::Row& row) {
    status.waiting_items = row.Int(0);
    status.due_items = row.Int(1);
  }));
  TRY_VOID(
      connection.Each(kWaitingBytes, {kMostCounted}, [&](const sql::Row& row) { status.waiting_bytes = row.Int(0); }));
  TRY_VOID(connection.Each(kLastRun, {}, [&](const sql::Row& row) {
    status.last_started_at = row.Time(0);
    status.last_finished_at = row.Time(1);
    status.last_freed_items = row.Int(2);
    status.last_freed_bytes = row.Int(3);
    status.total_freed_bytes = row.Int(4);
  }));
  return status;
}

Result<int64_t> GarbageCollector::Sweep(const std::atomic<bool>& stop) {
  const Timestamp old = clock_.Now() - options_.gc_grace;
  int64_t removed = 0;
  std::optional<Error> failure;
  TRY_VOID(blobs_.ForEach([&](const StoredBlob& blob) {
    if (stop) return false;
    if (blob.modified > old) return true;
    const auto row = database_.Read([&](sql::Connection& c) { return hold_store::FindBlob(c, blob.digest); });
    if (!row) failure = row.error();
    if (!row || *row) return !failure;
    const Digest* const digest = &blob.digest;
    const auto gone = RemoveUnknown({&digest, 1}).front();
    if (!gone && gone.error().code != ErrorCode::kConflict) failure = gone.error();
    if (!gone || !*gone) return !failure;
    ++removed;
    totals_.orphan_files += 1;
    totals_.bytes += static_cast<int64_t>(blob.size);
    return true;
  }));
  if (failure) return Fail(*std::move(failure));
  return removed;
}

}  // namespace berth::registry
