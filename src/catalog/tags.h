// Tags as the Hub lists them: each with the images behind it, one a platform. Reads only; registry::ManifestService
// changes them. Functions of one connection.
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

// One image behind a tag or an index.
struct PlatformImage {
  std::string digest;
  std::string os, architecture, variant, os_version;
  int64_t size = 0;     // bytes of its layers, compressed
  bool present = true;  // false: the index names it, but nobody has pushed it
  std::optional<Timestamp> last_pushed;
  std::optional<Timestamp> last_pulled;
};

struct TagInfo {
  int64_t id = 0;
  std::string name;
  Timestamp updated_at;
  std::optional<Timestamp> last_pulled;
  AccountId pushed_by;
  std::string pushed_by_name;  // "" for an account that is gone
  ManifestId manifest;
  std::string digest;
  std::string media_type;
  std::string config_type;  // artifactType, else the media type of the configuration; "" for an index
  bool is_index = false;
  int64_t full_size = 0;  // of the image; of an index: its amd64 image, else its first
  std::vector<PlatformImage> images;
};

enum class TagOrder {
  kNewestFirst,
  kOldestFirst,
  kNameUp,
  kNameDown,
  kLatestPulled,
  kEarliestPulled,
  kLargest,
  kSmallest
};

struct TagFilter {
  RepositoryId repository;
  std::string name_contains;
  std::string architecture;  // of one of the images
  std::string os;
  TagOrder order = TagOrder::kNewestFirst;
};

// Where a listing by cursor goes on: behind the tag with this sort key and id.
struct TagPosition {
  std::string key;  // a number, or the name
  int64_t id = 0;
};
TagPosition PositionOf(const TagInfo& tag, TagOrder order);

Result<int64_t> CountTags(sql::Connection& connection, const TagFilter& filter);
Result<std::vector<TagInfo>> ListTags(sql::Connection& connection, const TagFilter& filter, int64_t offset,
                                      int64_t limit);
// kInvalidArgument, field `cursor`, when the position is none of this order.
Result<std::vector<TagInfo>> ListTagsAfter(sql::Connection& connection, const TagFilter& filter,
                                           const std::optional<TagPosition>& after, int64_t limit);
Result<std::optional<TagInfo>> FindTag(sql::Connection& connection, RepositoryId repository, std::string_view name);

// The images of an index, in its order.
Result<std::vector<PlatformImage>> ChildImages(sql::Connection& connection, ManifestId index);

// Pushed or pulled within the past month.
bool IsActive(Timestamp now, Timestamp pushed, const std::optional<Timestamp>& pulled);
// Not pulled, nor pushed if never pulled, for six months.
bool IsStale(Timestamp now, Timestamp pushed, const std::optional<Timestamp>& pulled);

}  // namespace berth::catalog
