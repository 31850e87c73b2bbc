// Errors as the registry tells them: OCI distribution-spec "Error Codes".
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "http/types.h"

namespace berth::api::registry {

struct ErrorForm {
  int status = 500;
  std::string_view code;  // "MANIFEST_UNKNOWN"
};

// The one table; every code is in it.
ErrorForm FormOf(ErrorCode code);

// {"errors":[{"code","message","detail"}]}. What is internal is logged and not told.
http::Response ErrorResponse(const http::Request& request, const Error& error);

// The same body for what the HTTP server refuses before a handler runs (400, 408, 413, 417, 429, 431, 500, 503).
http::Response StatusPage(int status);

}  // namespace berth::api::registry
