#include "http_server/transport.h"

#include <openssl/err.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>

namespace berth::http_server {
namespace {

constexpr size_t kTlsRecord = 16 << 10;

IoStatus FromErrno(IoStatus wait) { return errno == EAGAIN || errno == EWOULDBLOCK ? wait : IoStatus::kClosed; }

template <typename Call>
ssize_t Retry(Call call) {
  ssize_t n;
  do n = call();
  while (n < 0 && errno == EINTR);
  return n;
}

}  // namespace

IoStatus Transport::SslStatus(int result) {
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_NONE:
      return IoStatus::kOk;
    case SSL_ERROR_WANT_READ:
      return IoStatus::kWantRead;
    case SSL_ERROR_WANT_WRITE:
      return IoStatus::kWantWrite;
    default:
      ERR_clear_error();
      return IoStatus::kClosed;
  }
}

IoStatus Transport::Handshake() {
  if (!ssl_) return IoStatus::kOk;
  ERR_clear_error();
  const int result = SSL_accept(ssl_.get());
  if (result == 1) return IoStatus::kOk;
  // Someone speaks plain HTTP here: worth a word, since the usual cause is a missing "https".
  if (ERR_GET_REASON(ERR_peek_error()) == SSL_R_HTTP_REQUEST) {
    static constexpr std::string_view kAnswer =
        "HTTP/1.0 400 Bad Request\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\nThis port speaks HTTPS.\n";
    Retry([&] { return ::send(fd_, kAnswer.data(), kAnswer.size(), MSG_NOSIGNAL | MSG_DONTWAIT); });
  }
  return SslStatus(result);
}

IoStatus Transport::Read(char* out, size_t size, size_t& got) {
  if (ssl_) {
    ERR_clear_error();
    const int result = SSL_read_ex(ssl_.get(), out, size, &got);
    if (result == 1) return IoStatus::kOk;
    got = 0;
    return SslStatus(result);
  }
  const ssize_t n = Retry([&] { return ::recv(fd_, out, size, MSG_DONTWAIT); });
  got = n > 0 ? static_cast<size_t>(n) : 0;
  if (n > 0) return IoStatus::kOk;
  return n == 0 ? IoStatus::kClosed : FromErrno(IoStatus::kWantRead);
}

IoStatus Transport::Discard(size_t size, size_t& got) {
  char buffer[4096];
  if (ssl_) return Read(buffer, sizeof buffer, got);
  const ssize_t n = Retry([&] { return ::recv(fd_, nullptr, size, MSG_DONTWAIT | MSG_TRUNC); });
  got = n > 0 ? static_cast<size_t>(n) : 0;
  if (n > 0) return IoStatus::kOk;
  return n == 0 ? IoStatus::kClosed : FromErrno(IoStatus::kWantRead);
}

IoStatus Transport::SslWrite(const char* data, size_t size, size_t& sent) {
  ERR_clear_error();
  size_t written = 0;
  const int result = SSL_write_ex(ssl_.get(), data, size, &written);
  if (result != 1) return SslStatus(result);
  sent += written;
  return IoStatus::kOk;
}

IoStatus Transport::Write(std::span<const iovec> pieces, bool more, std::span<char> scratch, size_t& sent) {
  sent = 0;
  if (!ssl_) {
    msghdr message{};
    message.msg_iov = const_cast<iovec*>(pieces.data());
    message.msg_iovlen = pieces.size();
    const ssize_t n =
        Retry([&] { return ::sendmsg(fd_, &message, MSG_NOSIGNAL | MSG_DONTWAIT | (more ? MSG_MORE : 0)); });
    if (n < 0) return FromErrno(IoStatus::kWantWrite);
    sent = static_cast<size_t>(n);
    return IoStatus::kOk;
  }
  if (pieces.size() == 1) return SslWrite(static_cast<const char*>(pieces[0].iov_base), pieces[0].iov_len, sent);
  // A retry gathers the same bytes again, as OpenSSL asks.
  size_t gathered = 0;
  for (const iovec& piece : pieces) {
    const size_t take = std::min(piece.iov_len, kTlsRecord - gathered);
    std::memcpy(scratch.data() + gathered, piece.iov_base, take);
    gathered += take;
  }
  return SslWrite(scratch.data(), gathered, sent);
}

IoStatus Transport::SendFile(int file, uint64_t offset, size_t size, std::span<char> scratch, size_t& sent) {
  sent = 0;
  auto position = static_cast<off_t>(offset);
  if (!ssl_) {
    const ssize_t n = Retry([&] { return ::sendfile(fd_, file, &position, size); });
    if (n < 0) return FromErrno(IoStatus::kWantWrite);
    sent = static_cast<size_t>(n);
    return n == 0 ? IoStatus::kClosed : IoStatus::kOk;  // the file is shorter than it was said to be
  }
  const ssize_t n = Retry([&] { return ::pread(file, scratch.data(), std::min(size, scratch.size()), position); });
  if (n <= 0) return IoStatus::kClosed;
  const auto available = static_cast<size_t>(n);
  while (sent < available) {
    const IoStatus status = SslWrite(scratch.data() + sent, available - sent, sent);
    if (status != IoStatus::kOk) return sent > 0 && status != IoStatus::kClosed ? IoStatus::kOk : status;
  }
  return IoStatus::kOk;
}

void Transport::ShutdownWrite() {
  if (ssl_) {
    ERR_clear_error();
    if (SSL_is_init_finished(ssl_.get())) SSL_shutdown(ssl_.get());
    ERR_clear_error();
  }
  ::shutdown(fd_, SHUT_WR);
}

}  // namespace berth::http_server
