// Reads a layer: all of it into an index, or one file by its place.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/function_ref.h"
#include "base/result.h"
#include "layers/layer_index.h"
#include "layers/limits.h"
#include "layers/packed_source.h"
#include "layers/tar_reader.h"

namespace berth::layers {

// The index of a whole layer. `progress` is told now and then how many bytes of the source have been read, and answers
// whether to go on. kInvalidArgument: refused for good, with a reason for people; kUnavailable: the disk, or stopped.
Result<LayerIndex> ReadLayer(PackedSource& source, const Limits& limits, FunctionRef<bool(uint64_t)> progress);

// The bytes of one regular file, in order, with its holes as zeros. Used by one thread; owns the source.
class FileStream {
 public:
  // `file` is a kFile record of `index`, which is of the layer in `source`.
  static Result<std::unique_ptr<FileStream>> Open(std::unique_ptr<PackedSource> source, const Limits& limits,
                                                  const LayerIndex& index, const FileRecord& file);
  // "" at the end; valid until the next call. 1 MiB at most.
  Result<std::string_view> Read();

 private:
  FileStream(std::unique_ptr<PackedSource> source, uint64_t size) : source_(std::move(source)), size_(size) {}

  std::unique_ptr<PackedSource> source_;
  std::unique_ptr<UnpackedStream> stream_;
  std::unique_ptr<TarReader> tar_;
  TarReader::Piece piece_;
  const uint64_t size_;
  uint64_t done_ = 0;
  bool at_end_ = false;  // of the pieces; holes may follow
  std::string zeros_;
};

}  // namespace berth::layers
