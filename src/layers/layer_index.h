// What is in one layer: its entries in the archive's order, where each lies, and what the package lists among them
// name. Made once a layer, kept as bytes in the database, shared by all images that use the layer.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "layers/unpacked_stream.h"

namespace berth::layers {

// Of the bytes that Encode makes, and of what the reader finds; an index of another version is made anew.
inline constexpr int64_t kIndexVersion = 1;

enum class FileType : uint8_t {
  kFile,
  kDirectory,
  kSymlink,
  kHardlink,
  kDevice,
  kFifo,
  kWhiteout,  // of the path: OCI image-spec "Whiteouts"
  kOpaque,    // of all that lower layers have in the path
};
std::string_view ToString(FileType type);  // as the API calls it

inline constexpr int64_t kNoTime = std::numeric_limits<int64_t>::min();

struct FileRecord {
  uint64_t offset = 0;  // of the entry in the unpacked stream
  int64_t size = 0;
  int64_t modified = kNoTime;   // Unix seconds
  std::array<char, 16> hash{};  // of a file's bytes: the first half of their SHA-256
  uint32_t name_at = 0;         // in LayerIndex::names
  uint32_t link_at = 0;
  uint16_t name_size = 0;
  uint16_t link_size = 0;
  uint32_t mode = 0;
  uint32_t uid = 0;
  uint32_t gid = 0;
  FileType type = FileType::kFile;
};

enum class Ecosystem : uint8_t { kDeb, kApk, kPypi, kNpm };
std::string_view ToString(Ecosystem ecosystem);

struct PackageRecord {
  uint32_t file = 0;  // the record whose bytes name it
  Ecosystem ecosystem = Ecosystem::kDeb;
  std::string name;
  std::string version;
};

// Read-only once made, then shared by threads.
struct LayerIndex {
  Compression compression = Compression::kNone;
  uint64_t unpacked_bytes = 0;
  std::vector<FileRecord> files;
  std::string names;  // paths (clean and printable) and link targets
  std::vector<Checkpoint> checkpoints;
  std::vector<PackageRecord> packages;

  std::string_view PathOf(const FileRecord& file) const {
    return std::string_view(names).substr(file.name_at, file.name_size);
  }
  std::string_view LinkOf(const FileRecord& file) const {
    return std::string_view(names).substr(file.link_at, file.link_size);
  }
  // The last place to read from that is not behind `offset`; null: the beginning.
  const Checkpoint* Before(uint64_t offset) const;
  size_t MemoryBytes() const;

  // Compressed. Decode: kInternal when they are not what Encode makes.
  std::string Encode() const;
  static Result<LayerIndex> Decode(std::string_view bytes);
};
using LayerIndexPtr = std::shared_ptr<const LayerIndex>;

}  // namespace berth::layers
