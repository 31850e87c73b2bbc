#include "api/hub/errors.h"

#include "json/writer.h"

namespace berth::api::hub {
namespace {

// "namespace/repository" or "namespace/repository:tag" as Docker Hub's errors take it apart.
void WriteRepository(std::string_view name, json::Writer& w) {
  const size_t slash = name.find('/');
  if (slash == std::string_view::npos) return;
  const std::string_view rest = name.substr(slash + 1);
  const size_t colon = rest.find(':');
  w.Key("namespace").String(name.substr(0, slash)).Key("repository").String(rest.substr(0, colon));
  if (colon != std::string_view::npos) w.Key("tag").String(rest.substr(colon + 1));
}

std::string Body(std::string_view message, const Error* error) {
  json::Writer w;
  w.BeginObject().Key("message").String(message).Key("detail").String(message);
  w.Key("errinfo").BeginObject();
  if (error != nullptr && !error->field.empty()) w.Key("field").String(error->field);
  if (error != nullptr && error->code == ErrorCode::kNameUnknown) {
    WriteRepository(error->detail, w);
  } else if (error != nullptr && !error->detail.empty()) {
    w.Key("value").String(error->detail);
  }
  w.EndObject();
  if (error != nullptr && !error->field.empty()) {
    w.Key("fields").BeginObject().Key(error->field).BeginArray().String(message).EndArray().EndObject();
    w.Key("text").String(message);
  }
  w.EndObject();
  return std::move(w).Take();
}

}  // namespace

int HubStatus(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kBlobUploadInvalid:
    case ErrorCode::kDigestInvalid:
    case ErrorCode::kManifestInvalid:
    case ErrorCode::kManifestBlobUnknown:
    case ErrorCode::kNameInvalid:
    case ErrorCode::kSizeInvalid:
    case ErrorCode::kTagInvalid:
      return 400;
    case ErrorCode::kUnauthenticated:
    case ErrorCode::kBadCredentials:
    case ErrorCode::kSecondFactorRequired:
    case ErrorCode::kTokenExpired:
      return 401;
    case ErrorCode::kPermissionDenied:
    case ErrorCode::kTokenScopeTooLow:
    case ErrorCode::kTagImmutable:
    case ErrorCode::kRepositoryArchived:
    case ErrorCode::kLimitExceeded:
    case ErrorCode::kDenied:
      return 403;
    case ErrorCode::kNotFound:
    case ErrorCode::kBlobUnknown:
    case ErrorCode::kBlobUploadUnknown:
    case ErrorCode::kManifestUnknown:
    case ErrorCode::kNameUnknown:
      return 404;
    case ErrorCode::kMethodNotAllowed:
    case ErrorCode::kUnsupported:
      return 405;
    case ErrorCode::kAlreadyExists:
    case ErrorCode::kConflict:
      return 409;
    case ErrorCode::kPreconditionFailed:
      return 412;
    case ErrorCode::kTooLarge:
      return 413;
    case ErrorCode::kRangeInvalid:
      return 416;
    case ErrorCode::kTooManyRequests:
      return 429;
    case ErrorCode::kInternal:
      return 500;
    case ErrorCode::kTimeout:
    case ErrorCode::kUnavailable:
      return 503;
    case ErrorCode::kOutOfSpace:
      return 507;
  }
  return 500;
}

http::Response HubError(const Error& error) {
  const int status = HubStatus(error.code);
  // What went wrong inside is for the log, not for the client.
  const std::string_view message =
      error.code == ErrorCode::kInternal ? "internal error" : std::string_view(error.message);
  auto response = http::Response::Json(status, Body(message, error.code == ErrorCode::kInternal ? nullptr : &error));
  if (error.retry_after_seconds > 0) response.Add("Retry-After", error.retry_after_seconds);
  return response;
}

http::Response HubNotFound(std::string_view name_space, std::string_view repository) {
  constexpr std::string_view kMessage = "httperror 404: object not found";
  json::Writer w;
  w.BeginObject().Key("message").String(kMessage).Key("detail").String(kMessage).Key("errinfo").BeginObject();
  if (!name_space.empty()) w.Key("namespace").String(name_space);
  if (!repository.empty()) w.Key("repository").String(repository);
  w.EndObject().EndObject();
  return http::Response::Json(404, std::move(w).Take());
}

http::Response HubStatusPage(int status, std::string_view message) {
  return http::Response::Json(status, Body(message, nullptr));
}

}  // namespace berth::api::hub
