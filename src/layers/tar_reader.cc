#include "layers/tar_reader.h"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <cerrno>
#include <limits>

namespace berth::layers {
namespace {

constexpr uint64_t kMostHeaderBytes = 4 << 20;

std::string_view ViewOf(const char* text) { return text != nullptr ? std::string_view(text) : std::string_view(); }

uint32_t Narrow(int64_t number) {
  return static_cast<uint32_t>(std::clamp<int64_t>(number, 0, std::numeric_limits<uint32_t>::max()));
}

EntryKind KindOf(archive_entry* entry) {
  if (archive_entry_hardlink(entry) != nullptr) return EntryKind::kHardlink;
  switch (archive_entry_filetype(entry)) {
    case AE_IFDIR:
      return EntryKind::kDirectory;
    case AE_IFLNK:
      return EntryKind::kSymlink;
    case AE_IFCHR:
    case AE_IFBLK:
      return EntryKind::kDevice;
    case AE_IFIFO:
    case AE_IFSOCK:
      return EntryKind::kFifo;
    default:
      return EntryKind::kFile;
  }
}

}  // namespace

long TarReader::Feed(struct archive* archive, void* self, const void** bytes) {
  auto* reader = static_cast<TarReader*>(self);
  auto next = reader->Feed();
  if (!next) {
    reader->failure_ = next.error();
    archive_set_error(archive, EIO, "%s", next.error().message.c_str());
    return -1;
  }
  *bytes = next->data();
  return static_cast<long>(next->size());
}

Result<std::string_view> TarReader::Feed() {
  if (header_ends_ && stream_.unpacked() > *header_ends_) {
    return Fail(ErrorCode::kInvalidArgument, "The layer has an entry whose header is too long");
  }
  return stream_.Next();
}

Error TarReader::Failure() const {
  if (failure_) return *failure_;
  const std::string_view reason = ViewOf(archive_error_string(archive_));
  return Error(ErrorCode::kInvalidArgument,
               "The layer is no tar archive, or a broken one" + (reason.empty() ? "" : ": " + std::string(reason)));
}

Result<std::unique_ptr<TarReader>> TarReader::Open(UnpackedStream& stream) {
  std::unique_ptr<TarReader> reader(new TarReader(stream));
  reader->archive_ = archive_read_new();
  if (reader->archive_ == nullptr) return Fail(ErrorCode::kInternal, "libarchive has no memory");
  archive_read_support_format_tar(reader->archive_);
  archive_read_support_format_empty(reader->archive_);
  const auto feed = [](struct archive* a, void* self, const void** bytes) -> la_ssize_t {
    return Feed(a, self, bytes);
  };
  if (archive_read_open(reader->archive_, reader.get(), nullptr, feed, nullptr) < ARCHIVE_WARN) {
    return Fail(reader->Failure());
  }
  return reader;
}

TarReader::~TarReader() {
  if (archive_ != nullptr) archive_read_free(archive_);
}

Result<bool> TarReader::Next(TarEntry& entry) {
  archive_entry* found = nullptr;
  // libarchive keeps a header whole in memory, also a list of a million holes.
  const bool began = header_ends_.has_value();
  if (began && archive_read_data_skip(archive_) < ARCHIVE_WARN) return Fail(Failure());
  header_ends_ = stream_.unpacked() + kMostHeaderBytes;
  const int done = archive_read_next_header(archive_, &found);
  header_ends_ = std::numeric_limits<uint64_t>::max();
  if (done == ARCHIVE_EOF) {
    // libarchive takes an error of the stream for the archive's end where the end mark is missing.
    if (failure_) return Fail(*failure_);
    return false;
  }
  // A warning says that a name is no text in this process's character set: it is bytes here.
  if (done < ARCHIVE_WARN) return Fail(Failure());
  const char* name = archive_entry_pathname(found);
  if (name == nullptr) return Fail(ErrorCode::kInvalidArgument, "The layer has an entry without a name");
  entry.kind = KindOf(found);
  entry.name = name;
  entry.link =
      ViewOf(entry.kind == EntryKind::kHardlink ? archive_entry_hardlink(found) : archive_entry_symlink(found));
  entry.size = entry.kind == EntryKind::kFile ? std::max<int64_t>(archive_entry_size(found), 0) : 0;
  entry.modified = archive_entry_mtime(found);
  entry.mode = static_cast<uint32_t>(archive_entry_perm(found)) & 07777;
  entry.uid = Narrow(archive_entry_uid(found));
  entry.gid = Narrow(archive_entry_gid(found));
  entry.offset = static_cast<uint64_t>(archive_read_header_position(archive_));
  return true;
}

Result<TarReader::Piece> TarReader::Read() {
  const void* bytes = nullptr;
  size_t size = 0;
  la_int64_t offset = 0;
  while (true) {
    const int done = archive_read_data_block(archive_, &bytes, &size, &offset);
    if (done == ARCHIVE_EOF) return Piece{{}, static_cast<uint64_t>(offset)};
    if (done < ARCHIVE_WARN) return Fail(Failure());
    if (size > 0) return Piece{std::string_view(static_cast<const char*>(bytes), size), static_cast<uint64_t>(offset)};
  }
}

}  // namespace berth::layers
