// Manifests from outside: the first byte picks the Content-Type.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "registry/manifest.h"

using namespace berth::registry;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  constexpr std::string_view kTypes[] = {"", kOciManifest, kOciIndex, kDockerManifest, kDockerList};
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto parsed = ParseManifest(text, kTypes[data[0] % std::size(kTypes)]);
  if (parsed) {
    if (parsed->content_size < 0 || (parsed->is_index && parsed->config)) std::abort();
    for (const auto& layer : parsed->layers) {
      if (layer.size < 0 || layer.digest.empty()) std::abort();
    }
  }
  ParseConfigPlatform(text);
  return 0;
}
