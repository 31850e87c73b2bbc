// Image configurations: OCI image-spec "Image Configuration". Read from the blob store, parsed once, the latest kept in
// memory.
#pragma once

#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "registry/blob_service.h"
#include "registry/manifest.h"

namespace berth::catalog {

struct HistoryEntry {
  std::string instruction;  // created_by
  std::string comment;
  std::optional<Timestamp> created;
  bool empty_layer = false;
};

struct ImageConfig {
  std::optional<Timestamp> created;
  std::string author, user, working_dir, stop_signal;
  std::vector<std::string> entrypoint, cmd, env, exposed_ports, volumes;
  std::map<std::string, std::string> labels;
  std::vector<HistoryEntry> history;
};
using ImageConfigPtr = std::shared_ptr<const ImageConfig>;

// Members that are missing or of another type stay empty: whoever pushes may write anything there. kInvalidArgument: no
// JSON object.
Result<ImageConfig> ParseImageConfig(std::string_view text);

struct InstructionLayer {
  const registry::Descriptor* layer = nullptr;  // null: the instruction made no layer. Points into the manifest
  HistoryEntry history;
};
// The history beside the layers it made. Layers beyond the history have an empty instruction.
std::vector<InstructionLayer> PairLayers(const ImageConfig& config, const registry::ParsedManifest& manifest);

// Thread-safe.
class ImageConfigs {
 public:
  explicit ImageConfigs(registry::BlobService& blobs) : blobs_(blobs) {}

  // The configuration `digest` that `repository` (full name) holds. kBlobUnknown, kInvalidArgument.
  Result<ImageConfigPtr> Get(const std::string& repository, const Digest& digest);

 private:
  static constexpr size_t kMaxKept = 512;
  static constexpr uint64_t kMaxBytes = 1 << 20;

  ImageConfigPtr Kept(const std::string& key);
  void Keep(const std::string& key, ImageConfigPtr config);

  registry::BlobService& blobs_;
  std::mutex mutex_;
  std::list<std::pair<std::string, ImageConfigPtr>> latest_;  // the most recently used first
  std::unordered_map<std::string, std::list<std::pair<std::string, ImageConfigPtr>>::iterator> places_;
};

}  // namespace berth::catalog
