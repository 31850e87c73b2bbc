// HTTP as handlers see it: requests, responses, bodies, upload sinks. No sockets here.
//
// A Request's views point into the connection's buffers and live until its response has been handed back
// (for uploads: until the sink is destroyed). Copy what must live longer.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"

namespace berth::http {

enum class Method { kGet, kHead, kPost, kPut, kPatch, kDelete, kOptions, kOther };
std::string_view ToString(Method method);
Method ParseMethod(std::string_view text);
std::string_view ReasonPhrase(int status);  // "Not Found"; a word for unknown codes too

struct Header {
  std::string_view name;  // as sent; compare with EqualsIgnoreCase
  std::string_view value;
};

struct PathParam {
  std::string_view name;
  std::string_view value;  // percent-decoded
};

// Facts about the request that the access log and metrics want; filled on the way, written once.
struct Trace {
  std::string user;            // account name, or empty when anonymous
  std::string token;           // the kind and public id of the credential ("pat:<uuid>"), never the secret
  std::string_view operation;  // the route's operationId (static storage)
};

struct Request {
  Method method = Method::kOther;
  std::string_view method_text;
  std::string_view target;  // as sent: path and query
  std::string_view path;    // raw, without query
  std::string_view query;   // raw, without '?'
  std::span<const Header> headers;
  std::string_view body;  // whole; empty for uploads
  std::string_view peer;  // client address without port, after trusted proxies ("192.0.2.1", "2001:db8::1")
  bool secure = false;    // TLS here, or said so by a trusted proxy
  std::string_view host;  // Host header (host[:port]), after trusted proxies
  std::string_view request_id;
  std::vector<PathParam> params;  // from the router
  mutable Trace trace;

  // First header of that name (any case), or empty.
  std::string_view HeaderValue(std::string_view name) const;
  bool HasHeader(std::string_view name) const;
  std::string_view Param(std::string_view name) const;  // path parameter, or empty
  // First query parameter of that name, percent- and plus-decoded; empty when absent.
  std::optional<std::string> QueryValue(std::string_view name) const;
  std::vector<std::string> QueryValues(std::string_view name) const;
  // "http://host" as the client addressed us; what absolute links start with.
  std::string BaseUrl() const;
};

// A piece of an open file, sent with sendfile where the connection allows. `owner` keeps the descriptor open.
struct FileSlice {
  std::shared_ptr<const void> owner;
  int fd = -1;
  uint64_t offset = 0;
  uint64_t length = 0;
};

// A body made as it is sent (CSV exports). Read runs on a pool thread; answers "" at the end.
class BodySource {
 public:
  virtual ~BodySource() = default;
  virtual Result<std::string> Read() = 0;
};

using SharedBytes = std::shared_ptr<const std::string>;
// monostate: no body. A SharedBytes body is sent without a copy.
using Body = std::variant<std::monostate, std::string, SharedBytes, FileSlice, std::unique_ptr<BodySource>>;

struct Response {
  int status = 200;
  // Ready header lines, each "Name: value\r\n". Content-Length, Date, Connection and X-Request-Id are the server's
  // business.
  std::string headers;
  Body body;
  // A HEAD answer's Content-Length when the body is not at hand; the server derives it from `body` otherwise.
  std::optional<uint64_t> content_length;
  bool close = false;  // end the connection after this answer

  Response& Add(std::string_view name, std::string_view value);  // drops CR, LF and NUL from the value
  Response& Add(std::string_view name, int64_t value);

  static Response Json(int status, std::string body);
  static Response Text(int status, std::string body, std::string_view type = "text/plain; charset=utf-8");
  static Response Empty(int status);
  static Response Redirect(int status, std::string_view location);
};

uint64_t BodyLength(const Body& body);  // 0 for BodySource

// Receives a request body piece by piece. The server calls it in order, never twice at once, on a pool thread.
// After Write has failed the server answers with that error's response from Refuse() and calls nothing else.
class UploadSink {
 public:
  virtual ~UploadSink() = default;
  // `bytes` is valid until return. Pieces are up to 1 MiB.
  virtual Result<void> Write(std::string_view bytes) = 0;
  // All of the body has arrived and was written.
  virtual Response Finish() = 0;
  // The answer to a failed Write.
  virtual Response Refuse(const Error& error) = 0;
  // The client went away or timed out; what was written may be kept. The sink is destroyed afterwards.
  virtual void Abandon() = 0;
};

}  // namespace berth::http
