#include "http/router.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>

#include "base/encoding.h"

namespace berth::http {
namespace {

constexpr size_t kMaxSegments = 64;
constexpr size_t kMethods = static_cast<size_t>(Method::kOther);

[[noreturn]] void BadRoute(std::string_view pattern, const char* why) {
  std::fprintf(stderr, "route %.*s: %s\n", static_cast<int>(pattern.size()), pattern.data(), why);
  std::abort();
}

// A path cut at its slashes. Fixed in size: a path with more segments is nobody's.
struct Segments {
  std::array<std::string_view, kMaxSegments> items;
  size_t count = 0;

  // False when the path does not start with '/', has an empty segment (other than a trailing slash) or too many.
  bool Cut(std::string_view path) {
    if (path.empty() || path.front() != '/') return false;
    path.remove_prefix(1);
    if (path.empty()) return true;
    if (path.back() == '/') path.remove_suffix(1);
    for (;;) {
      const size_t slash = path.find('/');
      const std::string_view segment = path.substr(0, slash);
      if (segment.empty() || count == kMaxSegments) return false;
      items[count++] = segment;
      if (slash == std::string_view::npos) return true;
      path.remove_prefix(slash + 1);
    }
  }
};

enum class Kind { kLiteral, kSingle, kMulti };

Kind KindOf(std::string_view segment) {
  if (segment.size() < 3 || segment.front() != '{' || segment.back() != '}') return Kind::kLiteral;
  return segment[segment.size() - 2] == '+' ? Kind::kMulti : Kind::kSingle;
}

std::string_view ParamName(std::string_view segment) {
  segment.remove_prefix(1);
  segment.remove_suffix(segment[segment.size() - 2] == '+' ? 2 : 1);
  return segment;
}

template <typename Value>
const Value* LongestPrefix(const std::vector<std::pair<std::string, Value>>& entries, std::string_view path) {
  const Value* best = nullptr;
  size_t best_size = 0;
  for (const auto& [prefix, value] : entries) {
    const bool hit = path.starts_with(prefix) ||
                     (prefix.ends_with('/') && path == std::string_view(prefix).substr(0, prefix.size() - 1));
    if (!hit || (best != nullptr && prefix.size() < best_size)) continue;
    best = &value;
    best_size = prefix.size();
  }
  return best;
}

bool DecodeInto(std::string_view raw, std::string_view name, Match& match) {
  if (raw.find('\0') != std::string_view::npos) return false;
  if (raw.find('%') == std::string_view::npos) {
    match.params.push_back({name, raw});
    return true;
  }
  auto decoded = PercentDecode(raw);
  if (!decoded || decoded->find('\0') != std::string::npos) return false;
  match.storage.push_back(std::make_unique<std::string>(*std::move(decoded)));
  match.params.push_back({name, *match.storage.back()});
  return true;
}

}  // namespace

// A trie of segments from the front. `multi` starts a second trie, read from the path's end, for what follows a
// "{name+}".
struct Router::Node {
  std::vector<std::pair<std::string, std::unique_ptr<Node>>> literals;  // sorted
  std::unique_ptr<Node> single;
  std::unique_ptr<Node> multi;
  std::array<const Route*, kMethods> by_method{};
  bool ends_here = false;

  static bool Before(const std::pair<std::string, std::unique_ptr<Node>>& entry, std::string_view segment) {
    return entry.first < segment;
  }
  const Node* Literal(std::string_view segment) const {
    const auto at = std::lower_bound(literals.begin(), literals.end(), segment, Before);
    return at != literals.end() && at->first == segment ? at->second.get() : nullptr;
  }
  Node& Child(std::string_view segment) {
    if (KindOf(segment) == Kind::kSingle) {
      if (!single) single = std::make_unique<Node>();
      return *single;
    }
    auto at = std::lower_bound(literals.begin(), literals.end(), segment, Before);
    if (at == literals.end() || at->first != segment) {
      at = literals.emplace(at, std::string(segment), std::make_unique<Node>());
    }
    return *at->second;
  }

  // One search: the segments [front, back) are not matched yet.
  struct Search {
    const Segments& segments;
    size_t method;
    std::array<bool, kMethods> allowed{};
    bool path_exists = false;

    const Route* Take(const Node& node) {
      if (!node.ends_here) return nullptr;
      path_exists = true;
      const Route* route = method < kMethods ? node.by_method[method] : nullptr;
      if (route == nullptr && method == static_cast<size_t>(Method::kHead)) {
        route = node.by_method[static_cast<size_t>(Method::kGet)];
      }
      for (size_t i = 0; route == nullptr && i < kMethods; ++i) allowed[i] |= node.by_method[i] != nullptr;
      return route;
    }

    const Route* Forward(const Node& node, size_t front) {
      const size_t back = segments.count;
      if (front == back) return Take(node);
      if (const Node* next = node.Literal(segments.items[front])) {
        if (const Route* route = Forward(*next, front + 1)) return route;
      }
      if (node.single) {
        if (const Route* route = Forward(*node.single, front + 1)) return route;
      }
      return node.multi ? Backward(*node.multi, front, back) : nullptr;
    }

    const Route* Backward(const Node& node, size_t front, size_t back) {
      if (back == front) return nullptr;  // "{name+}" needs one segment at least
      const std::string_view last = segments.items[back - 1];
      if (const Node* next = node.Literal(last)) {
        if (const Route* route = Backward(*next, front, back - 1)) return route;
      }
      if (node.single) {
        if (const Route* route = Backward(*node.single, front, back - 1)) return route;
      }
      return Take(node);
    }
  };
};

Router::Router() : root_(std::make_unique<Node>()) {}
Router::~Router() = default;
Router::Router(Router&&) noexcept = default;
Router& Router::operator=(Router&&) noexcept = default;

void Router::Add(Route route) {
  const std::string_view pattern = route.pattern;
  if (route.method == Method::kOther) BadRoute(pattern, "no method");
  if ((route.handler == nullptr) == (route.upload == nullptr)) BadRoute(pattern, "exactly one of handler and upload");
  if (route.fast && !route.handler) BadRoute(pattern, "fast without handler");
  Segments segments;
  if (!segments.Cut(pattern)) BadRoute(pattern, "empty segment or no leading slash");
  const auto* begin = segments.items.data();
  const auto* end = begin + segments.count;
  const auto* multi = std::find_if(begin, end, [](std::string_view s) { return KindOf(s) == Kind::kMulti; });
  Node* node = root_.get();
  for (const auto* at = begin; at != multi; ++at) node = &node->Child(*at);
  if (multi != end) {
    if (!node->multi) node->multi = std::make_unique<Node>();
    node = node->multi.get();
    for (const auto* at = end - 1; at != multi; --at) {
      if (KindOf(*at) == Kind::kMulti) BadRoute(pattern, "two {name+}");
      node = &node->Child(*at);
    }
  }
  const auto& kept = routes_.emplace_back(std::make_unique<Route>(std::move(route)));
  const Route*& slot = node->by_method[static_cast<size_t>(kept->method)];
  if (slot != nullptr) BadRoute(kept->pattern, "added twice");
  slot = kept.get();
  node->ends_here = true;
}

namespace {

// Names and decodes the parameters of `route` in a path that it matches.
bool BindParams(const Route& route, const Segments& path, Match& match) {
  Segments pattern;
  pattern.Cut(route.pattern);
  match.params.reserve(4);
  size_t at = 0;
  for (size_t i = 0; i < pattern.count; ++i) {
    const std::string_view segment = pattern.items[i];
    const Kind kind = KindOf(segment);
    if (kind == Kind::kLiteral) {
      ++at;
      continue;
    }
    const size_t taken = kind == Kind::kMulti ? path.count - at - (pattern.count - i - 1) : 1;
    const std::string_view last = path.items[at + taken - 1];
    const char* start = path.items[at].data();
    const std::string_view raw(start, static_cast<size_t>(last.data() + last.size() - start));
    if (!DecodeInto(raw, ParamName(segment), match)) return false;
    at += taken;
  }
  match.route = &route;
  return true;
}

}  // namespace

std::variant<Match, NoMatch> Router::Find(Method method, std::string_view path) const {
  Segments segments;
  if (!segments.Cut(path)) return NoMatch();
  Node::Search search{segments, static_cast<size_t>(method)};
  if (const Route* route = search.Forward(*root_, 0)) {
    Match match;
    if (!BindParams(*route, segments, match)) return NoMatch();
    return match;
  }
  NoMatch miss;
  miss.path_exists = search.path_exists;
  if (search.allowed[static_cast<size_t>(Method::kGet)]) search.allowed[static_cast<size_t>(Method::kHead)] = true;
  for (size_t i = 0; i < kMethods; ++i) {
    if (!search.allowed[i]) continue;
    if (!miss.allow.empty()) miss.allow += ", ";
    miss.allow += ToString(static_cast<Method>(i));
  }
  return miss;
}

void Router::AddFallback(std::string prefix, Fallback fallback) {
  fallbacks_.emplace_back(std::move(prefix), std::move(fallback));
}

Response Router::RunFallback(const Request& request, const NoMatch& miss) const {
  if (const Fallback* fallback = LongestPrefix(fallbacks_, request.path)) return (*fallback)(request, miss);
  const int status = miss.path_exists ? 405 : 404;
  Response response = RunErrorPage(request, status);
  if (miss.path_exists) response.Add("Allow", miss.allow);
  return response;
}

void Router::AddErrorPage(std::string prefix, ErrorPage page) {
  error_pages_.emplace_back(std::move(prefix), std::move(page));
}

Response Router::RunErrorPage(const Request& request, int status) const {
  if (const ErrorPage* page = LongestPrefix(error_pages_, request.path)) return (*page)(request, status);
  return Response::Text(status, std::string(ReasonPhrase(status)) + "\n");
}

}  // namespace berth::http
