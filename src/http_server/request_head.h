// Reads a request's head, strictly (RFC 9112 §2–§6): what two parsers could understand differently is refused, not
// repaired.
//
// Refused with 400: a bare CR, LF or NUL, a folded line, a space before the colon, a repeated or non-decimal
// Content-Length, Content-Length with Transfer-Encoding, Transfer-Encoding in HTTP/1.0, a missing or repeated Host;
// with 501: a Transfer-Encoding other than exactly "chunked"; with 505: versions other than 1.0 and 1.1; with 417: an
// Expect other than 100-continue.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "http/types.h"

namespace berth::http_server {

// Views point into the bytes given to Parse.
struct RequestHead {
  std::string_view method;
  std::string_view target;  // as sent
  std::string_view path;    // without query; "*" for "OPTIONS *"
  std::string_view query;
  std::string_view host;  // from an absolute target, else the Host header
  std::vector<http::Header> headers;
  uint64_t content_length = 0;
  bool has_content_length = false;
  bool chunked = false;
  bool expect_continue = false;
  bool keep_alive = true;
  bool http_1_0 = false;
  size_t size = 0;  // bytes of the head, with the blank line

  bool HasBody() const { return chunked || content_length > 0; }
  void Clear();  // keeps the vector's memory
};

// Whether `host` is made of what a Host header may hold (names, addresses, a port) and nothing else.
bool IsHostText(std::string_view host);

class HeadParser {
 public:
  enum class State { kMore, kComplete, kRefused };

  void Reset() { scanned_ = 0; }
  // `bytes` is everything since the head's first byte; call again with more of it after kMore (the memory may have
  // moved). After kRefused, status() is what to answer; `head` holds the request line if that was readable.
  State Parse(std::string_view bytes, RequestHead& head);
  int status() const { return status_; }

 private:
  State Refuse(int status);
  State CheckUnfinished(std::string_view bytes);
  bool ParseRequestLine(std::string_view line, RequestHead& head);
  bool ParseTarget(RequestHead& head);
  bool ParseField(std::string_view line, RequestHead& head);
  bool Interpret(const http::Header& field, RequestHead& head);
  bool Conclude(RequestHead& head);

  size_t scanned_ = 0;
  int status_ = 400;
  bool seen_host_ = false;
  bool absolute_target_ = false;
  bool connection_close_ = false;
  bool connection_keep_alive_ = false;
};

}  // namespace berth::http_server
