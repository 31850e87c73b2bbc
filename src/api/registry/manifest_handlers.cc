// Manifests, tags and referrers: OCI distribution-spec end-3, end-7, end-8, end-9, end-12.
#include "api/registry/errors.h"
#include "api/registry/handlers.h"
#include "api/registry/paging.h"
#include "base/encoding.h"
#include "json/writer.h"
#include "registry/manifest.h"

namespace berth::api::registry {
namespace {

namespace core = berth::registry;

http::Response AnswerManifest(const http::Request& request, const core::ServedManifest& manifest,
                              std::string limit_headers) {
  const std::string& digest = manifest.digest.text();
  std::string headers = std::move(limit_headers);
  headers.reserve(headers.size() + 192 + 2 * digest.size() + manifest.media_type.size());
  headers.append(kVersionHeader);
  headers.append("Content-Type: ").append(manifest.media_type);
  headers.append("\r\nDocker-Content-Digest: ").append(digest);
  headers.append("\r\nETag: \"").append(digest).append("\"\r\n");
  http::Response response;
  response.headers = std::move(headers);
  if (request.HasHeader("If-None-Match") && NoneMatchHas(request, "\"" + digest + "\"")) {
    response.status = 304;
    return response;
  }
  response.body = manifest.payload;
  return response;
}

// The tags of ?tag=, or the tag that the path names.
Result<core::PutManifest> ReadPut(const http::Request& request) {
  core::PutManifest put;
  put.payload = request.body;
  put.content_type = request.HeaderValue("Content-Type");
  const std::string_view reference = request.Param("reference");
  put.tags = request.QueryValues("tag");
  if (core::IsTag(reference)) {
    if (!put.tags.empty()) return Fail(ErrorCode::kInvalidArgument, "tag parameters need a digest as reference", "tag");
    put.tags.emplace_back(reference);
    return put;
  }
  if (!Digest::LooksLikeDigest(reference)) TRY_VOID(core::CheckTag(reference));
  TRY(put.digest, Digest::Parse(reference));
  return put;
}

std::string TagHeader(const std::vector<std::string>& tags) {
  std::string value;
  for (const std::string& tag : tags) value.append(value.empty() ? "" : ", ").append(tag);
  return value;
}

}  // namespace

http::Response GetManifest(RegistryApi& api, const http::Request& request) {
  auto authorized = Authorize(api, request, Need::kPull);
  if (auto* refused = std::get_if<http::Response>(&authorized)) return std::move(*refused);
  const auto& [access, name] = std::get<Authorized>(authorized);
  auto manifest = api.registry.manifests().Get(name.full, request.Param("reference"));
  if (!manifest) return ErrorResponse(request, manifest.error());
  const bool counts = request.method != http::Method::kHead;
  std::string limit_headers;
  if (api.pull_gate) {
    if (auto refused = api.pull_gate(request, access->caller, **manifest, counts, limit_headers))
      return *std::move(refused);
  }
  http::Response response = AnswerManifest(request, **manifest, std::move(limit_headers));
  if (response.status == 200) {
    if (counts) {
      api.registry.pulls().Count(**manifest);
    } else {
      api.registry.pulls().CountCheck(**manifest);
    }
  }
  return response;
}

http::Response PutManifest(RegistryApi& api, const http::Request& request) {
  auto authorized = Authorize(api, request, Need::kPush);
  if (auto* refused = std::get_if<http::Response>(&authorized)) return std::move(*refused);
  const auto& [access, name] = std::get<Authorized>(authorized);
  auto put = ReadPut(request);
  if (!put) return ErrorResponse(request, put.error());
  const accounts::Caller caller = CallerOf(access, request);
  auto repository = api.registry.repositories().FindOrCreateForPush(caller, name);
  if (!repository) return ErrorResponse(request, repository.error());
  auto stored = api.registry.manifests().Put(caller, *repository, *put);
  if (!stored) return ErrorResponse(request, stored.error());
  http::Response response = Bare(201);
  response.Add("Location", Location(request, request.Param("name"), "/manifests/" + stored->digest.text()));
  response.Add("Docker-Content-Digest", stored->digest.text());
  if (stored->subject) response.Add("OCI-Subject", stored->subject->text());
  if (!request.QueryValues("tag").empty()) response.Add("OCI-Tag", TagHeader(put->tags));
  return response;
}

http::Response DeleteManifest(RegistryApi& api, const http::Request& request) {
  auto authorized = Authorize(api, request, Need::kDelete);
  if (auto* refused = std::get_if<http::Response>(&authorized)) return std::move(*refused);
  const auto& [access, name] = std::get<Authorized>(authorized);
  auto repository = api.registry.repositories().Find(name.full);
  if (!repository) return ErrorResponse(request, repository.error());
  const accounts::Caller caller = CallerOf(access, request);
  const std::string_view reference = request.Param("reference");
  Result<void> done;
  if (Digest::LooksLikeDigest(reference)) {
    auto digest = Digest::Parse(reference);
    if (!digest) return ErrorResponse(request, digest.error());
    done = api.registry.manifests().DeleteManifest(caller, *repository, *digest);
  } else {
    done = api.registry.manifests().DeleteTag(caller, *repository, reference);
  }
  if (!done) return ErrorResponse(request, done.error());
  return Bare(202);
}

http::Response ListTags(RegistryApi& api, const http::Request& request) {
  auto authorized = Authorize(api, request, Need::kPull);
  if (auto* refused = std::get_if<http::Response>(&authorized)) return std::move(*refused);
  const auto& name = std::get<Authorized>(authorized).name;
  const auto page = ReadPage(request, api.registry.options().max_page);
  if (!page) return ErrorResponse(request, page.error());
  auto repository = api.registry.repositories().Find(name.full);
  if (!repository) return ErrorResponse(request, repository.error());
  // One more than asked for tells whether there is another page.
  auto tags = api.registry.manifests().ListTags(repository->id, page->last, page->size + 1);
  if (!tags) return ErrorResponse(request, tags.error());
  const bool more = static_cast<int64_t>(tags->size()) > page->size;
  if (more) tags->pop_back();
  json::Writer w;
  w.BeginObject().Key("name").String(request.Param("name")).Key("tags").BeginArray();
  for (const std::string& tag : *tags) w.String(tag);
  w.EndArray().EndObject();
  http::Response response = http::Response::Json(200, std::move(w).Take());
  response.headers.append(kVersionHeader);
  if (more && !tags->empty()) AddNextLink(response, request, page->size, tags->back());
  return response;
}

http::Response ListReferrers(RegistryApi& api, const http::Request& request) {
  auto authorized = Authorize(api, request, Need::kPull);
  if (auto* refused = std::get_if<http::Response>(&authorized)) return std::move(*refused);
  const auto& name = std::get<Authorized>(authorized).name;
  const auto subject = Digest::Parse(request.Param("digest"));
  if (!subject) return ErrorResponse(request, subject.error());
  const auto page = ReadPage(request, api.registry.options().max_page);
  if (!page) return ErrorResponse(request, page.error());
  const std::string type = request.QueryValue("artifactType").value_or("");
  std::vector<core::Referrer> referrers;
  // A repository that is not there has no referrers; the specification wants 200 for every subject.
  auto repository = api.registry.repositories().Find(name.full);
  if (!repository && repository.error().code != ErrorCode::kNameUnknown)
    return ErrorResponse(request, repository.error());
  if (repository) {
    auto found = api.registry.manifests().ListReferrers(repository->id, *subject, type, page->last, page->size + 1);
    if (!found) return ErrorResponse(request, found.error());
    referrers = *std::move(found);
  }
  const bool more = static_cast<int64_t>(referrers.size()) > page->size;
  if (more) referrers.pop_back();
  json::Writer w;
  w.BeginObject().Key("schemaVersion").Int(2).Key("mediaType").String(core::kOciIndex).Key("manifests").BeginArray();
  for (const core::Referrer& referrer : referrers) {
    w.BeginObject().Key("mediaType").String(referrer.media_type).Key("digest").String(referrer.digest);
    w.Key("size").Int(referrer.size);
    if (!referrer.artifact_type.empty()) w.Key("artifactType").String(referrer.artifact_type);
    if (!referrer.annotations.empty()) w.Key("annotations").Raw(referrer.annotations);
    w.EndObject();
  }
  w.EndArray().EndObject();
  http::Response response;
  response.headers.append(kVersionHeader);
  response.Add("Content-Type", core::kOciIndex);
  if (!type.empty()) response.Add("OCI-Filters-Applied", "artifactType");
  const std::string extra = type.empty() ? "" : "&artifactType=" + PercentEncode(type);
  if (more && !referrers.empty()) AddNextLink(response, request, page->size, referrers.back().digest, extra);
  response.body = std::move(w).Take();
  return response;
}

}  // namespace berth::api::registry
