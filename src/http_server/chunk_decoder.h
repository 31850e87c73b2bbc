// Takes the chunked transfer coding off a request body (RFC 9112 §7.1), strictly: sizes are hex digits without
// overflow, lines end with CR LF, extensions and trailers are bounded and ignored.
#pragma once

#include <cstddef>
#include <cstdint>

namespace berth::http_server {

class ChunkDecoder {
 public:
  struct Step {
    size_t consumed = 0;  // of the input; less than given only when done() or failed()
    size_t produced = 0;  // payload bytes written
  };

  // Decodes `size` bytes at `in`. The payload goes to `out`, which may be `in` itself (it is never longer).
  Step Decode(const char* in, size_t size, char* out);
  bool done() const { return state_ == State::kDone; }
  bool failed() const { return state_ == State::kFailed; }

 private:
  enum class State {
    kSizeFirst,
    kSize,
    kExtension,
    kSizeLf,
    kData,
    kDataCr,
    kDataLf,
    kTrailerFirst,
    kTrailer,
    kTrailerLf,
    kEndLf,
    kDone,
    kFailed,
  };
  State Next(char c);
  State SizeDigit(char c);
  State Ignored(char c, State stay, State at_cr);

  State state_ = State::kSizeFirst;
  uint64_t left_ = 0;     // of the chunk at hand
  uint32_t ignored_ = 0;  // bytes of extensions and trailers so far
};

}  // namespace berth::http_server
