#include "http_server/chunk_decoder.h"

#include <algorithm>
#include <cstring>

namespace berth::http_server {
namespace {

constexpr uint32_t kMaxIgnored = 16 << 10;

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

ChunkDecoder::Step ChunkDecoder::Decode(const char* in, size_t size, char* out) {
  Step step;
  while (step.consumed < size && !done() && !failed()) {
    if (state_ == State::kData) {
      const size_t take = static_cast<size_t>(std::min<uint64_t>(left_, size - step.consumed));
      std::memmove(out + step.produced, in + step.consumed, take);
      step.consumed += take;
      step.produced += take;
      left_ -= take;
      if (left_ == 0) state_ = State::kDataCr;
    } else {
      state_ = Next(in[step.consumed++]);
    }
  }
  return step;
}

ChunkDecoder::State ChunkDecoder::SizeDigit(char c) {
  const int digit = HexValue(c);
  if (digit < 0 || left_ >> 59 != 0) return State::kFailed;
  left_ = left_ << 4 | static_cast<uint64_t>(digit);
  return State::kSize;
}

ChunkDecoder::State ChunkDecoder::Ignored(char c, State stay, State at_cr) {
  if (c == '\r') return at_cr;
  const auto byte = static_cast<unsigned char>(c);
  if ((byte < 0x20 && c != '\t') || byte == 0x7f || ++ignored_ > kMaxIgnored) return State::kFailed;
  return stay;
}

ChunkDecoder::State ChunkDecoder::Next(char c) {
  switch (state_) {
    case State::kSizeFirst:
      left_ = 0;
      return SizeDigit(c);
    case State::kSize:
      if (c == '\r') return State::kSizeLf;
      // Leading zeros would let a size line grow without end; they count as ignored bytes.
      if (left_ == 0 && ++ignored_ > kMaxIgnored) return State::kFailed;
      if (c == ';' || c == ' ' || c == '\t') return Ignored(c, State::kExtension, State::kFailed);
      return SizeDigit(c);
    case State::kExtension:
      return Ignored(c, State::kExtension, State::kSizeLf);
    case State::kSizeLf:
      if (c != '\n') return State::kFailed;
      return left_ == 0 ? State::kTrailerFirst : State::kData;
    case State::kDataCr:
      return c == '\r' ? State::kDataLf : State::kFailed;
    case State::kDataLf:
      return c == '\n' ? State::kSizeFirst : State::kFailed;
    case State::kTrailerFirst:
      return Ignored(c, State::kTrailer, State::kEndLf);
    case State::kTrailer:
      return Ignored(c, State::kTrailer, State::kTrailerLf);
    case State::kTrailerLf:
      return c == '\n' ? State::kTrailerFirst : State::kFailed;
    case State::kEndLf:
      return c == '\n' ? State::kDone : State::kFailed;
    case State::kData:
    case State::kDone:
    case State::kFailed:
      break;
  }
  return State::kFailed;
}

}  // namespace berth::http_server
