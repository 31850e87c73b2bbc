// Serves the web interface and the API contracts.
#pragma once

#include <string_view>

#include "http/router.h"
#include "web/asset.h"

namespace berth::web {

// Adds "/", the pages' own paths (the program in the browser tells them apart), /assets/… and /openapi/…. What other
// surfaces serve keeps its own answers and errors. Without an embedded interface "/" says so in plain text.
void AddWebRoutes(http::Router& router);

enum class Encoding { kPlain, kGzip, kBrotli };

// The best encoding that the asset has and Accept-Encoding (RFC 9110 §12.5.3) allows.
Encoding ChooseEncoding(const Asset& asset, std::string_view accept_encoding);

// The answer to GET or HEAD of an asset: 200, or 304 when If-None-Match names it.
http::Response ServeAsset(const Asset& asset, const http::Request& request);

}  // namespace berth::web
