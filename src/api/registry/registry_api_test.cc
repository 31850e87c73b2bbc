// The registry's operations through the router, as a client sees them.
#include "api/registry/registry_api.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "crypto/secret_box.h"
#include "registry/test_registry.h"

namespace berth::api::registry {
namespace {

using http::Method;
using Headers = std::map<std::string, std::string>;

struct Answer {
  int status = 0;
  std::string headers;
  std::string body;
  std::string operation;

  std::string Get(const std::string& name) const {
    std::string all = "\r\n" + headers;
    const size_t at = all.find("\r\n" + name + ": ");
    if (at == std::string::npos) return "";
    const size_t begin = at + name.size() + 4;
    return all.substr(begin, all.find("\r\n", begin) - begin);
  }
  std::string Path() const {  // of Location
    const std::string location = Get("Location");
    return location.substr(location.find("/v2/"));
  }
};

std::string BodyText(http::Body& body) {
  if (auto* text = std::get_if<std::string>(&body)) return *text;
  if (auto* shared = std::get_if<http::SharedBytes>(&body)) return **shared;
  if (auto* slice = std::get_if<http::FileSlice>(&body)) {
    std::string bytes(slice->length, '\0');
    EXPECT_EQ(::pread(slice->fd, bytes.data(), bytes.size(), static_cast<off_t>(slice->offset)),
              static_cast<ssize_t>(bytes.size()));
    return bytes;
  }
  return "";
}

class RegistryApiTest : public berth::registry::RegistryTest {
 protected:
  RegistryApiTest()
      : box_(*crypto::SecretBox::FromText(std::string(64, 'a'))),
        keys_(database(), box_, clock()),
        tokens_(keys_, clock(), accounts::RegistryTokenOptions()) {
    Rebuild();
  }
  void Rebuild() {
    api_ = std::make_unique<RegistryApi>(RegistryApi{registry(), tokens_, "", {}});
    router_ = std::make_unique<http::Router>();
    AddRoutes(*router_, *api_);
  }

  std::string Token(const accounts::Caller& caller,
                    std::vector<std::pair<std::string, std::vector<std::string>>> repositories) {
    std::vector<accounts::AccessEntry> access;
    for (auto& [name, actions] : repositories) access.push_back({"repository", "", name, actions});
    auto issued = tokens_.Issue(caller, access);
    EXPECT_TRUE(issued);
    return issued ? issued->token : "";
  }
  std::string AliceToken() { return Token(alice(), {{"alice/app", {"pull", "push", "delete"}}}); }

  Answer Do(Method method, const std::string& target, const std::string& token, Headers headers = {},
            const std::string& body = "", size_t piece = 1 << 20) {
    http::Request request;
    request.method = method;
    request.target = target;
    const size_t mark = target.find('?');
    request.path = request.target.substr(0, mark);
    if (mark != std::string::npos) request.query = request.target.substr(mark + 1);
    request.host = "localhost:5000";
    request.peer = "192.0.2.1";
    if (!token.empty()) headers["Authorization"] = "Bearer " + token;
    if (!body.empty()) headers.try_emplace("Content-Length", std::to_string(body.size()));
    std::vector<http::Header> lines;
    for (const auto& [name, value] : headers) lines.push_back({name, value});
    request.headers = lines;
    auto found = router_->Find(method, request.path);
    if (auto* miss = std::get_if<http::NoMatch>(&found)) return ToAnswer(router_->RunFallback(request, *miss), "");
    auto& match = std::get<http::Match>(found);
    request.params = match.params;
    const std::string operation(match.route->operation);
    if (match.route->upload) return ToAnswer(Pump(*match.route, request, body, piece), operation);
    request.body = body;
    if (match.route->fast) {
      if (auto response = match.route->fast(request)) return ToAnswer(*std::move(response), operation);
    }
    return ToAnswer(match.route->handler(request), operation);
  }

  static http::Response Pump(const http::Route& route, const http::Request& request, std::string_view body,
                             size_t piece) {
    auto opened = route.upload(request);
    if (auto* refused = std::get_if<http::Response>(&opened)) return std::move(*refused);
    auto& sink = std::get<std::unique_ptr<http::UploadSink>>(opened);
    for (size_t at = 0; at < body.size(); at += piece) {
      if (auto written = sink->Write(body.substr(at, piece)); !written) return sink->Refuse(written.error());
    }
    return sink->Finish();
  }
  static Answer ToAnswer(http::Response response, std::string operation) {
    return {response.status, response.headers, BodyText(response.body), std::move(operation)};
  }

  std::string PutBlob(const std::string& bytes) {
    const std::string digest = DigestOf(bytes).text();
    const Answer answer = Do(Method::kPost, "/v2/alice/app/blobs/uploads/?digest=" + digest, AliceToken(), {}, bytes);
    EXPECT_EQ(answer.status, 201) << answer.body;
    return digest;
  }
  std::string Manifest() {
    PutBlob("{}");
    PutBlob("layer");
    return ImageText(DigestOf("{}"), {DigestOf("layer")});
  }
  Answer PutTag(const std::string& reference, const std::string& payload) {
    return Do(Method::kPut, "/v2/alice/app/manifests/" + reference, AliceToken(),
              {{"Content-Type", std::string(berth::registry::kOciManifest)}}, payload);
  }

  const crypto::SecretBox box_;
  accounts::SigningKeys keys_;
  accounts::RegistryTokens tokens_;
  std::unique_ptr<RegistryApi> api_;
  std::unique_ptr<http::Router> router_;
};
INSTANTIATE_TEST_SUITE_P(Backends, RegistryApiTest, sql::AllBackends(), sql::BackendName);

TEST_P(RegistryApiTest, PingChallengesAndAnswers) {
  const Answer challenge = Do(Method::kGet, "/v2/", "");
  EXPECT_EQ(challenge.status, 401);
  EXPECT_EQ(challenge.Get("Www-Authenticate"), R"(Bearer realm="http://localhost:5000/token",service="berth")");
  EXPECT_NE(challenge.body.find(R"("detail":null)"), std::string::npos);
  const Answer ok = Do(Method::kGet, "/v2/", AliceToken());
  EXPECT_EQ(ok.status, 200);
  EXPECT_EQ(ok.Get("Docker-Distribution-Api-Version"), "registry/2.0");
  EXPECT_NE(Do(Method::kGet, "/v2/", "nonsense").Get("Www-Authenticate").find("invalid_token"), std::string::npos);
}

TEST_P(RegistryApiTest, EveryOperationNeedsItsRight) {
  const std::string digest = PutBlob("bytes");
  ASSERT_EQ(PutTag("v1", Manifest()).status, 201);
  const std::string started = Do(Method::kPost, "/v2/alice/app/blobs/uploads/", AliceToken()).Path();
  struct Case {
    Method method;
    std::string path;
    std::string action;
  };
  const std::string uploads = "/v2/alice/app/blobs/uploads/";
  const std::vector<Case> cases = {
      {Method::kGet, "/v2/alice/app/manifests/v1", "pull"},
      {Method::kHead, "/v2/alice/app/manifests/v1", "pull"},
      {Method::kPut, "/v2/alice/app/manifests/v1", "push"},
      {Method::kDelete, "/v2/alice/app/manifests/v1", "delete"},
      {Method::kDelete, "/v2/alice/app/manifests/" + digest, "delete"},
      {Method::kGet, "/v2/alice/app/tags/list", "pull"},
      {Method::kGet, "/v2/alice/app/referrers/" + digest, "pull"},
      {Method::kGet, "/v2/alice/app/blobs/" + digest, "pull"},
      {Method::kHead, "/v2/alice/app/blobs/" + digest, "pull"},
      {Method::kDelete, "/v2/alice/app/blobs/" + digest, "delete"},
      {Method::kPost, uploads, "push"},
      {Method::kPatch, started, "push"},
      {Method::kPut, started, "push"},
      {Method::kGet, started, "push"},
      {Method::kDelete, started, "push"},
  };
  for (const Case& c : cases) {
    const std::string what = std::string(http::ToString(c.method)) + " " + c.path;
    const Answer none = Do(c.method, c.path, "");
    EXPECT_EQ(none.status, 401) << what;
    EXPECT_NE(none.Get("Www-Authenticate").find("scope=\"repository:alice/app:"), std::string::npos) << what;
    EXPECT_EQ(none.Get("Www-Authenticate").find("error="), std::string::npos) << what;
    std::vector<std::string> others;
    for (const char* action : {"pull", "push", "delete"}) {
      if (action != c.action) others.push_back(action);
    }
    const Answer wrong =
        Do(c.method, c.path, Token(alice(), {{"alice/app", others}, {"alice/other", {"pull", "push", "delete"}}}));
    EXPECT_EQ(wrong.status, 401) << what;
    EXPECT_NE(wrong.Get("Www-Authenticate").find("error=\"insufficient_scope\""), std::string::npos) << what;
  }
  const std::string old = AliceToken();
  clock().Advance(std::chrono::hours(1));
  EXPECT_EQ(Do(Method::kGet, "/v2/alice/app/manifests/v1", old).status, 401) << "expired";
  EXPECT_EQ(Do(Method::kGet, "/v2/alice/app/manifests/v1", AliceToken()).status, 200) << "nothing was changed";
  EXPECT_EQ(Do(Method::kGet, "/v2/_catalog", AliceToken()).status, 401);
}

TEST_P(RegistryApiTest, AnotherUsersUploadIsNotThere) {
  const std::string started = Do(Method::kPost, "/v2/alice/app/blobs/uploads/", AliceToken()).Path();
  const std::string bobs = Token(bob(), {{"alice/app", {"pull", "push", "delete"}}});
  for (const Method method : {Method::kGet, Method::kPatch, Method::kDelete}) {
    EXPECT_EQ(Do(method, started, bobs, {}, method == Method::kPatch ? "x" : "").status, 404);
  }
  EXPECT_EQ(Do(Method::kPut, started + "?digest=" + DigestOf("").text(), bobs).status, 404);
  EXPECT_EQ(Do(Method::kGet, started, AliceToken()).status, 204);
}

TEST_P(RegistryApiTest, BlobsAreFetchedWholeAndInParts) {
  std::string bytes;
  for (int i = 0; i < 4096; ++i) bytes.push_back(static_cast<char>(i * 7));
  const std::string digest = PutBlob(bytes);
  const std::string path = "/v2/alice/app/blobs/" + digest;
  const Answer whole = Do(Method::kGet, path, AliceToken());
  EXPECT_EQ(whole.status, 200);
  EXPECT_EQ(whole.body, bytes);
  EXPECT_EQ(whole.Get("Docker-Content-Digest"), digest);
  EXPECT_EQ(whole.Get("Accept-Ranges"), "bytes");
  const std::string tag = whole.Get("ETag");
  const Answer part = Do(Method::kGet, path, AliceToken(), {{"Range", "bytes=500-1499"}});
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(part.body, bytes.substr(500, 1000));
  EXPECT_EQ(part.Get("Content-Range"), "bytes 500-1499/4096");
  EXPECT_EQ(Do(Method::kGet, path, AliceToken(), {{"Range", "bytes=-500"}}).body, bytes.substr(3596));
  const Answer outside = Do(Method::kGet, path, AliceToken(), {{"Range", "bytes=5000-10000"}});
  EXPECT_EQ(outside.status, 416);
  EXPECT_EQ(outside.Get("Content-Range"), "bytes */4096");
  EXPECT_EQ(Do(Method::kGet, path, AliceToken(), {{"Range", "bytes=0-1"}, {"If-Range", tag}}).status, 206);
  EXPECT_EQ(Do(Method::kGet, path, AliceToken(), {{"Range", "bytes=0-1"}, {"If-Range", "\"other\""}}).status, 200);
  EXPECT_EQ(Do(Method::kGet, path, AliceToken(), {{"If-None-Match", tag}}).status, 304);
  EXPECT_EQ(Do(Method::kHead, path, AliceToken()).status, 200);
  EXPECT_EQ(Do(Method::kGet, "/v2/alice/app/blobs/" + DigestOf("x").text(), AliceToken()).status, 404);
  EXPECT_EQ(Do(Method::kGet, "/v2/alice/app/blobs/sha256:12", AliceToken()).status, 400);
}

TEST_P(RegistryApiTest, ChunksMustFollowEachOtherAndTheUploadRecovers) {
  const std::string bytes = "0123456789abcdef";
  std::string at = Do(Method::kPost, "/v2/alice/app/blobs/uploads/", AliceToken()).Path();
  Answer answer = Do(Method::kPatch, at, AliceToken(), {{"Content-Range", "0-4"}}, bytes.substr(0, 5));
  EXPECT_EQ(answer.status, 202);
  EXPECT_EQ(answer.Get("Range"), "0-4");
  answer = Do(Method::kPatch, at, AliceToken(), {{"Content-Range", "9-13"}}, bytes.substr(9, 5));
  EXPECT_EQ(answer.status, 416);
  EXPECT_EQ(answer.Get("Range"), "0-4");
  EXPECT_FALSE(answer.Get("Location").empty());
  answer = Do(Method::kGet, at, AliceToken());
  EXPECT_EQ(answer.status, 204);
  EXPECT_EQ(answer.Get("Range"), "0-4");
  EXPECT_EQ(Do(Method::kPatch, at, AliceToken(), {{"Content-Range", "nonsense"}}, "x").status, 400);
  EXPECT_EQ(Do(Method::kPatch, at, AliceToken(), {{"Content-Range", "5-6"}}, "xyz").status, 400) << "lengths differ";
  EXPECT_EQ(Do(Method::kPatch, at, AliceToken(), {}, bytes.substr(5, 5), 2).status, 202) << "streamed";
  const std::string digest = DigestOf(bytes).text();
  answer = Do(Method::kPut, at + "?digest=" + digest, AliceToken(), {{"Content-Range", "0-5"}}, bytes.substr(10));
  EXPECT_EQ(answer.status, 416);
  EXPECT_EQ(Do(Method::kPut, at, AliceToken()).status, 400) << "no digest";
  answer = Do(Method::kPut, at + "?digest=" + digest, AliceToken(), {{"Content-Range", "10-15"}}, bytes.substr(10));
  ASSERT_EQ(answer.status, 201) << answer.body;
  EXPECT_EQ(answer.Get("Docker-Content-Digest"), digest);
  EXPECT_EQ(Do(Method::kGet, answer.Path(), AliceToken()).body, bytes);
  EXPECT_EQ(Do(Method::kGet, at, AliceToken()).status, 404);
}

TEST_P(RegistryApiTest, WrongDigestsAreRefusedOnEveryWay) {
  const std::string digest = DigestOf("right").text();
  EXPECT_EQ(Do(Method::kPost, "/v2/alice/app/blobs/uploads/?digest=" + digest, AliceToken(), {}, "wrong").status, 400);
  std::string at = Do(Method::kPost, "/v2/alice/app/blobs/uploads/", AliceToken()).Path();
  EXPECT_EQ(Do(Method::kPut, at + "?digest=" + digest, AliceToken(), {}, "wrong").status, 400);
  at = Do(Method::kPost, "/v2/alice/app/blobs/uploads/", AliceToken()).Path();
  EXPECT_EQ(Do(Method::kPatch, at, AliceToken(), {}, "wrong").status, 202);
  EXPECT_EQ(Do(Method::kPut, at + "?digest=" + digest, AliceToken()).status, 400);
  EXPECT_EQ(Do(Method::kPost, "/v2/alice/app/blobs/uploads/?digest=sha256:zz", AliceToken(), {}, "x").status, 400);
  EXPECT_EQ(Do(Method::kPost, "/v2/alice/app/blobs/uploads/?digest-algorithm=md5", AliceToken()).status, 400);
  EXPECT_TRUE(blobs().ListUploads()->empty());
}

TEST_P(RegistryApiTest, Sha512AndTheEmptyBlobArePushed) {
  const std::string digest = DigestOf("bytes", DigestAlgorithm::kSha512).text();
  const std::string at = Do(Method::kPost, "/v2/alice/app/blobs/uploads/?digest-algorithm=sha512", AliceToken()).Path();
  EXPECT_EQ(Do(Method::kPut, at + "?digest=" + digest, AliceToken(), {}, "bytes").status, 201);
  EXPECT_EQ(Do(Method::kGet, "/v2/alice/app/blobs/" + digest, AliceToken()).body, "bytes");
  const std::string empty = DigestOf("").text();
  EXPECT_EQ(
      Do(Method::kPost, "/v2/alice/app/blobs/uploads/?digest=" + empty, AliceToken(), {{"Content-Length", "0"}}).status,
      201);
  EXPECT_EQ(Do(Method::kGet, "/v2/alice/app/blobs/" + empty, AliceToken()).status, 200);
  EXPECT_EQ(Do(Method::kGet, "/v2/alice/app/blobs/" + empty, AliceToken(), {{"Range", "bytes=0-"}}).status, 416);
}

TEST_P(RegistryApiTest, MountMissesAndHits) {
  const std::string digest = PutBlob("shared");
  const std::string target = "/v2/alice/two/blobs/uploads/?mount=" + digest;
  const std::string token = Token(alice(), {{"alice/two", {"pull", "push"}}});
  const Answer hit = Do(Method::kPost, target + "&from=alice/app", token);
  EXPECT_EQ(hit.status, 201);
  EXPECT_EQ(hit.Get("Docker-Content-Digest"), digest);
  EXPECT_EQ(Do(Method::kGet, hit.Path(), token).body, "shared");
  EXPECT_EQ(
      Do(Method::kPost, "/v2/alice/three/blobs/uploads/?mount=" + digest, Token(alice(), {{"alice/three", {"push"}}}))
          .status,
      201);
  Execute("UPDATE repository SET is_private = 1");
  const std::string bobs = Token(bob(), {{"bob/app", {"pull", "push"}}});
  for (const std::string& query : {"mount=" + digest + "&from=alice/app", "mount=" + digest,
                                   "mount=" + DigestOf("none").text(), "mount=" + digest + "&from=../x"}) {
    const Answer miss = Do(Method::kPost, "/v2/bob/app/blobs/uploads/?" + query, bobs);
    EXPECT_EQ(miss.status, 202) << query;
    EXPECT_FALSE(miss.Get("Location").empty());
  }
  EXPECT_EQ(Do(Method::kGet, "/v2/bob/app/blobs/" + digest, bobs).status, 404);
}

TEST_P(RegistryApiTest, ManifestsArePutFetchedAndDeleted) {
  const std::string payload = Manifest();
  const std::string digest = DigestOf(payload).text();
  const Answer put = PutTag("v1", payload);
  ASSERT_EQ(put.status, 201) << put.body;
  EXPECT_EQ(put.Get("Docker-Content-Digest"), digest);
  EXPECT_EQ(put.Get("OCI-Tag"), "");
  for (const std::string& path : {std::string("/v2/alice/app/manifests/v1"), put.Path()}) {
    const Answer got =
        Do(Method::kGet, path, AliceToken(), {{"Accept", "application/vnd.docker.distribution.manifest.v2+json"}});
    EXPECT_EQ(got.status, 200);
    EXPECT_EQ(got.body, payload);
    EXPECT_EQ(got.Get("Content-Type"), berth::registry::kOciManifest);
    EXPECT_EQ(got.Get("Docker-Content-Digest"), digest);
  }
  EXPECT_EQ(Do(Method::kGet, put.Path(), AliceToken(), {{"If-None-Match", "\"" + digest + "\""}}).status, 304);
  const Answer tagged = Do(Method::kPut, put.Path() + "?tag=a&tag=b", AliceToken(), {}, payload);
  EXPECT_EQ(tagged.status, 201);
  EXPECT_EQ(tagged.Get("OCI-Tag"), "a, b");
  EXPECT_EQ(Do(Method::kPut, "/v2/alice/app/manifests/v1?tag=a", AliceToken(), {}, payload).status, 400);
  EXPECT_EQ(Do(Method::kPut, put.Path(), AliceToken(), {}, payload + " ").status, 400) << "another digest";
  EXPECT_EQ(Do(Method::kPut, "/v2/alice/app/manifests/sha256:baddigeststring", AliceToken(), {}, payload).status, 400);
  EXPECT_EQ(Do(Method::kGet, "/v2/alice/app/manifests/sha256:baddigeststring", AliceToken()).status, 400);
  EXPECT_EQ(Do(Method::kDelete, "/v2/alice/app/manifests/a", AliceToken()).status, 202);
  EXPECT_EQ(Do(Method::kGet, "/v2/alice/app/manifests/a", AliceToken()).status, 404);
  EXPECT_EQ(Do(Method::kGet, "/v2/alice/app/manifests/b", AliceToken()).status, 200);
  EXPECT_EQ(Do(Method::kDelete, put.Path(), AliceToken()).status, 202);
  EXPECT_EQ(Do(Method::kHead, "/v2/alice/app/manifests/b", AliceToken()).status, 404);
  EXPECT_EQ(Do(Method::kDelete, put.Path(), AliceToken()).status, 404);
}

TEST_P(RegistryApiTest, OnlyGetCountsAsAPull) {
  ASSERT_EQ(PutTag("v1", Manifest()).status, 201);
  Do(Method::kHead, "/v2/alice/app/manifests/v1", AliceToken());
  Do(Method::kGet, "/v2/alice/app/manifests/v1", AliceToken());
  Do(Method::kGet, "/v2/alice/app/manifests/none", AliceToken());
  ASSERT_TRUE(registry().pulls().Flush());
  EXPECT_EQ(Count("SELECT pull_count FROM repository"), 1);
}

TEST_P(RegistryApiTest, TagsAndCatalogueArePaged) {
  const std::string payload = Manifest();
  for (const char* tag : {"a", "a-1", "aa", "b"}) ASSERT_EQ(PutTag(tag, payload).status, 201);
  Answer page = Do(Method::kGet, "/v2/alice/app/tags/list?n=3", AliceToken());
  EXPECT_EQ(page.body, R"({"name":"alice/app","tags":["a","a-1","aa"]})");
  EXPECT_EQ(page.Get("Link"), R"(</v2/alice/app/tags/list?n=3&last=aa>; rel="next")");
  page = Do(Method::kGet, "/v2/alice/app/tags/list?n=3&last=aa", AliceToken());
  EXPECT_EQ(page.body, R"({"name":"alice/app","tags":["b"]})");
  EXPECT_EQ(page.Get("Link"), "");
  EXPECT_EQ(Do(Method::kGet, "/v2/alice/app/tags/list?n=0", AliceToken()).body, R"({"name":"alice/app","tags":[]})");
  EXPECT_EQ(Do(Method::kGet, "/v2/alice/app/tags/list?n=99999999999999999999999", AliceToken()).status, 200);
  EXPECT_EQ(Do(Method::kGet, "/v2/alice/app/tags/list?n=-1", AliceToken()).status, 400);
  EXPECT_EQ(Do(Method::kGet, "/v2/alice/none/tags/list", Token(alice(), {{"alice/none", {"pull"}}})).status, 404);
  const auto token = tokens_.Issue(alice(), {{"registry", "", "catalog", {"*"}}});
  ASSERT_TRUE(token);
  EXPECT_EQ(Do(Method::kGet, "/v2/_catalog", token->token).body, R"({"repositories":["alice/app"]})");
}

TEST_P(RegistryApiTest, ReferrersAnswerAnIndex) {
  PutBlob("{}");
  const std::string subject = DigestOf("subject").text();
  const std::string payload = ImageText(DigestOf("{}"), {},
                                        R"(,"artifactType":"x/y","annotations":{"a":"b"},"subject":)" +
                                            Describe(berth::registry::kOciManifest, DigestOf("subject"), 3));
  const std::string path = "/v2/alice/app/referrers/" + subject;
  EXPECT_EQ(Do(Method::kGet, path, AliceToken()).body,
            R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]})");
  const Answer put = PutTag(DigestOf(payload).text(), payload);
  ASSERT_EQ(put.status, 201) << put.body;
  EXPECT_EQ(put.Get("OCI-Subject"), subject);
  const Answer list = Do(Method::kGet, path + "?artifactType=x%2Fy", AliceToken());
  EXPECT_EQ(list.Get("Content-Type"), berth::registry::kOciIndex);
  EXPECT_EQ(list.Get("OCI-Filters-Applied"), "artifactType");
  EXPECT_NE(list.body.find(R"("artifactType":"x/y","annotations":{"a":"b"})"), std::string::npos) << list.body;
  EXPECT_EQ(Do(Method::kGet, path + "?artifactType=other", AliceToken()).body.find("digest"), std::string::npos);
  EXPECT_EQ(Do(Method::kGet, "/v2/alice/none/referrers/" + subject, Token(alice(), {{"alice/none", {"pull"}}})).status,
            200);
}

TEST_P(RegistryApiTest, OneSegmentIsTheLibrary) {
  EXPECT_EQ(Do(Method::kGet, "/v2/nginx/manifests/latest", Token(alice(), {{"library/nginx", {"pull"}}})).status, 404);
  EXPECT_EQ(Do(Method::kGet, "/v2/library/nginx/manifests/latest", Token(alice(), {{"nginx", {"pull"}}})).status, 404);
  EXPECT_NE(Do(Method::kGet, "/v2/nginx/manifests/latest", "").Get("Www-Authenticate").find("repository:nginx:pull"),
            std::string::npos);
}

TEST_P(RegistryApiTest, BadNamesPathsAndMethods) {
  EXPECT_EQ(Do(Method::kGet, "/v2/UPPER/case/manifests/v1", AliceToken()).status, 400);
  EXPECT_EQ(Do(Method::kGet, "/v2/alice/..%2f..%2fetc/manifests/v1", AliceToken()).status, 400);
  EXPECT_EQ(Do(Method::kGet, "/v2/alice/app/nothing", AliceToken()).status, 404);
  const Answer answer = Do(Method::kPost, "/v2/alice/app/manifests/v1", AliceToken());
  EXPECT_EQ(answer.status, 405);
  EXPECT_FALSE(answer.Get("Allow").empty());
  EXPECT_EQ(PutTag(".bad", "{}").status, 400);
}

TEST_P(RegistryApiTest, UploadsAreCancelled) {
  const std::string at = Do(Method::kPost, "/v2/alice/app/blobs/uploads/", AliceToken()).Path();
  EXPECT_EQ(Do(Method::kDelete, at, AliceToken()).status, 204);
  EXPECT_EQ(Do(Method::kGet, at, AliceToken()).status, 404);
  EXPECT_EQ(Do(Method::kDelete, at, AliceToken()).status, 404);
}

}  // namespace
}  // namespace berth::api::registry
