// The device flow of a bare `docker login` (RFC 8628): codes, polling, approval on a page, and the token that the CLI
// stores.
#include "api/hub/caller_rules.h"
#include "api/hub/hub_api.h"
#include "base/text.h"
#include "json/writer.h"

namespace berth::api::hub {
namespace {

constexpr std::string_view kDeviceGrant = "urn:ietf:params:oauth:grant-type:device_code";
constexpr std::string_view kDefaultScope = "openid offline_access";

struct DeviceCodeRequest {
  std::string client_id;
  std::string scope;
};
BOOST_DESCRIBE_STRUCT(DeviceCodeRequest, (), (client_id, scope))

struct DeviceCodeAnswer {
  std::string device_code;
  std::string user_code;
  std::string verification_uri;
  std::string verification_uri_complete;
  int64_t expires_in = 0;
  int64_t interval = 0;
};
BOOST_DESCRIBE_STRUCT(DeviceCodeAnswer, (),
                      (device_code, user_code, verification_uri, verification_uri_complete, expires_in, interval))

struct OAuthTokenRequest {
  std::string grant_type;
  std::string client_id;
  std::string device_code;
  std::string refresh_token;
};
BOOST_DESCRIBE_STRUCT(OAuthTokenRequest, (), (grant_type, client_id, device_code, refresh_token))

struct OAuthTokenAnswer {
  std::string access_token;
  std::string id_token;
  std::string refresh_token;
  std::string scope;
  int64_t expires_in = 0;
  std::string token_type = "Bearer";
};
BOOST_DESCRIBE_STRUCT(OAuthTokenAnswer, (), (access_token, id_token, refresh_token, scope, expires_in, token_type))

struct RevokeRequest {
  std::string client_id;
  std::string token;
};
BOOST_DESCRIBE_STRUCT(RevokeRequest, (), (client_id, token))

struct DesktopToken {
  std::string token;
};
BOOST_DESCRIBE_STRUCT(DesktopToken, (), (token))
struct DesktopTokenAnswer {
  DesktopToken data;
};
BOOST_DESCRIBE_STRUCT(DesktopTokenAnswer, (), (data))

struct DeviceRequest {
  std::string user_code;
};
BOOST_DESCRIBE_STRUCT(DeviceRequest, (), (user_code))

struct DeviceView {
  std::string user_code;
  std::string client_id;
  std::string client_name;
  std::string ip;
  std::string user_agent;
  std::vector<std::string> scopes;
  Timestamp created_at;
  Timestamp expires_at;
  std::string state;
};
BOOST_DESCRIBE_STRUCT(DeviceView, (),
                      (user_code, client_id, client_name, ip, user_agent, scopes, created_at, expires_at, state))

// Errors as RFC 6749 §5.2 writes them.
http::Response OAuthError(int status, std::string_view error, std::string_view description) {
  json::Writer w;
  w.BeginObject().Key("error").String(error).Key("error_description").String(description).EndObject();
  auto response = http::Response::Json(status, std::move(w).Take());
  response.Add("Cache-Control", "no-store");
  return response;
}

DeviceView MakeDeviceView(const accounts::DeviceSignIn& s) {
  DeviceView view{
      s.user_code, s.client_id, "", s.address, s.agent, {}, s.created_at, s.expires_at, std::string(ToString(s.state))};
  view.client_name = s.agent.starts_with("Docker-Client") || s.agent.starts_with("docker") ? "Docker CLI" : s.client_id;
  for (const std::string_view scope : Split(s.scope, ' ')) {
    if (!scope.empty()) view.scopes.emplace_back(scope);
  }
  return view;
}

Result<http::Response> CreateDeviceCode(const HubApi& api, const Call& call, const DeviceCodeRequest& request) {
  if (request.client_id.empty() || request.client_id.size() > 255)
    return OAuthError(400, "invalid_request", "client_id is missing or too long");
  if (request.scope.size() > 1024) return OAuthError(400, "invalid_scope", "scope is too long");
  const std::string_view scope = request.scope.empty() ? kDefaultScope : std::string_view(request.scope);
  const std::string_view agent = call.http.HeaderValue("User-Agent");
  TRY(const auto started, api.devices.Start(request.client_id, scope, call.http.peer, agent.substr(0, 512)));
  DeviceCodeAnswer answer;
  answer.device_code = started.device_code;
  answer.user_code = started.user_code;
  answer.verification_uri = PageAddress(api, call.http, "/activate");
  answer.verification_uri_complete = answer.verification_uri + "?user_code=" + started.user_code;
  answer.expires_in = std::chrono::seconds(accounts::DeviceSignInService::kLifetime).count();
  answer.interval = accounts::DeviceSignInService::kInterval.count();
  return http::Response::Json(200, json::Encode(answer));
}

Result<http::Response> AnswerTokens(const HubApi& api, const Call& call, const accounts::Identity& identity,
                                    std::string refresh_token, std::string_view scope) {
  accounts::HubSignIn sign_in;
  sign_in.lifetime = std::chrono::hours(1);
  sign_in.with_refresh_token = refresh_token.empty();
  sign_in.client_id = "device";
  sign_in.agent = call.http.HeaderValue("User-Agent");
  TRY(const auto issued, api.accounts.hub_tokens.Issue(identity, sign_in));
  OAuthTokenAnswer answer;
  answer.access_token = answer.id_token = issued.token;
  answer.refresh_token = refresh_token.empty() ? issued.refresh_token : std::move(refresh_token);
  answer.scope = scope;
  answer.expires_in = std::chrono::seconds(sign_in.lifetime).count();
  auto response = http::Response::Json(200, json::Encode(answer));
  response.Add("Cache-Control", "no-store");
  return response;
}

Result<http::Response> PollDevice(const HubApi& api, const Call& call, const OAuthTokenRequest& request) {
  if (request.device_code.empty()) return OAuthError(400, "invalid_request", "device_code is missing");
  TRY(const auto poll, api.devices.Poll(request.client_id, request.device_code));
  if (poll.error == "authorization_pending") return OAuthError(403, poll.error, "nobody has approved the sign-in yet");
  if (poll.error == "slow_down") return OAuthError(403, poll.error, "polling too fast");
  if (!poll.error.empty())
    return OAuthError(poll.error == "access_denied" ? 403 : 400, poll.error, "the sign-in was denied, used or is over");
  TRY(const auto account, api.accounts.accounts.FindById(poll.account));
  return AnswerTokens(api, call, PasswordIdentity(account, call.http.peer), "", poll.scope);
}

Result<http::Response> CreateOAuthToken(const HubApi& api, const Call& call, const OAuthTokenRequest& request) {
  if (request.client_id.empty()) return OAuthError(400, "invalid_request", "client_id is missing");
  if (request.grant_type == kDeviceGrant) return PollDevice(api, call, request);
  if (request.grant_type != "refresh_token")
    return OAuthError(400, "unsupported_grant_type", "grant_type is not one that is served");
  if (request.refresh_token.empty()) return OAuthError(400, "invalid_request", "refresh_token is missing");
  auto identity = api.accounts.authenticator.ByRefreshToken(request.refresh_token, call.http.peer);
  if (!identity && identity.error().code == ErrorCode::kBadCredentials)
    return OAuthError(400, "invalid_grant", "the refresh token is not valid");
  if (!identity) return Fail(std::move(identity).error());
  return AnswerTokens(api, call, *identity, request.refresh_token, kDefaultScope);
}

Result<http::Response> RevokeOAuthToken(const HubApi& api, const Call& call, const RevokeRequest& request) {
  if (request.client_id.empty() || request.token.empty())
    return OAuthError(400, "invalid_request", "client_id or token is missing");
  if (request.token.starts_with(accounts::kRefreshTokenPrefix)) {
    TRY_VOID(api.accounts.sessions.EndByRefreshToken(request.token));
    return http::Response::Empty(200);
  }
  // An access token names its session; one that is not valid is revoked already (RFC 7009 §2.2).
  if (auto identity = api.accounts.hub_tokens.Verify(request.token, call.http.peer);
      identity && identity->caller.kind == accounts::CredentialKind::kSession) {
    auto ended = api.accounts.sessions.End(identity->caller.account, identity->caller.credential_id);
    if (!ended && ended.error().code != ErrorCode::kNotFound) return Fail(std::move(ended).error());
  }
  return http::Response::Empty(200);
}

Result<DesktopTokenAnswer> GenerateDesktopToken(const HubApi& api, const Call& call, const NoRequest&) {
  TRY_VOID(RefuseTokens(call.caller));
  TRY(const auto account, OwnUser(api, call.caller));
  accounts::NewToken token;
  token.label = "Generated through device sign-in";
  token.scopes = {accounts::TokenScope::kAdmin};
  token.is_generated = true;
  token.creator_ip = call.http.peer;
  token.creator_agent = call.http.HeaderValue("User-Agent");
  TRY(auto created, api.accounts.tokens.Create(account, accounts::TokenKind::kPersonal, token, call.caller.AsActor()));
  return DesktopTokenAnswer{{std::move(created.secret)}};
}

Result<DeviceView> GetDeviceRequest(const HubApi& api, const Call&, const DeviceRequest& request) {
  TRY(const auto found, api.devices.Find(request.user_code));
  return MakeDeviceView(found);
}

Result<DeviceView> Decide(const HubApi& api, const Call& call, const DeviceRequest& request, bool approve) {
  TRY_VOID(RefuseTokens(call.caller));
  TRY(const auto decided, api.devices.Decide(request.user_code, call.caller.account, approve));
  return MakeDeviceView(decided);
}

Result<DeviceView> ApproveDeviceRequest(const HubApi& api, const Call& call, const DeviceRequest& request) {
  return Decide(api, call, request, true);
}

Result<DeviceView> DenyDeviceRequest(const HubApi& api, const Call& call, const DeviceRequest& request) {
  return Decide(api, call, request, false);
}

}  // namespace

void AddDeviceRoutes(OperationTable& table) {
  using http::Method;
  const OperationOptions open{.auth = Auth::kNone};
  table.Add(Method::kPost, "/oauth/device/code", "CreateDeviceCode", &CreateDeviceCode, open);
  table.Add(Method::kPost, "/oauth/token", "CreateOAuthToken", &CreateOAuthToken, open);
  table.Add(Method::kPost, "/oauth/revoke", "RevokeOAuthToken", &RevokeOAuthToken, open);
  table.Add(Method::kPost, "/v2/access-tokens/desktop-generate", "GenerateDesktopToken", &GenerateDesktopToken,
            {.success = 201});
  table.Add(Method::kGet, "/api/berth/v1/device/{user_code}", "GetDeviceRequest", &GetDeviceRequest);
  table.Add(Method::kPost, "/api/berth/v1/device/{user_code}/approve", "ApproveDeviceRequest", &ApproveDeviceRequest);
  table.Add(Method::kPost, "/api/berth/v1/device/{user_code}/deny", "DenyDeviceRequest", &DenyDeviceRequest);
}

}  // namespace berth::api::hub
