#include "layers/layer_reader.h"

#include <algorithm>
#include <optional>

#include "base/encoding.h"
#include "crypto/digest.h"
#include "layers/names.h"
#include "layers/packages.h"

namespace berth::layers {
namespace {

constexpr std::string_view kWhiteout = ".wh.";
constexpr std::string_view kOpaque = ".wh..wh..opq";
constexpr std::string_view kMeta = ".wh..wh.";  // what AUFS keeps for itself: no part of the file system
constexpr uint64_t kProgressBytes = 8 << 20;
constexpr int64_t kLastSecond = 253'402'300'799;  // of the year 9999

std::unexpected<Error> Refuse(std::string reason) { return Fail(ErrorCode::kInvalidArgument, std::move(reason)); }

FileType TypeOf(EntryKind kind) {
  switch (kind) {
    case EntryKind::kFile:
      return FileType::kFile;
    case EntryKind::kDirectory:
      return FileType::kDirectory;
    case EntryKind::kSymlink:
      return FileType::kSymlink;
    case EntryKind::kHardlink:
      return FileType::kHardlink;
    case EntryKind::kDevice:
      return FileType::kDevice;
    case EntryKind::kFifo:
      return FileType::kFifo;
  }
  return FileType::kFile;
}

class Indexer {
 public:
  Indexer(UnpackedStream& stream, const Limits& limits, FunctionRef<bool(uint64_t)> progress)
      : stream_(stream), limits_(limits), progress_(progress), checkpoints_(limits.checkpoint_bytes) {}

  Result<LayerIndex> Run();

 private:
  Result<void> Add(const TarEntry& entry);
  Result<bool> Name(const TarEntry& entry, FileRecord& file);
  Result<void> Link(const TarEntry& entry, FileRecord& file);
  Result<void> ReadBytes(const TarEntry& entry, FileRecord& file);
  Result<void> Report();
  std::pair<uint32_t, uint16_t> Keep(std::string_view text);

  UnpackedStream& stream_;
  const Limits& limits_;
  FunctionRef<bool(uint64_t)> progress_;
  std::unique_ptr<TarReader> tar_;
  LayerIndex index_;
  Checkpoints checkpoints_;
  uint64_t entries_ = 0;
  uint64_t claimed_ = 0;
  uint64_t reported_ = 0;
};

Result<LayerIndex> Indexer::Run() {
  stream_.set_checkpoints(&checkpoints_);
  TRY(tar_, TarReader::Open(stream_));
  TarEntry entry;
  while (true) {
    TRY(const bool more, tar_->Next(entry));
    if (!more) break;
    TRY_VOID(Add(entry));
    TRY_VOID(Report());
  }
  index_.compression = stream_.compression();
  index_.unpacked_bytes = stream_.unpacked();
  index_.checkpoints = checkpoints_.Take();
  index_.files.shrink_to_fit();
  index_.names.shrink_to_fit();
  return std::move(index_);
}

Result<void> Indexer::Report() {
  if (stream_.unpacked() < reported_ + kProgressBytes) return {};
  reported_ = stream_.unpacked();
  if (progress_(stream_.taken())) return {};
  return Fail(ErrorCode::kUnavailable, "reading the layer was stopped");
}

std::pair<uint32_t, uint16_t> Indexer::Keep(std::string_view text) {
  const auto at = static_cast<uint32_t>(index_.names.size());
  index_.names += text;
  return {at, static_cast<uint16_t>(text.size())};
}

// False for what is no part of the file system.
Result<bool> Indexer::Name(const TarEntry& entry, FileRecord& file) {
  TRY(std::string path, CleanPath(entry.name, limits_));
  const std::string_view folder = ParentOf(path);
  const std::string_view name = BaseName(path);
  if (name == kOpaque) {
    file.type = FileType::kOpaque;
    path.resize(folder.size());
  } else if (name.starts_with(kMeta) || path.starts_with(kMeta) || folder.find("/.wh..wh.") != std::string_view::npos) {
    return false;
  } else if (name.starts_with(kWhiteout)) {
    const std::string target(name.substr(kWhiteout.size()));
    if (target.empty() || target == "." || target == "..") return Refuse("A whiteout names nothing: " + path);
    file.type = FileType::kWhiteout;
    path = folder.empty() ? target : std::string(folder) + "/" + target;
  }
  // A path may be longer than it was by its escapes.
  if (path.size() > UINT16_MAX) return Refuse("A name is too long: " + path.substr(0, 200));
  std::tie(file.name_at, file.name_size) = Keep(path);
  return true;
}

Result<void> Indexer::Link(const TarEntry& entry, FileRecord& file) {
  if (file.type == FileType::kHardlink) {
    TRY(const std::string target, CleanPath(entry.link, limits_));
    std::tie(file.link_at, file.link_size) = Keep(target);
  } else if (file.type == FileType::kSymlink) {
    if (entry.link.size() > limits_.max_path_bytes) return Refuse("The target of a symbolic link is too long");
    std::tie(file.link_at, file.link_size) = Keep(Printable(entry.link));
  }
  return {};
}

Result<void> Indexer::ReadBytes(const TarEntry& entry, FileRecord& file) {
  const std::string path(index_.PathOf(file));
  auto list = PackageListAt(path);
  if (static_cast<uint64_t>(entry.size) > limits_.max_package_file_bytes) list.reset();
  Hasher hasher(DigestAlgorithm::kSha256);
  std::string text;
  uint64_t expected = 0;
  while (true) {
    TRY(const TarReader::Piece piece, tar_->Read());
    if (piece.bytes.empty()) break;
    // A hole goes in by its length: its zeros may be many.
    if (piece.offset != expected) hasher.Update("hole:" + std::to_string(piece.offset - expected));
    expected = piece.offset + piece.bytes.size();
    hasher.Update(piece.bytes);
    if (list && text.size() < limits_.max_package_file_bytes) text += piece.bytes;
    TRY_VOID(Report());
  }
  const auto hash = HexDecode(hasher.Finish().hex().substr(0, 2 * file.hash.size()));
  if (hash) hash->copy(file.hash.data(), file.hash.size());
  if (list) {
    const auto at = static_cast<uint32_t>(index_.files.size());
    ReadPackageList(*list, text, at, limits_.max_packages, index_.packages);
  }
  return {};
}

Result<void> Indexer::Add(const TarEntry& entry) {
  if (++entries_ > limits_.max_entries) {
    return Refuse("The layer has more than " + std::to_string(limits_.max_entries) + " entries");
  }
  FileRecord file;
  file.type = TypeOf(entry.kind);
  TRY(const bool belongs, Name(entry, file));
  if (!belongs) return {};
  TRY_VOID(Link(entry, file));
  if (index_.names.size() > limits_.max_name_bytes) return Refuse("The names of the layer's files are too long");
  file.offset = entry.offset;
  file.mode = entry.mode;
  file.uid = entry.uid;
  file.gid = entry.gid;
  if (entry.modified >= 0 && entry.modified <= kLastSecond) file.modified = entry.modified;
  if (file.type == FileType::kFile) {
    file.size = entry.size;
    claimed_ += static_cast<uint64_t>(entry.size);
    if (claimed_ > limits_.max_unpacked_bytes) return Refuse("The files of the layer say that they are too large");
    TRY_VOID(ReadBytes(entry, file));
  }
  index_.files.push_back(file);
  return {};
}

}  // namespace

Result<LayerIndex> ReadLayer(PackedSource& source, const Limits& limits, FunctionRef<bool(uint64_t)> progress) {
  TRY(const auto stream, UnpackedStream::Open(source, limits));
  return Indexer(*stream, limits, progress).Run();
}

Result<std::unique_ptr<FileStream>> FileStream::Open(std::unique_ptr<PackedSource> source, const Limits& limits,
                                                     const LayerIndex& index, const FileRecord& file) {
  std::unique_ptr<FileStream> out(new FileStream(std::move(source), static_cast<uint64_t>(file.size)));
  TRY(out->stream_, UnpackedStream::Resume(*out->source_, limits, index.compression, index.Before(file.offset)));
  // What need not be unpacked is not even read.
  if (index.compression == Compression::kNone) {
    const Checkpoint start{file.offset, file.offset, 0, false, {}};
    TRY(out->stream_, UnpackedStream::Resume(*out->source_, limits, index.compression, &start));
  }
  TRY_VOID(out->stream_->SkipTo(file.offset));
  TRY(out->tar_, TarReader::Open(*out->stream_));
  TarEntry entry;
  TRY(const bool found, out->tar_->Next(entry));
  TRY(const std::string path, CleanPath(found ? entry.name : std::string_view(), limits));
  if (!found || path != index.PathOf(file)) return Fail(ErrorCode::kInternal, "a layer is not what its index says");
  return out;
}

Result<std::string_view> FileStream::Read() {
  constexpr uint64_t kMostBytes = 1 << 20;
  if (piece_.bytes.empty() && !at_end_) {
    TRY(piece_, tar_->Read());
    at_end_ = piece_.bytes.empty();
    if (at_end_) piece_.offset = size_;
  }
  if (done_ < piece_.offset) {
    zeros_.resize(std::min(kMostBytes, piece_.offset - done_));
    done_ += zeros_.size();
    return std::string_view(zeros_);
  }
  const std::string_view bytes = piece_.bytes.substr(0, kMostBytes);
  piece_.bytes.remove_prefix(bytes.size());
  piece_.offset += bytes.size();
  done_ += bytes.size();
  return bytes;
}

}  // namespace berth::layers
