// What a connection needs only while a request is under way. Idle connections give theirs back to the I/O thread.
#pragma once

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <string>

#include "http/router.h"
#include "http_server/chunk_decoder.h"
#include "http_server/outgoing.h"
#include "http_server/request_head.h"

namespace berth::http_server {

struct FreeUnlessLent {
  bool lent = false;  // by someone who outlives the buffer
  void operator()(char* bytes) const {
    if (!lent) std::free(bytes);
  }
};

// Bytes without initialisation; what is not touched costs no memory.
struct Buffer {
  // Large ones begin at a page: files can be written past the page cache from there only (open(2), O_DIRECT).
  static constexpr size_t kPage = 4 << 10;
  static constexpr size_t kPagedFrom = 64 << 10;
  static constexpr size_t WholePages(size_t bytes) { return (bytes + kPage - 1) / kPage * kPage; }

  std::unique_ptr<char[], FreeUnlessLent> data;
  size_t capacity = 0;
  size_t size = 0;

  // Keeps the first `size` bytes.
  void Reserve(size_t bytes) {
    if (bytes <= capacity) return;
    std::unique_ptr<char[], FreeUnlessLent> bigger(
        static_cast<char*>(bytes < kPagedFrom ? std::malloc(bytes) : std::aligned_alloc(kPage, WholePages(bytes))));
    if (!bigger) throw std::bad_alloc();
    if (size > 0) std::memcpy(bigger.get(), data.get(), size);
    data = std::move(bigger);
    capacity = bytes;
  }
  // In place of its own memory.
  void Borrow(char* bytes, size_t room) {
    data = {bytes, FreeUnlessLent{.lent = true}};
    capacity = room;
    size = 0;
  }
  std::string_view View() const { return {data.get(), size}; }
};

struct Exchange {
  static constexpr size_t kInputBytes = 4 << 10;

  Buffer input;       // what was received; the head lies at its front
  size_t used = 0;    // of `input`: by this exchange
  std::string carry;  // received past the end of this exchange, outside `input`
  HeadParser parser;
  RequestHead head;
  int refused = 0;  // the status for a head that is not served
  http::Request request;
  http::Match match;
  std::string request_id;
  std::string peer;  // when a proxy named it

  Buffer body;  // a whole body that did not come along with the head
  ChunkDecoder chunks;
  uint64_t body_left = 0;  // with Content-Length
  bool body_done = true;
  bool continue_due = false;  // the client waits for 100 Continue

  http::Response response;
  std::string text;  // the response's head, or a chunk's frame
  Outgoing outgoing;
  std::chrono::steady_clock::time_point started;
  uint64_t bytes_in = 0;
  uint64_t bytes_out = 0;

  // Ready for the next request of the same connection; bytes that belong to it stay.
  void Next();
};

}  // namespace berth::http_server
