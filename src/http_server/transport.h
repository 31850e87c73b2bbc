// Bytes in and out of one non-blocking socket, plain or TLS. Every call tries at once and says what to wait for.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <span>

#include "http_server/tls.h"

namespace berth::http_server {

enum class IoStatus {
  kOk,         // progress was made
  kWantRead,   // try again when readable
  kWantWrite,  // try again when writable
  kClosed,     // the peer is gone, or broke the protocol
};

class Transport {
 public:
  Transport(int fd, SslPointer ssl) : fd_(fd), ssl_(std::move(ssl)) {}

  bool secure() const { return ssl_ != nullptr; }
  int fd() const { return fd_; }
  // kOk when the handshake is complete (at once without TLS).
  IoStatus Handshake();
  IoStatus Read(char* out, size_t size, size_t& got);
  // Reads and drops.
  IoStatus Discard(size_t size, size_t& got);
  // `more`: further bytes follow at once. `scratch` (see kScratchBytes) gathers what TLS wants in one record.
  IoStatus Write(std::span<const iovec> pieces, bool more, std::span<char> scratch, size_t& sent);
  IoStatus SendFile(int file, uint64_t offset, size_t size, std::span<char> scratch, size_t& sent);
  // Tells the peer that nothing more comes.
  void ShutdownWrite();

  static constexpr size_t kScratchBytes = 64 << 10;

 private:
  IoStatus SslStatus(int result);
  IoStatus SslWrite(const char* data, size_t size, size_t& sent);

  int fd_;
  SslPointer ssl_;
};

}  // namespace berth::http_server
