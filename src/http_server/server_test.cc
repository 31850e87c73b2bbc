// Requests and answers over real sockets.
#include "http_server/server.h"

#include <fcntl.h>
#include <sys/resource.h>

#include <latch>
#include <mutex>
#include <thread>

#include "http_server/test_client.h"

namespace berth::http_server {
namespace {

using http::Method;
using http::Request;
using http::Response;

class ServerTest : public ServerFixture {
 protected:
  // /pool, /fast, /echo, /big: what most tests need.
  void AddUsual() {
    Add(Method::kGet, "/pool", [](const Request&) { return Response::Text(200, "pool"); });
    Add(Method::kGet, "/fast", [](const Request&) { return Response::Text(200, "not fast"); }).fast =
        [](const Request& request) -> std::optional<Response> {
      if (request.query == "slow") return std::nullopt;
      return Response::Text(200, "fast");
    };
    Add(Method::kPost, "/echo", [](const Request& r) { return Response::Text(200, std::string(r.body)); }).max_body =
        100'000;
    Add(Method::kGet, "/throws", [](const Request&) -> Response { throw std::runtime_error("boom"); });
    Add(Method::kGet, "/fast-throws", [](const Request&) { return Response(); }).fast =
        [](const Request&) -> std::optional<Response> { throw std::runtime_error("boom"); };
    Add(Method::kGet, "/empty", [](const Request&) { return Response::Empty(204); });
    Add(Method::kGet, "/unchanged", [](const Request&) {
      Response response = Response::Text(304, "never sent");
      return response;
    });
    Add(Method::kGet, "/last", [](const Request&) {
      Response response = Response::Text(200, "bye");
      response.close = true;
      return response;
    });
  }
};

TEST_F(ServerTest, AnswersOnOneConnection) {
  AddUsual();
  Start();
  Client client(port);
  const Answer fast = client.Get("/fast");
  EXPECT_EQ(fast.status, 200);
  EXPECT_EQ(fast.body, "fast");
  EXPECT_EQ(fast.headers.at("content-type"), "text/plain; charset=utf-8");
  EXPECT_EQ(fast.headers.at("date").size(), 29u);
  EXPECT_FALSE(fast.headers.contains("connection"));
  EXPECT_EQ(client.Get("/fast?slow").body, "not fast");
  const Answer pool = client.Get("/pool");
  EXPECT_EQ(pool.body, "pool");
  EXPECT_NE(pool.headers.at("x-request-id"), fast.headers.at("x-request-id"));
  EXPECT_EQ(client.Get("/nowhere").status, 404);
  EXPECT_EQ(client.Get("/throws").status, 500);
  EXPECT_EQ(client.Get("/fast-throws").status, 500);
  const Answer empty = client.Get("/empty");
  EXPECT_EQ(empty.status, 204);
  EXPECT_FALSE(empty.headers.contains("content-length"));
  EXPECT_EQ(client.Get("/unchanged").status, 304);
  EXPECT_EQ(client.Get("/pool").body, "pool");  // nothing of the 304's body came in between
  const Answer last = client.Get("/last");
  EXPECT_EQ(last.headers.at("connection"), "close");
  EXPECT_TRUE(client.AtEnd());
}

TEST_F(ServerTest, Head) {
  AddUsual();
  Add(Method::kHead, "/known", [](const Request&) {
    Response response = Response::Empty(200);
    response.content_length = 12345;
    return response;
  });
  Start();
  Client client(port);
  client.Send(
      "HEAD /pool HTTP/1.1\r\nHost: a\r\n\r\nHEAD /known HTTP/1.1\r\nHost: a\r\n\r\nGET /pool HTTP/1.1\r\nHost: "
      "a\r\n\r\n");
  EXPECT_EQ(client.Read(false).headers.at("content-length"), "4");
  EXPECT_EQ(client.Read(false).headers.at("content-length"), "12345");
  EXPECT_EQ(client.Read().body, "pool");
}

TEST_F(ServerTest, PipelinedAnswersComeInOrder) {
  Add(Method::kGet, "/{n}", [](const Request& r) { return Response::Text(200, std::string(r.Param("n"))); }).fast =
      [](const Request& r) -> std::optional<Response> {
    if (r.Param("n").back() % 2 == 0) return std::nullopt;
    return Response::Text(200, std::string(r.Param("n")));
  };
  Add(Method::kPost, "/{n}",
      [](const Request& r) { return Response::Text(200, std::string(r.Param("n")) + std::string(r.body)); });
  Start();
  Client client(port);
  std::string text;
  for (int i = 0; i < 500; ++i) {
    const std::string n = std::to_string(i);
    if (i % 7 == 0) {
      text += "POST /" + n + " HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
    } else if (i % 5 == 0) {
      text += "POST /" + n + " HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nxy";
    } else {
      text += "GET /" + n + " HTTP/1.1\r\nHost: a\r\n\r\n";
    }
  }
  std::thread sender([&] { EXPECT_EQ(client.Send(text), text.size()); });
  for (int i = 0; i < 500; ++i) {
    const std::string n = std::to_string(i);
    EXPECT_EQ(client.Read().body, i % 7 == 0 ? n + "abc" : i % 5 == 0 ? n + "xy" : n);
  }
  sender.join();
}

TEST_F(ServerTest, BodiesWithLengthAndChunked) {
  AddUsual();
  Start();
  Client client(port);
  for (const size_t size : {0u, 1u, 5000u, 100'000u}) {
    const std::string body(size, 'b');
    client.Send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n");
    ::usleep(1000);
    client.Send(body);
    EXPECT_EQ(client.Read().body, body);
    std::string chunked = "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (size_t at = 0; at < size; at += 777) {
      const size_t n = std::min<size_t>(777, size - at);
      char head[16];
      std::snprintf(head, sizeof head, "%zx\r\n", n);
      chunked += head + body.substr(at, n) + "\r\n";
    }
    client.Send(chunked + "0\r\n\r\n");
    EXPECT_EQ(client.Read().body, body);
  }
}

TEST_F(ServerTest, BodyLimits) {
  AddUsual();
  router.AddErrorPage("/echo", [](const Request&, int status) { return Response::Json(status, "{\"mine\":true}"); });
  Start();
  {
    Client client(port);
    client.Send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100001\r\n\r\n");
    const Answer answer = client.Read();
    EXPECT_EQ(answer.status, 413);
    EXPECT_EQ(answer.body, "{\"mine\":true}");
    EXPECT_EQ(answer.headers.at("connection"), "close");
    EXPECT_TRUE(client.AtEnd());
  }
  {
    // The refusal arrives although the client first sends all it has.
    Client client(port);
    client.Send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    const std::string chunk = "4000\r\n" + std::string(0x4000, 'x') + "\r\n";
    for (int i = 0; i < 60; ++i) client.Send(chunk);
    EXPECT_EQ(client.Read().status, 413);
  }
  Client client(port);
  client.Send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n");
  EXPECT_EQ(client.Read().status, 400);
}

TEST_F(ServerTest, UnreadBodiesOfRefusedRequests) {
  AddUsual();
  Start();
  Client client(port);
  client.Send(
      "POST /nowhere HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbodyGET /pool HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(client.Read().status, 404);
  EXPECT_EQ(client.Read().body, "pool");
  client.Send("POST /nowhere HTTP/1.1\r\nHost: a\r\nContent-Length: 4000\r\n\r\nbody");
  EXPECT_EQ(client.Read().headers.at("connection"), "close");
  client.Send(std::string(3996, 'x'));
  EXPECT_TRUE(client.AtEnd());
}

TEST_F(ServerTest, ExpectContinue) {
  AddUsual();
  Start();
  Client client(port);
  client.Send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.Read().status, 100);
  client.Send("body");
  EXPECT_EQ(client.Read().body, "body");
  client.Send("POST /nowhere HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.Read().status, 404);
}

TEST_F(ServerTest, RefusesSmugglingAndCloses) {
  AddUsual();
  Start();
  for (const std::string lines :
       {"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", "Content-Length: 4\r\nContent-Length: 4\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "X: a\r\n  b\r\n", "X : a\r\n"}) {
    Client client(port);
    client.Send("POST /echo HTTP/1.1\r\nHost: a\r\n" + lines + "\r\n0\r\n\r\nGET /pool HTTP/1.1\r\nHost: a\r\n\r\n");
    const Answer answer = client.Read();
    EXPECT_EQ(answer.status, 400) << lines;
    EXPECT_TRUE(client.AtEnd()) << lines;
  }
  Client client(port);
  client.Send("\x16\x03\x01\x02");
  EXPECT_EQ(client.Read().status, 400);
}

TEST_F(ServerTest, HeadLimit) {
  AddUsual();
  options.max_head_bytes = 10'000;
  Start();
  Client client(port);
  EXPECT_EQ(client.Get("/pool", "X: " + std::string(9'000, 'x') + "\r\n").status, 200);
  EXPECT_EQ(client.Get("/pool", "X: " + std::string(10'000, 'x') + "\r\n").status, 431);
  Client endless(port);
  endless.Send("GET /" + std::string(20'000, 'x'));
  EXPECT_EQ(endless.Read().status, 431);
}

TEST_F(ServerTest, OldClients) {
  AddUsual();
  Start();
  Client client(port);
  client.Send("GET /pool HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(client.Read().headers.at("connection"), "keep-alive");
  client.Send("GET /pool HTTP/1.0\r\n\r\n");
  EXPECT_EQ(client.Read().body, "pool");
  EXPECT_TRUE(client.AtEnd());
  Client absolute(port);
  absolute.Send("GET http://other.example/pool HTTP/1.1\r\nHost: a\r\n\r\nOPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(absolute.Read().body, "pool");
  EXPECT_EQ(absolute.Read().status, 204);
}

// Makes its pieces one by one, then ends or fails.
class Counting final : public http::BodySource {
 public:
  Counting(int pieces, bool fails, std::atomic<int>* alive) : left_(pieces), fails_(fails), alive_(alive) { ++*alive_; }
  ~Counting() override { --*alive_; }
  Result<std::string> Read() override {
    if (left_ == 0 && fails_) return Fail(ErrorCode::kInternal, "broken");
    if (left_ == 0) return std::string();
    return std::string(10'000, static_cast<char>('a' + left_-- % 26));
  }

 private:
  int left_;
  bool fails_;
  std::atomic<int>* alive_;
};

TEST_F(ServerTest, BodySource) {
  std::atomic<int> alive = 0;
  Add(Method::kGet, "/rows", [&](const Request& r) {
    Response response = Response::Empty(200);
    response.body = std::make_unique<Counting>(100, r.query == "fails", &alive);
    return response;
  });
  Start();
  Client client(port);
  const Answer answer = client.Get("/rows");
  EXPECT_EQ(answer.headers.at("transfer-encoding"), "chunked");
  EXPECT_EQ(answer.body.size(), 1'000'000u);
  client.Send("HEAD /rows HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(client.Read(false).status, 200);
  EXPECT_EQ(client.Get("/rows?fails").status, 0);  // cut off, not ended
  Client old(port);
  old.Send("GET /rows HTTP/1.0\r\n\r\n");
  EXPECT_EQ(old.Read().body.size(), 1'000'000u);
  {
    Client leaves(port);
    leaves.Send("GET /rows HTTP/1.1\r\nHost: a\r\n\r\n");
    leaves.Fill();
  }
  EXPECT_TRUE(Eventually([&] { return alive == 0; }));
}

// A file of `size` bytes, each page different.
class TemporaryFile {
 public:
  explicit TemporaryFile(size_t size) {
    char path[] = "/tmp/berth-http-XXXXXX";
    fd_ = ::mkstemp(path);
    ::unlink(path);
    contents_.resize(size);
    for (size_t i = 0; i < size; ++i) contents_[i] = static_cast<char>(i * 7 + i / 4096);
    EXPECT_EQ(::write(fd_, contents_.data(), size), static_cast<ssize_t>(size));
  }
  ~TemporaryFile() { ::close(fd_); }
  int fd() const { return fd_; }
  const std::string& contents() const { return contents_; }

 private:
  int fd_;
  std::string contents_;
};

TEST_F(ServerTest, FileSlices) {
  const TemporaryFile file(10 << 20);
  std::atomic<int> open = 0;
  Add(Method::kGet, "/file/{offset}/{length}", [&](const Request& r) {
    Response response = Response::Empty(206);
    ++open;
    const std::shared_ptr<const void> owner(nullptr, [&open](const void*) { --open; });
    response.body = http::FileSlice{owner, file.fd(), *ParseNumber<uint64_t>(r.Param("offset")),
                                    *ParseNumber<uint64_t>(r.Param("length"))};
    return response;
  });
  Start();
  Client client(port);
  for (const auto& [offset, length] :
       {std::pair<size_t, size_t>{0, 10 << 20}, {1, 1}, {4095, 70'000}, {(10 << 20) - 5, 5}, {77, 0}}) {
    const Answer answer = client.Get("/file/" + std::to_string(offset) + "/" + std::to_string(length));
    EXPECT_EQ(answer.status, 206);
    EXPECT_EQ(answer.body, file.contents().substr(offset, length));
  }
  client.Send("HEAD /file/5/1000 HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(client.Read(false).headers.at("content-length"), "1000");
  // A file that turns out shorter than promised ends the connection instead of a silent wait.
  EXPECT_EQ(client.Get("/file/10485000/1000").status, 0);
  EXPECT_TRUE(Eventually([&] { return open == 0; }));

  // A slow reader gets everything, and others are served meanwhile.
  Client slow(port);
  slow.Send("GET /file/0/10485760 HTTP/1.1\r\nHost: a\r\n\r\n");
  ::usleep(200'000);
  Client other(port);
  EXPECT_EQ(other.Get("/file/5/6").body, file.contents().substr(5, 6));
  EXPECT_EQ(slow.Read().body, file.contents());
  // One that leaves in the middle gives the file back.
  {
    Client leaves(port);
    leaves.Send("GET /file/0/10485760 HTTP/1.1\r\nHost: a\r\n\r\n");
    leaves.Fill();
  }
  EXPECT_TRUE(Eventually([&] { return open == 0; }));
}

TEST_F(ServerTest, SharedBytesAndLargeBodies) {
  const auto bytes = std::make_shared<const std::string>(5 << 20, 's');
  Add(Method::kGet, "/shared", [&](const Request&) {
    Response response;
    response.body = bytes;
    return response;
  });
  Start();
  Client client(port);
  EXPECT_EQ(client.Get("/shared").body, *bytes);
  EXPECT_EQ(client.Get("/shared").body, *bytes);
  EXPECT_TRUE(Eventually([&] { return bytes.use_count() == 1; }));
}

TEST_F(ServerTest, HooksCountConnectionsAndRequests) {
  AddUsual();
  std::atomic<int> connections = 0;
  std::mutex mutex;
  std::vector<std::string> seen;
  Hooks hooks;
  hooks.connections = [&](int delta) { connections += delta; };
  hooks.done = [&](const RequestDone& done) {
    std::lock_guard lock(mutex);
    seen.push_back(std::string(done.request->method_text) + " " + std::string(done.request->trace.operation) + " " +
                   std::to_string(done.status) + " " + std::to_string(done.bytes_in));
    EXPECT_GT(done.bytes_out, 100u);
    EXPECT_GT(done.duration.count(), 0);
    EXPECT_EQ(done.request->peer, "127.0.0.1");
  };
  Start(std::move(hooks));
  {
    Client client(port);
    client.Send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbodyGET /none HTTP/1.1\r\nHost: a\r\n\r\n");
    client.Read();
    client.Read();
    EXPECT_EQ(connections, 1);
  }
  EXPECT_TRUE(Eventually([&] { return connections == 0; }));
  std::lock_guard lock(mutex);
  EXPECT_EQ(seen, (std::vector<std::string>{"POST /echo 200 55", "GET  404 31"}));
}

TEST_F(ServerTest, TrustedProxy) {
  options.trusted_proxies = {"127.0.0.0/8"};
  Add(Method::kGet, "/who", [](const Request& r) {
    return Response::Text(200, std::string(r.peer) + " " + r.BaseUrl() + " " + std::string(r.request_id));
  });
  Start();
  Client client(port);
  EXPECT_EQ(client
                .Get("/who",
                     "X-Forwarded-For: 198.51.100.7\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: hub.example\r\n"
                     "X-Request-Id: given-1\r\n")
                .body,
            "198.51.100.7 https://hub.example given-1");
  const Answer plain = client.Get("/who", "X-Request-Id: a b\r\nX-Forwarded-Host: a<b\r\n");
  EXPECT_EQ(plain.body, "127.0.0.1 http://test.example " + plain.headers.at("x-request-id"));
}

TEST_F(ServerTest, NobodyElseIsBelieved) {
  Add(Method::kGet, "/who",
      [](const Request& r) { return Response::Text(200, std::string(r.peer) + " " + r.BaseUrl()); });
  Start();
  Client client(port);
  EXPECT_EQ(client
                .Get("/who",
                     "X-Forwarded-For: 198.51.100.7\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: evil.example\r\n")
                .body,
            "127.0.0.1 http://test.example");
}

TEST_F(ServerTest, BadAddresses) {
  for (const char* listen : {"nonsense", "127.0.0.1:notaport", "[::1"}) {
    options.listen = listen;
    const auto started = MakeServer(options, router, {})->Start();
    ASSERT_FALSE(started.has_value()) << listen;
    EXPECT_EQ(started.error().code, ErrorCode::kInvalidArgument);
  }
  options.listen = "127.0.0.1:0";
  Start();
  options.listen = "127.0.0.1:" + std::to_string(port);
  const auto second = MakeServer(options, router, {})->Start();
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, ErrorCode::kUnavailable);
  EXPECT_NE(second.error().message.find(options.listen), std::string::npos);
  options.trusted_proxies = {"what"};
  EXPECT_FALSE(MakeServer(options, router, {})->Start().has_value());
}

}  // namespace
}  // namespace berth::http_server
