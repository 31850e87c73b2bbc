// Opening an account, confirming an address, forgotten passwords, and what the sign-in pages need to know of the
// server.
#include "accounts/account_store.h"
#include "api/hub/caller_rules.h"
#include "api/hub/hub_api.h"
#include "api/hub/mail_limit.h"
#include "base/log.h"

namespace berth::api::hub {
namespace {

struct SignUpRequest {
  json::Required<std::string> username;
  json::Required<std::string> email;
  json::Required<std::string> password;
  std::string full_name;
};
BOOST_DESCRIBE_STRUCT(SignUpRequest, (), (username, email, password, full_name))

struct SignUpAnswer {
  UserView user;
  std::string verification;
};
BOOST_DESCRIBE_STRUCT(SignUpAnswer, (), (user, verification))

struct TokenRequest {
  json::Required<std::string> token;
};
BOOST_DESCRIBE_STRUCT(TokenRequest, (), (token))

struct VerifyAnswer {
  std::string username;
  std::string email;
};
BOOST_DESCRIBE_STRUCT(VerifyAnswer, (), (username, email))

struct EmailRequest {
  json::Required<std::string> email;
};
BOOST_DESCRIBE_STRUCT(EmailRequest, (), (email))

struct ResetRequest {
  json::Required<std::string> token;
  json::Required<std::string> new_password;
};
BOOST_DESCRIBE_STRUCT(ResetRequest, (), (token, new_password))

Result<http::Response> SignUp(const HubApi& api, const Call& call, const SignUpRequest& request) {
  if (!api.settings.Get()->sign_up)
    return Fail(ErrorCode::kPermissionDenied, "sign-up is closed on this server; ask its administrator for an account");
  accounts::NewUser user;
  user.name = *request.username;
  user.email = *request.email;
  user.password = *request.password;
  user.full_name = request.full_name;
  if (user.email.empty()) return Fail(ErrorCode::kInvalidArgument, "may not be blank", "email");
  events::Actor actor;
  actor.name = user.name;
  actor.address = call.http.peer;
  auto created = api.accounts.accounts.CreateUser(user, accounts::NameRule::kSignUp, actor);
  if (!created) {
    Error error = std::move(created).error();
    if (error.field == "name") error.field = "username";
    return Fail(std::move(error));
  }
  TRY_VOID(api.links.SendVerification(*created, created->email, "/verify-email"));
  const SignUpAnswer answer{MakeUserView(*created), api.options.mail_configured ? "mail_sent" : "ask_administrator"};
  return http::Response::Json(201, json::Encode(answer));
}

Result<VerifyAnswer> VerifyEmail(const HubApi& api, const Call&, const TokenRequest& request) {
  TRY(const auto account, api.links.Verify(*request.token));
  return VerifyAnswer{account.name, account.email};
}

Result<NoContent> ResendVerification(const HubApi& api, const Call& call, const NoRequest&) {
  TRY_VOID(RefuseTokens(call.caller));
  TRY(const auto account, OwnUser(api, call.caller));
  TRY(const auto pending, api.links.PendingEmail(account.id));
  const std::string email = pending.value_or(account.email_verified ? "" : account.email);
  if (email.empty()) return Fail(ErrorCode::kConflict, "there is no address to confirm");
  TRY_VOID(CountMail(api, "verify:" + account.uuid));
  TRY_VOID(api.links.SendVerification(account, email, "/verify-email"));
  return NoContent{};
}

// The answer says nothing about whether the address is known.
Result<NoContent> RequestPasswordReset(const HubApi& api, const Call& call, const EmailRequest& request) {
  TRY_VOID(api.accounts.throttle.Check(*request.email, call.http.peer));
  api.accounts.throttle.Failed(*request.email, call.http.peer);
  TRY(const auto account, api.database.Read([&](sql::Connection& c) {
    return accounts::AccountStore::FindUserByEmail(c, *request.email);
  }));
  if (account && account->is_active) TRY_VOID(api.links.SendReset(*account, "/reset-password"));
  return NoContent{};
}

Result<NoContent> ResetPassword(const HubApi& api, const Call& call, const ResetRequest& request) {
  // Checked first, so that a password that is refused does not use the link up.
  if (auto checked = accounts::CheckPassword(*request.new_password); !checked) {
    return Fail(ErrorCode::kInvalidArgument, checked.error().message, "new_password");
  }
  TRY(const AccountId account, api.links.UseReset(*request.token));
  events::Actor actor;
  actor.id = account;
  actor.address = call.http.peer;
  TRY_VOID(api.accounts.accounts.SetPassword(account, *request.new_password, actor));
  return NoContent{};
}

}  // namespace

void AddSignUpRoutes(OperationTable& table) {
  using http::Method;
  const std::string base = "/api/berth/v1";
  table.Add(Method::kPost, base + "/signup", "SignUp", &SignUp, {.success = 201, .auth = Auth::kNone});
  table.Add(Method::kPost, base + "/email/verify", "VerifyEmail", &VerifyEmail, {.auth = Auth::kNone});
  table.Add(Method::kPost, base + "/email/resend", "ResendVerification", &ResendVerification, {.success = 202});
  table.Add(Method::kPost, base + "/password/reset", "RequestPasswordReset", &RequestPasswordReset,
            {.success = 202, .auth = Auth::kNone});
  table.Add(Method::kPost, base + "/password/reset/confirm", "ResetPassword", &ResetPassword,
            {.success = 204, .auth = Auth::kNone});
}

}  // namespace berth::api::hub
