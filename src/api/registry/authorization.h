// The bearer token against what an operation needs, and the challenge when it is not enough: distribution specification
// "Token Authentication"; Docker Hub's headers (WWW-Authenticate with realm and service first).
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "accounts/registry_token.h"
#include "api/registry/registry_api.h"
#include "http/types.h"
#include "registry/names.h"

namespace berth::api::registry {

using AccessPtr = std::shared_ptr<const accounts::RegistryAccess>;

// What an operation on one repository needs.
enum class Need { kPull, kPush, kDelete };

// A request that may go on: who asks, and for which repository.
struct Authorized {
  AccessPtr access;
  berth::registry::RepositoryName name;
};

// The token's verdict, or 401 with a challenge that asks for `scope` (may be empty).
std::variant<AccessPtr, http::Response> Authenticate(const RegistryApi& api, const http::Request& request,
                                                     std::string_view scope);

// Reads path parameter "name", checks the token for `need`. 400 NAME_INVALID, 401.
std::variant<Authorized, http::Response> Authorize(const RegistryApi& api, const http::Request& request, Need need);

// registry:catalog:*.
std::variant<AccessPtr, http::Response> AuthorizeCatalog(const RegistryApi& api, const http::Request& request);

// The caller with this request's address, for event logs.
accounts::Caller CallerOf(const AccessPtr& access, const http::Request& request);

}  // namespace berth::api::registry
