// What the registry's handlers work with, and the door to their routes.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "accounts/registry_token.h"
#include "http/router.h"
#include "http/types.h"
#include "registry/registry.h"

namespace berth::api::registry {

// Asked before a manifest is answered: rate limits. `counts` is false for HEAD. May add headers to an answer that is
// allowed
// (`headers`, ready lines), or refuse. Must not block: it runs on I/O threads. Empty: no limits.
using PullGate = std::function<std::optional<http::Response>(
    const http::Request& request, const accounts::Caller& caller, const berth::registry::ServedManifest& manifest,
    bool counts, std::string& headers)>;

// Asked once for each request whose token is good: refuses who asks too often. Must not block. Empty: no limit.
using RequestGate =
    std::function<std::optional<http::Response>(const http::Request& request, const accounts::Caller& caller)>;

struct RegistryApi {
  berth::registry::Registry& registry;
  accounts::RegistryTokens& tokens;
  std::string
      external_url;  // what clients reach the token service by ("https://hub.example"); empty: what the request says
  PullGate pull_gate;
  std::string auth_host = {};  // host name of the token service in challenges; empty: as external_url says
  RequestGate request_gate{};
};

// Adds every operation of the registry to the router, and the answers to what nothing matches below /v2/. `api` must
// outlive it.
void AddRoutes(http::Router& router, RegistryApi& api);

}  // namespace berth::api::registry
