#include "layers/tree_builder.h"

#include <algorithm>
#include <functional>
#include <map>
#include <numeric>

#include "layers/names.h"
#include "layers/route.h"

namespace berth::layers {
namespace {

constexpr size_t kMostNodes = 2'500'000;
constexpr size_t kMostRecords = 2'000'000;
constexpr uint64_t kMostSteps = 100'000'000;
constexpr size_t kMostPathBytes = 16 << 10;  // symbolic links can make paths longer than any name in a layer
constexpr std::string_view kOpaqueName = ".wh..wh..opq";

bool SameOwner(const FileRecord& a, const FileRecord& b) {
  return a.mode == b.mode && a.uid == b.uid && a.gid == b.gid;
}

}  // namespace

Result<std::shared_ptr<const FileTree>> FileTree::Make(std::vector<LayerIndexPtr> layers, Kind kind) {
  return TreeBuilder(std::move(layers), kind).Build();
}

TreeBuilder::TreeBuilder(std::vector<LayerIndexPtr> layers, FileTree::Kind kind)
    : tree_(new FileTree()), kind_(kind), nodes_(tree_->nodes_) {
  tree_->layers_ = std::move(layers);
  nodes_.emplace_back();
  links_.emplace_back();
  table_.assign(1024, kNone);
}

Result<std::shared_ptr<const FileTree>> TreeBuilder::Build() {
  size_t records = 0;
  for (const auto& layer : tree_->layers_) records += layer->files.size();
  if (records > kMostRecords) return Fail(ErrorCode::kTooLarge, "The layers have too many files together");
  for (uint32_t layer = 0; layer < tree_->layers_.size(); ++layer) TRY_VOID(Apply(layer));
  Finish();
  return std::shared_ptr<const FileTree>(std::move(tree_));
}

Result<void> TreeBuilder::Apply(uint32_t layer) {
  layer_ = layer;
  last_folder_ = kNone;
  const auto& files = tree_->layers_[layer]->files;
  written_to_.emplace_back(files.size(), kNone);
  // A layer's whiteouts hide only what lower layers have, wherever in the layer they stand.
  TRY_VOID(ApplyWhiteouts(layer));
  for (uint32_t record = 0; record < files.size(); ++record) {
    TRY_VOID(ApplyRecord(layer, record));
    if (is_entangled_ || nodes_.size() > kMostNodes) {
      return Fail(ErrorCode::kTooLarge, "The links and folders of the layers are too entangled");
    }
  }
  return {};
}

Result<void> TreeBuilder::ApplyWhiteouts(uint32_t layer) {
  if (layer == 0) return {};
  const LayerIndex& index = *tree_->layers_[layer];
  for (const FileRecord& file : index.files) {
    const std::string_view path = index.PathOf(file);
    if (file.type == FileType::kOpaque) {
      const NodeId folder = FolderOf(path, Missing::kStop);
      if (folder != kNone) DeleteInside(folder);
    } else if (file.type == FileType::kWhiteout) {
      const NodeId folder = FolderOf(ParentOf(path), Missing::kStop);
      const NodeId target = folder != kNone ? Child(folder, BaseName(path)) : kNone;
      if (target != kNone) Delete(target);
    }
    if (is_entangled_) return Fail(ErrorCode::kTooLarge, "The links and folders of the layers are too entangled");
  }
  last_folder_ = kNone;
  return {};
}

Result<void> TreeBuilder::ApplyRecord(uint32_t layer, uint32_t record) {
  const LayerIndex& index = *tree_->layers_[layer];
  const FileRecord& file = index.files[record];
  const std::string_view path = index.PathOf(file);
  const RecordPlace place{layer, record};
  const bool is_whiteout = file.type == FileType::kWhiteout || file.type == FileType::kOpaque;
  if (is_whiteout && kind_ == FileTree::Kind::kMerged) return {};
  if (file.type == FileType::kOpaque) {
    const NodeId folder = FolderOf(path, Missing::kMake);
    if (folder != kNone) ShowWhiteout(folder, kOpaqueName, place);
    return {};
  }
  if (path.empty()) {
    if (file.type == FileType::kDirectory) Write(kRoot, place);
    return {};
  }
  const NodeId folder = FolderOf(ParentOf(path), Missing::kMake);
  if (folder == kNone) return {};
  if (is_whiteout) {
    ShowWhiteout(folder, BaseName(path), place);
    return {};
  }
  Write(ChildOrNew(folder, BaseName(path)), place);
  return {};
}

void TreeBuilder::ShowWhiteout(NodeId folder, std::string_view name, RecordPlace place) {
  if (Child(folder, name) != kNone) return;  // the layer has it anew
  Node& node = nodes_[ChildOrNew(folder, name)];
  node.place = place;
  node.type = FileType::kWhiteout;
}

RecordPlace TreeBuilder::TargetOf(const FileRecord& file, std::string_view link) {
  if (file.type != FileType::kHardlink) return {};
  const NodeId folder = FindFolder(ParentOf(link), Missing::kStop);
  const NodeId target = folder != kNone ? Child(folder, BaseName(link)) : kNone;
  return target != kNone && nodes_[target].is_alive ? nodes_[target].source : RecordPlace();
}

// The record becomes what is at the node.
void TreeBuilder::Write(NodeId id, RecordPlace place) {
  const LayerIndex& index = *tree_->layers_[place.layer];
  const FileRecord& file = index.files[place.record];
  const RecordPlace target = TargetOf(file, index.LinkOf(file));
  Node& node = nodes_[id];
  written_to_[place.layer][place.record] = id;
  const bool was_folder = node.is_alive && node.type == FileType::kDirectory;
  const FileRecord* before = tree_->Lookup(node.place);
  if (was_folder && file.type == FileType::kDirectory) {
    // Layers name the folders above what they change.
    const bool same = before != nullptr && SameOwner(*before, file);
    if (!same) node.touched_by = place.layer;
  } else {
    if (was_folder) DeleteInside(id);
    if (was_folder || node.type == FileType::kSymlink) last_folder_ = kNone;
    node.touched_by = place.layer;
  }
  node.place = place;
  node.type = file.type;
  node.source = file.type == FileType::kFile ? place : target;
  node.is_alive = true;
}

NodeId TreeBuilder::MakeFolder(NodeId folder, std::string_view name) {
  const NodeId id = ChildOrNew(folder, name);
  Node& node = nodes_[id];
  if (node.is_alive && node.type == FileType::kDirectory) return id;
  node.place = node.source = {};
  node.type = FileType::kDirectory;
  node.is_alive = true;
  node.touched_by = layer_;
  return id;
}

NodeId TreeBuilder::FolderOf(std::string_view path, Missing missing) {
  if (last_folder_ != kNone && last_folder_path_ == path) return last_folder_;
  last_folder_ = FindFolder(path, missing);
  last_folder_path_ = path;
  return last_folder_;
}

NodeId TreeBuilder::FindFolder(std::string_view path, Missing missing) {
  Route route(path);
  NodeId at = kRoot;
  int links = 0;
  while (!route.AtEnd()) {
    if (++steps_ > kMostSteps) {
      is_entangled_ = true;
      return kNone;
    }
    const std::string_view part = route.Next();
    if (part == "..") {
      at = nodes_[at].parent;
      continue;
    }
    const NodeId child = Child(at, part);
    const bool is_there = child != kNone && nodes_[child].is_alive;
    if (is_there && nodes_[child].type == FileType::kSymlink && links < kMostLinks) {
      ++links;
      const std::string_view target = tree_->LinkOf(child);
      if (target.starts_with('/')) at = kRoot;
      steps_ += route.Push(target);
      continue;
    }
    if (is_there && nodes_[child].type == FileType::kDirectory) {
      at = child;
      continue;
    }
    if (missing == Missing::kStop) return kNone;
    at = MakeFolder(at, part);
  }
  return at;
}

void TreeBuilder::Delete(NodeId id) {
  Node& node = nodes_[id];
  if (!node.is_alive) return;
  if (node.type == FileType::kDirectory) DeleteInside(id);
  node.is_alive = false;
  node.touched_by = layer_;
  last_folder_ = kNone;
}

void TreeBuilder::DeleteInside(NodeId id) {
  std::vector<NodeId> folders = {id};
  while (!folders.empty()) {
    const NodeId folder = folders.back();
    folders.pop_back();
    for (NodeId child = links_[folder].first_child; child != kNone; child = links_[child].next_sibling) {
      ++steps_;
      Node& node = nodes_[child];
      if (!node.is_alive) continue;
      if (node.type == FileType::kDirectory) folders.push_back(child);
      node.is_alive = false;
      node.touched_by = layer_;
    }
  }
  if (steps_ > kMostSteps) is_entangled_ = true;
  last_folder_ = kNone;
}

size_t TreeBuilder::SlotOf(NodeId folder, std::string_view name) const {
  const size_t mask = table_.size() - 1;
  size_t slot = (std::hash<std::string_view>()(name) ^ (folder * uint64_t{0x9e3779b97f4a7c15})) & mask;
  while (table_[slot] != kNone) {
    const Node& node = nodes_[table_[slot]];
    if (node.parent == folder && node.name == name) break;
    slot = (slot + 1) & mask;
  }
  return slot;
}

void TreeBuilder::Grow() {
  table_.assign(table_.size() * 2, kNone);
  for (NodeId id = 1; id < nodes_.size(); ++id) table_[SlotOf(nodes_[id].parent, nodes_[id].name)] = id;
}

NodeId TreeBuilder::Child(NodeId folder, std::string_view name) const { return table_[SlotOf(folder, name)]; }

NodeId TreeBuilder::ChildOrNew(NodeId folder, std::string_view name) {
  const size_t slot = SlotOf(folder, name);
  if (table_[slot] != kNone) return table_[slot];
  const auto id = static_cast<NodeId>(nodes_.size());
  Node& node = nodes_.emplace_back();
  node.name = name;
  node.parent = folder;
  node.first_by = node.touched_by = layer_;
  node.type = FileType::kFile;
  node.is_alive = false;
  const size_t path_bytes = links_[folder].path_bytes + 1 + name.size();
  if (path_bytes > kMostPathBytes) is_entangled_ = true;
  links_.push_back({kNone, links_[folder].first_child, path_bytes});
  links_[folder].first_child = id;
  table_[slot] = id;
  if (nodes_.size() * 2 > table_.size()) Grow();
  return id;
}

void TreeBuilder::Finish() {
  SortChildren();
  Judge();
  FindWaste();
}

void TreeBuilder::SortChildren() {
  auto& children = tree_->children_;
  children.reserve(nodes_.size() - 1);
  for (NodeId id = 0; id < nodes_.size(); ++id) {
    nodes_[id].children_at = static_cast<uint32_t>(children.size());
    for (NodeId child = links_[id].first_child; child != kNone; child = links_[child].next_sibling) {
      children.push_back(child);
    }
    nodes_[id].children_count = static_cast<uint32_t>(children.size()) - nodes_[id].children_at;
    const auto own = std::span(children).subspan(nodes_[id].children_at);
    std::ranges::sort(own, {}, [&](NodeId child) { return nodes_[child].name; });
  }
}

void TreeBuilder::Judge() {
  for (Node& node : nodes_) {
    if (kind_ == FileTree::Kind::kSingleLayer) {
      const bool is_deleted = node.type == FileType::kWhiteout;
      node.change = is_deleted ? Change::kDeleted : node.place ? Change::kAdded : Change::kUnchanged;
      continue;
    }
    if (!node.is_alive) {
      node.change = Change::kDeleted;
    } else if (node.touched_by > 0) {
      node.change = node.first_by > 0 ? Change::kAdded : Change::kChanged;
    }
  }
  if (kind_ == FileTree::Kind::kSingleLayer) return;
  // Children have larger ids than their parents.
  for (size_t id = nodes_.size() - 1; id > 0; --id) {
    Node& parent = nodes_[nodes_[id].parent];
    if (nodes_[id].change != Change::kUnchanged && parent.change == Change::kUnchanged) {
      parent.change = Change::kChanged;
    }
  }
}

void TreeBuilder::FindWaste() {
  const auto& layers = tree_->layers_;
  std::vector<std::vector<bool>> shown;
  for (const auto& layer : layers) shown.emplace_back(layer->files.size(), false);
  for (NodeId id = 0; id < nodes_.size(); ++id) {
    const Node& node = nodes_[id];
    if (!node.is_alive || !node.source) continue;
    shown[node.source.layer][node.source.record] = true;
    if (node.type == FileType::kFile) tree_->largest_.push_back(id);
  }
  std::map<NodeId, WastedFile> wasted;
  for (uint32_t layer = 0; layer < layers.size(); ++layer) {
    for (uint32_t record = 0; record < layers[layer]->files.size(); ++record) {
      const FileRecord& file = layers[layer]->files[record];
      if (file.type != FileType::kFile) continue;
      tree_->total_bytes_ += file.size;
      if (shown[layer][record] || file.size == 0) continue;
      const NodeId node = written_to_[layer][record];
      if (node == kNone) continue;
      tree_->wasted_bytes_ += file.size;
      wasted[node].bytes += file.size;
    }
  }
  for (uint32_t layer = 0; layer < layers.size() && !wasted.empty(); ++layer) {
    for (const NodeId node : written_to_[layer]) {
      const auto found = node != kNone ? wasted.find(node) : wasted.end();
      if (found != wasted.end()) found->second.layers.push_back(layer);
    }
  }
  for (auto& [node, file] : wasted) {
    file.node = node;
    tree_->wasted_.push_back(std::move(file));
  }
  std::ranges::sort(tree_->wasted_, [](const WastedFile& a, const WastedFile& b) {
    return a.bytes != b.bytes ? a.bytes > b.bytes : a.node < b.node;
  });
  std::ranges::sort(tree_->largest_, [&](NodeId a, NodeId b) {
    const int64_t size_a = tree_->SizeOf(a), size_b = tree_->SizeOf(b);
    return size_a != size_b ? size_a > size_b : a < b;
  });
}

}  // namespace berth::layers
