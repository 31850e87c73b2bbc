#include "api/hub/manifest_view.h"

#include "catalog/tags.h"

namespace berth::api::hub {

ManifestSummaryView MakeManifestSummary(const catalog::ImageInfo& manifest, Timestamp now) {
  ManifestSummaryView view;
  view.digest = manifest.digest;
  view.media_type = manifest.media_type;
  view.kind = manifest.Kind();
  if (!manifest.artifact_type.empty()) view.artifact_type = manifest.artifact_type;
  view.size = manifest.size;
  view.total_size = manifest.total_size;
  view.os = manifest.os;
  view.architecture = manifest.architecture;
  view.variant = manifest.variant;
  for (const auto& tag : manifest.tags) view.tags.push_back(tag.name);
  view.parents = manifest.parents;
  view.last_pushed = manifest.pushed;
  view.last_pulled = manifest.pulled;
  view.stale = catalog::IsStale(now, manifest.pushed, manifest.pulled);
  return view;
}

}  // namespace berth::api::hub
