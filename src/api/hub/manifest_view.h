// A manifest in the lists of the Hub API.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/hub/hub_api.h"
#include "catalog/images.h"

namespace berth::api::hub {

struct ManifestSummaryView {
  std::string digest;
  std::string media_type;
  std::string kind;
  std::optional<std::string> artifact_type;
  int64_t size = 0;
  int64_t total_size = 0;
  std::string os;
  std::string architecture;
  std::string variant;
  std::vector<std::string> tags;
  std::vector<std::string> parents;
  Timestamp last_pushed;
  std::optional<Timestamp> last_pulled;
  bool stale = false;
};
BOOST_DESCRIBE_STRUCT(ManifestSummaryView, (),
                      (digest, media_type, kind, artifact_type, size, total_size, os, architecture, variant, tags,
                       parents, last_pushed, last_pulled, stale))

ManifestSummaryView MakeManifestSummary(const catalog::ImageInfo& manifest, Timestamp now);

}  // namespace berth::api::hub
