// The file system that layers make together: OCI image-spec "Applying Changesets". Also that of a single layer, with
// its whiteouts as entries.
//
// What became of a path is told against the bottom layer: added by a later one, changed by a later one (a folder also
// when something inside it changed), deleted by a later one, or unchanged. Deleted entries stay in the tree.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "layers/layer_index.h"

namespace berth::layers {

enum class Change : uint8_t { kUnchanged, kAdded, kChanged, kDeleted };
std::string_view ToString(Change change);

using NodeId = uint32_t;
inline constexpr NodeId kRoot = 0;
inline constexpr uint32_t kNone = UINT32_MAX;

// A record of one of the layers.
struct RecordPlace {
  uint32_t layer = kNone;
  uint32_t record = kNone;
  explicit operator bool() const { return record != kNone; }
  bool operator==(const RecordPlace&) const = default;
};

struct Node {
  std::string_view name;
  NodeId parent = kRoot;
  RecordPlace place;        // none: a folder that no layer names, only its contents
  RecordPlace source;       // where a file's bytes are; of a hard link: its target's
  uint32_t touched_by = 0;  // the layer that wrote or deleted it last
  uint32_t first_by = 0;    // the layer that had it first
  uint32_t children_at = 0;
  uint32_t children_count = 0;
  FileType type = FileType::kDirectory;
  Change change = Change::kUnchanged;
  bool is_alive = true;
};

// Bytes that the merged file system does not show any more, by the path that they were written to.
struct WastedFile {
  NodeId node = kRoot;
  int64_t bytes = 0;
  std::vector<uint32_t> layers;  // that wrote the path, from the bottom
};

struct FoundPackage {
  Ecosystem ecosystem = Ecosystem::kDeb;
  std::string_view name;
  std::string_view version;
  auto operator<=>(const FoundPackage&) const = default;
};

// Immutable; shared by threads. Keeps its layers.
class FileTree {
 public:
  enum class Kind { kMerged, kSingleLayer };
  // From the bottom layer up. kTooLarge: more entries than a tree may have.
  static Result<std::shared_ptr<const FileTree>> Make(std::vector<LayerIndexPtr> layers, Kind kind);

  const Node& At(NodeId id) const { return nodes_[id]; }
  // In byte order of their names.
  std::span<const NodeId> Children(NodeId id) const {
    return std::span(children_).subspan(nodes_[id].children_at, nodes_[id].children_count);
  }
  // Absolute: "/", "/etc/passwd".
  std::string PathOf(NodeId id) const;
  // The record behind a node; null for a folder that no layer names.
  const FileRecord* RecordOf(NodeId id) const { return Lookup(nodes_[id].place); }
  const FileRecord* SourceOf(NodeId id) const { return Lookup(nodes_[id].source); }
  // Of a symbolic or hard link, else empty.
  std::string_view LinkOf(NodeId id) const;
  // Of a file or of what a hard link names; 0 otherwise.
  int64_t SizeOf(NodeId id) const;

  // The node at `path` ("/a/b", "a/b"). Symbolic links on the way are followed, with `follow` also the last one.
  std::optional<NodeId> Find(std::string_view path, bool follow) const;
  // A child by its name, whether alive or not.
  std::optional<NodeId> Child(NodeId folder, std::string_view name) const;

  const std::vector<LayerIndexPtr>& layers() const { return layers_; }
  const std::vector<NodeId>& largest() const { return largest_; }    // regular files, the largest first
  const std::vector<WastedFile>& wasted() const { return wasted_; }  // the most bytes first
  int64_t total_bytes() const { return total_bytes_; }               // of all files in all layers
  int64_t wasted_bytes() const { return wasted_bytes_; }
  std::vector<FoundPackage> Packages() const;  // sorted, each once
  size_t MemoryBytes() const;

 private:
  friend class TreeBuilder;
  FileTree() = default;
  const FileRecord* Lookup(RecordPlace place) const {
    return place ? &layers_[place.layer]->files[place.record] : nullptr;
  }

  std::vector<LayerIndexPtr> layers_;
  std::vector<Node> nodes_;
  std::vector<NodeId> children_;
  std::vector<NodeId> largest_;
  std::vector<WastedFile> wasted_;
  int64_t total_bytes_ = 0;
  int64_t wasted_bytes_ = 0;
};
using FileTreePtr = std::shared_ptr<const FileTree>;

}  // namespace berth::layers
