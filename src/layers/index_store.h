// Rows of `layer_index`: which layers have been read, and what was found. A row goes with its blob. Functions of one
// connection; one text for both databases.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "base/result.h"
#include "sql/database.h"

namespace berth::layers {

enum class IndexState {
  kAbsent,  // nobody has asked for it
  kWaiting,
  kRunning,
  kReady,
  kRefused,  // for good
  kFailed,   // may be tried again
};

struct IndexRow {
  BlobId blob;
  std::string digest;
  int64_t size = 0;  // of the layer as it is stored
  IndexState state = IndexState::kAbsent;
  std::string reason;   // why it was refused or failed
  int64_t version = 0;  // kIndexVersion of whoever read it
  int64_t bytes_done = 0;
  int64_t attempts = 0;
  Timestamp updated;
};

namespace index_store {

// What is known of those of the blobs that the repository holds; in no order. 1000 digests at most.
Result<std::vector<IndexRow>> FindHeld(sql::Connection& connection, RepositoryId repository,
                                       const std::vector<std::string>& digests);
// Of those of the digests that a manifest of the repository names and that are not stored here.
Result<std::vector<std::string>> FindAbsent(sql::Connection& connection, RepositoryId repository,
                                            const std::vector<std::string>& digests);
Result<std::optional<IndexRow>> Find(sql::Connection& connection, std::string_view digest);
// The bytes of LayerIndex::Encode; empty when they are not there.
Result<std::optional<std::string>> ReadContents(sql::Connection& connection, BlobId blob);

// Waiting, whatever it was before; no attempt yet.
Result<void> Request(sql::Transaction& tx, BlobId blob, Timestamp now);
// Running, and one more attempt. False when there is no such row any more.
Result<bool> Begin(sql::Transaction& tx, BlobId blob, int64_t version, Timestamp now);
Result<void> SetProgress(sql::Transaction& tx, BlobId blob, int64_t bytes_done, Timestamp now);
// Stopped before its end: as if this attempt had not been.
Result<void> GiveBack(sql::Transaction& tx, BlobId blob, Timestamp now);
Result<void> Finish(sql::Transaction& tx, BlobId blob, std::string_view contents, Timestamp now);
// kRefused or kFailed.
Result<void> Refuse(sql::Transaction& tx, BlobId blob, IndexState state, std::string_view reason, Timestamp now);

}  // namespace index_store
}  // namespace berth::layers
