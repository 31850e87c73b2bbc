#include "http/router.h"

#include <gtest/gtest.h>

#include "base/encoding.h"

namespace berth::http {
namespace {

struct Found {
  std::string operation;  // empty: none
  std::vector<std::pair<std::string, std::string>> params;
  bool path_exists = false;
  std::string allow;
};

Handler Nothing() {
  return [](const Request&) { return Response::Empty(200); };
}

Router Table() {
  Router router;
  const auto add = [&](Method method, const char* pattern, const char* operation) {
    Route route;
    route.method = method;
    route.pattern = pattern;
    route.operation = operation;
    route.handler = Nothing();
    router.Add(std::move(route));
  };
  add(Method::kGet, "/", "root");
  add(Method::kGet, "/v2/", "base");
  add(Method::kGet, "/v2/_catalog", "catalog");
  add(Method::kGet, "/v2/{name+}/tags/list", "tags");
  add(Method::kGet, "/v2/{name+}/manifests/{reference}", "manifest");
  add(Method::kPut, "/v2/{name+}/manifests/{reference}", "putManifest");
  add(Method::kHead, "/v2/{name+}/blobs/{digest}", "headBlob");
  add(Method::kGet, "/v2/{name+}/blobs/{digest}", "blob");
  add(Method::kPost, "/v2/{name+}/blobs/uploads/", "startUpload");
  add(Method::kPatch, "/v2/{name+}/blobs/uploads/{session}", "patchUpload");
  add(Method::kGet, "/v2/repositories/{namespace}/{repository}", "hubRepository");
  add(Method::kGet, "/v2/repositories/{namespace}/{repository}/tags/{tag}", "hubTag");
  add(Method::kGet, "/v2/users/{username}", "user");
  add(Method::kGet, "/v2/users/login", "login");
  add(Method::kGet, "/assets/{path+}", "assets");
  return router;
}

Found Look(const Router& router, Method method, std::string_view path) {
  const auto result = router.Find(method, path);
  Found found;
  if (const auto* match = std::get_if<Match>(&result)) {
    found.operation = match->route->operation;
    for (const PathParam& p : match->params) found.params.emplace_back(p.name, p.value);
  } else {
    found.path_exists = std::get<NoMatch>(result).path_exists;
    found.allow = std::get<NoMatch>(result).allow;
  }
  return found;
}

TEST(RouterTest, FindsRoutes) {
  const Router router = Table();
  using Params = std::vector<std::pair<std::string, std::string>>;
  const struct {
    Method method;
    const char* path;
    const char* operation;
    Params params;
  } cases[] = {
      {Method::kGet, "/", "root", {}},
      {Method::kGet, "/v2", "base", {}},
      {Method::kGet, "/v2/", "base", {}},
      {Method::kHead, "/v2/", "base", {}},
      {Method::kGet, "/v2/_catalog", "catalog", {}},
      {Method::kGet, "/v2/nginx/tags/list", "tags", {{"name", "nginx"}}},
      {Method::kGet, "/v2/a/b/c/tags/list/", "tags", {{"name", "a/b/c"}}},
      {Method::kGet, "/v2/a/manifests/b/manifests/x", "manifest", {{"name", "a/manifests/b"}, {"reference", "x"}}},
      {Method::kPut, "/v2/a/b/manifests/v1", "putManifest", {{"name", "a/b"}, {"reference", "v1"}}},
      {Method::kGet, "/v2/a/manifests/sha256%3Aab", "manifest", {{"name", "a"}, {"reference", "sha256:ab"}}},
      {Method::kHead, "/v2/a/blobs/d", "headBlob", {{"name", "a"}, {"digest", "d"}}},
      {Method::kPost, "/v2/a/b/blobs/uploads/", "startUpload", {{"name", "a/b"}}},
      {Method::kPost, "/v2/a/b/blobs/uploads", "startUpload", {{"name", "a/b"}}},
      // The method decides too: a GET there is a blob called "uploads".
      {Method::kGet, "/v2/a/b/blobs/uploads", "blob", {{"name", "a/b"}, {"digest", "uploads"}}},
      {Method::kPatch, "/v2/a/b/blobs/uploads/u1", "patchUpload", {{"name", "a/b"}, {"session", "u1"}}},
      {Method::kGet, "/v2/repositories/o/r", "hubRepository", {{"namespace", "o"}, {"repository", "r"}}},
      {Method::kGet,
       "/v2/repositories/o/r/tags/list",
       "hubTag",
       {{"namespace", "o"}, {"repository", "r"}, {"tag", "list"}}},
      {Method::kPut, "/v2/repositories/o/manifests/x", "putManifest", {{"name", "repositories/o"}, {"reference", "x"}}},
      {Method::kGet, "/v2/users/login", "login", {}},
      {Method::kGet, "/v2/users/ann", "user", {{"username", "ann"}}},
      {Method::kGet, "/assets/js/app.js", "assets", {{"path", "js/app.js"}}},
  };
  for (const auto& c : cases) {
    const Found found = Look(router, c.method, c.path);
    EXPECT_EQ(found.operation, c.operation) << c.path;
    EXPECT_EQ(found.params, c.params) << c.path;
  }
}

TEST(RouterTest, Misses) {
  const Router router = Table();
  for (const char* path :
       {"", "v2", "*", "//", "/v2//", "/v2//tags/list", "/v2/a//b/tags/list", "/v2/tags/list", "/nothing",
        "/v2/a/manifests/x%00y", "/v2/a/manifests/x%zz", "/v2/a/manifests/%2", "/assets", "/assets/"}) {
    const Found found = Look(router, Method::kGet, path);
    EXPECT_EQ(found.operation, "") << path;
    EXPECT_FALSE(found.path_exists) << path;
  }
  std::string deep = "/v2";
  for (int i = 0; i < 100; ++i) deep += "/x";
  EXPECT_EQ(Look(router, Method::kGet, deep + "/tags/list").operation, "");
}

TEST(RouterTest, AllowNamesTheMethodsOfThePath) {
  const Router router = Table();
  const Found found = Look(router, Method::kDelete, "/v2/a/manifests/x");
  EXPECT_TRUE(found.path_exists);
  EXPECT_EQ(found.allow, "GET, HEAD, PUT");
  EXPECT_EQ(Look(router, Method::kOther, "/v2/a/blobs/uploads").allow, "GET, HEAD, POST");
  EXPECT_EQ(Look(router, Method::kPost, "/v2/nginx/tags/list").allow, "GET, HEAD");
}

TEST(RouterTest, FallbackAndErrorPageByLongestPrefix) {
  Router router = Table();
  const auto text = [](std::string body) {
    return [body](const Request&, const auto&) { return Response::Text(404, body); };
  };
  router.AddFallback("/v2/", text("registry"));
  router.AddFallback("/v2/users/", text("hub"));
  router.AddErrorPage("/v2/", text("registry error"));
  const auto body = [&](std::string_view path) {
    Request request;
    request.path = path;
    return std::get<std::string>(router.RunFallback(request, {}).body);
  };
  EXPECT_EQ(body("/v2/x"), "registry");
  EXPECT_EQ(body("/v2"), "registry");
  EXPECT_EQ(body("/v2/users/x"), "hub");
  EXPECT_EQ(body("/v2/usersx"), "registry");
  EXPECT_EQ(body("/other"), "Not Found\n");
  Request request;
  request.path = "/v2/x";
  EXPECT_EQ(std::get<std::string>(router.RunErrorPage(request, 413).body), "registry error");
  request.path = "/x";
  EXPECT_EQ(router.RunErrorPage(request, 413).status, 413);
  const Response allowed = router.RunFallback(request, {true, "GET"});
  EXPECT_EQ(allowed.status, 405);
  EXPECT_NE(allowed.headers.find("Allow: GET\r\n"), std::string::npos);
}

TEST(RouterDeathTest, RefusesBadRoutes) {
  const auto add = [](const char* pattern, bool handler) {
    Router router;
    for (int i = 0; i < 2; ++i) {
      Route route;
      route.pattern = pattern;
      if (handler) route.handler = Nothing();
      router.Add(std::move(route));
    }
  };
  EXPECT_DEATH(add("/a", true), "added twice");
  EXPECT_DEATH(add("/a", false), "exactly one");
  EXPECT_DEATH(add("a", true), "leading slash");
  EXPECT_DEATH(add("/{a+}/{b+}", true), "two");
}

TEST(TypesTest, Queries) {
  Request request;
  request.query = "n=10&last=a%2Fb+c&n=11&flag&na%6De=x&bad=%zz";
  EXPECT_EQ(request.QueryValue("n"), "10");
  EXPECT_EQ(request.QueryValues("n"), (std::vector<std::string>{"10", "11"}));
  EXPECT_EQ(request.QueryValue("last"), "a/b c");
  EXPECT_EQ(request.QueryValue("flag"), "");
  EXPECT_EQ(request.QueryValue("name"), "x");
  EXPECT_EQ(request.QueryValue("bad"), "%zz");
  EXPECT_EQ(request.QueryValue("none"), std::nullopt);
}

TEST(TypesTest, HeadersCannotBeSplit) {
  Response response;
  response.Add("Location", std::string_view("/a\r\nSet-Cookie: x\0y", 19)).Add("Content-Length", int64_t{-5});
  EXPECT_EQ(response.headers, "Location: /aSet-Cookie: xy\r\nContent-Length: -5\r\n");
}

TEST(TypesTest, RequestLookups) {
  const Header headers[] = {{"Accept", "a"}, {"ACCEPT", "b"}, {"X-Empty", ""}};
  Request request;
  request.headers = headers;
  request.secure = true;
  request.host = "hub.example:8443";
  EXPECT_EQ(request.HeaderValue("accept"), "a");
  EXPECT_TRUE(request.HasHeader("x-empty"));
  EXPECT_FALSE(request.HasHeader("x-none"));
  EXPECT_EQ(request.BaseUrl(), "https://hub.example:8443");
  EXPECT_EQ(BodyLength(Body(std::string("abc"))), 3u);
  EXPECT_EQ(BodyLength(Body(FileSlice{nullptr, 0, 5, 7})), 7u);
  EXPECT_EQ(ParseMethod("PATCH"), Method::kPatch);
  EXPECT_EQ(ParseMethod("get"), Method::kOther);
}

}  // namespace
}  // namespace berth::http
