// Listens, speaks HTTP/1.1 (RFC 9112), with TLS when certificates are given. The only place with sockets and
// coroutines.
//
// One I/O thread a core, each with its own SO_REUSEPORT listener; handlers run on a bounded pool, fast handlers on the
// I/O thread. Refused outright: Transfer-Encoding other than exactly "chunked", Content-Length with Transfer-Encoding,
// repeated Content-Length, folded headers, heads over max_head_bytes (431), HTTP versions other than 1.0 and 1.1,
// missing or repeated Host.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "http/router.h"

namespace berth::http_server {

struct TlsFiles {
  std::string certificate;  // PEM, chain included
  std::string key;
};

struct Options {
  std::string listen = "127.0.0.1:5000";  // host:port, [v6]:port; port 0 picks one
  std::optional<TlsFiles> tls;
  int io_threads = 0;     // 0: one a core
  int pool_threads = 64;  // handlers that may block
  size_t max_head_bytes = 32 << 10;
  int max_connections = 0;                // 0: what the open-file limit leaves
  int max_uploads = 512;                  // requests with a sink at once; over it 429 with Retry-After
  size_t upload_buffer_bytes = 1 << 20;   // the most of a piece; two a running upload
  std::chrono::seconds idle_timeout{75};  // keep-alive without a request
  std::chrono::seconds head_timeout{15};  // from a request's first byte to the end of its head
  std::chrono::seconds body_timeout{60};  // without any progress while reading a body or writing an answer
  std::chrono::seconds drain_timeout{30};
  std::vector<std::string> trusted_proxies;  // addresses or CIDRs whose X-Forwarded-For/-Proto/-Host are believed
};

// What the server tells after each answer; called on an I/O thread, must not block.
struct RequestDone {
  const http::Request* request = nullptr;
  int status = 0;
  uint64_t bytes_in = 0;
  uint64_t bytes_out = 0;
  std::chrono::nanoseconds duration{};
};

struct Hooks {
  std::function<void(const RequestDone&)> done;  // access log and metrics
  std::function<void(int delta)> connections;    // open connections, +1 / -1
};

class Server {
 public:
  virtual ~Server() = default;  // stops
  // Binds; answers the bound port. kUnavailable names the address that is taken.
  virtual Result<uint16_t> Start() = 0;
  // Stops accepting, lets running requests finish (drain_timeout), closes idle connections at once.
  virtual void Drain() = 0;
  // Reads the certificate files again; new connections use them. On error the old ones stay.
  virtual Result<void> ReloadTls() = 0;
  // In the place of Options::trusted_proxies, for new connections. kInvalidArgument names the entry that is none;
  // then the old ones stay.
  virtual Result<void> SetTrustedProxies(const std::vector<std::string>& entries) = 0;
};

// `router` must outlive the server.
std::unique_ptr<Server> MakeServer(Options options, const http::Router& router, Hooks hooks);

}  // namespace berth::http_server
