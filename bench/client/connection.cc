#include "connection.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>

namespace berth::bench {
namespace {

constexpr size_t kBufferBytes = 256 << 10;
// One turn of the event loop reads at most this often, so that one fast body does not
// starve the other connections.
constexpr int kReadsPerTurn = 8;
constexpr uint64_t kDiscardBytes = uint64_t{4} << 20;
// Below this, a body is read with whatever else is in the buffer.
constexpr uint64_t kDiscardFrom = 64 << 10;

bool NameIs(std::string_view line, std::string_view name, std::string_view& value) {
  if (line.size() <= name.size() || line[name.size()] != ':') return false;
  if (strncasecmp(line.data(), name.data(), name.size()) != 0) return false;
  value = line.substr(name.size() + 1);
  while (!value.empty() && value.front() == ' ') value.remove_prefix(1);
  return true;
}

template <typename Number>
bool ToNumber(std::string_view text, Number& number, int base) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  return error == std::errc() && end != text.data();
}

}  // namespace

Connection::Connection(const Endpoint& endpoint, const Content& content) : endpoint_(endpoint), content_(content) {}

Connection::~Connection() {
  Close();
  EVP_MD_CTX_free(hash_);
}

bool Connection::Open() {
  if (fd_ >= 0) return true;
  fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd_ < 0) return false;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(endpoint_.port);
  inet_pton(AF_INET, endpoint_.host.c_str(), &address.sin_addr);
  const int on = 1;
  setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (endpoint_.receive_buffer > 0) {
    setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &endpoint_.receive_buffer, sizeof endpoint_.receive_buffer);
  }
  if (connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    Close();
    return false;
  }
  if (endpoint_.tls != nullptr) {
    ssl_ = SSL_new(endpoint_.tls);
    SSL_set_fd(ssl_, fd_);
    if (SSL_connect(ssl_) != 1) {
      Close();
      return false;
    }
  }
  fcntl(fd_, F_SETFL, O_NONBLOCK);
  begin_ = end_ = 0;
  state_ = State::kIdle;
  return true;
}

void Connection::Close() {
  SSL_free(ssl_);
  ssl_ = nullptr;
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
  sending_ = false;
}

Progress Connection::Start(Request& request) {
  request_ = std::move(request);
  response_ = Response();
  sent_ = 0;
  sending_ = true;
  close_after_ = false;
  state_ = State::kHead;
  if (request_.use == BodyUse::kHash) {
    if (hash_ == nullptr) hash_ = EVP_MD_CTX_new();
    EVP_DigestInit_ex(hash_, EVP_sha256(), nullptr);
  }
  return Send();
}

Progress Connection::OnReady() {
  if (state_ == State::kIdle) return Progress::kFailed;  // the server closed or spoke unasked
  if (sending_ && Send() == Progress::kFailed) return Progress::kFailed;
  return Receive();
}

ssize_t Connection::RawWrite(const iovec* entries, int count) {
  if (ssl_ == nullptr) {
    msghdr message{};
    message.msg_iov = const_cast<iovec*>(entries);
    message.msg_iovlen = count;
    return sendmsg(fd_, &message, MSG_NOSIGNAL);
  }
  const int size = static_cast<int>(std::min<size_t>(entries[0].iov_len, 256 << 10));
  ERR_clear_error();
  const int wrote = SSL_write(ssl_, entries[0].iov_base, size);
  if (wrote > 0) return wrote;
  const int reason = SSL_get_error(ssl_, wrote);
  errno = reason == SSL_ERROR_WANT_READ || reason == SSL_ERROR_WANT_WRITE ? EAGAIN : EIO;
  return -1;
}

ssize_t Connection::RawRead(char* bytes, size_t size, bool discard) {
  if (ssl_ == nullptr) return recv(fd_, bytes, size, discard ? MSG_TRUNC : 0);
  ERR_clear_error();
  const int got = SSL_read(ssl_, bytes, static_cast<int>(size));
  if (got > 0) return got;
  const int reason = SSL_get_error(ssl_, got);
  if (reason == SSL_ERROR_ZERO_RETURN) return 0;
  errno = reason == SSL_ERROR_WANT_READ || reason == SSL_ERROR_WANT_WRITE ? EAGAIN : EIO;
  return -1;
}

Progress Connection::Send() {
  const uint64_t head = request_.head.size();
  const uint64_t body = request_.blob != nullptr ? request_.blob_to - request_.blob_from : request_.body.size();
  // As for reading: a bounded share of one turn.
  for (int turn = 0; turn < kReadsPerTurn && sent_ < head + body; ++turn) {
    iovec entries[8];
    int used = 0;
    if (sent_ < head) entries[used++] = {request_.head.data() + sent_, head - sent_};
    const uint64_t body_sent = sent_ < head ? 0 : sent_ - head;
    if (request_.blob != nullptr) {
      const uint64_t from = request_.blob_from + body_sent;
      const uint64_t to = std::min(request_.blob_to, from + kDiscardBytes);
      used += content_.Slices(*request_.blob, from, to, entries + used, 8 - used);
    } else if (body_sent < body) {
      entries[used++] = {request_.body.data() + body_sent, body - body_sent};
    }
    const ssize_t wrote = RawWrite(entries, used);
    if (wrote < 0) return errno == EAGAIN ? Progress::kPending : Progress::kFailed;
    const uint64_t before = std::max(sent_, head);
    sent_ += static_cast<uint64_t>(wrote);
    if (sent_ > before) bytes_sent_ += sent_ - before;
  }
  sending_ = sent_ < head + body;
  return Progress::kPending;
}

Progress Connection::Receive() {
  if (buffer_.empty()) buffer_.resize(kBufferBytes);
  // Bytes that OpenSSL already holds raise no readiness of the socket: take them all.
  const auto decrypted = [this] { return ssl_ != nullptr && SSL_pending(ssl_) > 0; };
  for (int turn = 0; turn < kReadsPerTurn || decrypted(); ++turn) {
    const bool discard = state_ == State::kSizedBody && request_.use == BodyUse::kDiscard && ssl_ == nullptr &&
                         begin_ == end_ && body_left_ >= kDiscardFrom;
    if (discard) {
      const ssize_t got = RawRead(nullptr, std::min(body_left_, kDiscardBytes), true);
      if (got == 0 || (got < 0 && errno != EAGAIN)) return Progress::kFailed;
      if (got < 0) return Progress::kPending;
      TakeBody(nullptr, static_cast<size_t>(got));
      body_left_ -= static_cast<uint64_t>(got);
      if (body_left_ == 0) return Finish();
      continue;
    }
    if (begin_ == end_) begin_ = end_ = 0;
    if (end_ == buffer_.size()) {
      if (begin_ == 0) return Progress::kFailed;  // a head or chunk line larger than the buffer
      std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
      end_ -= begin_;
      begin_ = 0;
    }
    const ssize_t got = RawRead(buffer_.data() + end_, buffer_.size() - end_, false);
    if (got == 0 || (got < 0 && errno != EAGAIN)) return Progress::kFailed;
    if (got < 0) return Progress::kPending;
    end_ += static_cast<size_t>(got);
    const Progress progress = Parse();
    if (progress != Progress::kPending) return progress;
  }
  return Progress::kPending;
}

Progress Connection::Parse() {
  if (state_ == State::kHead) {
    const std::string_view bytes(buffer_.data() + begin_, end_ - begin_);
    const size_t end = bytes.find("\r\n\r\n");
    if (end == std::string_view::npos) return Progress::kPending;
    if (!ParseHead(bytes.substr(0, end + 2))) return Progress::kFailed;
    begin_ += end + 4;
    if (response_.status < 200) {  // 100 Continue and the like
      response_ = Response();
      return Parse();
    }
    const bool empty = request_.is_head || response_.status == 204 || response_.status == 304;
    if (empty || (state_ == State::kSizedBody && body_left_ == 0)) return Finish();
  }
  return state_ == State::kSizedBody ? ConsumeSized() : ConsumeChunked();
}

bool Connection::ParseHead(std::string_view head) {
  if (!head.starts_with("HTTP/1.") || head.size() < 12) return false;
  if (!ToNumber(head.substr(9, 3), response_.status, 10)) return false;
  bool has_length = false;
  bool chunked = false;
  body_left_ = 0;
  for (size_t at = head.find("\r\n") + 2; at < head.size();) {
    const size_t end = head.find("\r\n", at);
    const std::string_view line = head.substr(at, end - at);
    at = end + 2;
    std::string_view value;
    if (NameIs(line, "Content-Length", value)) {
      has_length = ToNumber(value, body_left_, 10);
    } else if (NameIs(line, "Transfer-Encoding", value)) {
      chunked = value == "chunked";
    } else if (NameIs(line, "Connection", value)) {
      close_after_ = value == "close";
    } else if (NameIs(line, "Location", value)) {
      response_.location = value;
    } else if (NameIs(line, "Link", value)) {
      response_.link = value;
    }
  }
  state_ = chunked ? State::kChunkedBody : State::kSizedBody;
  chunk_ends_ = false;
  if (chunked) body_left_ = 0;
  const bool bodyless =
      request_.is_head || response_.status == 204 || response_.status == 304 || response_.status < 200;
  return chunked || has_length || bodyless;
}

void Connection::TakeBody(const char* bytes, size_t size) {
  response_.body_bytes += size;
  bytes_received_ += size;
  if (request_.use == BodyUse::kKeep) response_.body.append(bytes, size);
  if (request_.use == BodyUse::kHash) EVP_DigestUpdate(hash_, bytes, size);
}

Progress Connection::ConsumeSized() {
  const auto part = static_cast<size_t>(std::min<uint64_t>(body_left_, end_ - begin_));
  TakeBody(buffer_.data() + begin_, part);
  begin_ += part;
  body_left_ -= part;
  return body_left_ == 0 ? Finish() : Progress::kPending;
}

Progress Connection::ConsumeChunked() {
  while (true) {
    if (body_left_ > 0) {
      const auto part = static_cast<size_t>(std::min<uint64_t>(body_left_, end_ - begin_));
      TakeBody(buffer_.data() + begin_, part);
      begin_ += part;
      body_left_ -= part;
      if (body_left_ > 0) return Progress::kPending;
      chunk_ends_ = true;
    }
    const std::string_view bytes(buffer_.data() + begin_, end_ - begin_);
    const size_t line_end = bytes.find("\r\n");
    if (line_end == std::string_view::npos) return Progress::kPending;
    if (chunk_ends_) {
      if (line_end != 0) return Progress::kFailed;
      chunk_ends_ = false;
      begin_ += 2;
      continue;
    }
    uint64_t size = 0;
    if (!ToNumber(bytes.substr(0, line_end), size, 16)) return Progress::kFailed;
    if (size == 0) {  // the last chunk: its line, then an empty line (no trailers expected)
      if (bytes.size() < line_end + 4) return Progress::kPending;
      begin_ += line_end + 4;
      return Finish();
    }
    begin_ += line_end + 2;
    body_left_ = size;
  }
}

Progress Connection::Finish() {
  // An answer before the whole request went out (a refusal) leaves the stream unusable.
  if (sending_) close_after_ = true;
  state_ = State::kIdle;
  if (request_.use == BodyUse::kHash) response_.body_digest = FinishDigest(hash_);
  if (close_after_) Close();
  return Progress::kDone;
}

}  // namespace berth::bench
