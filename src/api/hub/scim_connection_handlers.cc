// The SCIM connection of an organization, for its owners: /api/berth/v1/orgs/{org_name}/scim
#include "api/hub/caller_rules.h"
#include "api/hub/hub_api.h"
#include "scim/connection.h"

namespace berth::api::hub {
namespace {

struct OrganizationRequest {
  std::string org_name;
};
BOOST_DESCRIBE_STRUCT(OrganizationRequest, (), (org_name))

struct StateView {
  bool enabled = false;
  std::string base_url;
  std::optional<Timestamp> token_created_at;
  std::optional<Timestamp> token_last_used_at;
  int64_t users = 0;
  int64_t groups = 0;
};
BOOST_DESCRIBE_STRUCT(StateView, (), (enabled, base_url, token_created_at, token_last_used_at, users, groups))

struct TokenView {
  std::string token;
  Timestamp created_at;
};
BOOST_DESCRIBE_STRUCT(TokenView, (), (token, created_at))

Result<accounts::Account> Organization(const HubApi& api, const Call& call, const std::string& name) {
  if (call.caller.kind == accounts::CredentialKind::kOrganizationToken) TRY_VOID(RefuseTokens(call.caller));
  return RequireOrganization(api, call, name, access::NamespaceAction::kOwn);
}

Result<StateView> GetScimState(const HubApi& api, const Call& call, const OrganizationRequest& request) {
  // Reading needs no confirmed address.
  accounts::Caller reader = call.caller;
  reader.email_verified = true;
  TRY(const auto organization, Organization(api, {call.http, reader}, request.org_name));
  TRY(const auto state, scim::Connections(api.database, api.clock).State(organization.id));
  return StateView{state.enabled,
                   PageAddress(api, call.http, "/v2/scim/2.0"),
                   state.token_created_at,
                   state.token_last_used_at,
                   state.users,
                   state.groups};
}

Result<NoContent> DisableScim(const HubApi& api, const Call& call, const OrganizationRequest& request) {
  TRY(const auto organization, Organization(api, call, request.org_name));
  TRY_VOID(scim::Connections(api.database, api.clock).Disable(organization, call.caller.AsActor()));
  return NoContent{};
}

Result<TokenView> CreateScimToken(const HubApi& api, const Call& call, const OrganizationRequest& request) {
  TRY(const auto organization, Organization(api, call, request.org_name));
  TRY(auto made, scim::Connections(api.database, api.clock).CreateToken(organization, call.caller.AsActor()));
  return TokenView{std::move(made.token), made.created_at};
}

}  // namespace

void AddScimConnectionRoutes(OperationTable& table) {
  using http::Method;
  const std::string connection = "/api/berth/v1/orgs/{org_name}/scim";
  table.Add(Method::kGet, connection, "GetScimState", &GetScimState);
  table.Add(Method::kDelete, connection, "DisableScim", &DisableScim, {.success = 204});
  table.Add(Method::kPost, connection + "/token", "CreateScimToken", &CreateScimToken, {.success = 201});
}

}  // namespace berth::api::hub
