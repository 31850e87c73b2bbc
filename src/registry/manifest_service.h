// Manifests and tags of a repository: put, read, listed, deleted. Thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "accounts/caller.h"
#include "base/clock.h"
#include "base/result.h"
#include "blob/blob_store.h"
#include "registry/caches.h"
#include "registry/manifest.h"
#include "registry/manifest_store.h"
#include "registry/options.h"
#include "registry/repository_store.h"
#include "sql/database.h"

namespace berth::registry {

struct PutManifest {
  std::string_view payload;
  std::string_view content_type;
  std::optional<Digest> digest;   // what the payload must have; sha256 is taken otherwise
  std::vector<std::string> tags;  // to point at it
};

struct StoredManifest {
  Digest digest;
  std::optional<Digest> subject;
};

class ManifestService {
 public:
  ManifestService(sql::Database& database, BlobStore& blobs, const Clock& clock, const Options& options,
                  ManifestCache& cache)
      : database_(database), blobs_(blobs), clock_(clock), options_(options), cache_(cache) {}

  // One transaction: manifest, edges, tags, events. kManifestInvalid, kDigestInvalid, kTooLarge, kTagInvalid,
  // kManifestBlobUnknown (detail: the digest), kTagImmutable (a tag that points elsewhere already).
  Result<StoredManifest> Put(const accounts::Caller& caller, const Repository& repository, const PutManifest& request);

  // `reference` is a tag or a digest. kManifestUnknown, kDigestInvalid, kTagInvalid.
  Result<ServedManifestPtr> Get(std::string_view repository, std::string_view reference);
  // Only what is in memory; null otherwise. Never blocks.
  ServedManifestPtr GetCached(std::string_view repository, std::string_view reference);

  // Points `tag` at a manifest that is there already, named by tag or digest, with the events of a push. Answers what
  // it points at and what it pointed at before ("" when it is new). kManifestUnknown, kTagInvalid, kTagImmutable.
  struct Retagged {
    std::string digest;
    std::string previous;
  };
  Result<Retagged> Retag(const accounts::Caller& caller, const Repository& repository, std::string_view tag,
                         std::string_view source);

  // With all tags that point at it. kManifestUnknown, kTagImmutable.
  Result<void> DeleteManifest(const accounts::Caller& caller, const Repository& repository, const Digest& digest);
  // Other tags and the manifest stay. kManifestUnknown, kTagImmutable.
  Result<void> DeleteTag(const accounts::Caller& caller, const Repository& repository, std::string_view tag);

  // In byte order after `after`, `limit` at most (clamped).
  Result<std::vector<std::string>> ListTags(RepositoryId repository, std::string_view after, int64_t limit);
  // By digest, after the digest `after`.
  Result<std::vector<Referrer>> ListReferrers(RepositoryId repository, const Digest& subject,
                                              std::string_view artifact_type, std::string_view after, int64_t limit);

 private:
  Platform ReadPlatform(RepositoryId repository, const ParsedManifest& parsed);
  Result<ManifestId> Store(sql::Transaction& tx, const manifest_store::NewManifest& manifest);
  Result<void> StoreBlobEdges(sql::Transaction& tx, ManifestId id, const manifest_store::NewManifest& manifest);
  Result<void> StoreChildEdges(sql::Transaction& tx, ManifestId id, const manifest_store::NewManifest& manifest);
  Result<void> PointTag(sql::Transaction& tx, const accounts::Caller& caller, const Repository& repository,
                        const std::string& tag, ManifestId manifest, const Digest& digest, Timestamp now);
  Result<void> RemoveTag(sql::Transaction& tx, const accounts::Caller& caller, const Repository& repository,
                         const std::string& tag, const TagRow& row, Timestamp now);
  Result<Repository> Writable(sql::Connection& connection, RepositoryId id);

  sql::Database& database_;
  BlobStore& blobs_;
  const Clock& clock_;
  const Options& options_;
  ManifestCache& cache_;
};

}  // namespace berth::registry
