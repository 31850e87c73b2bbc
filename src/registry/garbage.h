// Removes what nothing refers to any more, while pushes and pulls go on.
//
// Whatever loses its last reference has a row in `gc_review`, due after the grace time. A pass takes the rows that are
// due in batches; each batch looks again and removes in one transaction:
//   repository_blob  a hold whose lease is over and that no manifest of the repository needs; then the blob, if it was
//   the last blob             a blob that no repository holds manifest         (gc_untagged) one that no tag, no index
//   and no subject leads to
//
// Why no live blob is lost. Invariant: a `blob` row means that the file is there.
//  1. A row is removed only in a transaction that sees no hold. Pushes and mounts make a hold in a serializable
//  transaction that
//     sees the row; so one of the two is first, and the other sees its outcome: a push inserts the row anew, a mount
//     misses.
//  2. A file is removed only after that transaction has committed, under the digest's kRemove guard, after a look that
//  finds no row.
//  3. Whoever inserts a row holds the digest's kPublish guard from before Publish until its transaction has ended.
//  So while the collector holds kRemove nobody is between Publish and commit: either the row is committed, then the
//  look in 2 sees it and the file stays; or the push has not begun to publish, then it finds no file afterwards and
//  publishes its own bytes.
//  4. A crash after the row's commit and before the unlink, or between Publish and the row's commit, leaves a file
//  without a row.
//     It costs space only; Sweep finds it once it is older than the grace time, and removes it by 2.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/crew.h"
#include "base/priority.h"
#include "base/result.h"
#include "blob/blob_store.h"
#include "registry/caches.h"
#include "registry/options.h"
#include "sql/database.h"

namespace berth::registry {

// Totals since the start, for metrics; read while a pass runs.
struct GarbageTotals {
  std::atomic<int64_t> manifests{0};
  std::atomic<int64_t> holds{0};
  std::atomic<int64_t> blobs{0};
  std::atomic<int64_t> bytes{0};
  std::atomic<int64_t> orphan_files{0};
  std::atomic<int64_t> uploads{0};
};

// One Run at a time (Collect sees to it); copies of the server may each run their own.
class GarbageCollector {
 public:
  GarbageCollector(sql::Database& database, BlobStore& blobs, const Clock& clock, const Options& options,
                   Caches& caches)
      : database_(database), blobs_(blobs), clock_(clock), options_(options), caches_(caches) {}

  // Works through the reviews that are due now, until none is left or `stop` is set. Answers the number of reviews
  // done.
  Result<int64_t> Run(const std::atomic<bool>& stop);

  // Run, one pass at a time in this process, and a row in garbage_run when it freed something or somebody asked for it.
  Result<int64_t> Collect(const std::atomic<bool>& stop, bool asked_for);
  bool IsRunning() const { return passes_ > 0; }

  // Removes files older than the grace time that no row knows. Walks the whole store.
  Result<int64_t> Sweep(const std::atomic<bool>& stop);

  const GarbageTotals& totals() const { return totals_; }
  GarbageTotals& totals() { return totals_; }

 private:
  static constexpr size_t kOtherRemovers = 3;

  struct RemovedBlob {
    Digest digest;
    int64_t size = 0;
  };
  // The reviews of one kind that a transaction works on: those due up to and with this place in the queue.
  struct Batch {
    std::string_view kind;
    Timestamp due;
    int64_t last_id = 0;
    int64_t count = 0;
  };
  struct Outcome {
    int64_t reviewed = 0;
    int64_t holds = 0;
    int64_t manifests = 0;
    std::vector<RemovedBlob> blobs;
  };

  Result<Outcome> ReviewBatch(sql::Transaction& tx, std::string_view kind);
  Result<Batch> TakeBatch(sql::Transaction& tx, std::string_view kind);
  Result<void> ReviewHolds(sql::Transaction& tx, const Batch& batch, Outcome& outcome);
  Result<void> ReviewBlobs(sql::Transaction& tx, const Batch& batch, Outcome& outcome);
  Result<void> ReviewManifests(sql::Transaction& tx, const Batch& batch, Outcome& outcome);
  Result<void> RemoveBlobs(sql::Transaction& tx, const std::vector<int64_t>& candidates, Outcome& outcome);
  std::vector<Result<bool>> RemoveUnknown(std::span<const Digest* const> digests);
  void RemoveGroup(std::span<const RemovedBlob> group);
  void RemoveFiles(const Outcome& outcome);

  sql::Database& database_;
  BlobStore& blobs_;
  const Clock& clock_;
  const Options& options_;
  Caches& caches_;
  GarbageTotals totals_;
  Crew removers_{"berth-garbage", kOtherRemovers, kBackgroundNice};
  std::mutex pass_;
  std::atomic<int> passes_{0};  // running or waiting for their turn
};

// What an administrator sees. Items are reviews; bytes those of the blobs among them that no manifest needs any more.
// Counted up to kMostCounted items, so that the cost stays bounded.
struct GarbageStatus {
  int64_t waiting_items = 0;
  int64_t waiting_bytes = 0;
  int64_t due_items = 0;
  std::optional<Timestamp> last_started_at;
  std::optional<Timestamp> last_finished_at;
  int64_t last_freed_items = 0;
  int64_t last_freed_bytes = 0;
  int64_t total_freed_bytes = 0;
};
// The job by which an administrator asks for a pass, and the one that sweeps in its rhythm; src/app registers them.
inline constexpr std::string_view kGarbageJob = "garbage_collection";
inline constexpr std::string_view kSweepJob = "orphan_sweep";
inline constexpr int64_t kMostCounted = 100'000;
Result<GarbageStatus> ReadGarbageStatus(sql::Connection& connection, Timestamp now);

}  // namespace berth::registry
