// Small checks that many handlers share: what kind of credential may do this, whose object this is.
#pragma once

#include "access/decision.h"
#include "accounts/organization_store.h"
#include "api/hub/hub_api.h"
#include "api/hub/views.h"

namespace berth::api::hub {

// What a token may not do even for its own account (managing tokens, passwords, sessions). kPermissionDenied.
Result<void> RefuseTokens(const accounts::Caller& caller);
// What a personal token may not do when it is only for reading. kTokenScopeTooLow.
Result<void> RefuseReadOnly(const accounts::Caller& caller);
// Server administrators only. kPermissionDenied.
Result<void> RequireSiteAdmin(const accounts::Caller& caller);
// The caller's account, which must be a user's. kPermissionDenied for organization tokens.
Result<accounts::Account> OwnUser(const HubApi& api, const accounts::Caller& caller);
// The account's password, as asked again before something grave. kBadCredentials, field `current_password`; slowed
// down.
Result<void> ConfirmPassword(const HubApi& api, const Call& call, std::string_view password);

// The account `name` after the decision on `action`: kNotFound when it is missing or hidden, kPermissionDenied when it
// may not be done.
Result<accounts::Account> RequireNamespace(const HubApi& api, const Call& call, std::string_view name,
                                           access::NamespaceAction action);
// The same for an organization; a user's name answers kNotFound.
Result<accounts::Account> RequireOrganization(const HubApi& api, const Call& call, std::string_view name,
                                              access::NamespaceAction action);

// The most that the caller may hand on in the organization.
Result<accounts::GrantLimit> GrantLimitIn(const HubApi& api, const Call& call, AccountId organization);

// The identity of a user who has just proved to be it (both factors, or an approved device).
accounts::Identity PasswordIdentity(const accounts::Account& account, std::string_view address);

// An organization with the user's place in it.
Result<MembershipView> MakeMembershipView(sql::Connection& connection, const accounts::Membership& membership,
                                          AccountId user);

// An absolute address of a page of the web interface.
std::string PageAddress(const HubApi& api, const http::Request& request, std::string_view path);

}  // namespace berth::api::hub
