// One keep-alive HTTP/1.1 connection of the load client, plain or TLS.
#pragma once

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "content.h"

namespace berth::bench {

// What becomes of a response body.
enum class BodyUse {
  kDiscard,  // dropped in the kernel where possible (recv with MSG_TRUNC)
  kKeep,     // kept in Response::body; for small answers
  kHash,     // hashed into Response::body_digest, in the timed part
};

struct Request {
  std::string head;            // request line and headers, with the empty line
  std::string body;            // sent after the head when `blob` is null
  const Blob* blob = nullptr;  // else these bytes of it; must outlive the exchange
  uint64_t blob_from = 0;
  uint64_t blob_to = 0;
  bool is_head = false;  // a HEAD request: no response body whatever its length says
  BodyUse use = BodyUse::kDiscard;
};

struct Response {
  int status = 0;
  std::string location;
  std::string link;
  std::string body;         // BodyUse::kKeep
  std::string body_digest;  // BodyUse::kHash
  uint64_t body_bytes = 0;
};

struct Endpoint {
  std::string host = "127.0.0.1";  // an IPv4 address
  uint16_t port = 0;
  SSL_CTX* tls = nullptr;  // not owned; null: plain
  int receive_buffer = 0;  // bytes; 0: tuned by the kernel
};

enum class Progress { kPending, kDone, kFailed };

// Drives one exchange at a time; the caller waits for readiness of `fd()`.
// Counts body bytes as they move, so that long transfers show in a time window.
class Connection {
 public:
  Connection(const Endpoint& endpoint, const Content& content);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Connects (blocking, loopback) when not connected. False: errno says why.
  bool Open();
  void Close();
  int fd() const { return fd_; }

  // Takes the request's contents and starts sending.
  Progress Start(Request& request);
  Progress OnReady();
  bool wants_write() const { return sending_; }
  const Response& response() const { return response_; }

  uint64_t bytes_sent() const { return bytes_sent_; }
  uint64_t bytes_received() const { return bytes_received_; }

 private:
  enum class State { kIdle, kHead, kSizedBody, kChunkedBody };

  Progress Send();
  Progress Receive();
  // kPending: more bytes are needed.
  Progress Parse();
  bool ParseHead(std::string_view head);
  Progress ConsumeSized();
  Progress ConsumeChunked();
  void TakeBody(const char* bytes, size_t size);
  Progress Finish();
  ssize_t RawRead(char* bytes, size_t size, bool discard);
  ssize_t RawWrite(const iovec* entries, int count);

  Endpoint endpoint_;
  const Content& content_;
  int fd_ = -1;
  SSL* ssl_ = nullptr;
  Request request_;
  Response response_;
  uint64_t sent_ = 0;  // of head and body together
  bool sending_ = false;
  State state_ = State::kIdle;
  std::vector<char> buffer_;
  size_t begin_ = 0;  // unread bytes of buffer_: [begin_, end_)
  size_t end_ = 0;
  uint64_t body_left_ = 0;
  bool chunk_ends_ = false;  // the line end after a chunk's bytes is still to come
  bool close_after_ = false;
  EVP_MD_CTX* hash_ = nullptr;
  uint64_t bytes_sent_ = 0;
  uint64_t bytes_received_ = 0;
};

}  // namespace berth::bench
