// Looking inside stored layers: file systems, files, comparisons. Whoever calls has decided that the caller may pull
// from the repository.
//
// A layer is read by a job when somebody first asks for it; until then, and when it can't be read, the answer is an
// IndexProgress. Thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <semaphore>
#include <stop_token>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "base/result.h"
#include "blob/blob_store.h"
#include "jobs/queue.h"
#include "jobs/runner.h"
#include "layers/file_tree.h"
#include "layers/index_store.h"
#include "layers/layer_reader.h"
#include "layers/limits.h"
#include "layers/memory_cache.h"
#include "layers/tree_difference.h"
#include "sql/database.h"

namespace berth::layers {

struct LayerRef {
  std::string digest;
  std::string media_type;  // "" when nobody says
};

struct IndexProgress {
  enum class State { kWaiting, kRunning, kFailed };
  State state = State::kWaiting;
  int64_t layers_done = 0;
  int64_t layers_total = 0;
  int64_t bytes_done = 0;
  int64_t bytes_total = 0;
  std::string reason;   // why it failed
  int retry_after = 1;  // seconds
};

struct OpenImage {
  FileTreePtr tree;
  std::vector<std::string> digests;  // of tree->layers()
};

template <typename T>
using Indexed = std::variant<T, IndexProgress>;

struct FilePreview {
  int64_t size = 0;
  std::string layer;  // digest
  bool binary = false;
  bool truncated = false;
  std::string text;
  std::string media_type;
};

// Whether layers of this media type are tar archives, as far as the type tells.
bool IsFileSystemType(std::string_view media_type);

class LayerService {
 public:
  static constexpr std::string_view kJobKind = "layer-index";
  struct Options {
    Limits limits;
    size_t cache_bytes = 128 << 20;
    size_t preview_bytes = 256 << 10;
    int64_t max_attempts = 3;                          // at reading a layer, before it counts as failed
    Duration retry_failed = std::chrono::minutes(10);  // then asking for it tries again
    Duration lost_after = std::chrono::minutes(30);    // without a sign of its job, it is enqueued once more
  };
  LayerService(sql::Database& database, BlobStore& blobs, const Clock& clock, Options options)
      : database_(database), blobs_(blobs), clock_(clock), options_(options), cache_(options.cache_bytes) {}

  // The job of one layer: key is its digest. Register it with `Policy()`.
  static jobs::Policy Policy();
  Result<void> RunJob(const jobs::Job& job, const std::stop_token& stop);
  // Called after a job was enqueued, on any thread. Set before serving.
  void set_wake(std::function<void()> wake) { wake_ = std::move(wake); }

  // The file system of layers that the repository holds, from the bottom up. kBlobUnknown: a single layer that it does
  // not hold.
  Result<Indexed<OpenImage>> OpenLayers(RepositoryId repository, const std::vector<LayerRef>& layers);
  Result<Indexed<OpenImage>> OpenLayer(RepositoryId repository, const std::string& digest);
  Result<Indexed<std::shared_ptr<const TreeDifference>>> CompareLayers(RepositoryId repository,
                                                                       const std::vector<LayerRef>& base,
                                                                       const std::vector<LayerRef>& target);

  // The file at `node`, whose bytes are somewhere (FileTree::SourceOf). kTooManyRequests when too many are being read.
  Result<FilePreview> Preview(const OpenImage& image, NodeId node);

 private:
  using Rows = std::vector<IndexRow>;  // one for each layer, in the layers' order
  Result<Indexed<Rows>> Look(RepositoryId repository, const std::vector<LayerRef>& layers);
  Result<void> Enqueue(const Rows& rows);
  bool NeedsJob(const IndexRow& row) const;
  Result<Indexed<OpenImage>> Open(const Rows& rows, FileTree::Kind kind);
  Result<LayerIndexPtr> Load(const IndexRow& row);
  Result<void> ReadAndKeep(const IndexRow& row, const std::stop_token& stop);
  Result<void> Conclude(const IndexRow& row, const Error& error, const std::stop_token& stop);
  Result<std::unique_ptr<FileStream>> OpenFile(const OpenImage& image, NodeId node);

  sql::Database& database_;
  BlobStore& blobs_;
  const Clock& clock_;
  const Options options_;
  std::function<void()> wake_;
  MemoryCache cache_;
  std::counting_semaphore<> building_{2};  // trees at once
  std::counting_semaphore<> reading_{4};   // files at once
};

}  // namespace berth::layers
