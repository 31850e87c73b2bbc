#include "layers/tree_difference.h"

#include <algorithm>
#include <span>

namespace berth::layers {
namespace {

using Kind = FileDifference::Kind;

class Walker {
 public:
  explicit Walker(TreeDifference& out) : out_(out), base_(*out.base), target_(*out.target) {}

  void Run() {
    // Pairs of folders, kNone where one side has none; the next one last, so that the walk goes by name.
    std::vector<Step> steps = {{kRoot, kRoot}};
    while (!steps.empty()) {
      const Step step = steps.back();
      steps.pop_back();
      Judge(step);
      Descend(step, steps);
    }
  }

 private:
  struct Step {
    NodeId base = kNone;
    NodeId target = kNone;
  };

  static bool IsFolder(const FileTree& tree, NodeId id) {
    return id != kNone && tree.At(id).type == FileType::kDirectory;
  }

  void Judge(const Step& step) {
    const bool in_base = step.base != kNone && !IsFolder(base_, step.base);
    const bool in_target = step.target != kNone && !IsFolder(target_, step.target);
    if (in_base && in_target) {
      if (Same(step)) return;
      ++out_.changed;
      out_.files.push_back({Kind::kChanged, step.base, step.target});
    } else if (in_target) {
      ++out_.added;
      out_.files.push_back({Kind::kAdded, kNone, step.target});
    } else if (in_base) {
      ++out_.removed;
      out_.files.push_back({Kind::kRemoved, step.base, kNone});
    }
  }

  bool Same(const Step& step) const {
    const FileRecord* a = base_.RecordOf(step.base);
    const FileRecord* b = target_.RecordOf(step.target);
    if (a == nullptr || b == nullptr) return a == b;
    const auto is_file = [](FileType type) { return type == FileType::kFile || type == FileType::kHardlink; };
    if (is_file(a->type) != is_file(b->type)) return false;
    if (a->mode != b->mode || a->uid != b->uid || a->gid != b->gid) return false;
    if (is_file(a->type)) return SameBytes(base_.SourceOf(step.base), target_.SourceOf(step.target));
    return a->type == b->type && base_.LinkOf(step.base) == target_.LinkOf(step.target);
  }

  static bool SameBytes(const FileRecord* a, const FileRecord* b) {
    if (a == nullptr || b == nullptr) return a == b;
    return a->size == b->size && a->hash == b->hash;
  }

  std::vector<NodeId> Alive(const FileTree& tree, NodeId id) const {
    std::vector<NodeId> out;
    if (!IsFolder(tree, id)) return out;
    for (const NodeId child : tree.Children(id)) {
      if (tree.At(child).is_alive) out.push_back(child);
    }
    return out;
  }

  void Descend(const Step& step, std::vector<Step>& steps) const {
    const auto base = Alive(base_, step.base);
    const auto target = Alive(target_, step.target);
    const size_t first = steps.size();
    for (size_t a = 0, b = 0; a < base.size() || b < target.size();) {
      const int order = a == base.size()     ? 1
                        : b == target.size() ? -1
                                             : base_.At(base[a]).name.compare(target_.At(target[b]).name);
      Step next;
      if (order <= 0) next.base = base[a++];
      if (order >= 0) next.target = target[b++];
      steps.push_back(next);
    }
    std::reverse(steps.begin() + static_cast<std::ptrdiff_t>(first), steps.end());
  }

  TreeDifference& out_;
  const FileTree& base_;
  const FileTree& target_;
};

using Packages = std::span<const FoundPackage>;

// The packages at the front that have one name; sorted by ecosystem, name and version.
Packages TakeGroup(Packages& rest) {
  size_t size = 0;
  while (size < rest.size() && rest[size].ecosystem == rest[0].ecosystem && rest[size].name == rest[0].name) ++size;
  const Packages group = rest.first(size);
  rest = rest.subspan(size);
  return group;
}

// Versions that only one side has; one on each side is an upgrade or its reverse.
void ComparePackage(Packages base, Packages target, std::vector<PackageDifference>& out) {
  std::vector<FoundPackage> gone, come;
  std::ranges::set_difference(base, target, std::back_inserter(gone));
  std::ranges::set_difference(target, base, std::back_inserter(come));
  if (gone.size() == 1 && come.size() == 1) {
    out.push_back(
        {gone[0].ecosystem, std::string(gone[0].name), std::string(gone[0].version), std::string(come[0].version)});
    return;
  }
  for (const auto& package : gone) {
    out.push_back({package.ecosystem, std::string(package.name), std::string(package.version), ""});
  }
  for (const auto& package : come) {
    out.push_back({package.ecosystem, std::string(package.name), "", std::string(package.version)});
  }
}

std::vector<PackageDifference> ComparePackages(Packages base, Packages target) {
  const auto before = [](const FoundPackage& a, const FoundPackage& b) {
    return std::tie(a.ecosystem, a.name) < std::tie(b.ecosystem, b.name);
  };
  std::vector<PackageDifference> out;
  while (!base.empty() || !target.empty()) {
    const bool only_base = target.empty() || (!base.empty() && before(base[0], target[0]));
    const bool only_target = !only_base && (base.empty() || before(target[0], base[0]));
    const Packages from = only_target ? Packages() : TakeGroup(base);
    const Packages to = only_base ? Packages() : TakeGroup(target);
    ComparePackage(from, to, out);
  }
  return out;
}

}  // namespace

size_t TreeDifference::MemoryBytes() const {
  size_t bytes = sizeof *this + files.capacity() * sizeof(FileDifference) + base->MemoryBytes() + target->MemoryBytes();
  for (const auto& package : packages) {
    bytes +=
        sizeof package + package.name.capacity() + package.base_version.capacity() + package.target_version.capacity();
  }
  return bytes;
}

TreeDifference Compare(FileTreePtr base, FileTreePtr target) {
  TreeDifference out;
  out.base = std::move(base);
  out.target = std::move(target);
  Walker(out).Run();
  const auto from = out.base->Packages();
  const auto to = out.target->Packages();
  out.packages = ComparePackages(from, to);
  return out;
}

}  // namespace berth::layers
