// What the sign-in pages need to know before anybody is signed in.
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
};
BOOST_DESCRIBE_STRUCT(SetupState, (),
                      (complete, server_name, version, external_url, registry_host, sign_up, mail_configured))

constexpr sql::Query kAdminSignedIn{"hub.setup.complete",
                                    "SELECT 1 FROM account WHERE is_admin = 1 AND last_login_at IS NOT NULL LIMIT 1"};

std::string HostOf(std::string_view url) {
  const auto start = url.find("://");
  const std::string_view rest = start == std::string_view::npos ? url : url.substr(start + 3);
  return std::string(rest.substr(0, rest.find('/')));
}

// Set up is a server whose administrator has been there.
Result<SetupState> GetSetup(const HubApi& api, const Call& call, const NoRequest&) {
  SetupState state;
  TRY(const auto signed_in, api.database.Read([](sql::Connection& c) {
    return c.One(kAdminSignedIn, {}, [](const sql::Row& row) { return row.Int(0); });
  }));
  state.complete = signed_in.has_value();
  state.server_name = "Berth";
  state.version = api.options.version;
  state.external_url = PageAddress(api, call.http, "");
  state.registry_host = api.options.registry_host.empty() ? HostOf(state.external_url) : api.options.registry_host;
  state.sign_up = api.options.sign_up ? "open" : "closed";
  state.mail_configured = api.options.mail_configured;
  return state;
}

}  // namespace

void AddSetupRoutes(OperationTable& table) {
  table.Add(http::Method::kGet, "/api/berth/v1/setup", "GetSetup", &GetSetup, {.auth = Auth::kNone});
}

}  // namespace berth::api::hub
