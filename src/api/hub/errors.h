// Hub API errors: one table from code to status, one body shape.
//
// Every body has both `message` and `detail` as strings, because Docker Hub's clients read one or the other; validation
// errors name the field in `fields` and `errinfo`.
#pragma once

#include "base/error.h"
#include "http/types.h"

namespace berth::api::hub {

int HubStatus(ErrorCode code);
http::Response HubError(const Error& error);
// The 404 for anything that is missing or hidden; `errinfo` names what was asked for ({"namespace":…,"repository":…}).
http::Response HubNotFound(std::string_view name_space, std::string_view repository);
// For statuses that the HTTP server itself answers with (413, 431, 503) and for paths that do not exist.
http::Response HubStatusPage(int status, std::string_view message);

}  // namespace berth::api::hub
