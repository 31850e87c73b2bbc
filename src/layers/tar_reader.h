// The entries of a tar stream, by libarchive: ustar, pax, GNU and their sparse files. Nothing is ever written to a
// disk.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "layers/unpacked_stream.h"

struct archive;

namespace berth::layers {

enum class EntryKind { kFile, kDirectory, kSymlink, kHardlink, kDevice, kFifo };

// As the archive has it: names are any bytes. Views live until the next call of Next.
struct TarEntry {
  EntryKind kind = EntryKind::kFile;
  std::string_view name;
  std::string_view link;  // target of a symbolic or hard link
  int64_t size = 0;       // of the file, with its holes
  int64_t modified = 0;   // Unix seconds
  uint32_t mode = 0;      // permissions only
  uint32_t uid = 0;
  uint32_t gid = 0;
  uint64_t offset = 0;  // of the entry's first header, from where the reader began
};

// Used by one thread; `stream` must outlive it. kInvalidArgument: no tar archive, or a broken one; other errors are the
// stream's.
class TarReader {
 public:
  static Result<std::unique_ptr<TarReader>> Open(UnpackedStream& stream);
  ~TarReader();
  TarReader(const TarReader&) = delete;
  TarReader& operator=(const TarReader&) = delete;

  Result<bool> Next(TarEntry& entry);  // false: there are no more

  struct Piece {
    std::string_view bytes;
    uint64_t offset = 0;  // in the file; what lies before it and was not answered is a hole
  };
  // The next piece of the entry's bytes; empty bytes at the end.
  Result<Piece> Read();

 private:
  explicit TarReader(UnpackedStream& stream) : stream_(stream) {}
  static long Feed(struct archive* archive, void* self, const void** bytes);
  Result<std::string_view> Feed();
  Error Failure() const;

  UnpackedStream& stream_;
  struct archive* archive_ = nullptr;
  std::optional<Error> failure_;         // of the stream
  std::optional<uint64_t> header_ends_;  // while a header is read: how far it may go
};

}  // namespace berth::layers
