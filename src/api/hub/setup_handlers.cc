// What the sign-in pages need to know before anybody is signed in, and the first-run wizard.
#include "api/hub/caller_rules.h"
#include "api/hub/hub_api.h"

namespace berth::api::hub {
namespace {

struct SetupState {
  bool complete = false;
  std::string server_name;
  std::string version;
  std::string external_url;
  std::string registry_host;
  std::string sign_up;
  bool mail_configured = false;
  std::string announcement;
};
BOOST_DESCRIBE_STRUCT(SetupState, (),
                      (complete, server_name, version, external_url, registry_host, sign_up, mail_configured,
                       announcement))

struct CompleteRequest {
  std::optional<std::string> server_name;
  std::optional<std::string> sign_up;
  std::optional<std::string> pull_limits;
  std::optional<std::string> email;
  std::optional<std::string> password;
};
BOOST_DESCRIBE_STRUCT(CompleteRequest, (), (server_name, sign_up, pull_limits, email, password))

std::string HostOf(std::string_view url) {
  const auto start = url.find("://");
  const std::string_view rest = start == std::string_view::npos ? url : url.substr(start + 3);
  return std::string(rest.substr(0, rest.find('/')));
}

SetupState MakeState(const HubApi& api, const Call& call, const settings::Settings& settings) {
  SetupState state;
  state.complete = settings.setup_complete;
  state.server_name = settings.server_name;
  state.version = api.options.version;
  state.external_url = PageAddress(api, call.http, "");
  state.registry_host = api.options.registry_host.empty() ? HostOf(state.external_url) : api.options.registry_host;
  state.sign_up = settings.sign_up ? "open" : "closed";
  state.mail_configured = api.options.mail_configured;
  state.announcement = settings.announcement;
  return state;
}

Result<SetupState> GetSetup(const HubApi& api, const Call& call, const NoRequest&) {
  return MakeState(api, call, *api.settings.Get());
}

Result<settings::SettingsChange> ReadChange(const CompleteRequest& request) {
  settings::SettingsChange change;
  change.server_name = request.server_name;
  if (request.sign_up && *request.sign_up != "open" && *request.sign_up != "closed")
    return Fail(ErrorCode::kInvalidArgument, "must be open or closed", "sign_up");
  if (request.sign_up) change.sign_up = *request.sign_up == "open";
  if (request.pull_limits && *request.pull_limits != "none" && *request.pull_limits != "docker-hub")
    return Fail(ErrorCode::kInvalidArgument, "must be none or docker-hub", "pull_limits");
  if (request.pull_limits) change.pull_limits = *request.pull_limits == "docker-hub";
  return change;
}

// Everything is checked before anything changes; the settings, which say that it is done, come last.
Result<SetupState> CompleteSetup(const HubApi& api, const Call& call, const CompleteRequest& request) {
  TRY_VOID(RequireSiteAdmin(call.caller));
  TRY(auto change, ReadChange(request));
  if (request.password) {
    if (auto checked = accounts::CheckPassword(*request.password); !checked)
      return Fail(ErrorCode::kInvalidArgument, checked.error().message, "password");
  }
  const events::Actor actor = call.caller.AsActor();
  TRY_VOID(api.database.Read([&](sql::Connection& c) -> Result<void> {
    TRY(const auto settings, api.settings.Read(c));
    if (settings.setup_complete) return Fail(ErrorCode::kConflict, "the server is set up already");
    return settings::SettingsStore::Check(change);
  }));
  if (request.email && !request.email->empty()) {
    accounts::AccountChange account;
    account.email = request.email;
    account.email_verified = true;  // the administrator vouches
    TRY_VOID(api.accounts.accounts.Update(call.caller.account, account, actor));
  }
  if (request.password)
    TRY_VOID(
        api.accounts.accounts.SetPassword(call.caller.account, *request.password, actor, call.caller.credential_id));
  change.setup_complete = true;
  TRY(const auto settings, api.settings.Update(change, actor));
  return MakeState(api, call, settings);
}

}  // namespace

void AddSetupRoutes(OperationTable& table) {
  table.Add(http::Method::kGet, "/api/berth/v1/setup", "GetSetup", &GetSetup, {.auth = Auth::kNone});
  table.Add(http::Method::kPost, "/api/berth/v1/setup", "CompleteSetup", &CompleteSetup);
}

}  // namespace berth::api::hub
