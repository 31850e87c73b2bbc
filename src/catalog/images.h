// A repository's manifests as the Hub lists them: by digest, with the tags they have and had. Functions of one
// connection; the cost is bounded by the page wherever no filter by tag is set.
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

namespace berth::catalog {

struct ImageTag {
  std::string name;
  bool is_current = false;  // it points at the image still
};

struct ImageInfo {
  ManifestId id;
  std::string digest;
  std::string media_type;
  std::string artifact_type;  // "" when it is none
  bool is_index = false;
  int64_t size = 0;        // of the manifest's own bytes
  int64_t own_size = 0;    // with its layers; what sorting by size goes by
  int64_t total_size = 0;  // manifest, configuration and layers, over all platforms; ListManifests only
  std::string os, architecture, variant;
  Timestamp pushed;
  std::optional<Timestamp> pulled;
  std::vector<ImageTag> tags;        // ListManifests: current ones only
  std::vector<std::string> parents;  // indexes that name it; ListManifests only

  std::string_view Kind() const { return is_index ? "index" : !artifact_type.empty() ? "artifact" : "image"; }
  Timestamp Activity() const { return pulled && *pulled > pushed ? *pulled : pushed; }
};

// The images of a repository: what is not merely a part of an index.
enum class ImageOrder { kActivityUp, kActivityDown, kDigestUp, kDigestDown };
struct ImageFilter {
  RepositoryId repository;
  Timestamp active_from;  // images used since count as active
  std::optional<bool> active;
  std::optional<bool> tagged;  // has a tag now
  ImageOrder order = ImageOrder::kActivityDown;
};
struct ImageCounts {
  int64_t total = 0;
  int64_t active = 0;
};
Result<int64_t> CountImages(sql::Connection& connection, const ImageFilter& filter);
Result<std::vector<ImageInfo>> ListImages(sql::Connection& connection, const ImageFilter& filter, int64_t offset,
                                          int64_t limit);
Result<ImageCounts> SummarizeImages(sql::Connection& connection, RepositoryId repository, Timestamp active_from);
Result<int64_t> CountTagsOfImage(sql::Connection& connection, ManifestId image);
Result<std::vector<ImageTag>> TagsOfImage(sql::Connection& connection, ManifestId image, int64_t offset, int64_t limit);

// All manifests, by cursor.
enum class ManifestOrder { kPushedUp, kPushedDown, kPulledUp, kPulledDown, kSizeUp, kSizeDown };
enum class ManifestKind { kAny, kTagged, kUntagged, kIndex, kImage, kArtifact, kStale };
struct ManifestPosition {
  int64_t key = 0;
  int64_t id = 0;
};
struct ManifestFilter {
  RepositoryId repository;
  ManifestKind kind = ManifestKind::kAny;
  ManifestOrder order = ManifestOrder::kPushedDown;
  Timestamp stale_before;  // for kStale
};
ManifestPosition PositionOf(const ImageInfo& manifest, ManifestOrder order);
Result<std::vector<ImageInfo>> ListManifests(sql::Connection& connection, const ManifestFilter& filter,
                                             const std::optional<ManifestPosition>& after, int64_t limit);
// As ListManifests lists them, in no order; digests that are not there are left out. 1000 at most.
Result<std::vector<ImageInfo>> FindManifests(sql::Connection& connection, RepositoryId repository,
                                             const std::vector<std::string>& digests);

}  // namespace berth::catalog
