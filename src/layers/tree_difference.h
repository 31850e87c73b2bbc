// What differs between two file systems: files by what is in them, their owners and permissions (not by their times,
// which every build changes), and packages by their versions.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "layers/file_tree.h"

namespace berth::layers {

struct FileDifference {
  enum class Kind : uint8_t { kAdded, kRemoved, kChanged };
  Kind kind = Kind::kChanged;
  NodeId base = kNone;    // kNone when added
  NodeId target = kNone;  // kNone when removed
};

struct PackageDifference {
  Ecosystem ecosystem = Ecosystem::kDeb;
  std::string name;
  std::string base_version;    // "" when it is added
  std::string target_version;  // "" when it is removed
};

// Keeps both trees. Folders are no differences by themselves.
struct TreeDifference {
  FileTreePtr base;
  FileTreePtr target;
  std::vector<FileDifference> files;  // in the order of a walk through both, by name
  int64_t added = 0;
  int64_t removed = 0;
  int64_t changed = 0;
  std::vector<PackageDifference> packages;  // by ecosystem and name

  size_t MemoryBytes() const;
};

TreeDifference Compare(FileTreePtr base, FileTreePtr target);

}  // namespace berth::layers
