#include "api/hub/caller_rules.h"

#include "accounts/account_store.h"

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

Result<void> RefuseReadOnly(const accounts::Caller& caller) {
  if (caller.kind == accounts::CredentialKind::kPersonalToken && caller.scope < accounts::TokenScope::kWrite) {
    return Fail(ErrorCode::kTokenScopeTooLow, "access to the resource is forbidden with personal access token");
  }
  return {};
}

Result<void> RequireSiteAdmin(const accounts::Caller& caller) {
  TRY_VOID(RefuseTokens(caller));
  if (!caller.is_site_admin)
    return Fail(ErrorCode::kPermissionDenied, "only an administrator of this server may do this");
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

Result<accounts::Account> RequireNamespace(const HubApi& api, const Call& call, std::string_view name,
                                           access::NamespaceAction action) {
  return api.database.Read([&](sql::Connection& connection) -> Result<accounts::Account> {
    TRY(auto account, accounts::AccountStore::FindByName(connection, name));
    if (!account) return Fail(ErrorCode::kNotFound, "httperror 404: object not found", "namespace");
    TRY(const auto verdict, access::DecideNamespace(connection, call.caller, account->id, account->name, action));
    if (verdict == access::Verdict::kHidden)
      return Fail(ErrorCode::kNotFound, "httperror 404: object not found", "namespace");
    if (verdict == access::Verdict::kDenied)
      return Fail(ErrorCode::kPermissionDenied, "access to the resource is forbidden");
    return *std::move(account);
  });
}

Result<accounts::Account> RequireOrganization(const HubApi& api, const Call& call, std::string_view name,
                                              access::NamespaceAction action) {
  TRY(auto account, RequireNamespace(api, call, name, action));
  if (account.IsUser()) return Fail(ErrorCode::kNotFound, "httperror 404: object not found", "org_name");
  return account;
}

Result<accounts::GrantLimit> GrantLimitIn(const HubApi& api, const Call& call, AccountId organization) {
  return api.database.Read(
      [&](sql::Connection& connection) { return access::FindGrantLimit(connection, call.caller, organization); });
}

accounts::Identity PasswordIdentity(const accounts::Account& account, std::string_view address) {
  accounts::Identity identity;
  identity.account = account;
  identity.caller.kind = accounts::CredentialKind::kPassword;
  identity.caller.account = account.id;
  identity.caller.uuid = account.uuid;
  identity.caller.name = account.name;
  identity.caller.is_site_admin = account.is_admin;
  identity.caller.email_verified = account.email_verified;
  identity.caller.address = address;
  return identity;
}

Result<MembershipView> MakeMembershipView(sql::Connection& connection, const accounts::Membership& membership,
                                          AccountId user) {
  MembershipView view;
  static_cast<OrganizationView&>(view) = MakeOrganizationView(membership.organization);
  view.user_role = RoleTitle(membership.role);
  TRY(view.user_groups,
      connection.All(kTeamsOf, {membership.organization.id, user}, [](const sql::Row& row) { return row.String(0); }));
  TRY(view.org_groups_count, accounts::OrganizationStore::CountTeams(connection, membership.organization.id));
  if (!membership.organization.plan.empty()) view.plan_name = membership.organization.plan;
  return view;
}

std::string PageAddress(const HubApi& api, const http::Request& request, std::string_view path) {
  return (api.options.external_url.empty() ? request.BaseUrl() : api.options.external_url) + std::string(path);
}

}  // namespace berth::api::hub
