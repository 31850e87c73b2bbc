// Request bodies: Content-Length and chunked.
#include <algorithm>

#include "http_server/connection.h"

namespace berth::http_server {
namespace {

constexpr size_t kFirstBodyBytes = 16 << 10;
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

}  // namespace

void Connection::BeginBody() {
  Exchange& ex = *exchange_;
  ex.body_done = !ex.head.HasBody();
  ex.body_left = ex.head.content_length;
  ex.continue_due = ex.head.expect_continue;
}

Task<bool> Connection::SendContinue() {
  Exchange& ex = *exchange_;
  ex.continue_due = false;
  // Who sends the body unasked needs no invitation.
  if (ex.used < ex.input.size) co_return true;
  ex.outgoing.Start(kContinue, {});
  const bool sent = co_await SendQueued();
  co_return sent;
}

// What came along with the head.
size_t Connection::TakeBuffered(char* out, size_t size) {
  Exchange& ex = *exchange_;
  const char* in = ex.input.data.get() + ex.used;
  size_t take = std::min(size, ex.input.size - ex.used);
  if (ex.head.chunked) {
    const ChunkDecoder::Step step = ex.chunks.Decode(in, take, out);
    ex.used += step.consumed;
    ex.bytes_in += step.consumed;
    ex.body_done = ex.chunks.done();
    return step.produced;
  }
  take = static_cast<size_t>(std::min<uint64_t>(take, ex.body_left));
  std::memcpy(out, in, take);
  ex.used += take;
  ex.bytes_in += take;
  ex.body_left -= take;
  ex.body_done = ex.body_left == 0;
  return take;
}

// The next bytes of the body, at most `size` (> 0). `got` may be 0 with kOk when only framing arrived.
Task<Connection::BodyStatus> Connection::ReadBody(char* out, size_t size, size_t& got) {
  Exchange& ex = *exchange_;
  got = 0;
  if (ex.used < ex.input.size) {
    got = TakeBuffered(out, size);
    co_return ex.chunks.failed() ? BodyStatus::kBad : BodyStatus::kOk;
  }
  const size_t want = ex.head.chunked ? size : static_cast<size_t>(std::min<uint64_t>(size, ex.body_left));
  size_t received = 0;
  for (;;) {
    IoStatus status;
    if (drained_) {
      status = co_await ReadLater(out, want, received, core_.options.body_timeout);
      if (status == IoStatus::kWantRead) co_return BodyStatus::kTimeout;
    } else {
      status = transport_.Read(out, want, received);
      drained_ = !transport_.secure() && received < want;
    }
    if (status == IoStatus::kOk) break;
    if (status == IoStatus::kClosed) co_return BodyStatus::kLost;
    if (drained_) continue;
    const bool ready = co_await Wait(status, core_.options.body_timeout);
    if (!ready) co_return expired_ && !killed_ ? BodyStatus::kTimeout : BodyStatus::kLost;
  }
  ex.bytes_in += received;
  if (!ex.head.chunked) {
    got = received;
    ex.body_left -= received;
    ex.body_done = ex.body_left == 0;
    co_return BodyStatus::kOk;
  }
  const ChunkDecoder::Step step = ex.chunks.Decode(out, received, out);
  got = step.produced;
  ex.body_done = ex.chunks.done();
  if (ex.body_done) {
    ex.carry.assign(out + step.consumed, received - step.consumed);
    ex.bytes_in -= received - step.consumed;
  }
  co_return ex.chunks.failed() ? BodyStatus::kBad : BodyStatus::kOk;
}

// kOk without body_done: the body is longer than `limit`.
Task<Connection::BodyStatus> Connection::ReadWholeBody(uint64_t limit, std::string_view& body) {
  Exchange& ex = *exchange_;
  if (!ex.head.chunked && ex.input.size - ex.used >= ex.body_left) {
    body = ex.input.View().substr(ex.used, ex.body_left);
    ex.used += ex.body_left;
    ex.bytes_in += ex.body_left;
    ex.body_left = 0;
    ex.body_done = true;
    co_return BodyStatus::kOk;
  }
  if (ex.continue_due) {
    const bool sent = co_await SendContinue();
    if (!sent) co_return BodyStatus::kLost;
  }
  ex.body.Reserve(ex.head.chunked ? kFirstBodyBytes : static_cast<size_t>(ex.body_left));
  while (!ex.body_done) {
    if (ex.body.size > limit) co_return BodyStatus::kOk;
    if (ex.body.size == ex.body.capacity) ex.body.Reserve(ex.body.capacity * 2);
    size_t got = 0;
    const BodyStatus status =
        co_await ReadBody(ex.body.data.get() + ex.body.size, ex.body.capacity - ex.body.size, got);
    ex.body.size += got;
    if (status != BodyStatus::kOk) co_return status;
  }
  if (ex.body.size > limit) {
    ex.body_done = false;  // refused like any other that is too long
    co_return BodyStatus::kOk;
  }
  body = ex.body.View();
  co_return BodyStatus::kOk;
}

}  // namespace berth::http_server
