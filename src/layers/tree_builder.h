// Applies layers one after another; used once by FileTree::Make.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "layers/file_tree.h"

namespace berth::layers {

class TreeBuilder {
 public:
  TreeBuilder(std::vector<LayerIndexPtr> layers, FileTree::Kind kind);
  Result<std::shared_ptr<const FileTree>> Build();

 private:
  // Links among nodes while the tree grows; nodes_ has no room for them later.
  struct Links {
    NodeId first_child = kNone;
    NodeId next_sibling = kNone;
    size_t path_bytes = 0;
  };
  enum class Missing { kStop, kMake };

  Result<void> Apply(uint32_t layer);
  Result<void> ApplyWhiteouts(uint32_t layer);
  Result<void> ApplyRecord(uint32_t layer, uint32_t record);
  void Write(NodeId id, RecordPlace place);
  void ShowWhiteout(NodeId folder, std::string_view name, RecordPlace place);
  RecordPlace TargetOf(const FileRecord& file, std::string_view link);

  // The folder at `path`, by way of symbolic links; kNone: there is none (kStop), or it takes too many steps.
  NodeId FindFolder(std::string_view path, Missing missing);
  NodeId FolderOf(std::string_view path, Missing missing);  // remembers the last one
  NodeId Child(NodeId folder, std::string_view name) const;
  NodeId ChildOrNew(NodeId folder, std::string_view name);
  NodeId MakeFolder(NodeId folder, std::string_view name);
  void Delete(NodeId id);
  void DeleteInside(NodeId id);

  void Finish();
  void SortChildren();
  void Judge();
  void FindWaste();

  size_t SlotOf(NodeId folder, std::string_view name) const;
  void Grow();

  std::shared_ptr<FileTree> tree_;
  const FileTree::Kind kind_;
  std::vector<Node>& nodes_;
  std::vector<Links> links_;
  std::vector<NodeId> table_;  // open addressing by (parent, name)
  uint32_t layer_ = 0;
  uint64_t steps_ = 0;
  bool is_entangled_ = false;  // the walk takes too many steps, or a path grows too long
  std::string_view last_folder_path_;
  NodeId last_folder_ = kNone;                   // kNone: forgotten
  std::vector<std::vector<NodeId>> written_to_;  // [layer][record]: the node, or kNone
};

}  // namespace berth::layers
