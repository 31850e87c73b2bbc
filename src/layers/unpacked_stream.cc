#include "layers/unpacked_stream.h"

#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace berth::layers {
namespace {

constexpr size_t kInputBytes = 128 << 10;
constexpr size_t kOutputBytes = 256 << 10;
constexpr size_t kWindowBytes = 32 << 10;
constexpr size_t kGzipTrailer = 8;
constexpr std::string_view kGzipMagic = "\x1f\x8b";
constexpr std::string_view kZstdMagic = "\x28\xb5\x2f\xfd";

// Skippable frames (RFC 8878, section 3.1.2) begin with one of sixteen numbers.
bool IsZstd(std::string_view head) {
  if (head.starts_with(kZstdMagic)) return true;
  return head.size() >= 4 && (static_cast<unsigned char>(head[0]) & 0xf0) == 0x50 &&
         head.substr(1, 3) == "\x2a\x4d\x18";
}

std::unexpected<Error> Broken(std::string reason) { return Fail(ErrorCode::kInvalidArgument, std::move(reason)); }

class PlainStream final : public UnpackedStream {
 public:
  PlainStream(PackedSource& source, const Limits& limits) : UnpackedStream(source, limits, Compression::kNone) {}
  // Any place will do.
  void StartAt(uint64_t offset) { taken_ = unpacked_ = offset; }

 protected:
  Result<std::string_view> Unpack() override { return Pull(); }
};

class GzipStream final : public UnpackedStream {
 public:
  GzipStream(PackedSource& source, const Limits& limits)
      : UnpackedStream(source, limits, Compression::kGzip), output_(kOutputBytes, '\0') {}
  ~GzipStream() override {
    if (ready_) inflateEnd(&z_);
  }

  Result<void> Start(const Checkpoint* from) {
    raw_ = from != nullptr && from->inside;
    if (inflateInit2(&z_, raw_ ? -MAX_WBITS : MAX_WBITS + 16) != Z_OK) return Fail(ErrorCode::kInternal, "zlib");
    ready_ = true;
    if (from == nullptr) return {};
    taken_ = from->packed;
    unpacked_ = from->unpacked;
    if (!raw_) return {};
    if (from->bits != 0) {
      char byte = 0;
      TRY(const size_t n, source_.ReadAt(from->packed - 1, std::span(&byte, 1)));
      if (n != 1) return Broken("The layer is shorter than it was");
      inflatePrime(&z_, from->bits, static_cast<unsigned char>(byte) >> (8 - from->bits));
    }
    inflateSetDictionary(&z_, reinterpret_cast<const Bytef*>(from->window.data()),
                         static_cast<uInt>(from->window.size()));
    return {};
  }

 protected:
  Result<std::string_view> Unpack() override {
    z_.next_out = reinterpret_cast<Bytef*>(output_.data());
    z_.avail_out = static_cast<uInt>(output_.size());
    while (z_.avail_out > 0 && !ended_) {
      if (z_.avail_in == 0) TRY_VOID(Refill());
      if (between_) {
        TRY_VOID(BeginMember());
        continue;
      }
      TRY_VOID(InflateSome());
    }
    return std::string_view(output_.data(), output_.size() - z_.avail_out);
  }

 private:
  Result<void> Refill() {
    TRY(const std::string_view more, Pull());
    z_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(more.data()));
    z_.avail_in = static_cast<uInt>(more.size());
    if (!more.empty()) return {};
    if (!between_ || to_skip_ > 0) return Broken("The gzip stream ends too early");
    ended_ = true;
    return {};
  }

  // After a member: its trailer where zlib has not read it, then another member. Anything else is padding.
  Result<void> BeginMember() {
    if (ended_) return {};
    if (to_skip_ > 0) {
      const uInt skipped = std::min(to_skip_, z_.avail_in);
      z_.next_in += skipped;
      z_.avail_in -= skipped;
      to_skip_ -= skipped;
      return {};
    }
    if (*z_.next_in != static_cast<unsigned char>(kGzipMagic[0])) {
      ended_ = true;
      return {};
    }
    const uint64_t unpacked = unpacked_ + output_.size() - z_.avail_out;
    if (checkpoints_ != nullptr && checkpoints_->IsDue(unpacked)) {
      checkpoints_->Add({unpacked, taken_ - z_.avail_in, 0, false, {}});
    }
    inflateReset2(&z_, MAX_WBITS + 16);
    raw_ = false;
    between_ = false;
    return {};
  }

  Result<void> InflateSome() {
    const int done = inflate(&z_, checkpoints_ != nullptr ? Z_BLOCK : Z_NO_FLUSH);
    if (done == Z_STREAM_END) {
      between_ = true;
      to_skip_ = raw_ ? kGzipTrailer : 0;
      return {};
    }
    if (done == Z_BUF_ERROR) return {};  // wants more input or more room
    if (done != Z_OK) return Broken("The gzip stream is broken" + Detail());
    const bool at_block = (z_.data_type & 128) != 0 && (z_.data_type & 64) == 0;
    if (at_block && checkpoints_ != nullptr) NoteBlock();
    return {};
  }

  void NoteBlock() {
    const uint64_t unpacked = unpacked_ + output_.size() - z_.avail_out;
    if (!checkpoints_->IsDue(unpacked)) return;
    Checkpoint checkpoint{unpacked, taken_ - z_.avail_in, static_cast<uint8_t>(z_.data_type & 7), true, {}};
    uInt length = kWindowBytes;
    checkpoint.window.resize(length);
    inflateGetDictionary(&z_, reinterpret_cast<Bytef*>(checkpoint.window.data()), &length);
    checkpoint.window.resize(length);
    checkpoints_->Add(std::move(checkpoint));
  }

  std::string Detail() const { return z_.msg != nullptr ? std::string(": ") + z_.msg : std::string(); }

  z_stream z_{};
  bool ready_ = false;
  bool raw_ = false;      // inside a member, without zlib's knowing its header
  bool between_ = false;  // of two members
  bool ended_ = false;
  uInt to_skip_ = 0;
  std::string output_;
};

class ZstdStream final : public UnpackedStream {
 public:
  ZstdStream(PackedSource& source, const Limits& limits)
      : UnpackedStream(source, limits, Compression::kZstd), context_(ZSTD_createDCtx()), output_(kOutputBytes, '\0') {
    ZSTD_DCtx_setParameter(context_, ZSTD_d_windowLogMax, limits.zstd_window_log);
  }
  ~ZstdStream() override { ZSTD_freeDCtx(context_); }

  void Start(const Checkpoint* from) {
    if (from == nullptr) return;
    taken_ = from->packed;
    unpacked_ = from->unpacked;
  }

 protected:
  Result<std::string_view> Unpack() override {
    ZSTD_outBuffer out{output_.data(), output_.size(), 0};
    while (out.pos < out.size) {
      if (in_.pos == in_.size && !flushing_) {
        TRY(const std::string_view more, Pull());
        in_ = {more.data(), more.size(), 0};
        if (more.empty() && !at_frame_) return Broken("The zstd stream ends too early");
        if (more.empty()) break;
      }
      const uint64_t unpacked = unpacked_ + out.pos;
      if (at_frame_ && checkpoints_ != nullptr && checkpoints_->IsDue(unpacked)) {
        checkpoints_->Add({unpacked, taken_ - (in_.size - in_.pos), 0, false, {}});
      }
      const size_t left = ZSTD_decompressStream(context_, &out, &in_);
      if (ZSTD_isError(left)) return Broken(std::string("The zstd stream is broken: ") + ZSTD_getErrorName(left));
      at_frame_ = left == 0;
      flushing_ = out.pos == out.size && !at_frame_;  // more may be ready without more input
    }
    return std::string_view(output_.data(), out.pos);
  }

 private:
  ZSTD_DCtx* context_;
  ZSTD_inBuffer in_{nullptr, 0, 0};
  bool at_frame_ = true;
  bool flushing_ = false;
  std::string output_;
};

}  // namespace

Result<size_t> BlobSource::ReadAt(uint64_t offset, std::span<char> out) {
  while (true) {
    const ssize_t n = ::pread(file_->fd(), out.data(), out.size(), static_cast<off_t>(offset));
    if (n >= 0) return static_cast<size_t>(n);
    if (errno != EINTR) return Fail(ErrorCode::kUnavailable, "a layer can't be read from the disk");
  }
}

void Checkpoints::Add(Checkpoint checkpoint) {
  constexpr size_t kMost = 512;
  next_ = checkpoint.unpacked + span_;
  list_.push_back(std::move(checkpoint));
  if (list_.size() < kMost) return;
  for (size_t at = 0; at < kMost / 2; ++at) list_[at] = std::move(list_[at * 2 + 1]);
  list_.resize(kMost / 2);
  span_ *= 2;
}

Result<std::string_view> UnpackedStream::Pull() {
  input_.resize(kInputBytes);
  TRY(const size_t n, source_.ReadAt(taken_, std::span(input_.data(), input_.size())));
  taken_ += n;
  return std::string_view(input_.data(), n);
}

Result<void> UnpackedStream::Check() const {
  if (unpacked_ > limits_.max_unpacked_bytes) return Broken("The layer unpacks to too many bytes");
  if (compression_ != Compression::kNone && unpacked_ > limits_.free_bytes &&
      (unpacked_ - limits_.free_bytes) / limits_.max_ratio > taken_) {
    return Broken("The layer is compressed more than " + std::to_string(limits_.max_ratio) +
                  " times, as only traps are");
  }
  return {};
}

Result<std::string_view> UnpackedStream::Next() {
  if (!held_back_.empty()) return std::exchange(held_back_, std::string_view());
  TRY(const std::string_view bytes, Unpack());
  unpacked_ += bytes.size();
  if (checked_) TRY_VOID(Check());
  return bytes;
}

Result<void> UnpackedStream::SkipTo(uint64_t offset) {
  while (unpacked_ < offset) {
    TRY(const std::string_view bytes, Next());
    if (bytes.empty()) return Broken("The layer is shorter than it was");
    if (unpacked_ > offset) held_back_ = bytes.substr(bytes.size() - (unpacked_ - offset));
  }
  return {};
}

Result<std::unique_ptr<UnpackedStream>> UnpackedStream::Resume(PackedSource& source, const Limits& limits,
                                                               Compression compression, const Checkpoint* from) {
  std::unique_ptr<UnpackedStream> stream;
  if (compression == Compression::kGzip) {
    auto gzip = std::make_unique<GzipStream>(source, limits);
    TRY_VOID(gzip->Start(from));
    stream = std::move(gzip);
  } else if (compression == Compression::kZstd) {
    auto zstd = std::make_unique<ZstdStream>(source, limits);
    zstd->Start(from);
    stream = std::move(zstd);
  } else {
    auto plain = std::make_unique<PlainStream>(source, limits);
    if (from != nullptr) plain->StartAt(from->unpacked);
    stream = std::move(plain);
  }
  stream->checked_ = from == nullptr;
  return stream;
}

Result<std::unique_ptr<UnpackedStream>> UnpackedStream::Open(PackedSource& source, const Limits& limits) {
  char head[4] = {};
  size_t have = 0;
  while (have < sizeof head) {
    TRY(const size_t n, source.ReadAt(have, std::span(head + have, sizeof head - have)));
    if (n == 0) break;
    have += n;
  }
  const std::string_view magic(head, have);
  Compression compression = Compression::kNone;
  if (magic.starts_with(kGzipMagic)) compression = Compression::kGzip;
  if (IsZstd(magic)) compression = Compression::kZstd;
  return Resume(source, limits, compression, nullptr);
}

}  // namespace berth::layers
