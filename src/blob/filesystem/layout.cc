#include "blob/filesystem/layout.h"

#include <algorithm>

namespace berth::blob {

bool IsUploadKey(std::string_view key) {
  return !key.empty() && key.size() <= 64 && std::ranges::all_of(key, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
  });
}

}  // namespace berth::blob
