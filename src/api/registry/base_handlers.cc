// Ping and catalogue.
#include "api/registry/errors.h"
#include "api/registry/handlers.h"
#include "api/registry/paging.h"
#include "json/writer.h"

namespace berth::api::registry {

// OCI distribution-spec end-1. A valid token answers 200, whatever it is for.
http::Response PingRegistry(RegistryApi& api, const http::Request& request) {
  auto access = Authenticate(api, request, {});
  if (auto* refused = std::get_if<http::Response>(&access)) return std::move(*refused);
  http::Response response = http::Response::Json(200, "{}");
  response.headers.append(kVersionHeader);
  return response;
}

http::Response ListCatalog(RegistryApi& api, const http::Request& request) {
  auto access = AuthorizeCatalog(api, request);
  if (auto* refused = std::get_if<http::Response>(&access)) return std::move(*refused);
  const auto page = ReadPage(request, api.registry.options().max_page);
  if (!page) return ErrorResponse(request, page.error());
  const auto names = api.registry.catalog().List(std::get<AccessPtr>(access)->caller, page->last, page->size);
  if (!names) return ErrorResponse(request, names.error());
  json::Writer w;
  w.BeginObject().Key("repositories").BeginArray();
  for (const std::string& name : names->names) w.String(name);
  w.EndArray().EndObject();
  http::Response response = http::Response::Json(200, std::move(w).Take());
  response.headers.append(kVersionHeader);
  if (names->more) AddNextLink(response, request, page->size, names->names.back());
  return response;
}

}  // namespace berth::api::registry
