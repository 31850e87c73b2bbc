// The tar stream inside a layer: plain, gzip (RFC 1952, also of many members) or zstd (RFC 8878, also of many frames),
// told apart by their first bytes. Bounded by Limits. Notes places from which the stream can be read again later, so
// that one file of a large layer is read without unpacking all that lies before it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "layers/limits.h"
#include "layers/packed_source.h"

namespace berth::layers {

enum class Compression : uint8_t { kNone, kGzip, kZstd };

// A place to go on from. At a boundary of members or frames `window` is empty and nothing else is needed; inside a gzip
// member it holds what the decompressor had put out last, and `bits` of the byte before `packed` are still to be read.
struct Checkpoint {
  uint64_t unpacked = 0;
  uint64_t packed = 0;
  uint8_t bits = 0;
  bool inside = false;
  std::string window;
};

// Keeps at most 512 places, further apart when the stream is long.
class Checkpoints {
 public:
  explicit Checkpoints(uint64_t span) : span_(span), next_(span) {}
  bool IsDue(uint64_t unpacked) const { return unpacked >= next_; }
  void Add(Checkpoint checkpoint);
  std::vector<Checkpoint> Take() { return std::move(list_); }

 private:
  uint64_t span_;
  uint64_t next_;
  std::vector<Checkpoint> list_;
};

// Used by one thread. `source` must outlive it. kInvalidArgument: the stream is broken or a limit is passed, with a
// reason for people; other errors are the source's.
class UnpackedStream {
 public:
  static Result<std::unique_ptr<UnpackedStream>> Open(PackedSource& source, const Limits& limits);
  // From a place noted earlier, or from the beginning when `from` is null. The limits have been held then.
  static Result<std::unique_ptr<UnpackedStream>> Resume(PackedSource& source, const Limits& limits,
                                                        Compression compression, const Checkpoint* from);
  virtual ~UnpackedStream() = default;

  // The next bytes, "" at the end. Valid until the next call.
  Result<std::string_view> Next();
  // Reads on; what Next answers next begins at `offset`.
  Result<void> SkipTo(uint64_t offset);

  Compression compression() const { return compression_; }
  uint64_t unpacked() const { return unpacked_; }  // how far it has been unpacked; Next may hold some of it back
  uint64_t taken() const { return taken_; }        // how far the source has been read
  void set_checkpoints(Checkpoints* checkpoints) { checkpoints_ = checkpoints; }

 protected:
  UnpackedStream(PackedSource& source, const Limits& limits, Compression compression)
      : source_(source), limits_(limits), compression_(compression) {}

  virtual Result<std::string_view> Unpack() = 0;
  // More of the source, "" at its end.
  Result<std::string_view> Pull();

  PackedSource& source_;
  const Limits limits_;
  const Compression compression_;
  uint64_t unpacked_ = 0;
  uint64_t taken_ = 0;
  Checkpoints* checkpoints_ = nullptr;

 private:
  std::string input_;
  std::string_view held_back_;
  bool checked_ = true;

  Result<void> Check() const;
};

}  // namespace berth::layers
