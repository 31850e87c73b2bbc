// The badge that a repository is shown and judged with.
#pragma once

#include <string_view>

namespace berth::access {

// "official", "verified_publisher", "open_source" or "": the repository's own badge, or else its namespace's. The
// answer views the arguments.
constexpr std::string_view ShownBadge(std::string_view own, std::string_view name_space, std::string_view owners) {
  if (!own.empty()) return own;
  return name_space == "library" ? "official" : owners;
}

}  // namespace berth::access
