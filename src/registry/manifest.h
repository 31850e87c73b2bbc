// Reads manifests: OCI image-spec "Image Manifest", "Image Index" and Docker's schema 2 manifest and list. Strict about
// what the registry relies on, tolerant of everything else; the bytes themselves are kept as they came.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "crypto/digest.h"

namespace berth::registry {

inline constexpr std::string_view kOciManifest = "application/vnd.oci.image.manifest.v1+json";
inline constexpr std::string_view kOciIndex = "application/vnd.oci.image.index.v1+json";
inline constexpr std::string_view kDockerManifest = "application/vnd.docker.distribution.manifest.v2+json";
inline constexpr std::string_view kDockerList = "application/vnd.docker.distribution.manifest.list.v2+json";

struct Platform {
  std::string os;
  std::string architecture;
  std::string variant;
  std::string os_version;
};

struct Descriptor {
  std::string media_type;
  Digest digest;
  int64_t size = 0;
  Platform platform;          // of an index's manifests
  bool distributable = true;  // false: the layer may stay missing ("nondistributable", Docker's foreign layers)
};

struct ParsedManifest {
  std::string media_type;
  bool is_index = false;
  std::string artifact_type;         // as the referrers list tells it: artifactType, else the config's media type
  std::optional<Descriptor> config;  // images
  std::vector<Descriptor> layers;    // images
  std::vector<Descriptor> children;  // indexes
  std::optional<Digest> subject;
  std::string annotations;   // a JSON object, or empty
  int64_t content_size = 0;  // bytes of all layers
};

bool IsIndexType(std::string_view media_type);

// `content_type` is the request's header, parameters allowed. kManifestInvalid says what is wrong.
Result<ParsedManifest> ParseManifest(std::string_view payload, std::string_view content_type);

// The platform that an image's configuration names; empty fields when it is none.
Platform ParseConfigPlatform(std::string_view config);

}  // namespace berth::registry
