// The registry's operations, named after their operationId in api/registry.yaml. Internal to this folder.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "api/registry/authorization.h"
#include "api/registry/registry_api.h"
#include "http/types.h"

namespace berth::api::registry {

using SinkOrResponse = std::variant<std::unique_ptr<http::UploadSink>, http::Response>;

http::Response PingRegistry(RegistryApi& api, const http::Request& request);
http::Response ListCatalog(RegistryApi& api, const http::Request& request);
http::Response GetManifest(RegistryApi& api, const http::Request& request);  // and CheckManifest
http::Response PutManifest(RegistryApi& api, const http::Request& request);
http::Response DeleteManifest(RegistryApi& api, const http::Request& request);
http::Response ListTags(RegistryApi& api, const http::Request& request);
http::Response ListReferrers(RegistryApi& api, const http::Request& request);
http::Response GetBlob(RegistryApi& api, const http::Request& request);  // and CheckBlob
http::Response DeleteBlob(RegistryApi& api, const http::Request& request);
SinkOrResponse StartUpload(RegistryApi& api, const http::Request& request);
SinkOrResponse UploadChunk(RegistryApi& api, const http::Request& request);
SinkOrResponse FinishUpload(RegistryApi& api, const http::Request& request);
http::Response GetUploadStatus(RegistryApi& api, const http::Request& request);
http::Response CancelUpload(RegistryApi& api, const http::Request& request);

inline constexpr std::string_view kVersionHeader = "Docker-Distribution-Api-Version: registry/2.0\r\n";

// An answer without a body that says what registry this is.
http::Response Bare(int status);
// "https://host/v2/ns/repo/blobs/…" as the client addressed us.
std::string Location(const http::Request& request, std::string_view repository, std::string_view rest);
// Whether If-None-Match names the entity tag (RFC 9110 §13.1.2), weak or strong.
bool NoneMatchHas(const http::Request& request, std::string_view quoted_tag);

}  // namespace berth::api::registry
