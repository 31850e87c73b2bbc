#include "http_server/server.h"

#include <netdb.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <random>

#include "base/log.h"
#include "http_server/io_thread.h"

namespace berth::http_server {
namespace {

constexpr int kBacklog = 4096;
constexpr std::string_view kUnpaced = "reno";  // what every kernel has
// What the kernel holds for a reader beyond what is on its way to it (tcp(7), inherited by accepted sockets). By itself
// it takes 4 MiB for each reader that stands still, and 800 of them fill the memory it has for all connections.
constexpr int kUnsentBytes = 128 << 10;

struct AddressListDeleter {
  void operator()(addrinfo* list) const { freeaddrinfo(list); }
};
using AddressList = std::unique_ptr<addrinfo, AddressListDeleter>;

// "host:port", "[v6]:port", ":port" (every address).
Result<AddressList> Resolve(const std::string& listen) {
  const size_t colon = listen.rfind(':');
  if (colon == std::string::npos) return Fail(ErrorCode::kInvalidArgument, "not host:port: " + listen, "listen");
  std::string host = listen.substr(0, colon);
  const std::string port = listen.substr(colon + 1);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host.empty()) host = "::";
  addrinfo hints{};
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  const int error = getaddrinfo(host.c_str(), port.c_str(), &hints, &list);
  if (error != 0)
    return Fail(ErrorCode::kInvalidArgument, "cannot listen on " + listen + ": " + gai_strerror(error), "listen");
  return AddressList(list);
}

void SetPort(sockaddr_storage& address, uint16_t port) {
  if (address.ss_family == AF_INET6) {
    reinterpret_cast<sockaddr_in6&>(address).sin6_port = htons(port);
  } else {
    reinterpret_cast<sockaddr_in&>(address).sin_port = htons(port);
  }
}

uint16_t BoundPort(int fd) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6&>(address).sin6_port
                                             : reinterpret_cast<sockaddr_in&>(address).sin_port);
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(Descriptor&& other) noexcept : fd_(other.Release()) {}
  Descriptor& operator=(Descriptor&&) = delete;
  int get() const { return fd_; }
  int Release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

// `share`: further sockets of ours may have the same port.
Descriptor Bind(const sockaddr_storage& address, socklen_t size, bool share) {
  Descriptor socket(::socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const int on = 1;
  const int off = 0;
  ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (share) ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &kUnsentBytes, sizeof kUnsentBytes);
  if (address.ss_family == AF_INET6) ::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), size) != 0) return Descriptor(-1);
  return socket;
}

Result<std::vector<Descriptor>> Listen(const std::string& listen, size_t count) {
  TRY(AddressList list, Resolve(listen));
  sockaddr_storage address{};
  std::memcpy(&address, list->ai_addr, list->ai_addrlen);
  const auto taken = [&](const char* doing) {
    return Fail(ErrorCode::kUnavailable, std::string("cannot ") + doing + " " + listen + ": " + std::strerror(errno));
  };
  {
    // With SO_REUSEPORT a second Berth would silently share the port. A socket without it finds out.
    const Descriptor probe = Bind(address, list->ai_addrlen, false);
    if (probe.get() < 0) return taken("bind");
  }
  std::vector<Descriptor> sockets;
  for (size_t i = 0; i < count; ++i) {
    Descriptor socket = Bind(address, list->ai_addrlen, true);
    if (socket.get() < 0) return taken("bind");
    if (i == 0) SetPort(address, BoundPort(socket.get()));
    if (::listen(socket.get(), kBacklog) != 0) return taken("listen on");
    sockets.push_back(std::move(socket));
  }
  return sockets;
}

// BBR paces by a bandwidth that it has guessed from acknowledgements, and on a connection that rests between answers
// the client delays those; an answer of 1 MiB then takes 90 ms instead of one. Over loopback, where proxies on this
// machine come from, there is nothing to pace for. A socket that began with BBR keeps the timer of its pacing whatever
// it is set to later, half of the cost of an answer of 64 KiB. So where BBR is the system's choice all begin without
// it; answers its name, for connections from a network to be given it back, or "".
std::string BeginUnpaced(const std::vector<Descriptor>& listeners) {
  char name[16] = {};
  socklen_t size = sizeof name;
  if (::getsockopt(listeners.front().get(), IPPROTO_TCP, TCP_CONGESTION, name, &size) != 0) return "";
  if (!std::string_view(name).starts_with("bbr")) return "";
  for (const Descriptor& listener : listeners) {
    ::setsockopt(listener.get(), IPPROTO_TCP, TCP_CONGESTION, kUnpaced.data(), kUnpaced.size());
  }
  return name;
}

int CoreCount() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return std::max(CPU_COUNT(&set), 1);
}

// A part of the descriptors stays for blobs, the database and the rest.
int ConnectionsByFileLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur > 1'000'000) return 500'000;
  const int all = static_cast<int>(limit.rlim_cur);
  return std::max(all - std::max(all / 4, 64), 16);
}

std::string RandomPrefix() {
  static constexpr char kDigits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
  std::random_device random;
  std::string prefix;
  for (int i = 0; i < 6; ++i) prefix.push_back(kDigits[random() % 36]);
  prefix.push_back('-');
  return prefix;
}

class AsioServer final : public Server {
 public:
  AsioServer(Options options, const http::Router& router, Hooks hooks)
      : core_(std::move(options), router, std::move(hooks)) {}
  ~AsioServer() override { Drain(); }

  Result<uint16_t> Start() override;
  void Drain() override;
  Result<void> ReloadTls() override;
  Result<void> SetTrustedProxies(const std::vector<std::string>& entries) override;

 private:
  bool WaitUntilEmpty(std::chrono::milliseconds limit);

  Core core_;
  std::vector<std::unique_ptr<IoThread>> threads_;
  std::once_flag drained_;
};

Result<void> AsioServer::SetTrustedProxies(const std::vector<std::string>& entries) {
  TRY(auto proxies, TrustedProxies::Parse(entries));
  core_.proxies.store(std::make_shared<const TrustedProxies>(std::move(proxies)));
  return {};
}

Result<uint16_t> AsioServer::Start() {
  TRY_VOID(SetTrustedProxies(core_.options.trusted_proxies));
  if (core_.options.tls) {
    core_.tls = std::make_unique<TlsState>(*core_.options.tls);
    TRY_VOID(core_.tls->Load());
  }
  core_.request_id_prefix = RandomPrefix();
  core_.max_connections = core_.options.max_connections > 0 ? core_.options.max_connections : ConnectionsByFileLimit();
  const int count = core_.options.io_threads > 0 ? core_.options.io_threads : CoreCount();
  TRY(std::vector<Descriptor> sockets, Listen(core_.options.listen, static_cast<size_t>(count)));
  const uint16_t port = BoundPort(sockets.front().get());
  core_.network_congestion_control = BeginUnpaced(sockets);
  for (int i = 0; i < count; ++i) {
    threads_.push_back(std::make_unique<IoThread>(core_, i));
    core_.threads.push_back(threads_.back().get());
  }
  for (size_t i = 0; i < threads_.size(); ++i) threads_[i]->Start(sockets[i].Release());
  return port;
}

bool AsioServer::WaitUntilEmpty(std::chrono::milliseconds limit) {
  std::unique_lock lock(core_.mutex);
  return core_.empty.wait_for(lock, limit, [&] { return core_.connections.load() == 0; });
}

void AsioServer::Drain() {
  std::call_once(drained_, [this] {
    if (threads_.empty()) return;
    core_.draining = true;
    for (const auto& thread : threads_) thread->BeginDrain();
    if (!WaitUntilEmpty(core_.options.drain_timeout)) {
      log::Warn("http", "connections are cut off", {{"connections", core_.connections.load()}});
      for (const auto& thread : threads_) thread->CloseAll();
      // Only handlers that are running can hold this up, and they must not be left behind.
      while (!WaitUntilEmpty(std::chrono::hours(1))) {
      }
    }
    for (const auto& thread : threads_) thread->Join();
    core_.pool.Stop();
  });
}

Result<void> AsioServer::ReloadTls() {
  if (!core_.tls) return {};
  return core_.tls->Load();
}

}  // namespace

std::unique_ptr<Server> MakeServer(Options options, const http::Router& router, Hooks hooks) {
  return std::make_unique<AsioServer>(std::move(options), router, std::move(hooks));
}

}  // namespace berth::http_server
