// All of the registry, built once by src/app and used by every surface. Owns its services; thread-safe as they are.
#pragma once

#include "base/clock.h"
#include "blob/blob_store.h"
#include "registry/blob_service.h"
#include "registry/caches.h"
#include "registry/catalog_service.h"
#include "registry/garbage.h"
#include "registry/manifest_service.h"
#include "registry/options.h"
#include "registry/pull_counter.h"
#include "registry/repository_service.h"
#include "registry/upload_service.h"
#include "sql/database.h"

namespace berth::registry {

class Registry {
 public:
  // `database`, `blobs` and `clock` must outlive it.
  Registry(sql::Database& database, BlobStore& blobs, const Clock& clock, const Options& options)
      : options_(options),
        caches_(options.cache_bytes),
        repositories_(database, clock, options_, caches_),
        blobs_(database, blobs, clock, options_, caches_.holds),
        uploads_(database, blobs, clock, options_),
        manifests_(database, blobs, clock, options_, caches_.manifests),
        catalog_(database, options_),
        pulls_(database, clock),
        garbage_(database, blobs, clock, options_, caches_),
        embedded_(database.IsEmbedded()) {}

  const Options& options() const { return options_; }
  RepositoryService& repositories() { return repositories_; }
  BlobService& blobs() { return blobs_; }
  UploadService& uploads() { return uploads_; }
  ManifestService& manifests() { return manifests_; }
  CatalogService& catalog() { return catalog_; }
  PullCounter& pulls() { return pulls_; }
  GarbageCollector& garbage() { return garbage_; }
  // Whether indexed reads may run on an I/O thread.
  bool IsEmbedded() const { return embedded_; }

 private:
  const Options options_;
  Caches caches_;
  RepositoryService repositories_;
  BlobService blobs_;
  UploadService uploads_;
  ManifestService manifests_;
  CatalogService catalog_;
  PullCounter pulls_;
  GarbageCollector garbage_;
  const bool embedded_;
};

}  // namespace berth::registry
