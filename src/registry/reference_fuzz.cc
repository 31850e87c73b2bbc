// Digests, tags and repository names from outside: what is accepted can't leave a folder or break a header line.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "crypto/digest.h"
#include "registry/names.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto safe = [](std::string_view accepted) {
    if (accepted.find("..") != std::string_view::npos || accepted.find_first_of("\r\n\\ %\"") != std::string_view::npos)
      std::abort();
  };
  if (const auto digest = berth::Digest::Parse(text)) {
    if (digest->text() != text || digest->hex().find_first_not_of("0123456789abcdef") != std::string_view::npos)
      std::abort();
  }
  if (const auto name = berth::registry::RepositoryName::Parse(text)) {
    safe(name->full);
    if (name->full.starts_with('/') || name->full.size() > 255) std::abort();
  }
  if (berth::registry::IsTag(text) && text.find('/') != std::string_view::npos) std::abort();
  return 0;
}
