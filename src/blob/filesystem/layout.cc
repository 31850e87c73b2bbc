#include "blob/filesystem/layout.h"

#include <algorithm>

namespace berth::blob {

std::vector<std::string> Layout::Folders(DigestAlgorithm algorithm) const {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::vector<std::string> folders;
  folders.reserve(kFolders);
  for (size_t i = 0; i < kFolders; ++i) {
    folders.push_back(Algorithm(algorithm) + "/" + kDigits[i >> 4] + kDigits[i & 15]);
  }
  return folders;
}

bool IsUploadKey(std::string_view key) {
  return !key.empty() && key.size() <= 64 && std::ranges::all_of(key, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
  });
}

}  // namespace berth::blob
