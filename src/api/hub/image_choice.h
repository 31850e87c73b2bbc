// Which image a request means: the manifest behind a tag or digest, and of an index the one for a platform.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/hub/hub_api.h"
#include "catalog/images.h"
#include "registry/caches.h"
#include "registry/manifest.h"

namespace berth::api::hub {

struct PlatformView {
  std::string os;
  std::string architecture;
  std::string variant;
  std::string os_version;
};
BOOST_DESCRIBE_STRUCT(PlatformView, (), (os, architecture, variant, os_version))

struct PlatformImageView {
  std::string digest;
  PlatformView platform;
  int64_t size = 0;
  bool attestation = false;
  std::optional<Timestamp> pulled_at;
  bool present = true;
};
BOOST_DESCRIBE_STRUCT(PlatformImageView, (), (digest, platform, size, attestation, pulled_at, present))

// The 404 for what is missing in a repository.
Error NotFoundHere(const std::string& what);

// `reference` is a tag or a digest. kNotFound.
Result<registry::ServedManifestPtr> ServeImage(const HubApi& api, const std::string& repository,
                                               const std::string& reference);

// The images of an index; an image itself; none for an artifact. `row` is the manifest's.
Result<std::vector<PlatformImageView>> PlatformsOf(sql::Connection& connection, const catalog::ImageInfo& row);
// `wanted` is "linux/arm64/v8" or less of it; empty: amd64 where there is one, else the first that can be run.
const PlatformImageView* ChoosePlatform(const std::vector<PlatformImageView>& platforms, const std::string& wanted);

struct ChosenImage {
  PlatformImageView view;
  registry::ParsedManifest manifest;
};
// The image to look into; an artifact is its own. kNotFound: no such manifest, or none for the platform.
Result<ChosenImage> ChooseImage(const HubApi& api, const catalog::RepositoryInfo& repository,
                                const std::string& reference, const std::string& platform);

}  // namespace berth::api::hub
