// TLS by OpenSSL, directly on non-blocking sockets: 1.2 and 1.3, ALPN http/1.1, stateless session tickets.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <mutex>

#include "base/result.h"
#include "http_server/server.h"

namespace berth::http_server {

using SslContext = std::shared_ptr<SSL_CTX>;

struct SslDeleter {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};
using SslPointer = std::unique_ptr<SSL, SslDeleter>;

// kInvalidArgument says which file is at fault and why.
Result<SslContext> MakeSslContext(const TlsFiles& files);

// The context in use; replaced while connections on the old one go on. Thread-safe.
class TlsState {
 public:
  explicit TlsState(TlsFiles files) : files_(std::move(files)) {}
  Result<void> Load();
  // A server-side session for that socket; empty when OpenSSL has no memory.
  SslPointer NewSession(int fd) const;

 private:
  const TlsFiles files_;
  mutable std::mutex mutex_;
  SslContext context_;
};

}  // namespace berth::http_server
