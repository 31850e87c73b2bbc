// Bodies that go to a sink.
#include <algorithm>
#include <latch>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "http_server/test_client.h"

namespace berth::http_server {
namespace {

using http::Request;
using http::Response;
using http::UploadSink;

// What the sinks of a test have seen.
struct Log {
  std::mutex mutex;
  std::string bytes;
  size_t largest = 0;
  std::vector<std::pair<uintptr_t, size_t>> pieces;  // address and size
  int opened = 0;
  int finished = 0;
  int abandoned = 0;
  int destroyed = 0;

  template <typename Read>
  auto Look(Read read) {
    std::lock_guard lock(mutex);
    return read(*this);
  }
};

class RecordingSink final : public UploadSink {
 public:
  RecordingSink(Log& log, size_t refuse_after) : log_(log), refuse_after_(refuse_after) {
    std::lock_guard lock(log_.mutex);
    ++log_.opened;
  }
  ~RecordingSink() override {
    std::lock_guard lock(log_.mutex);
    ++log_.destroyed;
  }
  Result<void> Write(std::string_view bytes) override {
    std::lock_guard lock(log_.mutex);
    if (log_.bytes.size() + bytes.size() > refuse_after_) return Fail(ErrorCode::kOutOfSpace, "full");
    log_.bytes.append(bytes);
    log_.largest = std::max(log_.largest, bytes.size());
    log_.pieces.push_back({reinterpret_cast<uintptr_t>(bytes.data()), bytes.size()});
    return {};
  }
  Response Finish() override {
    std::lock_guard lock(log_.mutex);
    ++log_.finished;
    return Response::Text(201, std::to_string(log_.bytes.size()));
  }
  Response Refuse(const Error& error) override { return Response::Text(507, error.message); }
  void Abandon() override {
    std::lock_guard lock(log_.mutex);
    ++log_.abandoned;
  }

 private:
  Log& log_;
  size_t refuse_after_;
};

class UploadTest : public ServerFixture {
 protected:
  UploadTest() {
    options.upload_buffer_bytes = 128 << 10;
    AddUpload("/up", [this](const Request& request) -> std::variant<std::unique_ptr<UploadSink>, Response> {
      if (request.HasHeader("x-deny")) return Response::Text(401, "no");
      if (request.HasHeader("x-throw")) throw std::runtime_error("boom");
      return std::make_unique<RecordingSink>(log, refuse_after);
    });
    for (size_t i = 0; i < data.size(); ++i) data[i] = static_cast<char>(i * 31 + i / 1000);
  }
  std::string Head(const std::string& lines) { return "PUT /up HTTP/1.1\r\nHost: a\r\n" + lines + "\r\n"; }
  std::string WithLength(size_t size, const std::string& lines = "") {
    return Head("Content-Length: " + std::to_string(size) + "\r\n" + lines);
  }
  std::string Chunked(std::string_view bytes, size_t chunk) {
    std::string text;
    for (size_t at = 0; at < bytes.size(); at += chunk) {
      const std::string_view part = bytes.substr(at, chunk);
      char head[24];
      std::snprintf(head, sizeof head, "%zx\r\n", part.size());
      text.append(head).append(part).append("\r\n");
    }
    return text + "0\r\n\r\n";
  }
  std::string TakeBytes() {
    return log.Look([](Log& l) { return std::exchange(l.bytes, {}); });
  }

  Log log;
  size_t refuse_after = SIZE_MAX;
  std::string data = std::string(3'000'001, '\0');
};

TEST_F(UploadTest, WithLength) {
  Start();
  Client client(port);
  for (const size_t size : {0u, 1u, 4000u, 100'000u, 131'072u, 131'073u, 3'000'001u}) {
    client.Send(WithLength(size));
    client.Send(std::string_view(data).substr(0, size));
    const Answer answer = client.Read();
    EXPECT_EQ(answer.status, 201);
    EXPECT_EQ(answer.body, std::to_string(size));
    EXPECT_EQ(TakeBytes(), data.substr(0, size));
  }
  EXPECT_LE(log.largest, options.upload_buffer_bytes);
  EXPECT_EQ(log.finished, 7);
  EXPECT_EQ(log.destroyed, 7);
}

// A sink can write pieces past the page cache: each begins at a page, of memory and of the body.
TEST_F(UploadTest, PiecesBeginAtPages) {
  Start();
  Client client(port);
  const std::string chunked = Head("Transfer-Encoding: chunked\r\n");
  for (const std::string& text : {WithLength(3'000'001) + data, chunked + Chunked(data, 32'768),
                                  chunked + Chunked(data, 5'003), chunked + Chunked(data, 200'001)}) {
    std::thread sender([&] { EXPECT_EQ(client.Send(text), text.size()); });
    EXPECT_EQ(client.Read().status, 201);
    sender.join();
    const auto pieces = log.Look([](Log& each) { return std::exchange(each.pieces, {}); });
    ASSERT_GT(pieces.size(), 20u);
    for (size_t i = 0; i < pieces.size(); ++i) {
      EXPECT_EQ(pieces[i].first % 4096, 0u) << i;
      if (i + 1 < pieces.size()) {
        EXPECT_EQ(pieces[i].second % 4096, 0u) << i;
      }
    }
    EXPECT_EQ(TakeBytes(), data);
  }
}

TEST_F(UploadTest, ChunkedAndPipelined) {
  Start();
  Client client(port);
  const std::string chunked = "Transfer-Encoding: chunked\r\n";
  for (const size_t chunk : {1000u, 32'768u, 200'000u, 3'000'001u}) {
    const std::string text =
        Head(chunked) + Chunked(data, chunk) + Head(chunked) + Chunked("second", 2) + WithLength(5) + "third";
    std::thread sender([&] { EXPECT_EQ(client.Send(text), text.size()); });
    EXPECT_EQ(client.Read().body, std::to_string(data.size()));
    EXPECT_EQ(client.Read().status, 201);
    EXPECT_EQ(client.Read().status, 201);
    sender.join();
    const std::string expected = data + "secondthird";
    EXPECT_TRUE(TakeBytes() == expected);
  }
  client.Send(Head(chunked) + "0\r\n\r\n");
  EXPECT_EQ(client.Read().body, "0");
}

TEST_F(UploadTest, ContinueOnlyWhenAccepted) {
  Start();
  Client client(port);
  client.Send(WithLength(200'000, "Expect: 100-continue\r\n"));
  EXPECT_EQ(client.Read().status, 100);
  EXPECT_EQ(log.Look([](Log& l) { return l.opened; }), 1);
  client.Send(std::string_view(data).substr(0, 200'000));
  EXPECT_EQ(client.Read().status, 201);
  client.Send(WithLength(200'000, "Expect: 100-continue\r\nX-Deny: 1\r\n"));
  const Answer denied = client.Read();
  EXPECT_EQ(denied.status, 401);
  EXPECT_EQ(denied.headers.at("connection"), "close");
}

TEST_F(UploadTest, RefusalBeforeTheBodyIsSent) {
  Start();
  Client client(port);
  // A client that hears nothing until it has sent all: the refusal must survive.
  client.Send(WithLength(data.size(), "X-Deny: 1\r\n"));
  client.Send(data);
  EXPECT_EQ(client.Read().status, 401);
  EXPECT_TRUE(client.AtEnd());
  Client small(port);
  small.Send(WithLength(5, "X-Deny: 1\r\n") + "hello" + WithLength(5) + "hello");
  EXPECT_EQ(small.Read().status, 401);
  EXPECT_EQ(small.Read().status, 201);
  Client throws(port);
  throws.Send(WithLength(5, "X-Throw: 1\r\n") + "hello");
  EXPECT_EQ(throws.Read().status, 500);
}

TEST_F(UploadTest, RefusalInTheMiddle) {
  refuse_after = 300'000;
  Start();
  Client client(port);
  client.Send(WithLength(data.size()));
  client.Send(data);
  const Answer answer = client.Read();
  EXPECT_EQ(answer.status, 507);
  EXPECT_EQ(answer.body, "full");
  EXPECT_EQ(log.Look([](Log& l) { return l.finished + l.abandoned; }), 0);
  EXPECT_EQ(log.Look([](Log& l) { return l.destroyed; }), 1);
}

TEST_F(UploadTest, ClientGone) {
  Start();
  for (const bool chunked : {false, true}) {
    {
      Client client(port);
      client.Send(chunked ? Head("Transfer-Encoding: chunked\r\n") + "2dc6c1\r\n" : WithLength(data.size()));
      client.Send(std::string_view(data).substr(0, 1'000'000));
    }
    EXPECT_TRUE(Eventually([&] { return log.Look([](Log& l) { return l.abandoned + l.destroyed; }) == 2; }));
    EXPECT_EQ(log.Look([](Log& l) { return l.finished; }), 0);
    EXPECT_EQ(TakeBytes(), data.substr(0, 1'000'000));  // all that arrived was kept
    log.abandoned = log.destroyed = 0;
  }
}

TEST_F(UploadTest, StalledClientIsAbandoned) {
  options.body_timeout = std::chrono::seconds(1);
  Start();
  Client client(port);
  client.Send(WithLength(data.size()));
  client.Send(std::string_view(data).substr(0, 500'000));
  EXPECT_EQ(client.Read().status, 408);
  EXPECT_EQ(log.Look([](Log& l) { return l.abandoned; }), 1);
}

TEST_F(UploadTest, BrokenChunksAreAbandoned) {
  Start();
  Client client(port);
  client.Send(Head("Transfer-Encoding: chunked\r\n") + "30000\r\n" + data.substr(0, 0x30000) + "\r\nxx\r\n");
  EXPECT_EQ(client.Read().status, 400);
  EXPECT_EQ(log.Look([](Log& l) { return l.abandoned; }), 1);
  EXPECT_EQ(log.Look([](Log& l) { return l.finished; }), 0);
}

TEST_F(UploadTest, BoundedNumber) {
  options.max_uploads = 2;
  Start();
  Client one(port);
  Client two(port);
  for (Client* client : {&one, &two}) {
    client->Send(WithLength(5, "Expect: 100-continue\r\n"));
    EXPECT_EQ(client->Read().status, 100);
  }
  Client three(port);
  three.Send(WithLength(0));
  const Answer refused = three.Read();
  EXPECT_EQ(refused.status, 429);
  EXPECT_TRUE(refused.headers.contains("retry-after"));
  one.Send("hello");
  two.Send("hello");
  EXPECT_EQ(one.Read().status, 201);
  EXPECT_EQ(two.Read().status, 201);
  Client four(port);
  four.Send(WithLength(5) + "hello");
  EXPECT_EQ(four.Read().status, 201);
}

TEST_F(UploadTest, ManyAtOnce) {
  Start();
  std::vector<std::thread> threads;
  std::atomic<int> good = 0;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      Client client(port);
      client.Send(i % 2 == 0 ? WithLength(data.size()) + data
                             : Head("Transfer-Encoding: chunked\r\n") + Chunked(data, 32'768));
      good += client.Read().status == 201;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good, 8);
  EXPECT_EQ(log.bytes.size(), 8 * data.size());
}

}  // namespace
}  // namespace berth::http_server
