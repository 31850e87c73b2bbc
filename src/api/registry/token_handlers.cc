#include "api/registry/token_handlers.h"

#include <string>
#include <utility>

#include "access/granted_actions.h"
#include "base/log.h"
#include "base/text.h"
#include "json/writer.h"

namespace berth::api::registry {
namespace {

using accounts::AccessEntry;
using accounts::Caller;
using accounts::CredentialKind;
using http::Request;
using http::Response;

constexpr std::chrono::seconds kRefreshLifetime{90 * 86400};
constexpr size_t kMaxScopes = 64;
constexpr uint64_t kMaxForm = 64 << 10;

Response JsonAnswer(int status, std::string body) {
  Response response = Response::Json(status, std::move(body));
  response.Add("Cache-Control", "no-store");
  return response;
}

// Docker Hub's form of an error at this address.
Response Details(int status, std::string_view text) {
  json::Writer w;
  w.BeginObject().Key("details").String(text).EndObject();
  return JsonAnswer(status, std::move(w).Take());
}

// RFC 6749 §5.2, for requests that no retry can mend.
Response OAuthError(std::string_view error, std::string_view description) {
  json::Writer w;
  w.BeginObject().Key("error").String(error).Key("error_description").String(description);
  w.Key("details").String(description).EndObject();
  return JsonAnswer(400, std::move(w).Take());
}

Response Refuse(const Request& request, const Error& error) {
  switch (error.code) {
    case ErrorCode::kBadCredentials:
    case ErrorCode::kUnauthenticated:
    case ErrorCode::kTokenExpired: {
      Response response = Details(401, "incorrect username or password");
      response.Add("WWW-Authenticate", "Basic realm=\"berth\"");
      return response;
    }
    case ErrorCode::kTooManyRequests: {
      Response response = Details(429, error.message);
      response.Add("Retry-After", static_cast<int64_t>(error.retry_after_seconds));
      return response;
    }
    case ErrorCode::kInvalidArgument:
      return Details(400, error.message);
    default:
      log::Error("token", "a token request failed", {{"request", request.request_id}, {"error", error.message}});
      if (error.code == ErrorCode::kUnavailable) return Details(503, "service unavailable");
      return Details(500, "internal error");
  }
}

// Several `scope` parameters, each of one or more scopes with spaces between.
std::vector<std::string> ScopesOf(const Request& parameters) {
  std::vector<std::string> scopes;
  for (const auto& value : parameters.QueryValues("scope")) {
    for (const auto scope : Split(value, ' ')) {
      if (!scope.empty() && scopes.size() < kMaxScopes) scopes.emplace_back(scope);
    }
  }
  return scopes;
}

std::string ScopeText(const std::vector<AccessEntry>& access) {
  std::string text;
  for (const auto& entry : access) {
    text.append(text.empty() ? "" : " ").append(entry.type);
    if (!entry.klass.empty()) text.append("(").append(entry.klass).append(")");
    text.append(":").append(entry.name).append(":");
    for (size_t i = 0; i < entry.actions.size(); ++i) text.append(i == 0 ? "" : ",").append(entry.actions[i]);
  }
  return text;
}

// A Hub API token in the place of a password, as hub-tool sends it.
bool LooksSigned(std::string_view secret) { return secret.starts_with("eyJ"); }

}  // namespace

struct TokenHandlers::Ask {
  std::vector<std::string> scopes;
  std::string client_id;
  bool offline = false;       // wants a refresh token
  std::string refresh_token;  // that it came with, given back
  bool names_scope = false;   // the OAuth2 form says what was granted
};

void TokenHandlers::AddRoutes(http::Router& router) {
  using http::Method;
  router.Add(
      {.method = Method::kGet, .pattern = "/token", .operation = "GetToken", .handler = [this](const Request& r) {
         return Get(r);
       }});
  router.Add({.method = Method::kPost,
              .pattern = "/token",
              .operation = "PostToken",
              .handler = [this](const Request& r) { return Post(r); },
              .max_body = kMaxForm});
  for (const auto pattern : {"/token/jwks.json", "/.well-known/jwks.json"}) {
    router.Add(
        {.method = Method::kGet, .pattern = pattern, .operation = "GetKeySet", .handler = [this](const Request& r) {
           return Keys(r);
         }});
  }
}

Result<Caller> TokenHandlers::Authenticate(const Request& request) {
  const std::string_view header = request.HeaderValue("Authorization");
  Caller anonymous;
  anonymous.address = std::string(request.peer);
  if (header.empty()) return anonymous;
  if (!accounts::ParseBearer(header).empty()) return accounts_.hub_tokens.Authenticate(header, request.peer);
  TRY(const auto basic, accounts::ParseBasic(header));
  if (basic.name.empty() && basic.secret.empty()) return anonymous;
  if (LooksSigned(basic.secret)) {
    auto signed_in = accounts_.hub_tokens.Verify(basic.secret, request.peer);
    if (signed_in && signed_in->account.name == AsciiLower(basic.name)) return std::move(signed_in->caller);
  }
  TRY(auto identity, accounts_.authenticator.SignIn(basic.name, basic.secret, request.peer));
  return std::move(identity.caller);
}

Response TokenHandlers::Get(const Request& request) {
  auto caller = Authenticate(request);
  if (!caller) return Refuse(request, caller.error());
  Ask ask{.scopes = ScopesOf(request), .client_id = request.QueryValue("client_id").value_or("")};
  ask.offline = request.QueryValue("offline_token") == "true" || request.QueryValue("access_type") == "offline";
  return Answer(request, *caller, ask);
}

Response TokenHandlers::Post(const Request& request) {
  Request form;
  form.query = request.body;
  const std::string grant = form.QueryValue("grant_type").value_or("");
  const auto username = form.QueryValue("username");
  const auto password = form.QueryValue("password");
  const auto refresh_token = form.QueryValue("refresh_token");
  Ask ask{.scopes = ScopesOf(form), .client_id = form.QueryValue("client_id").value_or(""), .names_scope = true};
  ask.offline = form.QueryValue("access_type") == "offline";

  Result<accounts::Identity> identity = Error(ErrorCode::kBadCredentials, "no grant");
  if (grant == "password") {
    if (!username || !password) return OAuthError("invalid_request", "username and password are needed");
    identity = accounts_.authenticator.SignIn(*username, *password, request.peer);
  } else if (grant == "refresh_token") {
    if (!refresh_token || refresh_token->empty()) return OAuthError("invalid_request", "refresh_token is needed");
    identity = accounts_.authenticator.ByRefreshToken(*refresh_token, request.peer);
    ask.refresh_token = *refresh_token;
  } else {
    return OAuthError(grant.empty() ? "invalid_request" : "unsupported_grant_type",
                      "grant_type is password or refresh_token");
  }
  if (!identity) return Refuse(request, identity.error());
  return Answer(request, identity->caller, ask);
}

Result<std::vector<AccessEntry>> TokenHandlers::Granted(const Caller& caller, const std::vector<std::string>& scopes) {
  std::vector<AccessEntry> asked;
  for (const auto& scope : scopes) {
    if (auto entry = access::ParseScope(scope)) asked.push_back(std::move(*entry));
  }
  if (asked.empty()) return asked;
  return database_.Read([&](sql::Connection& connection) -> Result<std::vector<AccessEntry>> {
    std::vector<AccessEntry> granted;
    for (const auto& entry : asked) {
      TRY(auto actions, access::GrantedActions(connection, caller, entry));
      if (!actions.empty()) granted.push_back({entry.type, entry.klass, entry.name, std::move(actions)});
    }
    return granted;
  });
}

Response TokenHandlers::Answer(const Request& request, Caller caller, const Ask& ask) {
  request.trace.user = caller.name;
  request.trace.token = caller.AsActor().credential;
  if (caller.kind == CredentialKind::kPassword && rules_.needs_second_factor) {
    const auto needed = rules_.needs_second_factor(caller.account);
    if (!needed) return Refuse(request, needed.error());
    if (*needed) return Details(401, "a second factor is on for this account: sign in with a personal access token");
  }
  if (rules_.limit_pulls) {
    if (const auto limited = rules_.limit_pulls(caller); !limited) return Refuse(request, limited.error());
  }
  const auto granted = Granted(caller, ask.scopes);
  if (!granted) return Refuse(request, granted.error());
  std::string refresh_token = ask.refresh_token;
  if (refresh_token.empty() && ask.offline && !caller.IsAnonymous()) {
    const bool by_token =
        caller.kind == CredentialKind::kPersonalToken || caller.kind == CredentialKind::kOrganizationToken;
    auto session = accounts_.sessions.Create({.account = caller.account,
                                              .kind = accounts::SessionKind::kRegistry,
                                              .token_uuid = by_token ? caller.credential_id : "",
                                              .client_id = ask.client_id,
                                              .address = std::string(request.peer),
                                              .agent = std::string(request.HeaderValue("User-Agent")),
                                              .lifetime = kRefreshLifetime,
                                              .with_refresh_token = true});
    if (!session) return Refuse(request, session.error());
    refresh_token = std::move(session->refresh_token);
  }
  const auto issued = accounts_.registry_tokens.Issue(caller, *granted);
  if (!issued) return Refuse(request, issued.error());
  json::Writer w;
  w.BeginObject().Key("token").String(issued->token).Key("access_token").String(issued->token);
  w.Key("expires_in").Int(accounts_.registry_tokens.options().lifetime.count());
  w.Key("issued_at").String(FormatRfc3339(issued->issued));
  if (ask.names_scope) w.Key("scope").String(ScopeText(*granted));
  if (!refresh_token.empty()) w.Key("refresh_token").String(refresh_token);
  w.EndObject();
  return JsonAnswer(200, std::move(w).Take());
}

Response TokenHandlers::Keys(const Request& request) {
  const auto keys = accounts_.keys.Current();
  if (!keys) return Refuse(request, keys.error());
  Response response = Response::Json(200, (*keys)->Jwks());
  response.Add("Cache-Control", "public, max-age=60");
  return response;
}

}  // namespace berth::api::registry
