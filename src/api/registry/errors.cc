#include "api/registry/errors.h"

#include "base/log.h"
#include "json/writer.h"

namespace berth::api::registry {

ErrorForm FormOf(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInternal:
      return {500, "UNKNOWN"};
    case ErrorCode::kInvalidArgument:
      return {400, "UNSUPPORTED"};
    case ErrorCode::kUnauthenticated:
      return {401, "UNAUTHORIZED"};
    case ErrorCode::kPermissionDenied:
      return {403, "DENIED"};
    case ErrorCode::kNotFound:
      return {404, "NAME_UNKNOWN"};
    case ErrorCode::kAlreadyExists:
      return {409, "DENIED"};
    case ErrorCode::kConflict:
      return {409, "BLOB_UPLOAD_INVALID"};
    case ErrorCode::kPreconditionFailed:
      return {412, "DENIED"};
    case ErrorCode::kTooLarge:
      return {413, "SIZE_INVALID"};
    case ErrorCode::kTooManyRequests:
      return {429, "TOOMANYREQUESTS"};
    case ErrorCode::kUnsupported:
      return {405, "UNSUPPORTED"};
    case ErrorCode::kMethodNotAllowed:
      return {405, "UNSUPPORTED"};
    case ErrorCode::kTimeout:
      return {504, "UNAVAILABLE"};
    case ErrorCode::kUnavailable:
      return {503, "UNAVAILABLE"};
    case ErrorCode::kOutOfSpace:
      return {507, "UNAVAILABLE"};
    case ErrorCode::kLimitExceeded:
      return {403, "DENIED"};
    case ErrorCode::kBadCredentials:
      return {401, "UNAUTHORIZED"};
    case ErrorCode::kSecondFactorRequired:
      return {401, "UNAUTHORIZED"};
    case ErrorCode::kTokenScopeTooLow:
      return {403, "DENIED"};
    case ErrorCode::kTokenExpired:
      return {401, "UNAUTHORIZED"};
    case ErrorCode::kBlobUnknown:
      return {404, "BLOB_UNKNOWN"};
    case ErrorCode::kBlobUploadInvalid:
      return {400, "BLOB_UPLOAD_INVALID"};
    case ErrorCode::kBlobUploadUnknown:
      return {404, "BLOB_UPLOAD_UNKNOWN"};
    case ErrorCode::kDigestInvalid:
      return {400, "DIGEST_INVALID"};
    case ErrorCode::kManifestBlobUnknown:
      return {404, "MANIFEST_BLOB_UNKNOWN"};
    case ErrorCode::kManifestInvalid:
      return {400, "MANIFEST_INVALID"};
    case ErrorCode::kManifestUnknown:
      return {404, "MANIFEST_UNKNOWN"};
    case ErrorCode::kNameInvalid:
      return {400, "NAME_INVALID"};
    case ErrorCode::kNameUnknown:
      return {404, "NAME_UNKNOWN"};
    case ErrorCode::kSizeInvalid:
      return {400, "SIZE_INVALID"};
    case ErrorCode::kTagInvalid:
      return {400, "TAG_INVALID"};
    case ErrorCode::kTagImmutable:
      return {403, "DENIED"};
    case ErrorCode::kRangeInvalid:
      return {416, "BLOB_UPLOAD_INVALID"};
    case ErrorCode::kRepositoryArchived:
      return {403, "DENIED"};
    case ErrorCode::kDenied:
      return {403, "DENIED"};
  }
  return {500, "UNKNOWN"};
}

namespace {

http::Response Body(const ErrorForm& form, std::string_view message, std::string_view detail) {
  json::Writer w;
  w.BeginObject().Key("errors").BeginArray().BeginObject();
  w.Key("code").String(form.code).Key("message").String(message).Key("detail");
  if (detail.empty()) {
    w.Null();
  } else {
    w.String(detail);
  }
  w.EndObject().EndArray().EndObject();
  http::Response response = http::Response::Json(form.status, std::move(w).Take());
  response.Add("Docker-Distribution-Api-Version", "registry/2.0");
  return response;
}

std::string_view CodeOf(int status) {
  switch (status) {
    case 413:
      return "SIZE_INVALID";
    case 429:
      return "TOOMANYREQUESTS";
    case 500:
      return "UNKNOWN";
    case 408:
    case 503:
      return "UNAVAILABLE";
    default:
      return "UNSUPPORTED";
  }
}

}  // namespace

http::Response ErrorResponse(const http::Request& request, const Error& error) {
  const ErrorForm form = FormOf(error.code);
  if (form.status == 500) {
    log::Error("registry", "request failed",
               {{"request", request.request_id}, {"target", request.path}, {"reason", error.message}});
  }
  http::Response response =
      Body(form, form.status == 500 ? std::string_view("internal error") : std::string_view(error.message),
           error.detail.empty() ? error.field : error.detail);
  if (error.retry_after_seconds > 0) response.Add("Retry-After", static_cast<int64_t>(error.retry_after_seconds));
  return response;
}

http::Response StatusPage(int status) { return Body({status, CodeOf(status)}, http::ReasonPhrase(status), {}); }

}  // namespace berth::api::registry
