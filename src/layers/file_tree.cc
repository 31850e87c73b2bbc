#include "layers/file_tree.h"

#include <algorithm>

#include "layers/route.h"

namespace berth::layers {
std::string_view ToString(Change change) {
  switch (change) {
    case Change::kUnchanged:
      return "unchanged";
    case Change::kAdded:
      return "added";
    case Change::kChanged:
      return "changed";
    case Change::kDeleted:
      return "deleted";
  }
  return "unchanged";
}

std::string FileTree::PathOf(NodeId id) const {
  std::vector<std::string_view> names;
  for (; id != kRoot; id = nodes_[id].parent) names.push_back(nodes_[id].name);
  std::string path;
  for (auto name = names.rbegin(); name != names.rend(); ++name) path.append("/").append(*name);
  return path.empty() ? "/" : path;
}

std::string_view FileTree::LinkOf(NodeId id) const {
  const FileRecord* record = RecordOf(id);
  return record != nullptr ? layers_[nodes_[id].place.layer]->LinkOf(*record) : std::string_view();
}

int64_t FileTree::SizeOf(NodeId id) const {
  const FileRecord* source = SourceOf(id);
  return source != nullptr ? source->size : 0;
}

std::optional<NodeId> FileTree::Child(NodeId folder, std::string_view name) const {
  const auto children = Children(folder);
  const auto found = std::ranges::lower_bound(children, name, {}, [&](NodeId child) { return nodes_[child].name; });
  if (found == children.end() || nodes_[*found].name != name) return std::nullopt;
  return *found;
}

std::optional<NodeId> FileTree::Find(std::string_view path, bool follow) const {
  Route route(path);
  NodeId at = kRoot;
  int links = 0;
  while (!route.AtEnd()) {
    const std::string_view part = route.Next();
    if (part == "..") {
      at = nodes_[at].parent;
      continue;
    }
    const auto child = Child(at, part);
    if (!child) return std::nullopt;
    const Node& node = nodes_[*child];
    if (node.type == FileType::kSymlink && node.is_alive && (follow || !route.AtEnd())) {
      if (++links > kMostLinks) return std::nullopt;
      const std::string_view target = LinkOf(*child);
      if (target.starts_with('/')) at = kRoot;
      route.Push(target);
      continue;
    }
    at = *child;
  }
  return at;
}

std::vector<FoundPackage> FileTree::Packages() const {
  std::vector<FoundPackage> packages;
  for (NodeId id = 0; id < nodes_.size(); ++id) {
    const Node& node = nodes_[id];
    // A hard link to a list is the same list again.
    if (!node.is_alive || node.type != FileType::kFile || !node.place) continue;
    const auto& all = layers_[node.place.layer]->packages;
    auto package = std::ranges::lower_bound(all, node.place.record, {}, &PackageRecord::file);
    for (; package != all.end() && package->file == node.place.record; ++package) {
      packages.push_back({package->ecosystem, package->name, package->version});
    }
  }
  std::ranges::sort(packages);
  const auto twice = std::ranges::unique(packages);
  packages.erase(twice.begin(), twice.end());
  return packages;
}

size_t FileTree::MemoryBytes() const {
  size_t bytes = sizeof *this + nodes_.capacity() * sizeof(Node) + children_.capacity() * sizeof(NodeId) +
                 largest_.capacity() * sizeof(NodeId);
  for (const WastedFile& file : wasted_) bytes += sizeof file + file.layers.capacity() * sizeof(uint32_t);
  for (const LayerIndexPtr& layer : layers_) bytes += layer->MemoryBytes();
  return bytes;
}

}  // namespace berth::layers
