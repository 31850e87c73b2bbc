// What an administrator may set about the registry; src/app fills it from the configuration.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>

#include "base/clock.h"

namespace berth::registry {

// What a manifest may refer to without it being in the repository. A subject may always be missing, and so may layers
// that are not to be distributed.
enum class MissingReferences {
  kRefuse,          // nothing else
  kAllowInIndexes,  // the manifests of an index (sparse indexes)
  kAllow,           // also configuration and layers of an image (sparse images)
};

struct Options {
  Duration gc_grace = std::chrono::hours(24);       // how long what lost its last reference stays
  Duration gc_interval = std::chrono::seconds(10);  // between passes of the collector
  bool gc_untagged = false;                         // also collect manifests that no tag, index or subject leads to
  Duration upload_expiry = std::chrono::hours(24);  // an upload without progress
  size_t max_open_uploads = 1024;                   // uploads kept ready in memory; more are refused while all are busy
  size_t max_manifest_bytes = 4 << 20;
  size_t cache_bytes = 32 << 20;  // embedded database only: other copies' changes would go unnoticed
  MissingReferences missing_references = MissingReferences::kAllowInIndexes;
  int64_t max_page = 1000;
  // Asked at each new repository: whether one is private that neither its maker nor its namespace says to be so. Empty:
  // it is public. Must not block.
  std::function<bool()> private_by_default;
  Duration counter_interval = std::chrono::seconds(5);  // between writes of pull counters
};

}  // namespace berth::registry
