#include "api/hub/image_choice.h"

#include "base/text.h"
#include "catalog/tags.h"
#include "registry/manifest_service.h"

namespace berth::api::hub {
namespace {

PlatformImageView MakePlatform(const catalog::PlatformImage& image) {
  PlatformImageView view;
  view.digest = image.digest;
  view.platform = {image.os, image.architecture, image.variant, image.os_version};
  view.size = image.size;
  view.attestation = image.os == "unknown" && image.architecture == "unknown";
  view.pulled_at = image.last_pulled;
  view.present = image.present;
  return view;
}

PlatformImageView MakeOwn(const catalog::ImageInfo& row) {
  PlatformImageView own;
  own.digest = row.digest;
  own.platform = {row.os, row.architecture, row.variant, ""};
  own.size = row.own_size - row.size;
  own.pulled_at = row.pulled;
  return own;
}

}  // namespace

Error NotFoundHere(const std::string& what) {
  return Error(ErrorCode::kNotFound, "httperror 404: object not found").WithDetail(what);
}

Result<registry::ServedManifestPtr> ServeImage(const HubApi& api, const std::string& repository,
                                               const std::string& reference) {
  auto served = api.registry.manifests().Get(repository, reference);
  if (served) return served;
  const ErrorCode code = served.error().code;
  const bool is_missing =
      code == ErrorCode::kManifestUnknown || code == ErrorCode::kTagInvalid || code == ErrorCode::kDigestInvalid;
  return is_missing ? Fail(NotFoundHere(reference)) : Fail(std::move(served).error());
}

Result<std::vector<PlatformImageView>> PlatformsOf(sql::Connection& connection, const catalog::ImageInfo& row) {
  std::vector<PlatformImageView> platforms;
  if (row.is_index) {
    TRY(const auto children, catalog::ChildImages(connection, row.id));
    for (const auto& child : children) platforms.push_back(MakePlatform(child));
  } else if (row.Kind() == "image") {
    platforms.push_back(MakeOwn(row));
  }
  return platforms;
}

const PlatformImageView* ChoosePlatform(const std::vector<PlatformImageView>& platforms, const std::string& wanted) {
  const auto fits = [&](const PlatformImageView& image) {
    const auto parts = Split(wanted, '/');
    if (!image.present || image.attestation) return false;
    return image.platform.os == parts[0] && (parts.size() < 2 || image.platform.architecture == parts[1]) &&
           (parts.size() < 3 || image.platform.variant == parts[2]);
  };
  const PlatformImageView* first = nullptr;
  for (const auto& image : platforms) {
    if (!wanted.empty()) {
      if (fits(image)) return &image;
      continue;
    }
    if (!image.present || image.attestation) continue;
    if (image.platform.architecture == "amd64") return &image;
    if (first == nullptr) first = &image;
  }
  return first;
}

Result<ChosenImage> ChooseImage(const HubApi& api, const catalog::RepositoryInfo& repository,
                                const std::string& reference, const std::string& platform) {
  TRY(auto served, ServeImage(api, repository.full_name, reference));
  ChosenImage chosen;
  TRY(chosen.view, api.database.Read([&](sql::Connection& c) -> Result<PlatformImageView> {
    TRY(const auto rows, catalog::FindManifests(c, repository.id, {served->digest.text()}));
    if (rows.empty()) return Fail(NotFoundHere(reference));
    TRY(const auto platforms, PlatformsOf(c, rows.front()));
    const auto* image = ChoosePlatform(platforms, platform);
    if (image != nullptr) return *image;
    const bool is_artifact = platforms.empty() && !served->is_index && platform.empty();
    if (is_artifact) return MakeOwn(rows.front());
    return Fail(NotFoundHere(platform.empty() ? reference : platform));
  }));
  if (chosen.view.digest != served->digest.text()) {
    TRY(served, ServeImage(api, repository.full_name, chosen.view.digest));
  }
  TRY(chosen.manifest, registry::ParseManifest(*served->payload, served->media_type));
  return chosen;
}

}  // namespace berth::api::hub
