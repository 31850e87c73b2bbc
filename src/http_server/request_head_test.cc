#include "http_server/request_head.h"

#include <gtest/gtest.h>

namespace berth::http_server {
namespace {

using State = HeadParser::State;

struct Parsed {
  State state = State::kMore;
  int status = 0;
  std::string text;  // what the head's views point into
  RequestHead head;
};

std::unique_ptr<Parsed> Parse(std::string text) {
  auto parsed = std::make_unique<Parsed>();
  parsed->text = std::move(text);
  HeadParser parser;
  parsed->state = parser.Parse(parsed->text, parsed->head);
  if (parsed->state == State::kRefused) parsed->status = parser.status();
  return parsed;
}

TEST(RequestHeadTest, ReadsHead) {
  const auto p = Parse(
      "GET /v2/a/manifests/b?x=1&y HTTP/1.1\r\nHost: hub.example:5000\r\nAccept:  a/b, c/d \r\nX-Empty:\r\n\r\nrest");
  ASSERT_EQ(p->state, State::kComplete);
  EXPECT_EQ(p->head.method, "GET");
  EXPECT_EQ(p->head.target, "/v2/a/manifests/b?x=1&y");
  EXPECT_EQ(p->head.path, "/v2/a/manifests/b");
  EXPECT_EQ(p->head.query, "x=1&y");
  EXPECT_EQ(p->head.host, "hub.example:5000");
  ASSERT_EQ(p->head.headers.size(), 3u);
  EXPECT_EQ(p->head.headers[1].value, "a/b, c/d");
  EXPECT_EQ(p->head.headers[2].value, "");
  EXPECT_EQ(p->head.size, p->text.size() - 4);
  EXPECT_TRUE(p->head.keep_alive);
  EXPECT_FALSE(p->head.HasBody());
}

TEST(RequestHeadTest, WaitsForTheRestByteByByte) {
  const std::string text = "\r\nPUT /x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-Continue\r\n\r\n";
  HeadParser parser;
  RequestHead head;
  for (size_t i = 0; i < text.size(); ++i) {
    const std::string part = text.substr(0, i);  // moves every time, as a growing buffer does
    ASSERT_EQ(parser.Parse(part, head), State::kMore) << i;
  }
  ASSERT_EQ(parser.Parse(text, head), State::kComplete);
  EXPECT_EQ(head.size, text.size());
  EXPECT_EQ(head.content_length, 5u);
  EXPECT_TRUE(head.expect_continue);
}

TEST(RequestHeadTest, KeepAlive) {
  const auto keeps = [](std::string text) { return Parse(std::move(text))->head.keep_alive; };
  EXPECT_TRUE(keeps("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
  EXPECT_FALSE(keeps("GET / HTTP/1.1\r\nHost: a\r\nConnection: TE, Close\r\n\r\n"));
  EXPECT_FALSE(keeps("GET / HTTP/1.0\r\n\r\n"));
  EXPECT_TRUE(keeps("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"));
  EXPECT_FALSE(keeps("GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n"));
}

TEST(RequestHeadTest, Targets) {
  const auto p = Parse("GET http://one.example/a?b HTTP/1.1\r\nHost: two.example\r\n\r\n");
  ASSERT_EQ(p->state, State::kComplete);
  EXPECT_EQ(p->head.path, "/a");
  EXPECT_EQ(p->head.query, "b");
  EXPECT_EQ(p->head.host, "one.example");
  EXPECT_EQ(Parse("GET HTTPS://one.example HTTP/1.1\r\nHost: a\r\n\r\n")->head.path, "/");
  EXPECT_EQ(Parse("GET http://one.example?q=1 HTTP/1.1\r\nHost: a\r\n\r\n")->head.query, "q=1");
  EXPECT_EQ(Parse("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n")->head.path, "*");
  EXPECT_EQ(Parse("GET * HTTP/1.1\r\nHost: a\r\n\r\n")->status, 400);
  EXPECT_EQ(Parse("CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n")->status, 400);
  EXPECT_EQ(Parse("GET a HTTP/1.1\r\nHost: a\r\n\r\n")->status, 400);
  EXPECT_EQ(Parse("GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n")->status, 400);
  EXPECT_EQ(Parse("GET http:///x HTTP/1.1\r\nHost: a\r\n\r\n")->status, 400);
  EXPECT_EQ(Parse("GET http://u@h/x HTTP/1.1\r\nHost: a\r\n\r\n")->status, 400);
  EXPECT_EQ(Parse("GET /#f HTTP/1.1\r\nHost: a\r\n\r\n")->status, 400);
}

TEST(RequestHeadTest, Refuses) {
  const auto with = [](const std::string& lines) { return "POST / HTTP/1.1\r\nHost: a\r\n" + lines + "\r\n"; };
  const struct {
    std::string text;
    int status;
  } cases[] = {
      // smuggling
      {with("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n"), 400},
      {with("Transfer-Encoding: chunked\r\nContent-Length: 1\r\n"), 400},
      {with("Content-Length: 1\r\nContent-Length: 1\r\n"), 400},
      {with("Content-Length: 1, 1\r\n"), 400},
      {with("Content-Length: +1\r\n"), 400},
      {with("Content-Length: -1\r\n"), 400},
      {with("Content-Length: 0x1\r\n"), 400},
      {with("Content-Length:\r\n"), 400},
      {with("Content-Length: 99999999999999999999\r\n"), 400},
      {with("Content-Length : 1\r\n"), 400},
      {with("Transfer-Encoding: xchunked\r\n"), 501},
      {with("Transfer-Encoding: chunked, identity\r\n"), 501},
      {with("Transfer-Encoding: gzip, chunked\r\n"), 501},
      {with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 400},
      {with("Transfer-Encoding: \vchunked\r\n"), 400},
      {with("X: a\r\n b\r\n"), 400},
      {with(" X: a\r\n"), 400},
      {with("X: a\n"), 400},
      {with("X: a\rb\r\n"), 400},
      {with(std::string("X: a\0b\r\n", 8)), 400},
      {with("X: a\x7f\r\n"), 400},
      {with("X: long enough for the fast path \x01\r\n"), 400},
      {with("X\r\n"), 400},
      {with(": a\r\n"), 400},
      {with("X(: a\r\n"), 400},
      {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
      // hosts
      {"GET / HTTP/1.1\r\n\r\n", 400},
      {with("Host: b\r\n"), 400},
      {"GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a\"><b\r\n\r\n", 400},
      // request lines
      {"GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET / HTTP/1.1 \r\nHost: a\r\n\r\n", 400},
      {"GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET /\t HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET /\xc3\xa9 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"G@T / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET /\r\nHost: a\r\n\r\n", 400},
      {"GET / http/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505},
      {"GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505},
      {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
      {with("Expect: 200-ok\r\n"), 417},
      // without waiting for more
      {"\x16\x03\x01", 400},
      {"GET / HTTP/1.1\n", 400},
      {"\nGET", 400},
  };
  for (const auto& c : cases) {
    const auto p = Parse(c.text);
    EXPECT_EQ(p->state, State::kRefused) << c.text;
    EXPECT_EQ(p->status, c.status) << c.text;
  }
}

TEST(RequestHeadTest, AcceptsOddButLawful) {
  EXPECT_EQ(Parse("GET / HTTP/1.1\r\nHost: [::1]:5000\r\nX: \ta\tb\x80\r\n\r\n")->state, State::kComplete);
  EXPECT_EQ(Parse("GET / HTTP/1.1\r\nHost:\r\n\r\n")->state, State::kComplete);
  EXPECT_EQ(Parse("M-SEARCH / HTTP/1.1\r\nhOsT: a\r\n\r\n")->state, State::kComplete);
  EXPECT_TRUE(Parse("PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n")->head.chunked);
  EXPECT_EQ(Parse("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1099511627776\r\n\r\n")->head.content_length,
            1ull << 40);
}

TEST(RequestHeadTest, BoundsTheNumberOfFields) {
  std::string text = "GET / HTTP/1.1\r\nHost: a\r\n";
  for (int i = 0; i < 127; ++i) text += "X: y\r\n";
  EXPECT_EQ(Parse(text + "\r\n")->state, State::kComplete);
  EXPECT_EQ(Parse(text + "X: y\r\n\r\n")->status, 431);
}

}  // namespace
}  // namespace berth::http_server
