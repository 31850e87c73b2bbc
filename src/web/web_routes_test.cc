#include "web/web_routes.h"

#include <gtest/gtest.h>

namespace berth::web {
namespace {

constexpr Asset kScript{.path = "/assets/a-1.js",
                        .content_type = "text/javascript; charset=utf-8",
                        .hash = "abc",
                        .plain = "plain bytes",
                        .brotli = "br",
                        .gzip = "gzip",
                        .immutable = true};

http::Response Get(const Asset& asset, std::vector<http::Header> headers) {
  http::Request request;
  request.method = http::Method::kGet;
  request.headers = headers;
  return ServeAsset(asset, request);
}

std::string BodyOf(const http::Response& response) {
  const auto* bytes = std::get_if<http::SharedBytes>(&response.body);
  return bytes ? **bytes : "";
}

http::Response Visit(const http::Router& router, std::string_view path) {
  auto found = router.Find(http::Method::kGet, path);
  auto* match = std::get_if<http::Match>(&found);
  if (!match) return http::Response::Empty(404);
  http::Request request;
  request.method = http::Method::kGet;
  request.path = path;
  request.params = std::move(match->params);
  return match->route->handler(request);
}

TEST(ChooseEncoding, PrefersBrotliThenGzip) {
  EXPECT_EQ(ChooseEncoding(kScript, "gzip, deflate, br"), Encoding::kBrotli);
  EXPECT_EQ(ChooseEncoding(kScript, "gzip, deflate"), Encoding::kGzip);
  EXPECT_EQ(ChooseEncoding(kScript, ""), Encoding::kPlain);
  EXPECT_EQ(ChooseEncoding(kScript, "deflate"), Encoding::kPlain);
  EXPECT_EQ(ChooseEncoding(kScript, "*"), Encoding::kBrotli);
}

TEST(ChooseEncoding, TakesNothingThatIsRefused) {
  EXPECT_EQ(ChooseEncoding(kScript, "br;q=0, gzip;q=0.5"), Encoding::kGzip);
  EXPECT_EQ(ChooseEncoding(kScript, "br; q=0.0, *"), Encoding::kGzip);
  EXPECT_EQ(ChooseEncoding(kScript, "*;q=0"), Encoding::kPlain);
  EXPECT_EQ(ChooseEncoding(kScript, "br;q=0.05"), Encoding::kBrotli);
}

TEST(ChooseEncoding, OffersNoEncodingThatIsNotThere) {
  Asset image = kScript;
  image.brotli = {};
  EXPECT_EQ(ChooseEncoding(image, "br, gzip"), Encoding::kGzip);
  image.gzip = {};
  EXPECT_EQ(ChooseEncoding(image, "br, gzip"), Encoding::kPlain);
}

TEST(ServeAsset, SendsTheEncodingWithItsOwnTag) {
  const http::Response response = Get(kScript, {{"Accept-Encoding", "br"}});
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(BodyOf(response), "br");
  EXPECT_NE(response.headers.find("Content-Encoding: br\r\n"), std::string::npos);
  EXPECT_NE(response.headers.find("ETag: \"abc-br\"\r\n"), std::string::npos);
  EXPECT_NE(response.headers.find("Vary: Accept-Encoding\r\n"), std::string::npos);
  EXPECT_NE(response.headers.find("immutable"), std::string::npos);
  EXPECT_EQ(BodyOf(Get(kScript, {})), "plain bytes");
}

TEST(ServeAsset, AnswersNotModified) {
  const http::Response response = Get(kScript, {{"If-None-Match", "\"x\", W/\"abc\""}});
  EXPECT_EQ(response.status, 304);
  EXPECT_EQ(BodyOf(response), "");
  // The tag of another encoding names other bytes.
  EXPECT_EQ(Get(kScript, {{"If-None-Match", "\"abc-br\""}}).status, 200);
}

TEST(ServeAsset, ForbidsInlineCodeAndOtherHosts) {
  const http::Response response = Get(kScript, {});
  EXPECT_NE(response.headers.find("default-src 'none'; script-src 'self'; style-src 'self';"), std::string::npos);
  EXPECT_EQ(response.headers.find("unsafe"), std::string::npos);
  EXPECT_NE(response.headers.find("frame-ancestors 'none'"), std::string::npos);
  EXPECT_NE(response.headers.find("X-Content-Type-Options: nosniff\r\n"), std::string::npos);
}

TEST(Assets, AreSortedAndFound) {
  const auto assets = Assets();
  ASSERT_FALSE(assets.empty());
  for (size_t i = 1; i < assets.size(); ++i) EXPECT_LT(assets[i - 1].path, assets[i].path);
  for (const Asset& asset : assets) EXPECT_EQ(FindAsset(asset.path), &asset);
  EXPECT_EQ(FindAsset("/assets/none.js"), nullptr);
}

TEST(AddWebRoutes, ServesTheContracts) {
  http::Router router;
  AddWebRoutes(router);
  EXPECT_NE(BodyOf(Visit(router, "/openapi/hub.yaml")).find("openapi: 3.0"), std::string::npos);
  EXPECT_NE(BodyOf(Visit(router, "/openapi/registry.yaml")).find("openapi: 3.0"), std::string::npos);
  EXPECT_EQ(Visit(router, "/openapi/other.yaml").status, 404);
}

TEST(AddWebRoutes, ServesPagesAndLeavesOtherPathsAlone) {
  if (!FindAsset("/index.html")) GTEST_SKIP() << "built without the web interface";
  http::Router router;
  AddWebRoutes(router);
  const std::string index = BodyOf(Visit(router, "/"));
  EXPECT_NE(index.find("<div id=\"root\">"), std::string::npos);
  for (const char* page :
       {"/r/acme/api", "/r/acme/api/tags/1.0/files", "/_/nginx", "/u/acme", "/settings/tokens", "/admin/jobs"}) {
    EXPECT_EQ(BodyOf(Visit(router, page)), index) << page;
  }
  for (const char* other : {"/v2/", "/v2/users/login", "/api/berth/v1/none", "/metrics", "/index.html"}) {
    EXPECT_EQ(Visit(router, other).status, 404) << other;
  }
}

// Every file that the page names is there, and may be kept for ever.
TEST(AddWebRoutes, ServesWhatThePageNames) {
  const Asset* index = FindAsset("/index.html");
  if (!index) GTEST_SKIP() << "built without the web interface";
  size_t named = 0;
  for (size_t at = index->plain.find("\"/assets/"); at != std::string_view::npos;
       at = index->plain.find("\"/assets/", at + 1)) {
    const std::string_view path = index->plain.substr(at + 1, index->plain.find('"', at + 1) - at - 1);
    const Asset* asset = FindAsset(path);
    ASSERT_TRUE(asset) << path;
    EXPECT_TRUE(asset->immutable) << path;
    ++named;
  }
  EXPECT_GE(named, 2u);
}

}  // namespace
}  // namespace berth::web
