#include "http_server/io_thread.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <cerrno>
#include <ctime>

#include "base/clock.h"
#include "base/log.h"
#include "base/priority.h"
#include "http_server/connection.h"

namespace berth::http_server {
namespace {

constexpr size_t kKeptExchanges = 256;
constexpr int kAcceptBurst = 64;
constexpr int kAcceptPauseMs = 100;

int64_t CoarseClock(clockid_t clock, int64_t units_per_second) {
  timespec now{};
  clock_gettime(clock, &now);
  return now.tv_sec * units_per_second + now.tv_nsec / (1'000'000'000 / units_per_second);
}

Address PeerAddress(const sockaddr_storage& peer) {
  if (peer.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(peer);
    return Address::FromBytes(std::span(reinterpret_cast<const uint8_t*>(&v4.sin_addr), 4));
  }
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(peer);
  return Address::FromBytes(std::span(reinterpret_cast<const uint8_t*>(&v6.sin6_addr), 16));
}

// Without TLS a refused connection is told why.
void Refuse(int fd, bool tls) {
  static constexpr std::string_view kAnswer =
      "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
  if (!tls) ::send(fd, kAnswer.data(), kAnswer.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  ::close(fd);
}

// Often enough that a timeout is met within a quarter of itself, once a second at most.
std::chrono::milliseconds TickInterval(const Options& options) {
  using std::chrono::milliseconds;
  const auto least = std::min({options.idle_timeout, options.head_timeout, options.body_timeout});
  return std::clamp<milliseconds>(milliseconds(least) / 4, milliseconds(50), milliseconds(1000));
}

}  // namespace

IoThread::IoThread(Core& core, int index)
    : core_(core),
      index_(index),
      context_(BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO),
      work_(std::in_place, context_.get_executor()),
      ticker_(context_),
      accept_pause_(context_),
      acceptor_(context_),
      scratch_(std::make_unique_for_overwrite<char[]>(Transport::kScratchBytes)) {}

IoThread::~IoThread() {
  if (spare_fd_ >= 0) ::close(spare_fd_);
}

int64_t IoThread::NowMs() { return CoarseClock(CLOCK_MONOTONIC_COARSE, 1000); }

std::string_view IoThread::DateLine() {
  const int64_t second = CoarseClock(CLOCK_REALTIME_COARSE, 1);
  if (second != date_second_) {
    date_second_ = second;
    date_line_ = "Date: " + FormatHttpDate(FromMicros(second * 1'000'000)) + "\r\n";
  }
  return date_line_;
}

void IoThread::AppendRequestId(std::string& out) {
  static constexpr char kDigits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
  uint64_t number = request_count_++ * core_.threads.size() + static_cast<uint64_t>(index_);
  char text[16];
  char* at = text + sizeof text;
  do *--at = kDigits[number % 36];
  while ((number /= 36) != 0);
  out.append(core_.request_id_prefix).append(at, static_cast<size_t>(text + sizeof text - at));
}

std::unique_ptr<Exchange> IoThread::TakeExchange() {
  if (exchanges_.empty()) {
    auto exchange = std::make_unique<Exchange>();
    exchange->input.Reserve(Exchange::kInputBytes);
    return exchange;
  }
  auto exchange = std::move(exchanges_.back());
  exchanges_.pop_back();
  return exchange;
}

void IoThread::GiveBack(std::unique_ptr<Exchange> exchange) {
  if (exchanges_.size() >= kKeptExchanges || exchange->input.capacity > Exchange::kInputBytes) return;
  exchanges_.push_back(std::move(exchange));
}

void IoThread::Register(Connection& connection) {
  connection.slot = connections_.size();
  connections_.push_back(&connection);
  if (core_.hooks.connections) core_.hooks.connections(1);
}

void IoThread::Unregister(Connection& connection) {
  connections_[connection.slot] = connections_.back();
  connections_[connection.slot]->slot = connection.slot;
  connections_.pop_back();
  if (core_.hooks.connections) core_.hooks.connections(-1);
  ConnectionGone();
}

void IoThread::ConnectionGone() {
  load_.fetch_sub(1, std::memory_order_relaxed);
  if (core_.connections.fetch_sub(1) == 1) {
    std::lock_guard lock(core_.mutex);
    core_.empty.notify_all();
  }
}

void IoThread::Start(int listener) {
  boost::system::error_code ignored;
  acceptor_.assign(asio::ip::tcp::v4(), listener, ignored);
  spare_fd_ = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  asio::co_spawn(context_, Accept(), asio::detached);
  asio::co_spawn(context_, Tick(), asio::detached);
  thread_ = StartQuietThread(
      [this] {
        AnswerSoon();
        context_.run();
      },
      "berth-io");
}

void IoThread::BeginDrain() {
  asio::post(context_, [this] {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    accept_pause_.cancel();
    for (size_t i = connections_.size(); i-- > 0;) connections_[i]->CloseIfIdle();
  });
}

void IoThread::CloseAll() {
  asio::post(context_, [this] {
    for (size_t i = connections_.size(); i-- > 0;) connections_[i]->Kill();
  });
}

void IoThread::Join() {
  asio::post(context_, [this] {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    ticker_.cancel();
    accept_pause_.cancel();
    work_.reset();
  });
  if (thread_.joinable()) thread_.join();
}

// One scan for all deadlines: setting one costs a store, not a timer.
Task<void> IoThread::Tick() {
  const auto interval = TickInterval(core_.options);
  while (work_) {
    boost::system::error_code error;
    auto token = asio::redirect_error(kUse, error);
    ticker_.expires_after(interval);
    co_await ticker_.async_wait(token);
    if (index_ == 0) core_.piece_memory.Trim();
    const int64_t now = NowMs();
    for (size_t i = connections_.size(); i-- > 0;) connections_[i]->CheckDeadline(now);
  }
}

Task<void> IoThread::Accept() {
  while (acceptor_.is_open()) {
    boost::system::error_code error;
    auto token = asio::redirect_error(kUse, error);
    co_await acceptor_.async_wait(Acceptor::wait_read, token);
    if (error || !acceptor_.is_open()) break;
    const int pause = AcceptSome();
    if (pause == 0) continue;
    auto pause_token = asio::redirect_error(kUse, error);
    accept_pause_.expires_after(std::chrono::milliseconds(pause));
    co_await accept_pause_.async_wait(pause_token);
  }
}

int IoThread::AcceptSome() {
  for (int i = 0; i < kAcceptBurst; ++i) {
    sockaddr_storage peer{};
    socklen_t size = sizeof peer;
    const int fd =
        ::accept4(acceptor_.native_handle(), reinterpret_cast<sockaddr*>(&peer), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
      if (errno == EAGAIN || errno == EWOULDBLOCK) return 0;
      if (errno == EMFILE || errno == ENFILE) return OutOfDescriptors();
      if (errno == ENOBUFS || errno == ENOMEM) return kAcceptPauseMs;
      continue;  // that connection is gone already
    }
    if (core_.connections.fetch_add(1) >= core_.max_connections) {
      core_.connections.fetch_sub(1);
      Refuse(fd, core_.tls != nullptr);
      continue;
    }
    IoThread& target = LeastLoaded();
    target.load_.fetch_add(1, std::memory_order_relaxed);
    const Address address = PeerAddress(peer);
    if (&target == this) {
      Adopt(fd, address);
    } else {
      asio::post(target.context_, [&target, fd, address] { target.Adopt(fd, address); });
    }
  }
  return 0;
}

// The queue's clients would hang until descriptors come free; with the spare one they are told at once. Then a pause,
// since the listener stays readable.
int IoThread::OutOfDescriptors() {
  for (int i = 0; i < kAcceptBurst && spare_fd_ >= 0; ++i) {
    ::close(spare_fd_);
    const int fd = ::accept4(acceptor_.native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) Refuse(fd, core_.tls != nullptr);
    spare_fd_ = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (fd < 0) break;
  }
  if (spare_fd_ < 0) spare_fd_ = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  log::Warn("http", "out of file descriptors, connections are refused", {{"connections", core_.connections.load()}});
  return kAcceptPauseMs;
}

// The kernel spreads connections by hash, which leaves a few long ones on one thread by chance.
IoThread& IoThread::LeastLoaded() {
  IoThread* best = this;
  int least = load_.load(std::memory_order_relaxed) - 1;  // moving costs something
  for (IoThread* thread : core_.threads) {
    const int load = thread->load_.load(std::memory_order_relaxed);
    if (load >= least - least / 8) continue;
    best = thread;
    least = load;
  }
  return *best;
}

void IoThread::Adopt(int fd, const Address& peer) {
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const std::string& congestion_control = core_.network_congestion_control;
  if (!congestion_control.empty() && !peer.IsLoopback()) {
    ::setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, congestion_control.data(),
                 static_cast<socklen_t>(congestion_control.size()));
  }
  boost::system::error_code error;
  Socket socket(context_);
  socket.assign(asio::ip::tcp::v4(), fd, error);
  SslPointer ssl;
  if (!error && core_.tls) ssl = core_.tls->NewSession(fd);
  if (error || (core_.tls && !ssl)) {
    if (error) ::close(fd);
    ConnectionGone();
    return;
  }
  auto connection = std::make_unique<Connection>(*this, std::move(socket), Transport(fd, std::move(ssl)), peer);
  asio::co_spawn(context_, RunConnection(std::move(connection)), asio::detached);
}

}  // namespace berth::http_server
