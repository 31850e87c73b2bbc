// Timeouts, bounds and the end of a server.
#include <netinet/tcp.h>
#include <sys/resource.h>

#include <cstdio>
#include <cstring>
#include <fstream>
#include <latch>
#include <memory>
#include <thread>

#include "base/log.h"
#include "http_server/test_client.h"

namespace berth::http_server {
namespace {

using http::Method;
using http::Request;
using http::Response;
using std::chrono::seconds;
using std::chrono::steady_clock;

// Bytes that the kernel keeps to send from `from` to `to`, both ports on 127.0.0.1; -1 when there is no such
// connection.
int64_t BytesToSend(uint16_t from, uint16_t to) {
  char ends[64];
  std::snprintf(ends, sizeof ends, " 0100007F:%04X 0100007F:%04X 01 ", from, to);
  std::ifstream table("/proc/net/tcp");
  for (std::string line; std::getline(table, line);) {
    const size_t at = line.find(ends);
    if (at != std::string::npos) return std::stoll(line.substr(at + std::strlen(ends), 8), nullptr, 16);
  }
  return -1;
}

class LimitsTest : public ServerFixture {
 protected:
  LimitsTest() {
    Add(Method::kGet, "/pool", [](const Request&) { return Response::Text(200, "pool"); });
    Add(Method::kPost, "/echo", [](const Request& r) { return Response::Text(200, std::string(r.body)); });
    Add(Method::kGet, "/wait", [this](const Request&) {
      entered.count_down();
      gate.wait();
      return Response::Text(200, "waited");
    });
  }
  std::latch entered{1};
  std::latch gate{1};
};

TEST_F(LimitsTest, IdleConnectionsEnd) {
  options.idle_timeout = seconds(1);
  Start();
  Client fresh(port);
  Client used(port);
  EXPECT_EQ(used.Get("/pool").status, 200);
  const auto start = steady_clock::now();
  EXPECT_TRUE(used.AtEnd());
  EXPECT_TRUE(fresh.AtEnd());
  EXPECT_GT(steady_clock::now() - start, std::chrono::milliseconds(700));
  EXPECT_LT(steady_clock::now() - start, seconds(4));
}

TEST_F(LimitsTest, SlowHeadsEnd) {
  options.head_timeout = seconds(1);
  Start();
  Client client(port);
  const auto start = steady_clock::now();
  // Each byte is progress, but not for ever.
  for (int i = 0; i < 8 && !client.HasInput(0); ++i) {
    client.Send(i == 0 ? "GET / HTTP/1.1\r\nX: " : "x");
    ::usleep(250'000);
  }
  EXPECT_EQ(client.Read().status, 408);
  EXPECT_TRUE(client.AtEnd());
  EXPECT_LT(steady_clock::now() - start, seconds(4));
}

TEST_F(LimitsTest, StalledBodiesEnd) {
  options.body_timeout = seconds(1);
  Start();
  Client client(port);
  client.Send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n12");
  EXPECT_EQ(client.Read().status, 408);
  EXPECT_TRUE(client.AtEnd());
}

TEST_F(LimitsTest, StalledReadersEnd) {
  options.body_timeout = seconds(1);
  std::atomic<int> open = 0;
  Hooks hooks;
  hooks.connections = [&](int delta) { open += delta; };
  Add(Method::kGet, "/big", [](const Request&) { return Response::Text(200, std::string(64 << 20, 'x')); });
  Start(std::move(hooks));
  Client client(port);
  client.Send("GET /big HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(Eventually([&] { return open == 1; }));
  EXPECT_TRUE(Eventually([&] { return open == 0; }));
}

// Else some hundred readers that stand still use up the memory that the kernel has for all connections of the machine.
TEST_F(LimitsTest, StalledReadersHoldLittleMemoryOfTheKernel) {
  Add(Method::kGet, "/big", [](const Request&) { return Response::Text(200, std::string(64 << 20, 'x')); });
  Start();
  Client client;
  const int small = 8 << 10;
  ::setsockopt(client.fd(), SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
  client.Connect(port);
  client.Send("GET /big HTTP/1.1\r\nHost: a\r\n\r\n");
  ASSERT_TRUE(client.HasInput(10'000));
  int64_t held = -1;
  EXPECT_TRUE(Eventually([&] {
    const int64_t before = std::exchange(held, BytesToSend(port, client.port()));
    return held > 0 && held == before;
  }));
  EXPECT_LE(held, 256 << 10);
}

TEST_F(LimitsTest, NothingIsPacedOverLoopback) {
  char name[16] = {};
  socklen_t size = sizeof name;
  const Client fresh;
  ASSERT_EQ(::getsockopt(fresh.fd(), IPPROTO_TCP, TCP_CONGESTION, name, &size), 0);
  if (!std::string_view(name).starts_with("bbr")) GTEST_SKIP() << "this system's choice is " << name;
  Start();
  Client client(port);
  EXPECT_EQ(client.Get("/pool").status, 200);
  // A connection inherits it from the listener; what has been paced once keeps the timer.
  int listeners = 0, connections = 0;
  for (int fd = 0; fd < 1024; ++fd) {
    sockaddr_in address{};
    socklen_t length = sizeof address;
    if (::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) != 0 || ntohs(address.sin_port) != port)
      continue;
    int listening = 0;
    length = sizeof listening;
    ::getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &length);
    ++(listening != 0 ? listeners : connections);
    size = sizeof name;
    ASSERT_EQ(::getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name, &size), 0);
    EXPECT_STREQ(name, "reno") << (listening != 0 ? "listener" : "connection");
  }
  EXPECT_EQ(listeners, options.io_threads);
  EXPECT_EQ(connections, 1);
}

TEST_F(LimitsTest, TooManyConnections) {
  options.max_connections = 2;
  Start();
  Client one(port);
  EXPECT_EQ(one.Get("/pool").status, 200);
  {
    Client two(port);
    EXPECT_EQ(two.Get("/pool").status, 200);
    Client three(port);
    EXPECT_EQ(three.Read().status, 503);
    EXPECT_TRUE(three.AtEnd());
  }
  EXPECT_TRUE(Eventually([&] { return Client(port).Get("/pool").status == 200; }));
}

TEST_F(LimitsTest, OutOfDescriptorsAndBack) {
  Start();
  Client before(port);
  EXPECT_EQ(before.Get("/pool").status, 200);
  rlimit old{};
  getrlimit(RLIMIT_NOFILE, &old);
  Client clients[3];  // their sockets exist before the limit falls
  // The sanitizer's first look at a class needs a descriptor; what the server will log with is looked at now.
  log::Warn("http", "about to run out of file descriptors");
  log::Flush();
  const int lowest = ::dup(0);
  ::close(lowest);
  const rlimit low{static_cast<rlim_t>(lowest), old.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &low), 0);
  for (Client& client : clients) {
    client.Connect(port);
    EXPECT_EQ(client.Read().status, 503);
    EXPECT_EQ(before.Get("/pool").status, 200);
  }
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &old), 0);
  Client after(port);
  EXPECT_EQ(after.Get("/pool").status, 200);
}

TEST_F(LimitsTest, FullQueueAnswersUnavailable) {
  options.pool_threads = 1;
  Start();
  Client waiting(port);
  waiting.Send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n");
  entered.wait();
  // One connection has one job at most, so the queue fills by many connections.
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur < 12'000) GTEST_SKIP() << "needs 12,000 descriptors";
  std::vector<std::unique_ptr<Client>> clients;
  int refused = 0;
  for (int i = 0; i < 4200 && refused == 0; ++i) {
    auto client = std::make_unique<Client>(port);
    client->Send("GET /pool HTTP/1.1\r\nHost: a\r\n\r\n");
    if (i >= 4096 && client->HasInput(500)) {
      const Answer answer = client->Read();
      EXPECT_EQ(answer.status, 503);
      EXPECT_TRUE(answer.headers.contains("retry-after"));
      ++refused;
    }
    clients.push_back(std::move(client));
  }
  EXPECT_EQ(refused, 1);
  gate.count_down();
  EXPECT_EQ(waiting.Read().body, "waited");
  EXPECT_EQ(clients.front()->Read().body, "pool");
}

TEST_F(LimitsTest, DrainFinishesWhatRuns) {
  Start();
  Client idle(port);
  EXPECT_EQ(idle.Get("/pool").status, 200);
  Client busy(port);
  busy.Send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n");
  entered.wait();
  std::thread drain([&] { server->Drain(); });
  EXPECT_TRUE(idle.AtEnd());
  gate.count_down();
  const Answer answer = busy.Read();
  EXPECT_EQ(answer.body, "waited");
  EXPECT_EQ(answer.headers.at("connection"), "close");
  EXPECT_TRUE(busy.AtEnd());
  drain.join();
  Client late;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_NE(::connect(late.fd(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
}

TEST_F(LimitsTest, DrainCutsOffAfterItsTime) {
  options.drain_timeout = seconds(1);
  Start();
  Client stuck(port);
  stuck.Send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n12");
  ::usleep(100'000);
  const auto start = steady_clock::now();
  server->Drain();
  EXPECT_LT(steady_clock::now() - start, seconds(4));
  EXPECT_TRUE(stuck.AtEnd());
}

TEST_F(LimitsTest, ClientsMayLeaveAtAnyMoment) {
  // Shared: the server closes its last connections after this test's own variables are gone.
  const auto open = std::make_shared<std::atomic<int>>(0);
  Hooks hooks;
  hooks.connections = [open](int delta) { *open += delta; };
  Start(std::move(hooks));
  const std::string text =
      "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
  for (size_t i = 0; i <= text.size(); ++i) {
    Client client(port);
    client.Send(text.substr(0, i));
  }
  EXPECT_TRUE(Eventually([&] { return *open == 0; }));
  EXPECT_EQ(Client(port).Get("/pool").status, 200);
}

}  // namespace
}  // namespace berth::http_server
