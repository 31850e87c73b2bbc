// Tags and images as the Hub API writes them.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "api/hub/hub_api.h"
#include "catalog/tags.h"

namespace berth::api::hub {

struct TagImageView {
  std::string architecture;
  std::string features;
  std::optional<std::string> variant;
  std::string digest;
  std::string os;
  std::string os_features;
  std::optional<std::string> os_version;
  int64_t size = 0;
  std::string status;
  std::optional<Timestamp> last_pulled;
  std::optional<Timestamp> last_pushed;
};
BOOST_DESCRIBE_STRUCT(TagImageView, (),
                      (architecture, features, variant, digest, os, os_features, os_version, size, status, last_pulled,
                       last_pushed))

struct TagLayerView {
  json::Omittable<std::string> digest;
  int64_t size = 0;
  std::string instruction;
};
BOOST_DESCRIBE_STRUCT(TagLayerView, (), (digest, size, instruction))

struct TagImageDetailsView : TagImageView {
  std::vector<TagLayerView> layers;
};
BOOST_DESCRIBE_STRUCT(TagImageDetailsView, (TagImageView), (layers))

struct TagView {
  int64_t id = 0;
  std::string name;
  int64_t creator = 0;
  std::optional<std::string> image_id;
  Timestamp last_updated;
  int64_t last_updater = 0;
  std::string last_updater_username;
  int64_t repository = 0;
  int64_t full_size = 0;
  bool v2 = true;
  std::string tag_status;
  std::optional<Timestamp> tag_last_pulled;
  Timestamp tag_last_pushed;
  std::string media_type;
  std::string content_type;
  std::string digest;
  std::vector<TagImageView> images;
};
BOOST_DESCRIBE_STRUCT(TagView, (),
                      (id, name, creator, image_id, last_updated, last_updater, last_updater_username, repository,
                       full_size, v2, tag_status, tag_last_pulled, tag_last_pushed, media_type, content_type, digest,
                       images))

TagImageView MakeTagImageView(const catalog::PlatformImage& image, Timestamp now);
TagView MakeTagView(const catalog::TagInfo& tag, RepositoryId repository, Timestamp now);
// "image" for an index, else as the configuration says.
std::string_view ContentTypeOf(const catalog::TagInfo& tag);

// The layers of an image with the instructions that made them; no instructions when the configuration can't be read.
Result<std::vector<TagLayerView>> MakeTagLayers(const HubApi& api, const std::string& repository,
                                                const std::string& digest);

}  // namespace berth::api::hub
