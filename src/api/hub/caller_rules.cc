#include "api/hub/caller_rules.h"

namespace berth::api::hub {
namespace {

constexpr sql::Query kTeamsOf{"team.names_of_user",
                              "SELECT t.name FROM team t JOIN team_member m ON m.team_id = t.id "
                              "WHERE t.organization_id = $1 AND m.account_id = $2 ORDER BY t.name"};

}  // namespace

Result<void> RefuseTokens(const accounts::Caller& caller) {
  if (caller.kind == accounts::CredentialKind::kPersonalToken) {
    return Fail(ErrorCode::kPermissionDenied, "token issued from personal access token is not allowed");
  }
  if (caller.kind == accounts::CredentialKind::kOrganizationToken) {
    return Fail(ErrorCode::kPermissionDenied, "token issued from organization access token is not allowed");
  }
  return {};
}

Result<void> RequireSiteAdmin(const accounts::Caller& caller) {
  TRY_VOID(RefuseTokens(caller));
  if (!caller.is_site_admin) return Fail(ErrorCode::kPermissionDenied, "only an administrator of this server may do this");
  return {};
}

Result<accounts::Account> OwnUser(const HubApi& api, const accounts::Caller& caller) {
  if (caller.kind == accounts::CredentialKind::kOrganizationToken) {
    return Fail(ErrorCode::kPermissionDenied, "an organization access token has no user");
  }
  return api.accounts.accounts.FindById(caller.account);
}

Result<void> ConfirmPassword(const HubApi& api, const Call& call, std::string_view password) {
  auto identity = api.accounts.authenticator.SignIn(call.caller.name, password, call.http.peer);
  if (!identity && identity.error().code != ErrorCode::kBadCredentials) return Fail(std::move(identity).error());
  if (!identity || identity->caller.kind != accounts::CredentialKind::kPassword) {
    return Fail(ErrorCode::kInvalidArgument, "the password is not right", "current_password");
  }
  return {};
}

Result<MembershipView> MakeMembershipView(sql::Connection& connection, const accounts::Membership& membership, AccountId user) {
  MembershipView view;
  static_cast<OrganizationView&>(view) = MakeOrganizationView(membership.organization);
  view.user_role = RoleTitle(membership.role);
  TRY(view.user_groups, connection.All(kTeamsOf, {membership.organization.id, user}, [](const sql::Row& row) { return row.String(0); }));
  TRY(view.org_groups_count, accounts::OrganizationStore::CountTeams(connection, membership.organization.id));
  if (!membership.organization.plan.empty()) view.plan_name = membership.organization.plan;
  return view;
}

std::string PageAddress(const HubApi& api, const http::Request& request, std::string_view path) {
  return (api.options.external_url.empty() ? request.BaseUrl() : api.options.external_url) + std::string(path);
}

}  // namespace berth::api::hub
