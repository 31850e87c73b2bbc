#include "api/hub/tag_view.h"

#include "api/hub/repository_view.h"
#include "registry/manifest.h"

namespace berth::api::hub {
namespace {

std::optional<std::string> OrNull(const std::string& text) { return text.empty() ? std::nullopt : std::optional(text); }
std::string OrUnknown(const std::string& text) { return text.empty() ? "unknown" : text; }

}  // namespace

TagImageView MakeTagImageView(const catalog::PlatformImage& image, Timestamp now) {
  TagImageView view;
  view.architecture = OrUnknown(image.architecture);
  view.variant = OrNull(image.variant);
  view.digest = image.digest;
  view.os = OrUnknown(image.os);
  view.os_version = OrNull(image.os_version);
  view.size = image.size;
  const bool active = image.last_pushed && catalog::IsActive(now, *image.last_pushed, image.last_pulled);
  view.status = active ? "active" : "inactive";
  view.last_pulled = image.last_pulled;
  view.last_pushed = image.last_pushed;
  return view;
}

std::string_view ContentTypeOf(const catalog::TagInfo& tag) {
  if (tag.is_index && tag.config_type.empty()) return "image";
  return ContentTypeOf(std::string_view(tag.config_type));
}

TagView MakeTagView(const catalog::TagInfo& tag, RepositoryId repository, Timestamp now) {
  TagView view;
  view.id = tag.id;
  view.name = tag.name;
  view.creator = view.last_updater = tag.pushed_by.value;
  view.last_updated = view.tag_last_pushed = tag.updated_at;
  view.last_updater_username = tag.pushed_by_name;
  view.repository = repository.value;
  view.full_size = tag.full_size;
  view.tag_status = catalog::IsActive(now, tag.updated_at, tag.last_pulled) ? "active" : "inactive";
  view.tag_last_pulled = tag.last_pulled;
  view.media_type = tag.media_type;
  view.content_type = ContentTypeOf(tag);
  view.digest = tag.digest;
  for (const auto& image : tag.images) view.images.push_back(MakeTagImageView(image, now));
  return view;
}

Result<std::vector<TagLayerView>> MakeTagLayers(const HubApi& api, const std::string& repository,
                                                const std::string& digest) {
  TRY(const auto served, api.registry.manifests().Get(repository, digest));
  TRY(const auto manifest, registry::ParseManifest(*served->payload, served->media_type));
  catalog::ImageConfig none;
  catalog::ImageConfigPtr config;
  if (manifest.config) {
    // What is no image (a chart, a signature) has layers all the same.
    if (auto read = api.image_configs.Get(repository, manifest.config->digest)) config = *std::move(read);
  }
  std::vector<TagLayerView> layers;
  for (const auto& pair : catalog::PairLayers(config ? *config : none, manifest)) {
    TagLayerView layer;
    if (pair.layer != nullptr) {
      layer.digest = pair.layer->digest.text();
      layer.size = pair.layer->size;
    }
    layer.instruction = pair.history.instruction;
    layers.push_back(std::move(layer));
  }
  return layers;
}

}  // namespace berth::api::hub
