// One I/O thread: its io_context, its listener, its connections and their deadlines, and the memory they lend from each
// other. All members are for the thread itself unless said otherwise.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "http_server/core.h"
#include "http_server/exchange.h"

namespace berth::http_server {

namespace asio = boost::asio;
using Executor = asio::io_context::executor_type;
template <typename T>
using Task = asio::awaitable<T, Executor>;
using Socket = asio::basic_stream_socket<asio::ip::tcp, Executor>;
using Acceptor = asio::basic_socket_acceptor<asio::ip::tcp, Executor>;
inline constexpr asio::use_awaitable_t<Executor> kUse;

class Connection;

class IoThread {
 public:
  IoThread(Core& core, int index);
  ~IoThread();

  // From outside, in this order.
  void Start(int listener);  // takes the descriptor over
  void BeginDrain();         // closes the listener and idle connections
  void CloseAll();           // ends the others as well
  void Join();

  Core& core() { return core_; }
  asio::io_context& context() { return context_; }
  std::span<char> scratch() { return {scratch_.get(), Transport::kScratchBytes}; }
  std::string_view DateLine();
  void AppendRequestId(std::string& out);
  static int64_t NowMs();  // monotonic, coarse

  std::unique_ptr<Exchange> TakeExchange();
  void GiveBack(std::unique_ptr<Exchange> exchange);

  // Idle connections that still hold an Exchange.
  static constexpr int kMaxWarm = 512;
  int warm = 0;

  void Register(Connection& connection);
  void Unregister(Connection& connection);

 private:
  Task<void> Accept();
  Task<void> Tick();
  // Milliseconds to pause before the next accept; 0: wait for the listener.
  int AcceptSome();
  int OutOfDescriptors();
  void Adopt(int fd, const Address& peer);
  void ConnectionGone();
  IoThread& LeastLoaded();

  Core& core_;
  const int index_;
  asio::io_context context_;
  std::optional<asio::executor_work_guard<Executor>> work_;
  asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor> ticker_;
  asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>
      accept_pause_;
  Acceptor acceptor_;
  int spare_fd_ = -1;  // given up to take a connection when no descriptor is left
  std::thread thread_;
  std::atomic<int> load_ = 0;  // connections; read by other threads

  std::vector<Connection*> connections_;
  std::vector<std::unique_ptr<Exchange>> exchanges_;
  std::unique_ptr<char[]> scratch_;
  std::string date_line_;
  int64_t date_second_ = -1;
  uint64_t request_count_ = 0;
};

}  // namespace berth::http_server
