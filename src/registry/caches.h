// What is kept in memory of an embedded database: manifests ready to be sent, and which repository holds which blob.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/id.h"
#include "crypto/digest.h"
#include "registry/reference_cache.h"

namespace berth::registry {

// A manifest as it is answered. Immutable once shared.
struct ServedManifest {
  RepositoryId repository;
  ManifestId id;
  int64_t tag_id = 0;  // when it was found by tag
  Digest digest;
  std::string media_type;
  bool is_index = false;
  std::shared_ptr<const std::string> payload;
};
using ServedManifestPtr = std::shared_ptr<const ServedManifest>;

// By tag and by digest. Invalidated by whoever moves a tag or removes a manifest.
using ManifestCache = ReferenceCache<ServedManifestPtr>;
// The size of a blob that a repository holds. Invalidated by whoever releases holds.
using HoldCache = ReferenceCache<std::optional<uint64_t>>;

struct Caches {
  explicit Caches(size_t max_bytes) : manifests(max_bytes / 4 * 3), holds(max_bytes / 4) {}
  ManifestCache manifests;
  HoldCache holds;
};

}  // namespace berth::registry
