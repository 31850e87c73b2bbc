// Ranges of downloads and uploads: never outside the body, whatever the header says.
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "api/registry/range.h"

using namespace berth::api::registry;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  uint64_t body = 0;
  if (size < sizeof body) return 0;
  std::memcpy(&body, data, sizeof body);
  const std::string_view header(reinterpret_cast<const char*>(data) + sizeof body, size - sizeof body);
  const auto range = ParseRange(header, body);
  if (const auto* part = std::get_if<ByteRange>(&range)) {
    if (part->first > part->last || part->last >= body) std::abort();
  }
  if (const auto part = ParseContentRange(header)) {
    if (part->first > part->last || part->last - part->first + 1 == 0) std::abort();
  }
  return 0;
}
