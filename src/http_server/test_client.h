// For this folder's tests: a server over a table of routes, and a blocking client that sends exactly what it is told.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <charconv>
#include <map>
#include <memory>
#include <string>

#include "base/text.h"
#include "http_server/server.h"

namespace berth::http_server {

struct Answer {
  int status = 0;
  std::map<std::string, std::string> headers;  // lower-case names
  std::string body;
};

class Client {
 public:
  Client() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {}
  explicit Client(uint16_t port) : Client() { Connect(port); }
  ~Client() { Close(); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void Connect(uint16_t port) {
    const timeval limit{10, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ASSERT_EQ(::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }
  void StartTls(SSL_CTX* context) {
    ssl_ = SSL_new(context);
    SSL_set_fd(ssl_, fd_);
    ASSERT_EQ(SSL_connect(ssl_), 1);
  }
  SSL* ssl() { return ssl_; }
  int fd() const { return fd_; }
  // This end's.
  uint16_t port() const {
    sockaddr_in address{};
    socklen_t size = sizeof address;
    ::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
    return ntohs(address.sin_port);
  }
  void Close() {
    if (ssl_ != nullptr) SSL_free(ssl_);
    ssl_ = nullptr;
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }

  // How much went out; less than all when the server stopped listening.
  size_t Send(std::string_view text) {
    size_t sent = 0;
    while (sent < text.size()) {
      const ssize_t n = ssl_ != nullptr ? SSL_write(ssl_, text.data() + sent, static_cast<int>(text.size() - sent))
                                        : ::send(fd_, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
      if (n <= 0) break;
      sent += static_cast<size_t>(n);
    }
    return sent;
  }
  // False at the end.
  bool Fill() {
    char buffer[64 << 10];
    const ssize_t n = ssl_ != nullptr ? SSL_read(ssl_, buffer, sizeof buffer) : ::recv(fd_, buffer, sizeof buffer, 0);
    if (n <= 0) return false;
    pending_.append(buffer, static_cast<size_t>(n));
    return true;
  }
  // Nothing but the connection's end comes.
  bool AtEnd() { return pending_.empty() && !Fill(); }
  bool HasInput(int within_ms) {
    pollfd wait{fd_, POLLIN, 0};
    return !pending_.empty() || ::poll(&wait, 1, within_ms) > 0;
  }
  std::string ReadToEnd() {
    while (Fill()) {
    }
    return std::exchange(pending_, {});
  }
  // status 0 when the connection ends before the answer does.
  Answer Read(bool has_body = true) {
    Answer answer;
    size_t end;
    while ((end = pending_.find("\r\n\r\n")) == std::string::npos) {
      if (!Fill()) return {};
    }
    ParseHead(pending_.substr(0, end + 2), answer);
    pending_.erase(0, end + 4);
    if (!has_body || answer.status == 204 || answer.status == 304 || answer.status == 100) return answer;
    if (answer.headers.contains("transfer-encoding")) return ReadChunks(std::move(answer));
    if (!answer.headers.contains("content-length")) {
      answer.body = ReadToEnd();
      return answer;
    }
    const size_t length = std::stoull(answer.headers["content-length"]);
    while (pending_.size() < length) {
      if (!Fill()) return {};
    }
    answer.body = pending_.substr(0, length);
    pending_.erase(0, length);
    return answer;
  }
  Answer Get(std::string_view path, std::string_view lines = "") {
    Send("GET " + std::string(path) + " HTTP/1.1\r\nHost: test.example\r\n" + std::string(lines) + "\r\n");
    return Read();
  }

 private:
  static void ParseHead(std::string_view text, Answer& answer) {
    bool first = true;
    for (std::string_view line : Split(text, '\n')) {
      if (line.ends_with('\r')) line.remove_suffix(1);
      if (first) answer.status = std::stoi(std::string(line.substr(9, 3)));
      const size_t colon = line.find(": ");
      if (!first && colon != std::string_view::npos)
        answer.headers[AsciiLower(line.substr(0, colon))] = line.substr(colon + 2);
      first = false;
    }
  }
  Answer ReadChunks(Answer answer) {
    for (;;) {
      size_t end;
      while ((end = pending_.find("\r\n")) == std::string::npos) {
        if (!Fill()) return {};
      }
      const size_t size = std::stoull(pending_.substr(0, end), nullptr, 16);
      while (pending_.size() < end + 2 + size + 2) {
        if (!Fill()) return {};
      }
      answer.body += pending_.substr(end + 2, size);
      pending_.erase(0, end + 2 + size + 2);
      if (size == 0) return answer;
    }
  }

  int fd_;
  SSL* ssl_ = nullptr;
  std::string pending_;
};

class ServerFixture : public testing::Test {
 protected:
  ServerFixture() {
    options.listen = "127.0.0.1:0";
    options.io_threads = 2;
    options.pool_threads = 8;
  }
  void Start(Hooks hooks = {}) {
    server = MakeServer(options, router, std::move(hooks));
    const auto bound = server->Start();
    ASSERT_TRUE(bound.has_value()) << bound.error().message;
    port = *bound;
  }
  http::Route& Add(http::Method method, const char* pattern, http::Handler handler) {
    http::Route route;
    route.method = method;
    route.pattern = pattern;
    route.operation = pattern;
    route.handler = std::move(handler);
    router.Add(std::move(route));
    return *router.routes().back();
  }
  void AddUpload(const char* pattern, http::UploadHandler handler) {
    http::Route route;
    route.method = http::Method::kPut;
    route.pattern = pattern;
    route.upload = std::move(handler);
    router.Add(std::move(route));
  }

  Options options;
  http::Router router;
  std::unique_ptr<Server> server;
  uint16_t port = 0;
};

// Whether `condition` holds within ten seconds.
template <typename Condition>
bool Eventually(Condition condition) {
  for (int i = 0; i < 1000; ++i) {
    if (condition()) return true;
    ::usleep(10'000);
  }
  return false;
}

}  // namespace berth::http_server
