#include "api/registry/authorization.h"

#include <optional>

#include "accounts/authenticator.h"
#include "api/registry/errors.h"
#include "json/writer.h"

namespace berth::api::registry {
namespace {

// Docker Hub's actions of a scope, in the order that clients write them.
std::string_view Actions(Need need) {
  switch (need) {
    case Need::kPull:
      return "pull";
    case Need::kPush:
      return "pull,push";
    case Need::kDelete:
      return "delete";
  }
  return "";
}

bool Allows(const accounts::RegistryAccess& access, std::string_view repository, Need need) {
  switch (need) {
    case Need::kPull:
      return access.Allows(repository, "pull");
    case Need::kPush:
      return access.Allows(repository, "push");
    case Need::kDelete:
      return access.Allows(repository, "delete");
  }
  return false;
}

// The scope's parts as Docker Hub repeats them in the error's detail.
void WriteDetail(json::Writer& w, std::string_view scope) {
  const size_t first = scope.find(':');
  const size_t last = scope.rfind(':');
  if (first == std::string_view::npos || first == last) {
    w.Null();
    return;
  }
  std::string_view actions = scope.substr(last + 1);
  w.BeginArray();
  while (!actions.empty()) {
    const size_t comma = actions.find(',');
    w.BeginObject().Key("Type").String(scope.substr(0, first)).Key("Class").String("");
    w.Key("Name")
        .String(scope.substr(first + 1, last - first - 1))
        .Key("Action")
        .String(actions.substr(0, comma))
        .EndObject();
    actions = comma == std::string_view::npos ? std::string_view() : actions.substr(comma + 1);
  }
  w.EndArray();
}

http::Response Challenge(const RegistryApi& api, const http::Request& request, std::string_view scope,
                         std::string_view error) {
  json::Writer w;
  w.BeginObject().Key("errors").BeginArray().BeginObject();
  w.Key("code").String("UNAUTHORIZED").Key("message").String("authentication required").Key("detail");
  WriteDetail(w, scope);
  w.EndObject().EndArray().EndObject();
  http::Response response = http::Response::Json(401, std::move(w).Take());
  std::string realm = api.external_url.empty() ? request.BaseUrl() : api.external_url;
  if (!api.auth_host.empty()) realm = realm.substr(0, realm.find("://") + 3) + api.auth_host;
  realm += "/token";
  response.Add("Docker-Distribution-Api-Version", "registry/2.0");
  response.Add("Www-Authenticate", accounts::BearerChallenge(realm, api.tokens.options().service, scope, error));
  return response;
}

std::string TraceToken(const accounts::Caller& caller) {
  switch (caller.kind) {
    case accounts::CredentialKind::kPersonalToken:
      return "pat:" + caller.credential_id;
    case accounts::CredentialKind::kOrganizationToken:
      return "oat:" + caller.credential_id;
    case accounts::CredentialKind::kSession:
      return "session:" + caller.credential_id;
    default:
      return "";
  }
}

// Why a token is not accepted: an answer of its own, or a challenge with this error ("" when there was no token).
struct Refusal {
  std::string_view error;
  std::optional<http::Response> response;
};

// The verdict, or null and why.
AccessPtr Check(const RegistryApi& api, const http::Request& request, Refusal& refusal) {
  const std::string_view token = accounts::ParseBearer(request.HeaderValue("Authorization"));
  if (token.empty()) return nullptr;
  auto access = api.tokens.Verify(token);
  if (!access) {
    const ErrorCode code = access.error().code;
    const bool refused =
        code == ErrorCode::kUnauthenticated || code == ErrorCode::kTokenExpired || code == ErrorCode::kBadCredentials;
    if (refused) {
      refusal.error = "invalid_token";
    } else {
      refusal.response = ErrorResponse(request, access.error());
    }
    return nullptr;
  }
  const accounts::Caller& caller = (*access)->caller;
  request.trace.user = caller.name;
  request.trace.token = TraceToken(caller);
  if (api.request_gate) refusal.response = api.request_gate(request, caller);
  if (refusal.response) return nullptr;
  return *std::move(access);
}

// The challenge names the repository as the client does: it compares.
std::string ScopeOf(const http::Request& request, Need need) {
  return "repository:" + std::string(request.Param("name")) + ":" + std::string(Actions(need));
}

}  // namespace

std::variant<AccessPtr, http::Response> Authenticate(const RegistryApi& api, const http::Request& request,
                                                     std::string_view scope) {
  Refusal refusal;
  AccessPtr access = Check(api, request, refusal);
  if (access) return access;
  if (refusal.response) return *std::move(refusal.response);
  return Challenge(api, request, scope, refusal.error);
}

std::variant<Authorized, http::Response> Authorize(const RegistryApi& api, const http::Request& request, Need need) {
  auto name = berth::registry::RepositoryName::Parse(request.Param("name"));
  if (!name) return ErrorResponse(request, name.error());
  Refusal refusal;
  AccessPtr access = Check(api, request, refusal);
  if (!access) {
    if (refusal.response) return *std::move(refusal.response);
    return Challenge(api, request, ScopeOf(request, need), refusal.error);
  }
  if (!Allows(*access, name->full, need)) return Challenge(api, request, ScopeOf(request, need), "insufficient_scope");
  return Authorized{std::move(access), *std::move(name)};
}

std::variant<AccessPtr, http::Response> AuthorizeCatalog(const RegistryApi& api, const http::Request& request) {
  constexpr std::string_view kScope = "registry:catalog:*";
  auto authenticated = Authenticate(api, request, kScope);
  if (auto* access = std::get_if<AccessPtr>(&authenticated)) {
    if (!(*access)->AllowsCatalog()) return Challenge(api, request, kScope, "insufficient_scope");
  }
  return authenticated;
}

accounts::Caller CallerOf(const AccessPtr& access, const http::Request& request) {
  accounts::Caller caller = access->caller;
  caller.address = std::string(request.peer);
  return caller;
}

}  // namespace berth::api::registry
