// The end of one's account as a user: deleting it, or turning it into an organization.
#include "accounts/account_lifecycle.h"
#include "api/hub/caller_rules.h"
#include "api/hub/hub_api.h"

namespace berth::api::hub {
namespace {

struct DeleteRequest {
  json::Required<std::string> current_password;
};
BOOST_DESCRIBE_STRUCT(DeleteRequest, (), (current_password))

struct ConvertRequest {
  json::Required<std::string> owner;
  json::Required<std::string> current_password;
};
BOOST_DESCRIBE_STRUCT(ConvertRequest, (), (owner, current_password))

Result<accounts::Account> ConfirmedSelf(const HubApi& api, const Call& call, const std::string& password) {
  TRY_VOID(RefuseTokens(call.caller));
  TRY(auto account, OwnUser(api, call.caller));
  TRY_VOID(ConfirmPassword(api, call, password));
  return account;
}

accounts::AccountLifecycle Lifecycle(const HubApi& api) { return {api.database, api.accounts.cache, api.clock}; }

Result<NoContent> DeleteAccount(const HubApi& api, const Call& call, const DeleteRequest& request) {
  TRY(const auto account, ConfirmedSelf(api, call, *request.current_password));
  TRY_VOID(Lifecycle(api).Delete(account.id, call.caller.AsActor()));
  return NoContent{};
}

Result<OrganizationView> ConvertAccount(const HubApi& api, const Call& call, const ConvertRequest& request) {
  TRY(const auto account, ConfirmedSelf(api, call, *request.current_password));
  TRY(const auto organization, Lifecycle(api).Convert(account.id, *request.owner, call.caller.AsActor()));
  return MakeOrganizationView(organization);
}

}  // namespace

void AddAccountLifecycleRoutes(OperationTable& table) {
  using http::Method;
  table.Add(Method::kPost, "/api/berth/v1/user/delete", "DeleteAccount", &DeleteAccount, {.success = 204});
  table.Add(Method::kPost, "/api/berth/v1/user/convert", "ConvertAccount", &ConvertAccount);
}

}  // namespace berth::api::hub
