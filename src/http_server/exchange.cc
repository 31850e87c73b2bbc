#include "http_server/exchange.h"

#include <exception>

#include "base/log.h"
#include "base/text.h"
#include "http_server/connection.h"

namespace berth::http_server {
namespace {

constexpr size_t kMaxGivenId = 64;

// A proxy's own request id is kept when it is plain.
bool IsPlainId(std::string_view id) {
  if (id.empty() || id.size() > kMaxGivenId) return false;
  for (const char c : id) {
    const bool plain =
        (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
    if (!plain) return false;
  }
  return true;
}

bool MayHaveBody(int status) { return status >= 200 && status != 204 && status != 304; }

}  // namespace

void Exchange::Next() {
  if (used < input.size) std::memmove(input.data.get(), input.data.get() + used, input.size - used);
  input.size -= used;
  used = 0;
  if (!carry.empty()) {
    input.Reserve(input.size + carry.size());
    std::memcpy(input.data.get() + input.size, carry.data(), carry.size());
    input.size += carry.size();
    carry = {};
  }
  parser.Reset();
  head.Clear();
  refused = 0;
  request = http::Request();
  match = http::Match();
  request_id.clear();
  peer.clear();
  body = Buffer();
  chunks = ChunkDecoder();
  body_left = 0;
  body_done = true;
  continue_due = false;
  response = http::Response();
  text.clear();
  outgoing.Clear();
  bytes_in = bytes_out = 0;
}

void Connection::FillRequest() {
  Exchange& ex = *exchange_;
  const RequestHead& head = ex.head;
  http::Request& request = ex.request;
  request.method_text = head.method;
  request.method = http::ParseMethod(head.method);
  request.target = head.target;
  request.path = head.path;
  request.query = head.query;
  request.host = head.host;
  request.peer = peer_;
  request.secure = transport_.secure();
  if (ex.refused == 0) {
    request.headers = head.headers;
    if (trusted_peer_) TrustProxy();
  }
  if (ex.request_id.empty()) thread_.AppendRequestId(ex.request_id);
  request.request_id = ex.request_id;
}

void Connection::TrustProxy() {
  Exchange& ex = *exchange_;
  const auto proxies = core_.proxies.load();
  const Forwarded forwarded = ReadForwarded(ex.head.headers, *proxies);
  if (const auto client = Address::Parse(forwarded.client)) {
    ex.peer = client->ToString();
    ex.request.peer = ex.peer;
  }
  if (!forwarded.proto.empty()) ex.request.secure = EqualsIgnoreCase(forwarded.proto, "https");
  if (!forwarded.host.empty() && IsHostText(forwarded.host)) ex.request.host = forwarded.host;
  const std::string_view id = ex.request.HeaderValue("x-request-id");
  if (IsPlainId(id)) ex.request_id = id;
}

void Connection::Fail(int status) {
  Exchange& ex = *exchange_;
  try {
    ex.response = core_.router.RunErrorPage(ex.request, status);
  } catch (const std::exception& e) {
    log::Error("http", "an error page failed", {{"error", e.what()}});
    ex.response = http::Response::Empty(status);
  }
  const bool later = status == 503 || status == 429;
  if (later && ex.response.headers.find("Retry-After:") == std::string::npos) ex.response.Add("Retry-After", 1);
}

void Connection::FailUnread(int status) {
  Fail(status);
  close_ = linger_ = true;
}

void Connection::FailBody(BodyStatus status) {
  switch (status) {
    case BodyStatus::kBad:
      return FailUnread(400);
    case BodyStatus::kTimeout:
      return FailUnread(408);
    case BodyStatus::kLost:
      lost_ = true;
      return;
    case BodyStatus::kOk:
      return;
  }
}

Connection::Next Connection::Dispatch() {
  Exchange& ex = *exchange_;
  ex.started = std::chrono::steady_clock::now();
  FillRequest();
  if (ex.refused != 0) {
    ex.used = ex.input.size;
    FailUnread(ex.refused);
    return Next::kSend;
  }
  ex.used = ex.head.size;
  ex.bytes_in = ex.head.size;
  close_ = !ex.head.keep_alive;
  BeginBody();

  auto found = core_.router.Find(ex.request.method, ex.request.path);
  if (const auto* miss = std::get_if<http::NoMatch>(&found)) {
    if (ex.request.path == "*") {
      ex.response = http::Response::Empty(204);
      ex.response.Add("Allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
      return Next::kSend;
    }
    try {
      ex.response = core_.router.RunFallback(ex.request, *miss);
    } catch (const std::exception& e) {
      log::Error("http", "a fallback failed", {{"error", e.what()}});
      Fail(500);
    }
    return Next::kSend;
  }
  ex.match = std::move(std::get<http::Match>(found));
  ex.request.params = std::move(ex.match.params);
  ex.request.trace.operation = ex.match.route->operation;
  if (ex.match.route->upload) return Next::kUpload;
  if (ex.body_done && TryFast()) return Next::kSend;
  return Next::kHandler;
}

bool Connection::TryFast() {
  Exchange& ex = *exchange_;
  const http::Route& route = *ex.match.route;
  if (!route.fast) return false;
  try {
    auto answer = route.fast(ex.request);
    if (!answer) return false;
    ex.response = *std::move(answer);
  } catch (const std::exception& e) {
    log::Error("http", "a handler failed",
               {{"operation", route.operation}, {"error", e.what()}, {"request", ex.request_id}});
    Fail(500);
  }
  return true;
}

// On a pool thread.
void Connection::CallHandler() {
  Exchange& ex = *exchange_;
  const http::Route& route = *ex.match.route;
  try {
    ex.response = route.handler(ex.request);
  } catch (const std::exception& e) {
    log::Error("http", "a handler failed",
               {{"operation", route.operation}, {"error", e.what()}, {"request", ex.request_id}});
    Fail(500);
  }
}

Task<void> Connection::RunHandler() {
  Exchange& ex = *exchange_;
  if (!ex.body_done) {
    std::string_view body;
    const uint64_t limit = ex.match.route->max_body;
    if (ex.body_left > limit) {
      FailUnread(413);
      co_return;
    }
    const BodyStatus status = co_await ReadWholeBody(limit, body);
    if (status != BodyStatus::kOk) {
      FailBody(status);
      co_return;
    }
    if (!ex.body_done) {
      FailUnread(413);
      co_return;
    }
    ex.request.body = body;
    if (TryFast()) co_return;
  }
  Pool::Job job = [this] { CallHandler(); };
  if (call_.Start(std::move(job), false)) {
    co_await call_.Join();
  } else {
    Fail(503);
  }
}

Framing Connection::ChooseFraming(bool has_source) const {
  const Exchange& ex = *exchange_;
  if (!MayHaveBody(ex.response.status)) return Framing::kNone;
  if (!has_source) return Framing::kLength;
  return ex.head.http_1_0 ? Framing::kUntilClose : Framing::kChunked;
}

Task<bool> Connection::SendResponse() {
  Exchange& ex = *exchange_;
  http::Response& response = ex.response;
  const bool has_source = std::holds_alternative<std::unique_ptr<http::BodySource>>(response.body);
  const bool is_head = ex.request.method == http::Method::kHead;
  if (!ex.body_done) {
    // What was not read cannot be told from the next request, unless it is here in full.
    if (ex.head.chunked || ex.input.size - ex.used < ex.body_left) {
      close_ = linger_ = true;
    } else {
      ex.used += ex.body_left;
    }
  }
  if (response.close || core_.draining.load(std::memory_order_relaxed)) close_ = true;

  HeadFacts facts;
  facts.status = response.status;
  facts.date_line = thread_.DateLine();
  facts.headers = response.headers;
  facts.request_id = ex.request_id;
  facts.framing = ChooseFraming(has_source);
  facts.content_length = response.content_length.value_or(http::BodyLength(response.body));
  if (!is_head && facts.framing == Framing::kLength) facts.content_length = http::BodyLength(response.body);
  // A HEAD answer need not say how a body would be framed that nobody has made.
  if (is_head && has_source) facts.framing = response.content_length ? Framing::kLength : Framing::kNone;
  if (facts.framing == Framing::kUntilClose) close_ = true;
  facts.keep_alive = !close_;
  facts.http_1_0 = ex.head.http_1_0;
  WriteResponseHead(facts, ex.text);

  const bool with_body = !is_head && MayHaveBody(response.status);
  if (with_body && has_source) {
    ex.outgoing.Start(ex.text, {});
    const bool all = co_await SendSource();
    co_return all;
  }
  http::Body body;
  if (with_body) body = std::move(response.body);
  ex.outgoing.Start(ex.text, std::move(body));
  // Most answers leave here at once.
  if (ex.outgoing.file() == nullptr) {
    const IoStatus status = ex.outgoing.Pump(transport_, thread_.scratch(), SIZE_MAX, ex.bytes_out);
    if (ex.outgoing.done()) co_return true;
    if (status == IoStatus::kClosed) {
      lost_ = true;
      co_return false;
    }
  }
  const bool sent = co_await SendQueued();
  co_return sent;
}

// The body is asked for on the pool, piece by piece, and destroyed there as well: it may hold a database connection.
Task<bool> Connection::SendSource() {
  Exchange& ex = *exchange_;
  const bool chunked = !ex.head.http_1_0;
  bool sent = co_await SendQueued();
  auto source = std::move(std::get<std::unique_ptr<http::BodySource>>(ex.response.body));
  std::string piece;
  bool failed = false;
  bool more = sent;
  while (more) {
    Pool::Job job = [&] {
      try {
        auto read = source->Read();
        failed = !read.has_value();
        if (failed)
          log::Error("http", "a response body failed", {{"error", read.error().message}, {"request", ex.request_id}});
        piece = failed ? std::string() : *std::move(read);
      } catch (const std::exception& e) {
        log::Error("http", "a response body failed", {{"error", e.what()}, {"request", ex.request_id}});
        failed = true;
        piece.clear();
      }
    };
    call_.Start(std::move(job), true);
    co_await call_.Join();
    more = !piece.empty() && !failed;
    ex.text.clear();
    if (chunked && !failed) {
      char size[24];
      const int digits = std::snprintf(size, sizeof size, "%zx\r\n", piece.size());
      ex.text.assign(size, static_cast<size_t>(digits));
      piece.append("\r\n");
    }
    if (failed) break;
    http::Body body = std::move(piece);
    piece = {};
    ex.outgoing.Start(ex.text, std::move(body));
    sent = co_await SendQueued();
    more = more && sent;
  }
  Pool::Job drop = [&] { source.reset(); };
  call_.Start(std::move(drop), true);
  co_await call_.Join();
  if (failed) lost_ = true;  // cut off, so that the client sees that it is not all
  co_return sent && !failed;
}

}  // namespace berth::http_server
