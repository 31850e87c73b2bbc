#include "web/web_routes.h"

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "base/text.h"

namespace berth::web {
namespace {

// No inline scripts or styles, no other host. Data URLs only for images: the QR code and small pictures in a README.
constexpr std::string_view kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src "
    "'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

// The paths of web/src/routes.tsx.
constexpr std::string_view kPages[] = {
    "/",
    "/search",
    "/r/{path+}",
    "/_/{path+}",
    "/u/{namespace}",
    "/docs/api",
    "/docs/api/{document}",
    "/signin",
    "/signup",
    "/setup",
    "/reset-password",
    "/verify-email",
    "/invitations/{token}",
    "/activate",
    "/notifications",
    "/repositories/create",
    "/settings",
    "/settings/{path+}",
    "/orgs/{path+}",
    "/admin",
    "/admin/{path+}",
};

std::string_view Bytes(const Asset& asset, Encoding encoding) {
  if (encoding == Encoding::kBrotli) return asset.brotli;
  return encoding == Encoding::kGzip ? asset.gzip : asset.plain;
}

// Bodies are shared strings; each is copied out of the program once, when it is first asked for.
http::SharedBytes SharedBody(const Asset& asset, Encoding encoding) {
  static std::mutex mutex;
  static std::unordered_map<const char*, http::SharedBytes> bodies;
  const std::string_view bytes = Bytes(asset, encoding);
  const std::lock_guard lock(mutex);
  http::SharedBytes& body = bodies[bytes.data()];
  if (!body) body = std::make_shared<const std::string>(bytes);
  return body;
}

// One member of a comma-separated header, without spaces around it; moves `rest` behind it.
std::string_view NextMember(std::string_view& rest) {
  const size_t comma = rest.find(',');
  std::string_view member = rest.substr(0, comma);
  rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
  while (!member.empty() && (member.front() == ' ' || member.front() == '\t')) member.remove_prefix(1);
  while (!member.empty() && (member.back() == ' ' || member.back() == '\t')) member.remove_suffix(1);
  return member;
}

// ";q=0", ";q=0.0" and the like.
bool IsRefused(std::string_view parameters) {
  const size_t q = parameters.find("q=");
  return q != std::string_view::npos && parameters.substr(q + 2).find_first_not_of("0.") == std::string_view::npos;
}

bool Accepts(std::string_view accept_encoding, std::string_view coding) {
  bool any = false;
  while (!accept_encoding.empty()) {
    const std::string_view member = NextMember(accept_encoding);
    const size_t semicolon = member.find(';');
    std::string_view name = member.substr(0, semicolon);
    while (!name.empty() && name.back() == ' ') name.remove_suffix(1);
    const bool refused = semicolon != std::string_view::npos && IsRefused(member.substr(semicolon));
    if (EqualsIgnoreCase(name, coding)) return !refused;
    if (name == "*") any = !refused;
  }
  return any;
}

bool NamesTag(std::string_view if_none_match, std::string_view tag) {
  while (!if_none_match.empty()) {
    std::string_view member = NextMember(if_none_match);
    if (member.starts_with("W/")) member.remove_prefix(2);
    if (member == "*" || member == tag) return true;
  }
  return false;
}

void AddSecurityHeaders(http::Response& response) {
  response.Add("Content-Security-Policy", kPolicy)
      .Add("X-Content-Type-Options", "nosniff")
      .Add("X-Frame-Options", "DENY")
      .Add("Referrer-Policy", "same-origin")
      .Add("Cross-Origin-Opener-Policy", "same-origin");
}

void AddGet(http::Router& router, std::string pattern, std::string_view operation, http::Handler handler) {
  http::Route route;
  route.method = http::Method::kGet;
  route.pattern = std::move(pattern);
  route.operation = operation;
  route.handler = handler;
  route.fast = [handler = std::move(handler)](const http::Request& request) { return std::optional(handler(request)); };
  router.Add(std::move(route));
}

http::Response NotFound() {
  return http::Response::Text(404, "There is no such file. The server may have been updated; load the page again.\n");
}

}  // namespace

Encoding ChooseEncoding(const Asset& asset, std::string_view accept_encoding) {
  if (!asset.brotli.empty() && Accepts(accept_encoding, "br")) return Encoding::kBrotli;
  if (!asset.gzip.empty() && Accepts(accept_encoding, "gzip")) return Encoding::kGzip;
  return Encoding::kPlain;
}

http::Response ServeAsset(const Asset& asset, const http::Request& request) {
  const Encoding encoding = ChooseEncoding(asset, request.HeaderValue("Accept-Encoding"));
  std::string tag = "\"" + std::string(asset.hash);
  if (encoding != Encoding::kPlain) tag += encoding == Encoding::kBrotli ? "-br" : "-gz";
  tag += '"';

  const bool unchanged = NamesTag(request.HeaderValue("If-None-Match"), tag);
  http::Response response = http::Response::Empty(unchanged ? 304 : 200);
  response.Add("ETag", tag)
      .Add("Vary", "Accept-Encoding")
      .Add("Cache-Control", asset.immutable ? "public, max-age=31536000, immutable" : "no-cache");
  AddSecurityHeaders(response);
  if (unchanged) return response;
  response.Add("Content-Type", asset.content_type);
  if (encoding != Encoding::kPlain) response.Add("Content-Encoding", encoding == Encoding::kBrotli ? "br" : "gzip");
  response.body = SharedBody(asset, encoding);
  return response;
}

void AddWebRoutes(http::Router& router) {
  const auto add_contract = [&router](std::string path, std::string_view operation) {
    AddGet(router, path, operation, [asset = FindAsset(path)](const http::Request& request) {
      return asset ? ServeAsset(*asset, request) : NotFound();
    });
  };
  add_contract("/openapi/hub.yaml", "GetHubContract");
  add_contract("/openapi/registry.yaml", "GetRegistryContract");
  AddGet(router, "/openapi", "GetContractPages",
         [](const http::Request&) { return http::Response::Redirect(302, "/docs/api"); });

  const Asset* index = FindAsset("/index.html");
  if (!index) {
    AddGet(router, "/", "GetWebPage", [](const http::Request&) {
      return http::Response::Text(
          200, "This Berth was built without its web interface. The registry and the Hub API are here.\n");
    });
    return;
  }
  for (const std::string_view page : kPages) {
    AddGet(router, std::string(page), "GetWebPage",
           [index](const http::Request& request) { return ServeAsset(*index, request); });
  }
  AddGet(router, "/assets/{file}", "GetWebAsset", [](const http::Request& request) {
    const Asset* asset = FindAsset("/assets/" + std::string(request.Param("file")));
    return asset ? ServeAsset(*asset, request) : NotFound();
  });
}

}  // namespace berth::web
