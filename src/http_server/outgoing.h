// One answer on its way out: the head, then a body from memory or from a file, as fast as the socket takes it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "http/types.h"
#include "http_server/transport.h"

namespace berth::http_server {

// How the body's end is told (RFC 9112 §6).
enum class Framing { kNone, kLength, kChunked, kUntilClose };

struct HeadFacts {
  int status = 200;
  std::string_view date_line;  // "Date: …\r\n"
  std::string_view headers;    // ready lines
  std::string_view request_id;
  Framing framing = Framing::kLength;
  uint64_t content_length = 0;
  bool keep_alive = true;
  bool http_1_0 = false;
};
// Replaces `out` by the head.
void WriteResponseHead(const HeadFacts& facts, std::string& out);

class Outgoing {
 public:
  // `head` must stay in place until done() or Clear(). A BodySource is not this class's business.
  void Start(std::string_view head, http::Body body);
  // The next piece, from memory that must stay in place as well.
  void Append(std::string_view bytes) { head_ = bytes; }
  void Clear();
  bool done() const { return head_.empty() && memory_.empty() && file_left_ == 0; }
  uint64_t file_left() const { return file_left_; }
  const http::FileSlice* file() const { return std::get_if<http::FileSlice>(&body_); }
  uint64_t file_position() const { return file_position_; }

  // Sends until done (kOk), blocked, closed, or until `budget` bytes are out (kOk without done()). Adds to `sent`.
  IoStatus Pump(Transport& transport, std::span<char> scratch, size_t budget, uint64_t& sent);

 private:
  IoStatus PumpMemory(Transport& transport, std::span<char> scratch, size_t& sent);

  http::Body body_;
  std::string_view head_;
  std::string_view memory_;
  uint64_t file_position_ = 0;
  uint64_t file_left_ = 0;
};

}  // namespace berth::http_server
