#include "connection.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>

namespace berth::load {
namespace {

constexpr std::uint64_t kPiece = 256 << 10;
constexpr std::size_t kLargestHead = 64 << 10;
constexpr int kSmallBuffer = 8 << 10;

// The value of a header in a response head, or "". Names are compared without case.
std::string Header(const std::string& head, const std::string& name) {
  for (std::size_t at = head.find("\r\n"); at != std::string::npos; at = head.find("\r\n", at + 2)) {
    const std::size_t begin = at + 2;
    if (begin + name.size() < head.size() && head[begin + name.size()] == ':' &&
        strncasecmp(head.data() + begin, name.data(), name.size()) == 0) {
      const std::size_t value = head.find_first_not_of(' ', begin + name.size() + 1);
      return head.substr(value, head.find("\r\n", value) - value);
    }
  }
  return "";
}

std::string Hex(const unsigned char* data, unsigned size) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  for (unsigned i = 0; i < size; ++i) {
    hex += kDigits[data[i] >> 4];
    hex += kDigits[data[i] & 15];
  }
  return hex;
}

// When the last of the bytes came to this machine's socket, as the kernel noted (SO_TIMESTAMPNS, socket(7)); now when
// it did not. That this program was late to fetch them is not the server's doing.
Clock::time_point Arrival(msghdr& message) {
  const auto now = Clock::now();
  for (cmsghdr* at = CMSG_FIRSTHDR(&message); at != nullptr; at = CMSG_NXTHDR(&message, at)) {
    if (at->cmsg_level != SOL_SOCKET || at->cmsg_type != SCM_TIMESTAMPNS) continue;
    timespec stamp{};
    std::memcpy(&stamp, CMSG_DATA(at), sizeof stamp);
    const auto arrived = std::chrono::seconds(stamp.tv_sec) + std::chrono::nanoseconds(stamp.tv_nsec);
    const auto waited = std::chrono::system_clock::now().time_since_epoch() - arrived;
    return now - std::max<Clock::duration>(waited, Clock::duration::zero());
  }
  return now;
}

// Bytes to send as a body; what they are does not matter.
const std::array<char, kPiece>& Filler() {
  static const auto bytes = [] {
    auto made = std::make_unique<std::array<char, kPiece>>();
    std::uint32_t state = 1;
    for (char& c : *made) c = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
    return made;
  }();
  return *bytes;
}

}  // namespace

bool Connection::Connect(std::uint16_t port, bool small_buffer) {
  fd_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd_ < 0) {
    Fail("socket: " + std::string(std::strerror(errno)));
    return false;
  }
  const int on = 1;
  setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  setsockopt(fd_, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
  if (small_buffer) setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &kSmallBuffer, sizeof kSmallBuffer);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  state_ = State::kConnecting;
  if (connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 && errno != EINPROGRESS) {
    Fail("connect: " + std::string(std::strerror(errno)));
    return false;
  }
  return true;
}

bool Connection::FinishConnect() {
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) {
    Fail("connect: " + std::string(std::strerror(error)));
    return false;
  }
  state_ = State::kIdle;
  return true;
}

void Connection::Close() {
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
  state_ = State::kClosed;
}

void Connection::Begin(const Target& target, Clock::time_point begin) {
  target_ = &target;
  begin_ = begin;
  sent_ = 0;
  head_.clear();
  head_done_ = false;
  state_ = State::kSending;
  digest_.reset();
  if (!target.sha256.empty()) {
    digest_.reset(EVP_MD_CTX_new());
    EVP_DigestInit_ex(digest_.get(), EVP_sha256(), nullptr);
  }
}

Connection::Progress Connection::Write(std::uint64_t limit) {
  const std::uint64_t total = target_->head.size() + target_->body;
  while (sent_ < total && limit > 0) {
    const char* from = Filler().data();
    std::uint64_t count = std::min(total - sent_, kPiece);
    if (sent_ < target_->head.size()) {
      from = target_->head.data() + sent_;
      count = target_->head.size() - sent_;
    }
    const ssize_t done = send(fd_, from, std::min(count, limit), MSG_NOSIGNAL);
    if (done < 0) {
      if (errno == EAGAIN || errno == EINTR) return Progress::kMore;
      return Fail("send: " + std::string(std::strerror(errno)));
    }
    sent_ += static_cast<std::uint64_t>(done);
    limit -= static_cast<std::uint64_t>(done);
  }
  if (sent_ == total) state_ = State::kReading;
  return Progress::kMore;
}

Connection::Progress Connection::Read(std::uint64_t limit) {
  static std::array<char, kPiece> buffer;
  while (limit > 0) {
    iovec piece{buffer.data(), std::min(limit, kPiece)};
    alignas(cmsghdr) std::array<char, 256> control;
    msghdr message{};
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const ssize_t count = recvmsg(fd_, &message, 0);
    if (count < 0) {
      if (errno == EAGAIN || errno == EINTR) return Progress::kMore;
      return Fail("recv: " + std::string(std::strerror(errno)));
    }
    if (count == 0) return Fail("the server closed the connection");
    arrived_ = Arrival(message);
    const auto size = static_cast<std::uint64_t>(count);
    statistics_.AddBytes(size);
    limit -= size;
    const Progress progress = Consume(buffer.data(), size);
    if (progress != Progress::kMore) return progress;
  }
  return Progress::kMore;
}

Connection::Progress Connection::Consume(const char* data, std::uint64_t size) {
  if (state_ == State::kIdle) return Fail("bytes without a request");
  if (!head_done_) {
    const std::size_t before = head_.size();
    head_.append(data, size);
    const std::size_t end = head_.find("\r\n\r\n", before < 3 ? 0 : before - 3);
    if (end == std::string::npos) {
      return head_.size() > kLargestHead ? Fail("endless head") : Progress::kMore;
    }
    const std::uint64_t used = end + 4 - before;
    head_.resize(end + 2);
    if (!ParseHead()) return Fail("answer without Content-Length: " + head_.substr(0, 80));
    data += used;
    size -= used;
  }
  if (size > left_) return Fail("more bytes than Content-Length says");
  if (digest_) EVP_DigestUpdate(digest_.get(), data, size);
  left_ -= size;
  return left_ == 0 ? Finish() : Progress::kMore;
}

bool Connection::ParseHead() {
  head_done_ = true;
  status_ = head_.size() > 12 ? std::atoi(head_.c_str() + 9) : 0;
  server_closes_ = strcasecmp(Header(head_, "Connection").c_str(), "close") == 0;
  left_ = 0;
  if (target_->bodiless || status_ == 204 || status_ == 304) return true;
  const std::string length = Header(head_, "Content-Length");
  if (length.empty()) return false;
  left_ = std::strtoull(length.c_str(), nullptr, 10);
  return true;
}

Connection::Progress Connection::Finish() {
  if (status_ != target_->status) {
    return Fail("status " + std::to_string(status_) + ", not " + std::to_string(target_->status) + ", for " +
                target_->head.substr(0, target_->head.find('\r')));
  }
  if (digest_) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    EVP_DigestFinal_ex(digest_.get(), digest.data(), &size);
    if (Hex(digest.data(), size) != target_->sha256) return Fail("the body has another digest");
  }
  statistics_.AddRequest(begin_, arrived_);
  state_ = State::kIdle;
  if (server_closes_) Close();
  return Progress::kAnswered;
}

Connection::Progress Connection::Fail(const std::string& what) {
  statistics_.AddError(what);
  Close();
  return Progress::kFailed;
}

}  // namespace berth::load
