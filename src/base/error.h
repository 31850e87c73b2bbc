// The one set of error codes and the Error that travels in Result<T>.
//
// Codes speak the domain's words; each API owns one table from code to status and body (src/api/*/errors.cc),
// and a test walks every code through every table. Error is a value: copy it, move it, return it.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <utility>

namespace berth {

// clang-format off
#define BERTH_ERROR_CODES(X)                                                         \
  /* anything */                                                                     \
  X(kInternal) X(kInvalidArgument) X(kUnauthenticated) X(kPermissionDenied)          \
  X(kNotFound) X(kAlreadyExists) X(kConflict) X(kPreconditionFailed)                 \
  X(kTooLarge) X(kTooManyRequests) X(kUnsupported) X(kMethodNotAllowed)              \
  X(kTimeout) X(kUnavailable) X(kOutOfSpace) X(kLimitExceeded)                       \
  /* accounts */                                                                     \
  X(kBadCredentials) X(kSecondFactorRequired) X(kTokenScopeTooLow) X(kTokenExpired)  \
  /* registry: OCI distribution 1.1, "Error Codes" */                                \
  X(kBlobUnknown) X(kBlobUploadInvalid) X(kBlobUploadUnknown) X(kDigestInvalid)      \
  X(kManifestBlobUnknown) X(kManifestInvalid) X(kManifestUnknown) X(kNameInvalid)    \
  X(kNameUnknown) X(kSizeInvalid) X(kTagInvalid) X(kTagImmutable) X(kRangeInvalid)   \
  X(kRepositoryArchived) X(kDenied)
// clang-format on

enum class ErrorCode {
#define BERTH_ERROR_ENUM(code) code,
  BERTH_ERROR_CODES(BERTH_ERROR_ENUM)
#undef BERTH_ERROR_ENUM
};

inline constexpr auto kAllErrorCodes = std::to_array<ErrorCode>({
#define BERTH_ERROR_LIST(code) ErrorCode::code,
    BERTH_ERROR_CODES(BERTH_ERROR_LIST)
#undef BERTH_ERROR_LIST
});

// The code's name without its leading 'k': "ManifestUnknown".
std::string_view ToString(ErrorCode code);

struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;  // for people; may reach a client unless code is kInternal
  std::string field;    // the request field at fault ("invitees[2].email"), or empty
  std::string detail;   // what the message speaks of (a digest, a name), or empty
  int retry_after_seconds = 0;

  Error() = default;
  Error(ErrorCode c, std::string m) : code(c), message(std::move(m)) {}
  Error(ErrorCode c, std::string m, std::string f) : code(c), message(std::move(m)), field(std::move(f)) {}

  Error WithDetail(std::string d) && {
    detail = std::move(d);
    return std::move(*this);
  }
  Error WithRetryAfter(int seconds) && {
    retry_after_seconds = seconds;
    return std::move(*this);
  }
};

}  // namespace berth
