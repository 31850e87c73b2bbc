// Counts what storage_report.h tells. Run as a job: walks all blobs once in order, in short reads, then counts the tags
// of those repositories anew in which something changed, and writes the rows that differ. Between two rounds the
// figures stand still.
//
// Memory: some hundred bytes a repository, and all edges of one repository at a time. Thread-safe, but one Run at a
// time.
#pragma once

#include <cstdint>
#include <map>
#include <stop_token>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "base/result.h"
#include "sql/database.h"

namespace berth::catalog {

class StorageSurvey {
 public:
  StorageSurvey(sql::Database& database, const Clock& clock) : database_(database), clock_(clock) {}

  // kUnavailable when stop was requested; what was written stays true.
  Result<void> Run(const std::stop_token& stop);

 private:
  sql::Database& database_;
  const Clock& clock_;
};

// The bytes of one repository's tags. Exposed for its test.
struct TagGraph {
  struct Blob {
    int64_t id = 0;
    int64_t size = 0;
    bool shared = false;  // with another repository
  };
  struct Manifest {
    int64_t size = 0;
    std::vector<int64_t> children;  // manifest ids
    std::vector<int64_t> blobs;
  };
  struct Tag {
    std::string name;
    int64_t manifest = 0;
    Timestamp updated_at;
  };
  std::unordered_map<int64_t, Manifest> manifests;
  std::unordered_map<int64_t, Blob> blobs;
  std::vector<Tag> tags;
};
struct TagBytes {
  int64_t own = 0;
  int64_t shared = 0;
  int64_t manifests = 0;
};
// In the order of graph.tags. A blob or manifest is a tag's own when no other tag, no untagged manifest and no other
// repository leads to it.
std::vector<TagBytes> CountTags(const TagGraph& graph);

}  // namespace berth::catalog
