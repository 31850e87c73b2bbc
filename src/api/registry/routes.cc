#include "api/registry/errors.h"
#include "api/registry/handlers.h"
#include "base/encoding.h"

namespace berth::api::registry {
namespace {

using http::Method;

using PlainHandler = http::Response (*)(RegistryApi&, const http::Request&);
using SinkHandler = SinkOrResponse (*)(RegistryApi&, const http::Request&);

http::Route Plain(RegistryApi& api, Method method, std::string pattern, std::string_view operation,
                  PlainHandler handler) {
  http::Route route;
  route.method = method;
  route.pattern = std::move(pattern);
  route.operation = operation;
  route.handler = [&api, handler](const http::Request& request) { return handler(api, request); };
  return route;
}

// Answers on the I/O thread where the database is in the process: one indexed read, and sendfile for the body.
http::Route Fast(RegistryApi& api, Method method, std::string pattern, std::string_view operation,
                 PlainHandler handler) {
  http::Route route = Plain(api, method, std::move(pattern), operation, handler);
  route.fast = [&api, handler](const http::Request& request) -> std::optional<http::Response> {
    if (!api.registry.IsEmbedded()) return std::nullopt;
    return handler(api, request);
  };
  return route;
}

http::Route Upload(RegistryApi& api, Method method, std::string pattern, std::string_view operation,
                   SinkHandler handler) {
  http::Route route;
  route.method = method;
  route.pattern = std::move(pattern);
  route.operation = operation;
  route.upload = [&api, handler](const http::Request& request) { return handler(api, request); };
  return route;
}

http::Response AnswerMiss(const http::Request& request, const http::NoMatch& miss) {
  if (!miss.path_exists) {
    return ErrorResponse(request,
                         Error(ErrorCode::kNotFound, "no such resource").WithDetail(std::string(request.path)));
  }
  http::Response response = ErrorResponse(request, Error(ErrorCode::kMethodNotAllowed, "the operation is unsupported"));
  response.Add("Allow", miss.allow);
  return response;
}

}  // namespace

http::Response Bare(int status) {
  http::Response response = http::Response::Empty(status);
  response.headers.append(kVersionHeader);
  return response;
}

std::string Location(const http::Request& request, std::string_view repository, std::string_view rest) {
  std::string url = request.BaseUrl();
  url.append("/v2/").append(repository).append(rest);
  return url;
}

bool NoneMatchHas(const http::Request& request, std::string_view quoted_tag) {
  const std::string_view header = request.HeaderValue("If-None-Match");
  return !header.empty() && (header == "*" || header.find(quoted_tag) != std::string_view::npos);
}

void AddRoutes(http::Router& router, RegistryApi& api) {
  const std::string blobs = "/v2/{name+}/blobs/{digest}";
  const std::string uploads = "/v2/{name+}/blobs/uploads";
  const std::string upload = "/v2/{name+}/blobs/uploads/{upload_id}";
  const std::string manifests = "/v2/{name+}/manifests/{reference}";

  router.Add(Fast(api, Method::kGet, "/v2", "PingRegistry", PingRegistry));
  router.Add(Plain(api, Method::kGet, "/v2/_catalog", "ListCatalog", ListCatalog));
  router.Add(Fast(api, Method::kGet, manifests, "GetManifest", GetManifest));
  router.Add(Fast(api, Method::kHead, manifests, "CheckManifest", GetManifest));
  http::Route put = Plain(api, Method::kPut, manifests, "PutManifest", PutManifest);
  put.max_body = api.registry.options().max_manifest_bytes;
  router.Add(std::move(put));
  router.Add(Plain(api, Method::kDelete, manifests, "DeleteManifest", DeleteManifest));
  router.Add(Plain(api, Method::kGet, "/v2/{name+}/tags/list", "ListTags", ListTags));
  router.Add(Plain(api, Method::kGet, "/v2/{name+}/referrers/{digest}", "ListReferrers", ListReferrers));
  router.Add(Fast(api, Method::kGet, blobs, "GetBlob", GetBlob));
  router.Add(Fast(api, Method::kHead, blobs, "CheckBlob", GetBlob));
  router.Add(Plain(api, Method::kDelete, blobs, "DeleteBlob", DeleteBlob));
  router.Add(Upload(api, Method::kPost, uploads, "StartUpload", StartUpload));
  router.Add(Plain(api, Method::kGet, upload, "GetUploadStatus", GetUploadStatus));
  router.Add(Upload(api, Method::kPatch, upload, "UploadChunk", UploadChunk));
  router.Add(Upload(api, Method::kPut, upload, "FinishUpload", FinishUpload));
  router.Add(Plain(api, Method::kDelete, upload, "CancelUpload", CancelUpload));
  router.AddFallback("/v2/", AnswerMiss);
  router.AddErrorPage("/v2/", [](const http::Request&, int status) { return StatusPage(status); });
}

}  // namespace berth::api::registry
