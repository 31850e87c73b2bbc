// Finds the operation for a method and path.
//
// Patterns: literal segments, "{name}" for one segment, "{name+}" for one or more (a repository's name); the segments
// after a
// "{name+}" match from the end of the path, so "/v2/{name+}/manifests/{reference}" takes
// "/v2/a/manifests/b/manifests/x" as name "a/manifests/b". Literals win over "{name}", that over "{name+}"; the search
// backtracks, also past a pattern that lacks the method. A trailing slash is ignored on both sides; an empty segment
// elsewhere matches nothing. Parameters are percent-decoded; a bad escape or a NUL matches nothing.
//
// Built once at start, then read by all threads.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "http/types.h"

namespace berth::http {

// Runs on a pool thread (may block) with the whole body in memory.
using Handler = std::function<Response(const Request&)>;
// Runs on the I/O thread and must not block: answers, or empty to leave the request to `handler`.
using FastHandler = std::function<std::optional<Response>(const Request&)>;
// Runs on a pool thread after the head has arrived: a sink for the body, or the refusal.
using UploadHandler = std::function<std::variant<std::unique_ptr<UploadSink>, Response>(const Request&)>;

struct Route {
  Method method = Method::kGet;  // kGet also serves HEAD unless HEAD has its own route
  std::string pattern;
  std::string_view operation;  // operationId in api/*.yaml; static storage
  Handler handler;             // exactly one of handler and upload
  UploadHandler upload;
  FastHandler fast;             // optional, with handler
  uint64_t max_body = 1 << 20;  // bytes; over it 413 (handler routes only)
};

struct Match {
  const Route* route = nullptr;
  std::vector<PathParam> params;
  // Decoded values that differ from the path's bytes live here.
  std::vector<std::unique_ptr<std::string>> storage;
};

struct NoMatch {
  bool path_exists = false;  // another method serves this path
  std::string allow;         // "GET, HEAD, PUT" then
};

class Router {
 public:
  Router();
  ~Router();
  Router(Router&&) noexcept;
  Router& operator=(Router&&) noexcept;

  // Programming errors (bad pattern, the same method and pattern twice) abort.
  void Add(Route route);
  std::variant<Match, NoMatch> Find(Method method, std::string_view path) const;
  const std::vector<std::unique_ptr<Route>>& routes() const { return routes_; }

  // Fallbacks and error pages run on an I/O thread and must not block. The longest prefix of the raw path wins; a
  // prefix that ends in '/' also takes the path without it.

  // The answer when nothing matches, by surface (registry errors for /v2/…, Hub's elsewhere).
  using Fallback = std::function<Response(const Request&, const NoMatch&)>;
  void AddFallback(std::string prefix, Fallback fallback);
  Response RunFallback(const Request& request, const NoMatch& miss) const;

  // The answer to what the server itself refuses, in the surface's error format: 400 (bad body), 408, 413, 417, 429,
  // 431, 500, 503. For a head that could not be parsed the request holds no more than method and path, and those only
  // if they were readable.
  using ErrorPage = std::function<Response(const Request&, int status)>;
  void AddErrorPage(std::string prefix, ErrorPage page);
  Response RunErrorPage(const Request& request, int status) const;

 private:
  struct Node;
  std::vector<std::unique_ptr<Route>> routes_;
  std::unique_ptr<Node> root_;
  std::vector<std::pair<std::string, Fallback>> fallbacks_;
  std::vector<std::pair<std::string, ErrorPage>> error_pages_;
};

}  // namespace berth::http
