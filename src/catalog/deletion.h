// What deleting a selection of tags and manifests takes with it, and doing it. An index takes the images that nothing
// else leads to; a manifest takes the signatures and other referrers that no tag leads to. Thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "accounts/caller.h"
#include "base/clock.h"
#include "base/result.h"
#include "catalog/images.h"
#include "registry/manifest_service.h"
#include "registry/repository_store.h"
#include "sql/database.h"

namespace berth::catalog {

struct Selection {
  std::vector<std::string> tags;
  std::vector<std::string> digests;
};

struct KeptTag {
  std::string tag;
  std::string reason;  // "immutable", "not_found"
};

struct DeletionPlan {
  std::vector<std::string> tags;  // that go, sorted
  std::vector<KeptTag> kept;
  std::vector<ImageInfo> manifests;    // that go; what names others comes before them
  std::vector<std::string> referrers;  // digests of those among them that go because what they refer to goes
  int64_t freed = 0;                   // bytes of blobs that nothing on the server refers to afterwards
  std::string Fingerprint() const;     // of tags and manifests
};

struct DeletionOutcome {
  int32_t tags = 0;
  int32_t manifests = 0;
};

class ImageDeletion {
 public:
  ImageDeletion(sql::Database& database, registry::ManifestService& manifests)
      : database_(database), manifests_(manifests) {}

  // A selected tag's image goes too when nothing else leads to it. A manifest with an immutable tag stays, and so does
  // what it names. kInvalidArgument: more than 1000 of each, or more than 10000 manifests would go.
  Result<DeletionPlan> Plan(const registry::Repository& repository, const Selection& selection);
  // Each tag and manifest in its own transaction. What has gone meanwhile is passed over; what became immutable ends
  // it.
  Result<DeletionOutcome> Run(const accounts::Caller& caller, const registry::Repository& repository,
                              const DeletionPlan& plan);

 private:
  sql::Database& database_;
  registry::ManifestService& manifests_;
};

}  // namespace berth::catalog
