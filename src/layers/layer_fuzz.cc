// Any bytes as a layer: no crash, no sanitizer finding, nothing outside of the limits; what is accepted survives
// encoding, makes a tree whose every path can be found, and its files can be read.
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <vector>

#include "base/text.h"
#include "layers/file_tree.h"
#include "layers/layer_reader.h"
#include "layers/tree_difference.h"

namespace {

using namespace berth::layers;

void Require(bool holds) {
  if (!holds) std::abort();
}

Limits SmallLimits() {
  Limits limits;
  limits.max_entries = 1000;
  limits.max_unpacked_bytes = 1 << 20;
  limits.free_bytes = 64 << 10;
  limits.max_name_bytes = 64 << 10;
  limits.zstd_window_log = 20;
  limits.max_package_file_bytes = 64 << 10;
  limits.max_packages = 1000;
  return limits;
}

void ReadFile(std::string_view bytes, const Limits& limits, const LayerIndex& index, const FileRecord& file) {
  auto stream = FileStream::Open(std::make_unique<MemorySource>(bytes), limits, index, file);
  Require(stream.has_value());
  uint64_t size = 0;
  while (true) {
    const auto piece = (*stream)->Read();
    Require(piece.has_value());
    if (piece->empty()) break;
    size += piece->size();
  }
  Require(size <= limits.max_unpacked_bytes);
}

void Walk(const FileTree& tree) {
  std::vector<NodeId> rest = {kRoot};
  while (!rest.empty()) {
    const NodeId id = rest.back();
    rest.pop_back();
    Require(id == kRoot || tree.Child(tree.At(id).parent, tree.At(id).name) == id);
    (void)tree.Find(tree.PathOf(id), true);
    Require(tree.SizeOf(id) >= 0);
    for (const NodeId child : tree.Children(id)) rest.push_back(child);
  }
  Require(tree.wasted_bytes() >= 0 && tree.wasted_bytes() <= tree.total_bytes());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const Limits limits = SmallLimits();
  (void)LayerIndex::Decode(bytes);
  MemorySource source(bytes);
  auto index = ReadLayer(source, limits, [](uint64_t) { return true; });
  if (!index) return 0;
  auto decoded = LayerIndex::Decode(index->Encode());
  Require(decoded.has_value() && decoded->files.size() == index->files.size());
  for (const FileRecord& file : decoded->files) {
    for (const auto part : berth::Split(decoded->PathOf(file), '/')) Require(part != ".." && part != ".");
    Require(!decoded->PathOf(file).starts_with('/'));
    for (const char c : decoded->PathOf(file)) Require(static_cast<unsigned char>(c) >= 0x20);
  }
  for (size_t at = 0; at < decoded->files.size() && at < 8; ++at) {
    if (decoded->files[at].type == FileType::kFile) ReadFile(bytes, limits, *decoded, decoded->files[at]);
  }
  const auto layer = std::make_shared<const LayerIndex>(*std::move(decoded));
  const auto single = FileTree::Make({layer}, FileTree::Kind::kSingleLayer);
  const auto merged = FileTree::Make({layer, layer}, FileTree::Kind::kMerged);
  if (single) Walk(**single);
  if (merged) Walk(**merged);
  if (single && merged) (void)Compare(*single, *merged);
  return 0;
}
