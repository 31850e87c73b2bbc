// What is left of a path that is being walked.
#pragma once

#include <string_view>
#include <vector>

#include "base/text.h"

namespace berth::layers {

// As many symbolic links as the kernel follows in one path.
inline constexpr int kMostLinks = 40;

class Route {
 public:
  explicit Route(std::string_view path) { Push(path); }

  // The target of a symbolic link, to be walked before the rest. Answers how many steps that adds.
  size_t Push(std::string_view path) {
    const size_t before = rest_.size();
    const auto parts = Split(path, '/');
    for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
      if (!part->empty() && *part != ".") rest_.push_back(*part);
    }
    return rest_.size() - before;
  }
  bool AtEnd() const { return rest_.empty(); }
  std::string_view Next() {
    const std::string_view part = rest_.back();
    rest_.pop_back();
    return part;
  }

 private:
  std::vector<std::string_view> rest_;  // the next one last
};

}  // namespace berth::layers
