#include "layers/layer_service.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/log.h"
#include "layers/file_text.h"
#include "layers/names.h"

namespace berth::layers {
namespace {

using std::chrono::seconds;

constexpr size_t kMostLayers = 1000;
constexpr Duration kProgressInterval = seconds(2);
constexpr seconds kWaitForSlot{10};

class Slot {
 public:
  explicit Slot(std::counting_semaphore<>& slots) : slots_(slots), taken_(slots.try_acquire_for(kWaitForSlot)) {}
  ~Slot() {
    if (taken_) slots_.release();
  }
  Slot(const Slot&) = delete;
  Slot& operator=(const Slot&) = delete;
  Result<void> Check() const {
    if (taken_) return {};
    return Fail(
        Error(ErrorCode::kTooManyRequests, "Too many layers are being read; try again soon.").WithRetryAfter(5));
  }

 private:
  std::counting_semaphore<>& slots_;
  const bool taken_;
};

IndexProgress Failed(std::string reason, size_t layers) {
  IndexProgress progress;
  progress.state = IndexProgress::State::kFailed;
  progress.reason = std::move(reason);
  progress.layers_total = static_cast<int64_t>(layers);
  return progress;
}

// What one row adds to the whole.
void Count(const IndexRow& row, IndexProgress& progress) {
  using State = IndexProgress::State;
  progress.bytes_total += row.size;
  switch (row.state) {
    case IndexState::kReady:
      ++progress.layers_done;
      progress.bytes_done += row.size;
      if (progress.state == State::kWaiting) progress.state = State::kRunning;
      break;
    case IndexState::kRunning:
      progress.bytes_done += std::min(row.bytes_done, row.size);
      if (progress.state == State::kWaiting) progress.state = State::kRunning;
      break;
    case IndexState::kRefused:
    case IndexState::kFailed:
      if (progress.state == State::kFailed) break;
      progress.state = State::kFailed;
      progress.reason = "Layer " + row.digest + " can't be read. " + row.reason;
      break;
    case IndexState::kAbsent:
    case IndexState::kWaiting:
      break;
  }
}

// The same layer may be in an image more than once.
IndexProgress Summarize(const std::vector<IndexRow>& rows) {
  IndexProgress progress;
  std::set<std::string_view> seen;
  for (const IndexRow& row : rows) {
    if (seen.insert(row.digest).second) Count(row, progress);
  }
  progress.layers_total = static_cast<int64_t>(seen.size());
  progress.retry_after = progress.bytes_total - progress.bytes_done > (256 << 20) ? 3 : 1;
  return progress;
}

std::string KeyOf(const std::vector<IndexRow>& rows, FileTree::Kind kind) {
  std::string key = kind == FileTree::Kind::kMerged ? "merged" : "single";
  for (const IndexRow& row : rows) key += " " + row.digest;
  return key;
}

}  // namespace

// OCI image-spec "Image Layer Filesystem Changeset" and Docker's names for it; also archives of other artifacts.
bool IsFileSystemType(std::string_view media_type) {
  if (media_type.empty()) return true;
  const auto ends = {".tar", ".tar+gzip", ".tar+zstd", ".tar.gzip", ".tar.gz", ".tar.zstd"};
  return std::ranges::any_of(ends, [&](std::string_view end) { return media_type.ends_with(end); });
}

jobs::Policy LayerService::Policy() {
  jobs::Policy policy;
  policy.max_attempts = 5;  // ReadAndKeep ends it after fewer, with a reason
  policy.first_pause = seconds(2);
  policy.max_pause = seconds(30);
  return policy;
}

bool LayerService::NeedsJob(const IndexRow& row) const {
  const Duration age = clock_.Now() - row.updated;
  switch (row.state) {
    case IndexState::kAbsent:
      return true;
    case IndexState::kReady:
    case IndexState::kRefused:
      return row.version != kIndexVersion;
    case IndexState::kFailed:
      return age > options_.retry_failed;
    case IndexState::kWaiting:
    case IndexState::kRunning:
      return age > options_.lost_after;
  }
  return false;
}

Result<void> LayerService::Enqueue(const Rows& rows) {
  TRY_VOID(database_.Write([&](sql::Transaction& tx) -> Result<void> {
    const Timestamp now = clock_.Now();
    for (const IndexRow& row : rows) {
      TRY_VOID(index_store::Request(tx, row.blob, now));
      jobs::NewJob job;
      job.kind = kJobKind;
      job.key = row.digest;
      TRY_VOID(jobs::Enqueue(tx, job, now));
    }
    return {};
  }));
  if (wake_) wake_();
  return {};
}

// The rows, once all of them are ready.
Result<Indexed<LayerService::Rows>> LayerService::Look(RepositoryId repository, const std::vector<LayerRef>& layers) {
  if (layers.size() > kMostLayers) return Failed("The image has too many layers.", layers.size());
  for (const LayerRef& layer : layers) {
    if (IsFileSystemType(layer.media_type)) continue;
    return Failed("Layer " + layer.digest + " is " + Printable(layer.media_type) + ", which is no file system.",
                  layers.size());
  }
  std::set<std::string> wanted;
  for (const LayerRef& layer : layers) wanted.insert(layer.digest);
  TRY(auto found, database_.Read([&](sql::Connection& c) {
    return index_store::FindHeld(c, repository, {wanted.begin(), wanted.end()});
  }));
  std::map<std::string_view, IndexRow*> by_digest;
  Rows lacking;
  for (IndexRow& row : found) {
    by_digest[row.digest] = &row;
    if (!NeedsJob(row)) continue;
    lacking.push_back(row);
    row.state = IndexState::kWaiting;
  }
  for (const std::string& digest : wanted) {
    if (by_digest.contains(digest)) continue;
    return Failed("Layer " + digest + " is not stored here: it is fetched from somewhere else, or was never pushed.",
                  layers.size());
  }
  if (!lacking.empty()) TRY_VOID(Enqueue(lacking));
  Rows rows;
  for (const LayerRef& layer : layers) rows.push_back(*by_digest[layer.digest]);
  auto progress = Summarize(rows);
  if (progress.layers_done < progress.layers_total) return progress;
  return rows;
}

Result<LayerIndexPtr> LayerService::Load(const IndexRow& row) {
  const std::string key = "index " + row.digest;
  if (auto kept = cache_.Find<LayerIndex>(key)) return kept;
  TRY(const auto contents, database_.Read([&](sql::Connection& c) { return index_store::ReadContents(c, row.blob); }));
  if (!contents) return Fail(ErrorCode::kConflict, "the layer is being read again");
  auto index = LayerIndex::Decode(*contents);
  if (!index) {
    log::Error("layers", "an index can't be decoded, the layer is read again", {{"digest", row.digest}});
    TRY_VOID(Enqueue({row}));
    return Fail(ErrorCode::kConflict, "the layer is being read again");
  }
  auto shared = std::make_shared<const LayerIndex>(*std::move(index));
  cache_.Keep(key, shared, shared->MemoryBytes());
  return LayerIndexPtr(shared);
}

Result<Indexed<OpenImage>> LayerService::Open(const Rows& rows, FileTree::Kind kind) {
  OpenImage image;
  for (const IndexRow& row : rows) image.digests.push_back(row.digest);
  const std::string key = KeyOf(rows, kind);
  image.tree = cache_.Find<FileTree>(key);
  if (image.tree != nullptr) return image;
  const Slot slot(building_);
  TRY_VOID(slot.Check());
  std::vector<LayerIndexPtr> layers;
  for (const IndexRow& row : rows) {
    auto layer = Load(row);
    if (!layer && layer.error().code == ErrorCode::kConflict) {
      IndexProgress again = Summarize(rows);
      again.layers_done = 0;
      again.bytes_done = 0;
      return again;
    }
    if (!layer) return Fail(std::move(layer).error());
    layers.push_back(*std::move(layer));
  }
  auto tree = FileTree::Make(std::move(layers), kind);
  if (!tree) return Failed(tree.error().message + ".", rows.size());
  image.tree = *std::move(tree);
  cache_.Keep(key, image.tree, image.tree->MemoryBytes());
  return image;
}

Result<Indexed<OpenImage>> LayerService::OpenLayers(RepositoryId repository, const std::vector<LayerRef>& layers) {
  TRY(auto looked, Look(repository, layers));
  if (auto* progress = std::get_if<IndexProgress>(&looked)) return std::move(*progress);
  return Open(std::get<Rows>(looked), FileTree::Kind::kMerged);
}

Result<Indexed<OpenImage>> LayerService::OpenLayer(RepositoryId repository, const std::string& digest) {
  TRY(const bool known, database_.Read([&](sql::Connection& c) -> Result<bool> {
    TRY(const auto held, index_store::FindHeld(c, repository, {digest}));
    if (!held.empty()) return true;
    TRY(const auto absent, index_store::FindAbsent(c, repository, {digest}));
    return !absent.empty();
  }));
  if (!known) return Fail(Error(ErrorCode::kBlobUnknown, "blob unknown to registry").WithDetail(digest));
  TRY(auto looked, Look(repository, {{digest, ""}}));
  if (auto* progress = std::get_if<IndexProgress>(&looked)) return std::move(*progress);
  return Open(std::get<Rows>(looked), FileTree::Kind::kSingleLayer);
}

Result<Indexed<std::shared_ptr<const TreeDifference>>> LayerService::CompareLayers(
    RepositoryId repository, const std::vector<LayerRef>& base, const std::vector<LayerRef>& target) {
  TRY(auto base_image, OpenLayers(repository, base));
  TRY(auto target_image, OpenLayers(repository, target));
  auto* waiting = std::get_if<IndexProgress>(&base_image);
  auto* also = std::get_if<IndexProgress>(&target_image);
  // Of both: where one is ready, the other's is the whole of what is to be done.
  if (waiting != nullptr && also != nullptr && waiting->state != IndexProgress::State::kFailed) {
    if (also->state == IndexProgress::State::kFailed) return std::move(*also);
    waiting->layers_done += also->layers_done;
    waiting->layers_total += also->layers_total;
    waiting->bytes_done += also->bytes_done;
    waiting->bytes_total += also->bytes_total;
    waiting->retry_after = std::max(waiting->retry_after, also->retry_after);
  }
  if (waiting != nullptr) return std::move(*waiting);
  if (also != nullptr) return std::move(*also);
  const auto& from = std::get<OpenImage>(base_image);
  const auto& to = std::get<OpenImage>(target_image);
  std::string key = "compare";
  for (const auto& digest : from.digests) key += " " + digest;
  key += " with";
  for (const auto& digest : to.digests) key += " " + digest;
  if (auto kept = cache_.Find<TreeDifference>(key)) return kept;
  const Slot slot(building_);
  TRY_VOID(slot.Check());
  auto difference = std::make_shared<const TreeDifference>(Compare(from.tree, to.tree));
  cache_.Keep(key, difference, difference->MemoryBytes());
  return difference;
}

Result<std::unique_ptr<FileStream>> LayerService::OpenFile(const OpenImage& image, NodeId node) {
  const RecordPlace place = image.tree->At(node).source;
  const FileRecord* file = image.tree->SourceOf(node);
  if (file == nullptr) return Fail(ErrorCode::kInvalidArgument, "is no file", "path");
  TRY(const Digest digest, Digest::Parse(image.digests[place.layer]));
  TRY(auto blob, blobs_.Open(digest));
  return FileStream::Open(std::make_unique<BlobSource>(std::move(blob)), options_.limits,
                          *image.tree->layers()[place.layer], *file);
}

Result<FilePreview> LayerService::Preview(const OpenImage& image, NodeId node) {
  const RecordPlace place = image.tree->At(node).source;
  if (!place) return Fail(ErrorCode::kInvalidArgument, "is no file", "path");
  const std::string key = "preview " + image.digests[place.layer] + " " + std::to_string(place.record);
  if (const auto kept = cache_.Find<FilePreview>(key)) return *kept;
  const Slot slot(reading_);
  TRY_VOID(slot.Check());
  TRY(const auto file, OpenFile(image, node));
  FilePreview preview;
  preview.size = image.tree->SizeOf(node);
  preview.layer = image.digests[place.layer];
  std::string head;
  while (head.size() < options_.preview_bytes) {
    TRY(const std::string_view bytes, file->Read());
    if (bytes.empty()) break;
    head += bytes.substr(0, options_.preview_bytes - head.size());
  }
  preview.truncated = static_cast<int64_t>(head.size()) < preview.size;
  preview.binary = !IsText(head, preview.truncated);
  preview.media_type = GuessMediaType(image.tree->PathOf(node), head, !preview.binary);
  if (!preview.binary) preview.text = preview.truncated ? WholeCharacters(head) : head;
  cache_.Keep(key, std::make_shared<const FilePreview>(preview), sizeof preview + preview.text.size());
  return preview;
}

Result<void> LayerService::RunJob(const jobs::Job& job, const std::stop_token& stop) {
  TRY(const auto row, database_.Read([&](sql::Connection& c) { return index_store::Find(c, job.key); }));
  // Gone, or done by a copy of this job.
  if (!row || (row->state != IndexState::kWaiting && row->state != IndexState::kRunning)) return {};
  if (row->attempts >= options_.max_attempts) {
    return database_.Write([&](sql::Transaction& tx) {
      return index_store::Refuse(tx, row->blob, IndexState::kFailed, "Reading it was broken off several times.",
                                 clock_.Now());
    });
  }
  TRY(const bool begun, database_.Write([&](sql::Transaction& tx) {
    return index_store::Begin(tx, row->blob, kIndexVersion, clock_.Now());
  }));
  return begun ? ReadAndKeep(*row, stop) : Result<void>();
}

Result<void> LayerService::ReadAndKeep(const IndexRow& row, const std::stop_token& stop) {
  TRY(const Digest digest, Digest::Parse(row.digest));
  auto file = blobs_.Open(digest);
  if (!file) return Conclude(row, file.error(), stop);
  BlobSource source(*std::move(file));
  Timestamp told = clock_.Now();
  const auto index = ReadLayer(source, options_.limits, [&](uint64_t bytes_done) {
    const Timestamp now = clock_.Now();
    if (now - told >= kProgressInterval) {
      told = now;
      // Only for people to watch; the next one may succeed.
      (void)database_.Write(
          [&](sql::Transaction& tx) {
            return index_store::SetProgress(tx, row.blob, static_cast<int64_t>(bytes_done), now);
          },
          sql::Durability::kProcessEnd);
    }
    return !stop.stop_requested();
  });
  if (!index) return Conclude(row, index.error(), stop);
  const std::string contents = index->Encode();
  cache_.Forget("index " + row.digest);
  return database_.Write(
      [&](sql::Transaction& tx) { return index_store::Finish(tx, row.blob, contents, clock_.Now()); });
}

// An attempt that did not end well: refused for good, failed after the last one, or to be tried again.
Result<void> LayerService::Conclude(const IndexRow& row, const Error& error, const std::stop_token& stop) {
  const bool is_refused = error.code == ErrorCode::kInvalidArgument;
  const bool is_last = row.attempts + 1 >= options_.max_attempts;
  const bool is_stopped = !is_refused && stop.stop_requested();
  if (is_stopped || (!is_refused && !is_last)) {
    if (is_stopped) {
      TRY_VOID(
          database_.Write([&](sql::Transaction& tx) { return index_store::GiveBack(tx, row.blob, clock_.Now()); }));
    }
    return Fail(error);
  }
  log::Warn("layers", is_refused ? "a layer is refused" : "a layer can't be read",
            {{"digest", row.digest}, {"reason", error.message}});
  const std::string reason = is_refused ? error.message + "." : "Its bytes can't be read at the moment.";
  return database_.Write([&](sql::Transaction& tx) {
    return index_store::Refuse(tx, row.blob, is_refused ? IndexState::kRefused : IndexState::kFailed, reason,
                               clock_.Now());
  });
}

}  // namespace berth::layers
