// `berth fsck`: reads everything and says what does not fit together. Moves broken blobs aside; never deletes, never
// edits rows.
//
// It may run beside a server, but what is being pushed at that moment can show up as a finding; for a verdict, stop the
// server.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "blob/blob_store.h"
#include "sql/database.h"

namespace berth::registry {

enum class FindingKind {
  kBlobMissing,      // a row without a file
  kBlobCorrupt,      // the bytes have another digest
  kBlobSize,         // the file's size is not the row's
  kManifestCorrupt,  // the stored bytes have another digest, size, or are no manifest
  kEdgeMissing,      // the manifest names a blob or child that its edges do not have
  kEdgeStray,        // an edge that the manifest does not name
  kHoldMissing,      // an edge to a blob that the repository does not hold
  kReviewMissing,    // garbage that nobody would look at again
  kStorageSize,      // the repository's size is not the sum of what it holds
  kOrphanFile,       // a file without a row: harmless, the collector sweeps it
  kUploadLeftover,   // an upload's file without a row: harmless
};
std::string_view ToString(FindingKind kind);  // "blob-missing"
// Harmless findings are told but leave the exit status 0.
bool IsHarmless(FindingKind kind);

struct Finding {
  FindingKind kind = FindingKind::kBlobMissing;
  std::string object;      // a digest, an upload's id, a repository's name
  std::string repository;  // full name, or empty
  std::string message;
  bool quarantined = false;
};

struct FsckOptions {
  bool quarantine = true;
  std::function<void(const Finding&)> on_finding;  // as they are found; may be empty
};

struct FsckReport {
  int64_t blobs = 0;
  int64_t bytes = 0;
  int64_t manifests = 0;
  int64_t tags = 0;
  int64_t repositories = 0;
  std::vector<Finding> findings;

  bool IsClean() const;  // nothing, or harmless findings only
  int ExitStatus() const { return IsClean() ? 0 : 1; }
  std::string ToJson() const;
  std::string Summary() const;  // one line
};

// "blob-corrupt sha256:… : message" for people.
std::string FormatFinding(const Finding& finding);

// Errors: when the database or the store can't be read at all.
Result<FsckReport> Fsck(sql::Database& database, BlobStore& blobs, const FsckOptions& options);

}  // namespace berth::registry
