// Signing in and out: POST /v2/users/login and its variants, /v2/auth/token, /v2/logout, the web interface's session.
#include "accounts/account_store.h"
#include "accounts/organization_store.h"
#include "api/hub/caller_rules.h"
#include "api/hub/gate.h"
#include "api/hub/hub_api.h"
#include "api/hub/views.h"
#include "base/text.h"
#include "json/writer.h"
#include "notifications/notification_store.h"

namespace berth::api::hub {
namespace {

using accounts::CredentialKind;
using accounts::Identity;

struct LoginRequest {
  json::Required<std::string> username;
  json::Required<std::string> password;
  bool refresh_token = false;
};
BOOST_DESCRIBE_STRUCT(LoginRequest, (), (username, password, refresh_token))

struct LoginAnswer {
  std::string token;
  json::Omittable<std::string> refresh_token;
};
BOOST_DESCRIBE_STRUCT(LoginAnswer, (), (token, refresh_token))

struct V1UserRequest {
  std::string username;
  std::string password;
};
BOOST_DESCRIBE_STRUCT(V1UserRequest, (), (username, password))

struct TwoFactorRequest {
  json::Required<std::string> login_2fa_token;
  json::Required<std::string> code;
  bool refresh_token = false;
};
BOOST_DESCRIBE_STRUCT(TwoFactorRequest, (), (login_2fa_token, code, refresh_token))

struct AuthTokenRequest {
  json::Required<std::string> identifier;
  json::Required<std::string> secret;
};
BOOST_DESCRIBE_STRUCT(AuthTokenRequest, (), (identifier, secret))

struct AuthTokenAnswer {
  std::string access_token;
};
BOOST_DESCRIBE_STRUCT(AuthTokenAnswer, (), (access_token))

struct SessionRequest {
  json::Required<std::string> username;
  json::Required<std::string> password;
  std::optional<std::string> code;
};
BOOST_DESCRIBE_STRUCT(SessionRequest, (), (username, password, code))

struct SessionView {
  CurrentUserView user;
  std::vector<MembershipView> organizations;
  Timestamp expires_at;
  bool two_factor_enabled = false;
  bool email_verified = false;
  int64_t unread_notifications = 0;
  std::string csrf_token;
};
BOOST_DESCRIBE_STRUCT(SessionView, (),
                      (user, organizations, expires_at, two_factor_enabled, email_verified, unread_notifications,
                       csrf_token))

constexpr std::chrono::hours kWebSessionLifetime{24};

// hub-tool compares this text exactly.
http::Response SecondFactorWanted(std::string_view pending_token) {
  constexpr std::string_view kText = "Require secondary authentication on MFA enabled account";
  json::Writer w;
  w.BeginObject().Key("detail").String(kText).Key("message").String(kText);
  w.Key("login_2fa_token").String(pending_token).EndObject();
  return http::Response::Json(401, std::move(w).Take());
}

Error WrongCredentials(const Error& error) {
  if (error.code != ErrorCode::kBadCredentials) return error;
  return Error(ErrorCode::kBadCredentials, "Incorrect authentication credentials");
}

Result<Identity> SignIn(const HubApi& api, const Call& call, const std::string& name, const std::string& secret) {
  if (name.empty()) return Fail(ErrorCode::kInvalidArgument, "may not be blank", "username");
  if (secret.empty()) return Fail(ErrorCode::kInvalidArgument, "may not be blank", "password");
  auto identity = api.accounts.authenticator.SignIn(name, secret, call.http.peer);
  if (!identity) return Fail(WrongCredentials(identity.error()));
  return identity;
}

Result<accounts::IssuedHubToken> Issue(const HubApi& api, const Call& call, const Identity& identity,
                                       std::chrono::seconds lifetime, bool refresh, std::string client) {
  accounts::HubSignIn sign_in;
  sign_in.lifetime = lifetime;
  sign_in.with_refresh_token = refresh;
  sign_in.client_id = std::move(client);
  sign_in.agent = call.http.HeaderValue("User-Agent");
  return api.accounts.hub_tokens.Issue(identity, sign_in);
}

// Whether this sign-in still needs a code: passwords do where a second factor is on; tokens stand for themselves.
Result<bool> NeedsCode(const HubApi& api, const Identity& identity) {
  if (identity.caller.kind != CredentialKind::kPassword) return false;
  return api.second_factor.IsEnabled(identity.account.id);
}

Result<http::Response> AnswerLogin(const HubApi& api, const Call& call, const Identity& identity, bool refresh) {
  TRY(const auto issued, Issue(api, call, identity, accounts::kLongHubTokenLifetime, refresh, "login"));
  LoginAnswer answer{issued.token, {}};
  if (refresh) answer.refresh_token = issued.refresh_token;
  return http::Response::Json(200, json::Encode(answer));
}

Result<http::Response> Login(const HubApi& api, const Call& call, const LoginRequest& request) {
  TRY(const Identity identity, SignIn(api, call, request.username, request.password));
  TRY(const bool needs_code, NeedsCode(api, identity));
  if (needs_code) return SecondFactorWanted(api.second_factor.PendingToken(identity.account.uuid));
  return AnswerLogin(api, call, identity, request.refresh_token);
}

// How docker asked before version 1.11 whether a password is right: by Basic, or in the body of a POST.
Result<http::Response> CheckV1User(const HubApi& api, const Call& call, const V1UserRequest& request) {
  accounts::BasicCredentials credentials{request.username, request.password};
  if (const auto header = call.http.HeaderValue("Authorization"); !header.empty()) {
    TRY(credentials, accounts::ParseBasic(header));
  }
  if (credentials.name.empty() || credentials.secret.empty()) return Fail(ErrorCode::kUnauthenticated, "unauthorized");
  TRY(const Identity identity, SignIn(api, call, credentials.name, credentials.secret));
  TRY(const bool needs_code, NeedsCode(api, identity));
  if (needs_code) return SecondFactorWanted(api.second_factor.PendingToken(identity.account.uuid));
  return http::Response::Json(200, "\"OK\"");
}

// The account that a pending token speaks of, after its code was right.
Result<Identity> CheckCode(const HubApi& api, const Call& call, const std::string& uuid, const std::string& code) {
  TRY(const auto account,
      api.database.Read([&](sql::Connection& c) { return accounts::AccountStore::FindByUuid(c, uuid); }));
  if (!account || !account->is_active) return Fail(ErrorCode::kBadCredentials, "Incorrect authentication credentials");
  TRY_VOID(api.accounts.throttle.Check(account->name, call.http.peer));
  if (auto checked = api.second_factor.Check(account->id, code); !checked) {
    if (checked.error().code == ErrorCode::kBadCredentials) api.accounts.throttle.Failed(account->name, call.http.peer);
    return Fail(std::move(checked).error());
  }
  return PasswordIdentity(*account, call.http.peer);
}

Result<http::Response> LoginTwoFactor(const HubApi& api, const Call& call, const TwoFactorRequest& request) {
  TRY(const std::string uuid, api.second_factor.OpenPendingToken(*request.login_2fa_token));
  TRY(const Identity identity, CheckCode(api, call, uuid, request.code));
  return AnswerLogin(api, call, identity, request.refresh_token);
}

Result<http::Response> CreateAuthToken(const HubApi& api, const Call& call, const AuthTokenRequest& request) {
  if (request.identifier->empty()) return Fail(ErrorCode::kInvalidArgument, "may not be blank", "identifier");
  if (request.secret->empty()) return Fail(ErrorCode::kInvalidArgument, "may not be blank", "secret");
  TRY(const Identity identity, SignIn(api, call, request.identifier, request.secret));
  TRY(const bool needs_code, NeedsCode(api, identity));
  if (needs_code) return SecondFactorWanted(api.second_factor.PendingToken(identity.account.uuid));
  TRY(const auto issued, Issue(api, call, identity, accounts::kShortHubTokenLifetime, false, "auth-token"));
  return http::Response::Json(200, json::Encode(AuthTokenAnswer{issued.token}));
}

Result<void> EndOwnSession(const HubApi& api, const Call& call) {
  if (call.caller.kind != CredentialKind::kSession) return {};
  auto ended = api.accounts.sessions.End(call.caller.account, call.caller.credential_id);
  if (!ended && ended.error().code != ErrorCode::kNotFound) return ended;
  return {};
}

Result<http::Response> Logout(const HubApi& api, const Call& call, const NoRequest&) {
  TRY_VOID(EndOwnSession(api, call));
  return http::Response::Json(200, R"({"detail":"Successfully logged out","error":false})");
}

std::string SessionCookie(const http::Request& request, std::string_view token, std::chrono::seconds lifetime) {
  std::string cookie = std::string(kSessionCookie) + "=" + std::string(token) +
                       "; Path=/; HttpOnly; SameSite=Lax; Max-Age=" + std::to_string(lifetime.count());
  if (request.secure) cookie += "; Secure";
  return cookie;
}

Result<std::vector<MembershipView>> Memberships(const HubApi& api, AccountId account) {
  return api.database.Read([&](sql::Connection& connection) -> Result<std::vector<MembershipView>> {
    TRY(const auto memberships, accounts::OrganizationStore::ListMemberships(connection, account, 0, 1000));
    std::vector<MembershipView> views;
    for (const auto& membership : memberships) {
      TRY(auto view, MakeMembershipView(connection, membership, account));
      views.push_back(std::move(view));
    }
    return views;
  });
}

Result<SessionView> MakeSession(const HubApi& api, const accounts::Account& account, std::string_view token,
                                Timestamp expires) {
  SessionView view;
  view.user = MakeCurrentUserView(account);
  TRY(view.organizations, Memberships(api, account.id));
  TRY(view.two_factor_enabled, api.second_factor.IsEnabled(account.id));
  view.expires_at = expires;
  view.email_verified = account.email_verified;
  TRY(view.unread_notifications,
      api.database.Read([&](sql::Connection& c) { return notifications::CountUnread(c, account.id); }));
  view.csrf_token = CsrfTokenOf(token);
  return view;
}

// Only pages of this server can send JSON: a form of another site must not sign people in as somebody else.
bool IsJson(const http::Request& request) {
  const std::string_view type = request.HeaderValue("Content-Type");
  return EqualsIgnoreCase(Trim(type.substr(0, type.find(';'))), "application/json");
}

Result<http::Response> CreateSession(const HubApi& api, const Call& call, const SessionRequest& request) {
  if (!IsJson(call.http)) return Fail(ErrorCode::kInvalidArgument, "must be application/json", "Content-Type");
  TRY(Identity identity, SignIn(api, call, request.username, request.password));
  if (identity.caller.kind != CredentialKind::kPassword) {
    return Fail(ErrorCode::kBadCredentials, "sign in with the account's password; tokens are for clients");
  }
  TRY(const bool needs_code, NeedsCode(api, identity));
  if (needs_code) {
    if (!request.code || request.code->empty())
      return SecondFactorWanted(api.second_factor.PendingToken(identity.account.uuid));
    TRY(identity, CheckCode(api, call, identity.account.uuid, *request.code));
  }
  TRY(const auto issued, Issue(api, call, identity, kWebSessionLifetime, false, "web"));
  TRY(const SessionView view, MakeSession(api, identity.account, issued.token, issued.expires));
  auto response = http::Response::Json(200, json::Encode(view));
  response.Add("Set-Cookie", SessionCookie(call.http, issued.token, kWebSessionLifetime));
  return response;
}

Result<SessionView> GetSession(const HubApi& api, const Call& call, const NoRequest&) {
  const std::string authorization = AuthorizationOf(call.http);
  const std::string_view token = accounts::ParseBearer(authorization);
  TRY(const auto account, api.accounts.accounts.FindById(call.caller.account));
  TRY(const auto sessions, api.accounts.sessions.List(call.caller.account));
  Timestamp expires = api.clock.Now() + accounts::kShortHubTokenLifetime;
  for (const auto& session : sessions) {
    if (session.uuid == call.caller.credential_id) expires = session.expires_at;
  }
  return MakeSession(api, account, token, expires);
}

Result<http::Response> DeleteSession(const HubApi& api, const Call& call, const NoRequest&) {
  TRY_VOID(EndOwnSession(api, call));
  auto response = http::Response::Empty(204);
  response.Add("Set-Cookie", SessionCookie(call.http, "", std::chrono::seconds(0)));
  return response;
}

}  // namespace

void AddSignInRoutes(OperationTable& table) {
  using http::Method;
  const OperationOptions open{.auth = Auth::kNone};
  table.Add(Method::kPost, "/v2/users/login", "Login", &Login, open);
  table.Add(Method::kGet, "/v2/users/login", "LoginByGet", &Login, open);
  table.Add(Method::kPost, "/v2/users/2fa-login", "LoginTwoFactor", &LoginTwoFactor, open);
  table.Add(Method::kPost, "/v2/auth/token", "CreateAuthToken", &CreateAuthToken, open);
  table.Add(Method::kGet, "/v1/users", "CheckV1User", &CheckV1User, open);
  table.Add(Method::kPost, "/v1/users", "CheckV1UserByPost", &CheckV1User, open);
  table.Add(Method::kPost, "/v2/logout", "Logout", &Logout);
  table.Add(Method::kPost, "/api/berth/v1/session", "CreateSession", &CreateSession, open);
  table.Add(Method::kGet, "/api/berth/v1/session", "GetSession", &GetSession);
  table.Add(Method::kDelete, "/api/berth/v1/session", "DeleteSession", &DeleteSession);
}

}  // namespace berth::api::hub
