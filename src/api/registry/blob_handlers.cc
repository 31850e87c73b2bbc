// Blobs: OCI distribution-spec end-2, end-10.
#include "api/registry/errors.h"
#include "api/registry/handlers.h"
#include "api/registry/range.h"

namespace berth::api::registry {
namespace {

// If-Range (RFC 9110 §13.1.5): the range counts only for the very blob that the client has begun with.
bool RangeApplies(const http::Request& request, std::string_view quoted_tag) {
  const std::string_view condition = request.HeaderValue("If-Range");
  return condition.empty() || condition == quoted_tag;
}

http::Response AnswerRange(const http::Request& request, std::shared_ptr<const BlobFile> file, http::Response response,
                           std::string_view quoted_tag) {
  const uint64_t size = file->size();
  http::FileSlice slice;
  slice.fd = file->fd();
  slice.length = size;
  const std::string_view header = request.HeaderValue("Range");
  if (!header.empty() && request.method == http::Method::kGet && RangeApplies(request, quoted_tag)) {
    const auto range = ParseRange(header, size);
    if (std::holds_alternative<Unsatisfiable>(range)) {
      http::Response refused =
          ErrorResponse(request, Error(ErrorCode::kRangeInvalid, "the range is not within the blob"));
      refused.Add("Content-Range", "bytes */" + std::to_string(size));
      return refused;
    }
    if (const auto* part = std::get_if<ByteRange>(&range)) {
      slice.offset = part->first;
      slice.length = part->last - part->first + 1;
      response.status = 206;
      response.Add("Content-Range", "bytes " + std::to_string(part->first) + "-" + std::to_string(part->last) + "/" +
                                        std::to_string(size));
    }
  }
  slice.owner = std::move(file);
  response.body = std::move(slice);
  return response;
}

}  // namespace

http::Response GetBlob(RegistryApi& api, const http::Request& request) {
  auto authorized = Authorize(api, request, Need::kPull);
  if (auto* refused = std::get_if<http::Response>(&authorized)) return std::move(*refused);
  const auto digest = Digest::Parse(request.Param("digest"));
  if (!digest) return ErrorResponse(request, digest.error());
  auto file = api.registry.blobs().Open(std::get<Authorized>(authorized).name.full, *digest);
  if (!file) return ErrorResponse(request, file.error());
  const std::string quoted_tag = "\"" + digest->text() + "\"";
  http::Response response;
  std::string& headers = response.headers;
  headers.reserve(384);
  headers.append(kVersionHeader);
  headers.append("Content-Type: application/octet-stream\r\nAccept-Ranges: bytes\r\n");
  headers.append("Cache-Control: max-age=31536000, private\r\nDocker-Content-Digest: ").append(digest->text());
  headers.append("\r\nETag: ").append(quoted_tag).append("\r\n");
  if (request.HasHeader("If-None-Match") && NoneMatchHas(request, quoted_tag)) {
    response.status = 304;
    return response;
  }
  return AnswerRange(request, *std::move(file), std::move(response), quoted_tag);
}

http::Response DeleteBlob(RegistryApi& api, const http::Request& request) {
  auto authorized = Authorize(api, request, Need::kDelete);
  if (auto* refused = std::get_if<http::Response>(&authorized)) return std::move(*refused);
  const auto digest = Digest::Parse(request.Param("digest"));
  if (!digest) return ErrorResponse(request, digest.error());
  auto repository = api.registry.repositories().Find(std::get<Authorized>(authorized).name.full);
  if (!repository) return ErrorResponse(request, repository.error());
  auto done = api.registry.blobs().Delete(repository->id, *digest);
  if (!done) return ErrorResponse(request, done.error());
  return Bare(202);
}

}  // namespace berth::api::registry
