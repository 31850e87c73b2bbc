// Rows of `manifest`, `tag` and the edges. Functions of one connection; no rules.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "base/result.h"
#include "registry/caches.h"
#include "registry/hold_store.h"
#include "registry/manifest.h"
#include "sql/database.h"

namespace berth::registry {

struct ManifestRow {
  ManifestId id;
  Digest digest;
  int64_t size = 0;
};

struct TagRow {
  int64_t id = 0;
  ManifestId manifest;
  std::string manifest_digest;
};

// What a referrers list tells of one manifest.
struct Referrer {
  std::string digest;
  std::string media_type;
  std::string artifact_type;
  int64_t size = 0;
  std::string annotations;  // JSON object, or empty
};

namespace manifest_store {

Result<std::optional<ServedManifest>> LoadByTag(sql::Connection& connection, std::string_view repository,
                                                std::string_view tag);
Result<std::optional<ServedManifest>> LoadByDigest(sql::Connection& connection, std::string_view repository,
                                                   std::string_view digest);

Result<std::optional<ManifestRow>> Find(sql::Connection& connection, RepositoryId repository, std::string_view digest);

struct NewManifest {
  RepositoryId repository;
  const Digest* digest = nullptr;
  const ParsedManifest* parsed = nullptr;
  const Platform* platform = nullptr;
  std::string_view payload;
  AccountId pushed_by;
  Timestamp now;
};
Result<ManifestId> Insert(sql::Transaction& tx, const NewManifest& manifest);
Result<void> InsertBlobEdge(sql::Transaction& tx, ManifestId manifest, int64_t position, RepositoryId repository,
                            BlobId blob);
// The repository does not hold the blob; the edge is made when it comes to (hold_store::Hold).
Result<void> InsertAbsentEdge(sql::Transaction& tx, ManifestId manifest, int64_t position, RepositoryId repository,
                              const Digest& digest);
Result<void> InsertChildEdge(sql::Transaction& tx, ManifestId manifest, int64_t position, RepositoryId repository,
                             const Descriptor& child);

Result<std::optional<TagRow>> FindTag(sql::Connection& connection, RepositoryId repository, std::string_view tag);
Result<void> PutTag(sql::Transaction& tx, RepositoryId repository, std::string_view tag, ManifestId manifest,
                    AccountId pushed_by, Timestamp now);
Result<void> RemoveTag(sql::Transaction& tx, int64_t tag_id);
Result<std::vector<std::string>> TagsOf(sql::Connection& connection, ManifestId manifest, int64_t limit);
Result<std::vector<std::string>> ListTags(sql::Connection& connection, RepositoryId repository, std::string_view after,
                                          int64_t limit);
Result<std::vector<Referrer>> ListReferrers(sql::Connection& connection, RepositoryId repository,
                                            std::string_view subject, std::string_view artifact_type,
                                            std::string_view after, int64_t limit);

// Removes the manifest (it has no tags any more) and its edges; what they led to is reviewed at `due`: blobs always,
// manifests when `review_manifests`.
Result<void> Remove(sql::Transaction& tx, RepositoryId repository, const ManifestRow& manifest, bool review_manifests,
                    Timestamp due);

}  // namespace manifest_store
}  // namespace berth::registry
