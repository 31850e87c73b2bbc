#include "layers/layer_index.h"

#include <zstd.h>

#include <algorithm>
#include <memory>

namespace berth::layers {
namespace {

constexpr int kLevel = 3;
// Names, records and windows at their limits, with room to spare; more is no index.
constexpr uint64_t kMostPlainBytes = 512 << 20;

class Output {
 public:
  void Number(uint64_t value) {
    for (; value >= 0x80; value >>= 7) bytes_ += static_cast<char>(value | 0x80);
    bytes_ += static_cast<char>(value);
  }
  // Small for small numbers of either sign.
  void Signed(int64_t value) {
    const auto bits = static_cast<uint64_t>(value);
    Number(value < 0 ? ~(bits << 1) : bits << 1);
  }
  void Text(std::string_view text) {
    Number(text.size());
    bytes_ += text;
  }
  void Raw(std::string_view bytes) { bytes_ += bytes; }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

// Reading past the end sets `bad` and answers zeros.
class Input {
 public:
  explicit Input(std::string_view bytes) : rest_(bytes) {}

  uint64_t Number() {
    uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (rest_.empty()) break;
      const auto byte = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      value |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if ((byte & 0x80) == 0) return value;
    }
    bad = true;
    return 0;
  }
  int64_t Signed() {
    const uint64_t bits = Number();
    return static_cast<int64_t>((bits & 1) != 0 ? ~(bits >> 1) : bits >> 1);
  }
  std::string_view Raw(uint64_t size) {
    if (size > rest_.size()) bad = true;
    if (bad) return {};
    const std::string_view out = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return out;
  }
  std::string_view Text() { return Raw(Number()); }
  // A number of things that take at least `each` bytes.
  size_t Count(size_t each) {
    const uint64_t count = Number();
    if (count > rest_.size() / each) bad = true;
    return bad ? 0 : count;
  }
  bool AtEnd() const { return rest_.empty() && !bad; }

  bool bad = false;

 private:
  std::string_view rest_;
};

void WriteFiles(const LayerIndex& index, Output& out) {
  out.Number(index.files.size());
  std::string_view last;
  uint64_t last_offset = 0;
  for (const FileRecord& file : index.files) {
    const std::string_view path = index.PathOf(file);
    const auto differs = std::mismatch(last.begin(), last.end(), path.begin(), path.end());
    const auto shared = static_cast<size_t>(differs.second - path.begin());
    out.Number(shared);
    out.Text(path.substr(shared));
    out.Text(index.LinkOf(file));
    out.Number(static_cast<uint64_t>(file.type));
    out.Number(file.offset - last_offset);
    out.Number(static_cast<uint64_t>(file.size));
    out.Signed(file.modified);
    out.Number(file.mode);
    out.Number(file.uid);
    out.Number(file.gid);
    if (file.type == FileType::kFile) out.Raw(std::string_view(file.hash.data(), file.hash.size()));
    last = path;
    last_offset = file.offset;
  }
}

void ReadFiles(Input& in, LayerIndex& index) {
  const size_t count = in.Count(9);
  index.files.reserve(count);
  uint64_t last_offset = 0;
  std::string path;
  for (size_t at = 0; at < count && !in.bad; ++at) {
    FileRecord file;
    const uint64_t shared = in.Number();
    const std::string_view rest = in.Text();
    const std::string_view link = in.Text();
    if (shared > path.size() || shared + rest.size() > UINT16_MAX || link.size() > UINT16_MAX) in.bad = true;
    const uint64_t type = in.Number();
    if (type > static_cast<uint64_t>(FileType::kOpaque)) in.bad = true;
    if (in.bad) return;
    path.resize(shared);
    path += rest;
    file.name_at = static_cast<uint32_t>(index.names.size());
    file.name_size = static_cast<uint16_t>(path.size());
    index.names += path;
    file.link_at = static_cast<uint32_t>(index.names.size());
    file.link_size = static_cast<uint16_t>(link.size());
    index.names += link;
    file.type = static_cast<FileType>(type);
    file.offset = last_offset += in.Number();
    file.size = static_cast<int64_t>(in.Number());
    file.modified = in.Signed();
    file.mode = static_cast<uint32_t>(in.Number());
    file.uid = static_cast<uint32_t>(in.Number());
    file.gid = static_cast<uint32_t>(in.Number());
    if (file.type == FileType::kFile) in.Raw(file.hash.size()).copy(file.hash.data(), file.hash.size());
    if (index.names.size() > UINT32_MAX - 2 * UINT16_MAX) in.bad = true;
    index.files.push_back(file);
  }
}

void WriteCheckpoints(const LayerIndex& index, Output& out) {
  out.Number(index.checkpoints.size());
  for (const Checkpoint& checkpoint : index.checkpoints) {
    out.Number(checkpoint.unpacked);
    out.Number(checkpoint.packed);
    out.Number(checkpoint.bits);
    out.Number(checkpoint.inside ? 1 : 0);
    out.Text(checkpoint.window);
  }
}

void ReadCheckpoints(Input& in, LayerIndex& index) {
  const size_t count = in.Count(5);
  for (size_t at = 0; at < count && !in.bad; ++at) {
    Checkpoint& checkpoint = index.checkpoints.emplace_back();
    checkpoint.unpacked = in.Number();
    checkpoint.packed = in.Number();
    checkpoint.bits = static_cast<uint8_t>(in.Number() & 7);
    checkpoint.inside = in.Number() != 0;
    checkpoint.window = in.Text();
  }
}

void WritePackages(const LayerIndex& index, Output& out) {
  out.Number(index.packages.size());
  for (const PackageRecord& package : index.packages) {
    out.Number(package.file);
    out.Number(static_cast<uint64_t>(package.ecosystem));
    out.Text(package.name);
    out.Text(package.version);
  }
}

void ReadPackages(Input& in, LayerIndex& index) {
  const size_t count = in.Count(4);
  for (size_t at = 0; at < count && !in.bad; ++at) {
    PackageRecord& package = index.packages.emplace_back();
    package.file = static_cast<uint32_t>(in.Number());
    const uint64_t ecosystem = in.Number();
    if (package.file >= index.files.size() || ecosystem > static_cast<uint64_t>(Ecosystem::kNpm)) in.bad = true;
    package.ecosystem = static_cast<Ecosystem>(ecosystem);
    package.name = in.Text();
    package.version = in.Text();
  }
}

Result<std::string> Decompress(std::string_view bytes) {
  const auto broken = [] { return Fail(ErrorCode::kInternal, "a layer's index is broken"); };
  const unsigned long long size = ZSTD_getFrameContentSize(bytes.data(), bytes.size());
  if (size > kMostPlainBytes) return broken();  // also when it is unknown
  std::string plain(size, '\0');
  if (ZSTD_decompress(plain.data(), plain.size(), bytes.data(), bytes.size()) != size) return broken();
  return plain;
}

}  // namespace

std::string_view ToString(FileType type) {
  switch (type) {
    case FileType::kFile:
      return "file";
    case FileType::kDirectory:
      return "directory";
    case FileType::kSymlink:
      return "symlink";
    case FileType::kHardlink:
      return "hardlink";
    case FileType::kDevice:
      return "device";
    case FileType::kFifo:
      return "fifo";
    case FileType::kWhiteout:
    case FileType::kOpaque:
      return "whiteout";
  }
  return "file";
}

std::string_view ToString(Ecosystem ecosystem) {
  switch (ecosystem) {
    case Ecosystem::kDeb:
      return "deb";
    case Ecosystem::kApk:
      return "apk";
    case Ecosystem::kPypi:
      return "pypi";
    case Ecosystem::kNpm:
      return "npm";
  }
  return "other";
}

const Checkpoint* LayerIndex::Before(uint64_t offset) const {
  const auto behind = std::ranges::upper_bound(checkpoints, offset, {}, &Checkpoint::unpacked);
  return behind == checkpoints.begin() ? nullptr : &*std::prev(behind);
}

size_t LayerIndex::MemoryBytes() const {
  size_t bytes = sizeof *this + files.capacity() * sizeof(FileRecord) + names.capacity();
  for (const Checkpoint& checkpoint : checkpoints) bytes += sizeof checkpoint + checkpoint.window.capacity();
  for (const PackageRecord& package : packages) {
    bytes += sizeof package + package.name.capacity() + package.version.capacity();
  }
  return bytes;
}

std::string LayerIndex::Encode() const {
  Output out;
  out.Number(kIndexVersion);
  out.Number(static_cast<uint64_t>(compression));
  out.Number(unpacked_bytes);
  WriteFiles(*this, out);
  WriteCheckpoints(*this, out);
  WritePackages(*this, out);
  std::string packed(ZSTD_compressBound(out.bytes().size()), '\0');
  const size_t size = ZSTD_compress(packed.data(), packed.size(), out.bytes().data(), out.bytes().size(), kLevel);
  packed.resize(ZSTD_isError(size) ? 0 : size);
  packed.shrink_to_fit();
  return packed;
}

Result<LayerIndex> LayerIndex::Decode(std::string_view bytes) {
  TRY(const std::string plain, Decompress(bytes));
  Input in(plain);
  LayerIndex index;
  if (in.Number() != kIndexVersion) in.bad = true;
  const uint64_t compression = in.Number();
  if (compression > static_cast<uint64_t>(Compression::kZstd)) in.bad = true;
  index.compression = static_cast<Compression>(compression);
  index.unpacked_bytes = in.Number();
  ReadFiles(in, index);
  ReadCheckpoints(in, index);
  ReadPackages(in, index);
  if (!in.AtEnd()) return Fail(ErrorCode::kInternal, "a layer's index is broken");
  index.names.shrink_to_fit();
  return index;
}

}  // namespace berth::layers
