// Inside an image: files of its layers and of the file system that they make, previews, the largest files, wasted
// bytes.
#include <algorithm>

#include "api/hub/cursor.h"
#include "api/hub/layer_view.h"
#include "api/hub/repository_view.h"
#include "layers/layer_service.h"

namespace berth::api::hub {
namespace {

using access::RepositoryAction;
using layers::FileTree;
using layers::FileType;
using layers::IndexProgress;
using layers::Node;
using layers::NodeId;
using layers::OpenImage;

constexpr size_t kMostPathBytes = 65536;

struct ImageFilesRequest {
  std::string namespace_;
  std::string repository;
  std::string reference;
  std::string path = "/";
  std::string platform;
  std::string cursor;
  std::optional<int64_t> limit;
};
BOOST_DESCRIBE_STRUCT(ImageFilesRequest, (), (namespace_, repository, reference, path, platform, cursor, limit))

struct ImageFileRequest {
  std::string namespace_;
  std::string repository;
  std::string reference;
  json::Required<std::string> path;
  std::string platform;
};
BOOST_DESCRIBE_STRUCT(ImageFileRequest, (), (namespace_, repository, reference, path, platform))

struct LayerFilesRequest {
  std::string namespace_;
  std::string repository;
  std::string digest;
  std::string path = "/";
  std::string image;
  std::string platform;
  std::string cursor;
  std::optional<int64_t> limit;
};
BOOST_DESCRIBE_STRUCT(LayerFilesRequest, (), (namespace_, repository, digest, path, image, platform, cursor, limit))

struct LayerFileRequest {
  std::string namespace_;
  std::string repository;
  std::string digest;
  json::Required<std::string> path;
};
BOOST_DESCRIBE_STRUCT(LayerFileRequest, (), (namespace_, repository, digest, path))

struct FileEntryView {
  std::string path;
  std::string type;
  int64_t size = 0;
  int32_t mode = 0;
  int64_t uid = 0;
  int64_t gid = 0;
  std::optional<Timestamp> modified_at;
  std::string link_target;
  std::string change;
  std::string layer;
  json::Omittable<int32_t> children;
};
BOOST_DESCRIBE_STRUCT(FileEntryView, (),
                      (path, type, size, mode, uid, gid, modified_at, link_target, change, layer, children))

struct FileListView {
  std::vector<FileEntryView> items;
  std::optional<std::string> next;
  std::string path;
};
BOOST_DESCRIBE_STRUCT(FileListView, (), (items, next, path))

struct FilePreviewView {
  std::string path;
  int64_t size = 0;
  std::string layer;
  bool binary = false;
  bool truncated = false;
  std::string text;
  std::string mime_type;
};
BOOST_DESCRIBE_STRUCT(FilePreviewView, (), (path, size, layer, binary, truncated, text, mime_type))

struct WastedFileView {
  std::string path;
  int64_t wasted = 0;
  int32_t copies = 0;
  std::vector<std::string> layers;
};
BOOST_DESCRIBE_STRUCT(WastedFileView, (), (path, wasted, copies, layers))

struct WastedSpaceView {
  double efficiency = 1;
  int64_t wasted = 0;
  std::vector<WastedFileView> items;
  std::optional<std::string> next;
};
BOOST_DESCRIBE_STRUCT(WastedSpaceView, (), (efficiency, wasted, items, next))

FileEntryView MakeEntry(const OpenImage& image, NodeId id) {
  const FileTree& tree = *image.tree;
  const Node& node = tree.At(id);
  FileEntryView view;
  view.path = tree.PathOf(id);
  view.type = layers::ToString(node.type);
  view.size = tree.SizeOf(id);
  view.mode = node.type == FileType::kDirectory ? 0755 : 0;
  if (const auto* record = tree.RecordOf(id)) {
    view.mode = static_cast<int32_t>(record->mode);
    view.uid = record->uid;
    view.gid = record->gid;
    if (record->modified != layers::kNoTime) view.modified_at = Timestamp(std::chrono::seconds(record->modified));
  }
  view.link_target = tree.LinkOf(id);
  if (node.type == FileType::kHardlink) view.link_target = "/" + view.link_target;
  view.change = layers::ToString(node.change);
  view.layer = image.digests[node.touched_by];
  if (node.type == FileType::kDirectory) view.children.emplace(static_cast<int32_t>(node.children_count));
  return view;
}

Result<NodeId> FindNode(const FileTree& tree, const std::string& path) {
  if (path.size() > kMostPathBytes) return Fail(ErrorCode::kInvalidArgument, "is too long", "path");
  const auto node = tree.Find(path, true);
  if (!node) return Fail(NotFoundHere(path));
  return *node;
}

struct PageWish {
  std::string path;
  std::string cursor;
  std::optional<int64_t> limit;
};

// A page of a folder; `adjust` may change what is said of a node.
template <typename Adjust>
Result<FileListView> ListFolder(const OpenImage& image, const PageWish& wish, Adjust&& adjust) {
  TRY(const auto cursor, ReadCursor(wish.cursor, "cursor"));
  TRY(const NodeId folder, FindNode(*image.tree, wish.path));
  const FileTree& tree = *image.tree;
  if (tree.At(folder).type != FileType::kDirectory) {
    return Fail(ErrorCode::kInvalidArgument, "is no folder", "path");
  }
  const auto limit = static_cast<size_t>(std::clamp<int64_t>(wish.limit.value_or(200), 1, 1000));
  const auto children = tree.Children(folder);
  const auto name_of = [&](NodeId child) { return tree.At(child).name; };
  auto child =
      cursor ? std::ranges::upper_bound(children, std::string_view(cursor->key), {}, name_of) : children.begin();
  FileListView view;
  view.path = tree.PathOf(folder);
  for (; child != children.end() && view.items.size() < limit; ++child) {
    view.items.push_back(MakeEntry(image, *child));
    adjust(*child, view.items.back());
  }
  if (child != children.end()) view.next = MakeCursor({std::string(name_of(*std::prev(child))), 0});
  return view;
}

Result<FilePreviewView> PreviewFile(const HubApi& api, const OpenImage& image, const std::string& path) {
  TRY(const NodeId id, FindNode(*image.tree, path));
  const Node& node = image.tree->At(id);
  if (!node.is_alive) return Fail(NotFoundHere(path));
  if (node.type == FileType::kDirectory) return Fail(ErrorCode::kInvalidArgument, "is a folder", "path");
  if (node.type == FileType::kDevice || node.type == FileType::kFifo) {
    return Fail(ErrorCode::kInvalidArgument, "is no file", "path");
  }
  // A hard link to nothing in the layer; a symbolic one that leads nowhere was not found.
  if (!node.source) return Fail(NotFoundHere(path));
  TRY(auto preview, api.layers.Preview(image, id));
  FilePreviewView view;
  view.path = image.tree->PathOf(id);
  view.size = preview.size;
  view.layer = std::move(preview.layer);
  view.binary = preview.binary;
  view.truncated = preview.truncated;
  view.text = std::move(preview.text);
  view.mime_type = std::move(preview.media_type);
  return view;
}

template <typename View>
http::Response Answer(const View& view) {
  return http::Response::Json(200, json::Encode(view));
}

// The file system of an image, once its layers have been read.
Result<layers::Indexed<OpenImage>> OpenWanted(const HubApi& api, const Call& call, const std::string& name_space,
                                              const std::string& repository, const std::string& reference,
                                              const std::string& platform) {
  TRY(const auto info, RequireRepository(api, call, name_space, repository, RepositoryAction::kPullImage));
  TRY(const auto chosen, ChooseImage(api, info, reference, platform));
  return api.layers.OpenLayers(info.id, LayersOf(chosen.manifest));
}

Result<http::Response> ListImageFiles(const HubApi& api, const Call& call, const ImageFilesRequest& request) {
  TRY_VOID(ReadCursor(request.cursor, "cursor"));
  TRY(const auto opened,
      OpenWanted(api, call, request.namespace_, request.repository, request.reference, request.platform));
  if (const auto* progress = std::get_if<IndexProgress>(&opened)) return StillReading(*progress);
  TRY(const auto view, ListFolder(std::get<OpenImage>(opened), {request.path, request.cursor, request.limit},
                                  [](NodeId, FileEntryView&) {}));
  return Answer(view);
}

Result<http::Response> GetImageFile(const HubApi& api, const Call& call, const ImageFileRequest& request) {
  TRY(const auto opened,
      OpenWanted(api, call, request.namespace_, request.repository, request.reference, request.platform));
  if (const auto* progress = std::get_if<IndexProgress>(&opened)) return StillReading(*progress);
  TRY(const auto view, PreviewFile(api, std::get<OpenImage>(opened), request.path.value));
  return Answer(view);
}

size_t PageLimit(const ImageFilesRequest& request) {
  return static_cast<size_t>(std::clamp<int64_t>(request.limit.value_or(50), 1, 200));
}

Result<http::Response> ListLargestFiles(const HubApi& api, const Call& call, const ImageFilesRequest& request) {
  TRY(const size_t offset, ReadOffset(request.cursor));
  TRY(const auto opened,
      OpenWanted(api, call, request.namespace_, request.repository, request.reference, request.platform));
  if (const auto* progress = std::get_if<IndexProgress>(&opened)) return StillReading(*progress);
  const auto& image = std::get<OpenImage>(opened);
  const auto& largest = image.tree->largest();
  const size_t end = std::min(largest.size(), offset + PageLimit(request));
  FileListView view;
  view.path = "/";
  for (size_t at = offset; at < end; ++at) view.items.push_back(MakeEntry(image, largest[at]));
  view.next = NextOffset(end, largest.size());
  return Answer(view);
}

Result<http::Response> GetWastedSpace(const HubApi& api, const Call& call, const ImageFilesRequest& request) {
  TRY(const size_t offset, ReadOffset(request.cursor));
  TRY(const auto opened,
      OpenWanted(api, call, request.namespace_, request.repository, request.reference, request.platform));
  if (const auto* progress = std::get_if<IndexProgress>(&opened)) return StillReading(*progress);
  const auto& image = std::get<OpenImage>(opened);
  const auto& wasted = image.tree->wasted();
  const size_t end = std::min(wasted.size(), offset + PageLimit(request));
  WastedSpaceView view;
  view.wasted = image.tree->wasted_bytes();
  const auto total = static_cast<double>(image.tree->total_bytes());
  if (total > 0) view.efficiency = (total - static_cast<double>(view.wasted)) / total;
  for (size_t at = offset; at < end; ++at) {
    WastedFileView& item = view.items.emplace_back();
    item.path = image.tree->PathOf(wasted[at].node);
    item.wasted = wasted[at].bytes;
    item.copies = static_cast<int32_t>(wasted[at].layers.size());
    for (const uint32_t layer : wasted[at].layers) item.layers.push_back(image.digests[layer]);
  }
  view.next = NextOffset(end, wasted.size());
  return Answer(view);
}

Result<layers::Indexed<OpenImage>> OpenWantedLayer(const HubApi& api, RepositoryId repository,
                                                   const std::string& digest) {
  const auto parsed = Digest::Parse(digest);
  if (!parsed) return Fail(NotFoundHere(digest));
  auto opened = api.layers.OpenLayer(repository, parsed->text());
  if (!opened && opened.error().code == ErrorCode::kBlobUnknown) return Fail(NotFoundHere(digest));
  return opened;
}

// What the image has below the layer.
Result<layers::Indexed<OpenImage>> OpenBelow(const HubApi& api, const catalog::RepositoryInfo& info,
                                             const LayerFilesRequest& request) {
  TRY(const auto chosen, ChooseImage(api, info, request.image, request.platform));
  auto refs = LayersOf(chosen.manifest);
  const auto layer = std::ranges::find(refs, request.digest, &layers::LayerRef::digest);
  if (layer == refs.end()) return Fail(ErrorCode::kInvalidArgument, "does not have this layer", "image");
  refs.erase(layer, refs.end());
  return api.layers.OpenLayers(info.id, refs);
}

// Told against the layers below: what was there already is changed, or, as a folder that is only named, unchanged.
void TellAgainst(const FileTree& below, const FileTree& layer, NodeId id, FileEntryView& entry) {
  const Node& node = layer.At(id);
  if (node.type == FileType::kWhiteout) return;
  const auto before = below.Find(entry.path, false);
  if (!before || !below.At(*before).is_alive) {
    entry.change = layers::ToString(layers::Change::kAdded);
    return;
  }
  const auto* old_record = below.RecordOf(*before);
  const auto* record = layer.RecordOf(id);
  const bool same_folder = node.type == FileType::kDirectory && below.At(*before).type == FileType::kDirectory &&
                           node.children_count == 0 && record != nullptr && old_record != nullptr &&
                           record->mode == old_record->mode && record->uid == old_record->uid &&
                           record->gid == old_record->gid;
  entry.change = layers::ToString(same_folder ? layers::Change::kUnchanged : layers::Change::kChanged);
}

Result<http::Response> ListLayerFiles(const HubApi& api, const Call& call, const LayerFilesRequest& request) {
  TRY_VOID(ReadCursor(request.cursor, "cursor"));
  TRY(const auto info,
      RequireRepository(api, call, request.namespace_, request.repository, RepositoryAction::kPullImage));
  TRY(const auto opened, OpenWantedLayer(api, info.id, request.digest));
  if (const auto* progress = std::get_if<IndexProgress>(&opened)) return StillReading(*progress);
  const auto& image = std::get<OpenImage>(opened);
  layers::FileTreePtr below;
  if (!request.image.empty()) {
    TRY(const auto lower, OpenBelow(api, info, request));
    // A base layer that lies elsewhere must not hide the others: then all counts as added.
    const auto* progress = std::get_if<IndexProgress>(&lower);
    if (progress != nullptr && progress->state != IndexProgress::State::kFailed) return StillReading(*progress);
    if (progress == nullptr) below = std::get<OpenImage>(lower).tree;
  }
  TRY(const auto view,
      ListFolder(image, {request.path, request.cursor, request.limit}, [&](NodeId id, FileEntryView& entry) {
        if (below != nullptr) TellAgainst(*below, *image.tree, id, entry);
      }));
  return Answer(view);
}

Result<http::Response> GetLayerFile(const HubApi& api, const Call& call, const LayerFileRequest& request) {
  TRY(const auto info,
      RequireRepository(api, call, request.namespace_, request.repository, RepositoryAction::kPullImage));
  TRY(const auto opened, OpenWantedLayer(api, info.id, request.digest));
  if (const auto* progress = std::get_if<IndexProgress>(&opened)) return StillReading(*progress);
  TRY(const auto view, PreviewFile(api, std::get<OpenImage>(opened), request.path.value));
  return Answer(view);
}

}  // namespace

void AddLayerRoutes(OperationTable& table) {
  using http::Method;
  const OperationOptions anybody{.auth = Auth::kOptional};
  const std::string repository = "/api/berth/v1/repositories/{namespace}/{repository}";
  const std::string image = repository + "/images/{reference}";
  const std::string layer = repository + "/layers/{digest}";
  table.Add(Method::kGet, image + "/files", "ListImageFiles", &ListImageFiles, anybody);
  table.Add(Method::kGet, image + "/file", "GetImageFile", &GetImageFile, anybody);
  table.Add(Method::kGet, image + "/largest-files", "ListLargestFiles", &ListLargestFiles, anybody);
  table.Add(Method::kGet, image + "/wasted", "GetWastedSpace", &GetWastedSpace, anybody);
  table.Add(Method::kGet, layer + "/files", "ListLayerFiles", &ListLayerFiles, anybody);
  table.Add(Method::kGet, layer + "/file", "GetLayerFile", &GetLayerFile, anybody);
}

}  // namespace berth::api::hub
