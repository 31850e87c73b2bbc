// One's own account beyond Docker Hub's API: sessions, password, e-mail address, second factor.
#include "api/hub/caller_rules.h"
#include "api/hub/hub_api.h"
#include "api/hub/mail_limit.h"
#include "api/hub/qr_code.h"

namespace berth::api::hub {
namespace {

struct SessionInfo {
  std::string id;
  Timestamp created_at;
  Timestamp last_seen_at;
  Timestamp expires_at;
  std::string ip;
  std::string user_agent;
  bool current = false;
  std::string source;
};
BOOST_DESCRIBE_STRUCT(SessionInfo, (), (id, created_at, last_seen_at, expires_at, ip, user_agent, current, source))

struct SessionList {
  std::vector<SessionInfo> items;
  std::optional<std::string> next;
};
BOOST_DESCRIBE_STRUCT(SessionList, (), (items, next))

struct SessionsRequest {
  std::optional<int64_t> limit;
  std::optional<int64_t> cursor;
};
BOOST_DESCRIBE_STRUCT(SessionsRequest, (), (limit, cursor))

struct SessionRequest {
  std::string session_id;
};
BOOST_DESCRIBE_STRUCT(SessionRequest, (), (session_id))

struct AccountSettings {
  std::string username;
  std::string email;
  bool email_verified = false;
  std::optional<std::string> pending_email;
  bool two_factor_enabled = false;
  int64_t recovery_codes_left = 0;
  bool managed_by_scim = false;
};
BOOST_DESCRIBE_STRUCT(AccountSettings, (),
                      (username, email, email_verified, pending_email, two_factor_enabled, recovery_codes_left,
                       managed_by_scim))

struct PasswordConfirmation {
  json::Required<std::string> current_password;
};
BOOST_DESCRIBE_STRUCT(PasswordConfirmation, (), (current_password))

struct ChangePasswordRequest {
  json::Required<std::string> current_password;
  json::Required<std::string> new_password;
};
BOOST_DESCRIBE_STRUCT(ChangePasswordRequest, (), (current_password, new_password))

struct ChangeEmailRequest {
  json::Required<std::string> email;
  json::Required<std::string> current_password;
};
BOOST_DESCRIBE_STRUCT(ChangeEmailRequest, (), (email, current_password))

struct Enrolment {
  std::string secret;
  std::string otpauth_uri;
  std::string qr_svg;
  Timestamp expires_at;
};
BOOST_DESCRIBE_STRUCT(Enrolment, (), (secret, otpauth_uri, qr_svg, expires_at))

struct CodeRequest {
  json::Required<std::string> code;
};
BOOST_DESCRIBE_STRUCT(CodeRequest, (), (code))

struct RecoveryCodes {
  std::vector<std::string> recovery_codes;
};
BOOST_DESCRIBE_STRUCT(RecoveryCodes, (), (recovery_codes))

struct DisableRequest {
  json::Required<std::string> current_password;
  json::Required<std::string> code;
};
BOOST_DESCRIBE_STRUCT(DisableRequest, (), (current_password, code))

// The signed-in user, with a password behind it rather than a token.
Result<accounts::Account> Self(const HubApi& api, const Call& call) {
  TRY_VOID(RefuseTokens(call.caller));
  return OwnUser(api, call.caller);
}

std::string SourceOf(const accounts::Session& session) {
  if (session.client_id == "web" || session.client_id == "device") return session.client_id;
  return session.kind == accounts::SessionKind::kRegistry ? "docker" : "login";
}

Result<SessionList> ListSessions(const HubApi& api, const Call& call, const SessionsRequest& request) {
  TRY(const auto account, Self(api, call));
  TRY(const auto sessions, api.accounts.sessions.List(account.id));
  const auto size = static_cast<size_t>(std::clamp<int64_t>(request.limit.value_or(50), 1, 100));
  const auto start = static_cast<size_t>(std::max<int64_t>(request.cursor.value_or(0), 0));
  SessionList list;
  for (size_t i = start; i < sessions.size() && list.items.size() < size; ++i) {
    const auto& s = sessions[i];
    list.items.push_back({s.uuid, s.created_at, s.last_used_at.value_or(s.created_at), s.expires_at, s.address, s.agent,
                          s.uuid == call.caller.credential_id, SourceOf(s)});
  }
  if (start < sessions.size() && sessions.size() - start > size) list.next = std::to_string(start + size);
  return list;
}

Result<NoContent> RevokeOtherSessions(const HubApi& api, const Call& call, const NoRequest&) {
  TRY(const auto account, Self(api, call));
  TRY(const auto sessions, api.accounts.sessions.List(account.id));
  for (const auto& session : sessions) {
    if (session.uuid == call.caller.credential_id) continue;
    auto ended = api.accounts.sessions.End(account.id, session.uuid);
    if (!ended && ended.error().code != ErrorCode::kNotFound) return Fail(std::move(ended).error());
  }
  return NoContent{};
}

Result<NoContent> RevokeSession(const HubApi& api, const Call& call, const SessionRequest& request) {
  TRY(const auto account, Self(api, call));
  TRY_VOID(api.accounts.sessions.End(account.id, request.session_id));
  return NoContent{};
}

Result<AccountSettings> MakeSettings(const HubApi& api, const accounts::Account& account) {
  AccountSettings settings;
  settings.username = account.name;
  settings.email = account.email;
  settings.email_verified = account.email_verified;
  TRY(settings.pending_email, api.links.PendingEmail(account.id));
  TRY(settings.two_factor_enabled, api.second_factor.IsEnabled(account.id));
  TRY(settings.recovery_codes_left, api.second_factor.RecoveryCodesLeft(account.id));
  return settings;
}

Result<AccountSettings> GetAccountSettings(const HubApi& api, const Call& call, const NoRequest&) {
  TRY(const auto account, OwnUser(api, call.caller));
  return MakeSettings(api, account);
}

Result<NoContent> ChangePassword(const HubApi& api, const Call& call, const ChangePasswordRequest& request) {
  TRY(const auto account, Self(api, call));
  TRY_VOID(ConfirmPassword(api, call, *request.current_password));
  auto set = api.accounts.accounts.SetPassword(account.id, *request.new_password, call.caller.AsActor(),
                                               call.caller.credential_id);
  if (!set) {
    Error error = std::move(set).error();
    if (error.field == "password") error.field = "new_password";
    return Fail(std::move(error));
  }
  return NoContent{};
}

Result<AccountSettings> ChangeEmail(const HubApi& api, const Call& call, const ChangeEmailRequest& request) {
  TRY(const auto account, Self(api, call));
  const std::string& email = *request.email;
  if (email.size() > 254 || email.find('@') == std::string::npos ||
      email.find_first_of(" \r\n\t<>") != std::string::npos) {
    return Fail(ErrorCode::kInvalidArgument, "is no e-mail address", "email");
  }
  TRY_VOID(ConfirmPassword(api, call, *request.current_password));
  TRY_VOID(CountMail(api, "verify:" + account.uuid));
  TRY_VOID(api.links.SendVerification(account, email, "/verify-email"));
  return MakeSettings(api, account);
}

Result<Enrolment> EnrolTwoFactor(const HubApi& api, const Call& call, const PasswordConfirmation& request) {
  TRY(const auto account, Self(api, call));
  TRY_VOID(ConfirmPassword(api, call, *request.current_password));
  TRY(const auto begun, api.second_factor.Begin(account));
  TRY(auto svg, QrCodeSvg(begun.otpauth_uri));
  return Enrolment{begun.secret, begun.otpauth_uri, std::move(svg), api.clock.Now() + std::chrono::minutes(15)};
}

Error NamedCode(Error error) {
  if (error.code == ErrorCode::kBadCredentials)
    return Error(ErrorCode::kInvalidArgument, "the code is not right", "code");
  return error;
}

// Guessing a code is slowed down like guessing a password.
Result<void> CheckCode(const HubApi& api, const Call& call, AccountId account, std::string_view code) {
  TRY_VOID(api.accounts.throttle.Check(call.caller.name, call.http.peer));
  auto checked = api.second_factor.Check(account, code);
  if (checked) return {};
  api.accounts.throttle.Failed(call.caller.name, call.http.peer);
  return Fail(NamedCode(std::move(checked).error()));
}

Result<RecoveryCodes> ConfirmTwoFactor(const HubApi& api, const Call& call, const CodeRequest& request) {
  TRY(const auto account, Self(api, call));
  TRY_VOID(api.accounts.throttle.Check(call.caller.name, call.http.peer));
  auto codes = api.second_factor.Confirm(account.id, *request.code);
  if (!codes) {
    if (codes.error().code == ErrorCode::kBadCredentials)
      api.accounts.throttle.Failed(call.caller.name, call.http.peer);
    return Fail(NamedCode(std::move(codes).error()));
  }
  return RecoveryCodes{*std::move(codes)};
}

Result<NoContent> DisableTwoFactor(const HubApi& api, const Call& call, const DisableRequest& request) {
  TRY(const auto account, Self(api, call));
  TRY_VOID(ConfirmPassword(api, call, *request.current_password));
  TRY_VOID(CheckCode(api, call, account.id, *request.code));
  TRY_VOID(api.second_factor.Disable(account.id));
  return NoContent{};
}

Result<RecoveryCodes> RegenerateRecoveryCodes(const HubApi& api, const Call& call, const CodeRequest& request) {
  TRY(const auto account, Self(api, call));
  TRY_VOID(CheckCode(api, call, account.id, *request.code));
  TRY(auto codes, api.second_factor.RenewRecoveryCodes(account.id));
  return RecoveryCodes{std::move(codes)};
}

}  // namespace

void AddOwnAccountRoutes(OperationTable& table) {
  using http::Method;
  const std::string base = "/api/berth/v1/user";
  table.Add(Method::kGet, base + "/sessions", "ListSessions", &ListSessions);
  table.Add(Method::kDelete, base + "/sessions", "RevokeOtherSessions", &RevokeOtherSessions, {.success = 204});
  table.Add(Method::kDelete, base + "/sessions/{session_id}", "RevokeSession", &RevokeSession, {.success = 204});
  table.Add(Method::kGet, base + "/account", "GetAccountSettings", &GetAccountSettings);
  table.Add(Method::kPut, base + "/password", "ChangePassword", &ChangePassword, {.success = 204});
  table.Add(Method::kPut, base + "/email", "ChangeEmail", &ChangeEmail);
  table.Add(Method::kPost, base + "/2fa/enrol", "EnrolTwoFactor", &EnrolTwoFactor);
  table.Add(Method::kPost, base + "/2fa/confirm", "ConfirmTwoFactor", &ConfirmTwoFactor);
  table.Add(Method::kPost, base + "/2fa/disable", "DisableTwoFactor", &DisableTwoFactor, {.success = 204});
  table.Add(Method::kPost, base + "/2fa/recovery-codes", "RegenerateRecoveryCodes", &RegenerateRecoveryCodes);
}

}  // namespace berth::api::hub
