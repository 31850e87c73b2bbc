// Settings and limits of the server, and what it says of itself. For administrators of the server.
#include <algorithm>

#include "accounts/account_links.h"
#include "api/hub/caller_rules.h"
#include "api/hub/hub_api.h"
#include "api/hub/presence.h"
#include "limits/plan.h"

namespace berth::api::hub {
namespace {

using limits::Plan;
using limits::PlanStore;
using settings::Settings;
using settings::SettingsChange;

struct LimitsRequest {
  json::Required<bool> pull_limits_enabled;
  std::optional<int32_t> anonymous_pull_limit;
  json::Required<int32_t> anonymous_pull_window;
  std::optional<int32_t> hub_api_requests_per_minute;
  std::optional<int32_t> registry_requests_per_minute;
  json::Required<std::vector<std::string>> trusted_proxies;
  json::RawJson body;
};
BOOST_DESCRIBE_STRUCT(LimitsRequest, (),
                      (pull_limits_enabled, anonymous_pull_limit, anonymous_pull_window, hub_api_requests_per_minute,
                       registry_requests_per_minute, trusted_proxies, body))

struct LimitsView {
  bool pull_limits_enabled = false;
  std::optional<int64_t> anonymous_pull_limit;
  int64_t anonymous_pull_window = 0;
  std::optional<int64_t> hub_api_requests_per_minute;
  std::optional<int64_t> registry_requests_per_minute;
  std::vector<std::string> trusted_proxies;
};
BOOST_DESCRIBE_STRUCT(LimitsView, (),
                      (pull_limits_enabled, anonymous_pull_limit, anonymous_pull_window, hub_api_requests_per_minute,
                       registry_requests_per_minute, trusted_proxies))

struct SettingsRequest {
  std::optional<std::string> server_name;
  std::optional<std::string> sign_up;
  std::optional<std::string> create_organizations;
  std::optional<std::string> default_repo_visibility;
  std::optional<std::string> announcement;
};
BOOST_DESCRIBE_STRUCT(SettingsRequest, (),
                      (server_name, sign_up, create_organizations, default_repo_visibility, announcement))

struct SettingsView {
  std::string server_name;
  std::string sign_up;
  std::string create_organizations;
  std::string default_repo_visibility;
  std::string announcement;
};
BOOST_DESCRIBE_STRUCT(SettingsView, (),
                      (server_name, sign_up, create_organizations, default_repo_visibility, announcement))

struct ConfigurationView {
  std::vector<ConfigurationEntry> items;
  std::optional<std::string> next;
};
BOOST_DESCRIBE_STRUCT(ConfigurationView, (), (items, next))

struct InfoView : ProgramFacts {
  int64_t data_bytes = 0;
  int64_t users = 0;
  int64_t organizations = 0;
  int64_t repositories = 0;
  int64_t tags = 0;
  int64_t manifests = 0;
  int64_t blobs = 0;
  int64_t schema_version = 0;
};
BOOST_DESCRIBE_STRUCT(InfoView, (ProgramFacts),
                      (data_bytes, users, organizations, repositories, tags, manifests, blobs, schema_version))

struct MailRequest {
  json::Required<std::string> to;
};
BOOST_DESCRIBE_STRUCT(MailRequest, (), (to))

constexpr sql::Query kAccounts{"hub.admin.accounts", "SELECT kind, COUNT(*) FROM account GROUP BY kind"};
constexpr sql::Query kRepositories{"hub.admin.repositories", "SELECT COUNT(*) FROM repository"};
constexpr sql::Query kStored{"hub.admin.stored",
                             "SELECT bytes, tags, manifests, blobs FROM storage_report WHERE id = 1"};
constexpr sql::Query kSchema{"hub.admin.schema", "SELECT COALESCE(MAX(number), 0) FROM schema_version"};

Result<LimitsView> ReadLimits(sql::Connection& c, const Settings& settings) {
  TRY(const auto anonymous, PlanStore::Find(c, limits::kAnonymousPlan));
  if (!anonymous) return Fail(ErrorCode::kInternal, "the plan of callers without an account is missing");
  LimitsView view;
  view.pull_limits_enabled = settings.pull_limits;
  if (anonymous->pulls != limits::kUnlimited) view.anonymous_pull_limit = anonymous->pulls;
  view.anonymous_pull_window = anonymous->pull_window_seconds;
  const auto shown = [](int64_t a_minute) { return a_minute > 0 ? std::optional(a_minute) : std::nullopt; };
  view.hub_api_requests_per_minute = shown(settings.hub_requests_a_minute);
  view.registry_requests_per_minute = shown(settings.registry_requests_a_minute);
  view.trusted_proxies = settings.trusted_proxies;
  return view;
}

Result<LimitsView> GetLimits(const HubApi& api, const Call& call, const NoRequest&) {
  TRY_VOID(RequireSiteAdmin(call.caller));
  return api.database.Read([&](sql::Connection& c) -> Result<LimitsView> {
    TRY(const Settings settings, api.settings.Read(c));
    return ReadLimits(c, settings);
  });
}

Result<int64_t> ReadRate(std::optional<int32_t> rate, const char* field) {
  if (rate && *rate < 1) return Fail(ErrorCode::kInvalidArgument, "must be 1 or more, or null for no limit", field);
  return rate ? static_cast<int64_t>(*rate) : 0;
}

Result<void> SaveAnonymous(sql::Transaction& tx, const HubApi& api, const Call& call, const LimitsRequest& request) {
  TRY(auto plan, PlanStore::Find(tx, limits::kAnonymousPlan));
  if (!plan) return Fail(ErrorCode::kInternal, "the plan of callers without an account is missing");
  const Plan before = *plan;
  plan->pulls = request.anonymous_pull_limit ? *request.anonymous_pull_limit : limits::kUnlimited;
  plan->pull_window_seconds = *request.anonymous_pull_window;
  if (plan->pulls == before.pulls && plan->pull_window_seconds == before.pull_window_seconds) return {};
  TRY_VOID(PlanStore::Save(tx, *plan));
  events::Event event;
  event.type = "server.plan.update";
  event.name = limits::kAnonymousPlan;
  return events::Append(tx, call.caller.AsActor(), event, api.clock.Now());
}

Error Renamed(Error error) {
  if (error.field == "hub_requests_a_minute") error.field = "hub_api_requests_per_minute";
  if (error.field == "registry_requests_a_minute") error.field = "registry_requests_per_minute";
  if (error.field == "pull_window_seconds") error.field = "anonymous_pull_window";
  return error;
}

Result<LimitsView> UpdateLimits(const HubApi& api, const Call& call, const LimitsRequest& request) {
  TRY_VOID(RequireSiteAdmin(call.caller));
  TRY_VOID(RequireMembers(request.body,
                          {"anonymous_pull_limit", "hub_api_requests_per_minute", "registry_requests_per_minute"}));
  if (request.anonymous_pull_limit && *request.anonymous_pull_limit < 0)
    return Fail(ErrorCode::kInvalidArgument, "must be 0 or more, or null for no limit", "anonymous_pull_limit");
  SettingsChange change;
  change.pull_limits = *request.pull_limits_enabled;
  TRY(change.hub_requests_a_minute, ReadRate(request.hub_api_requests_per_minute, "hub_api_requests_per_minute"));
  TRY(change.registry_requests_a_minute,
      ReadRate(request.registry_requests_per_minute, "registry_requests_per_minute"));
  change.trusted_proxies = *request.trusted_proxies;
  auto saved = api.database.Write([&](sql::Transaction& tx) -> Result<LimitsView> {
    TRY(const Settings settings, api.settings.UpdateIn(tx, change, call.caller.AsActor()));
    TRY_VOID(SaveAnonymous(tx, api, call, request));
    return ReadLimits(tx, settings);
  });
  if (!saved) return Fail(Renamed(std::move(saved).error()));
  return saved;
}

SettingsView MakeView(const Settings& settings) {
  return {settings.server_name, settings.sign_up ? "open" : "closed",
          settings.organizations_by_all ? "everyone" : "administrators",
          settings.private_by_default ? "private" : "public", settings.announcement};
}

// One of two words as a truth.
Result<std::optional<bool>> ReadWord(const std::optional<std::string>& text, std::string_view yes, std::string_view no,
                                     const char* field) {
  if (!text) return std::optional<bool>();
  if (*text == yes) return std::optional(true);
  if (*text == no) return std::optional(false);
  return Fail(ErrorCode::kInvalidArgument, "must be " + std::string(yes) + " or " + std::string(no), field);
}

Result<SettingsView> GetServerSettings(const HubApi& api, const Call& call, const NoRequest&) {
  TRY_VOID(RequireSiteAdmin(call.caller));
  TRY(const Settings settings, api.database.Read([&](sql::Connection& c) { return api.settings.Read(c); }));
  return MakeView(settings);
}

Result<SettingsView> UpdateServerSettings(const HubApi& api, const Call& call, const SettingsRequest& request) {
  TRY_VOID(RequireSiteAdmin(call.caller));
  SettingsChange change;
  change.server_name = request.server_name;
  change.announcement = request.announcement;
  TRY(change.sign_up, ReadWord(request.sign_up, "open", "closed", "sign_up"));
  TRY(change.organizations_by_all,
      ReadWord(request.create_organizations, "everyone", "administrators", "create_organizations"));
  TRY(change.private_by_default,
      ReadWord(request.default_repo_visibility, "private", "public", "default_repo_visibility"));
  TRY(const Settings settings, api.settings.Update(change, call.caller.AsActor()));
  return MakeView(settings);
}

Result<ConfigurationView> GetConfiguration(const HubApi& api, const Call& call, const NoRequest&) {
  TRY_VOID(RequireSiteAdmin(call.caller));
  return ConfigurationView{api.panel.Configuration(), std::nullopt};
}

Result<ServerHealth> GetServerHealth(const HubApi& api, const Call& call, const NoRequest&) {
  TRY_VOID(RequireSiteAdmin(call.caller));
  return api.panel.Health();
}

Result<MetricsSample> GetServerMetrics(const HubApi& api, const Call& call, const NoRequest&) {
  TRY_VOID(RequireSiteAdmin(call.caller));
  return api.panel.Metrics();
}

// Accounts and repositories are counted by their index; what there may be millions of stands as the last survey of the
// storage left it.
Result<InfoView> GetServerInfo(const HubApi& api, const Call& call, const NoRequest&) {
  TRY_VOID(RequireSiteAdmin(call.caller));
  InfoView view;
  static_cast<ProgramFacts&>(view) = api.panel.Facts();
  TRY_VOID(api.database.Read([&](sql::Connection& c) -> Result<void> {
    TRY_VOID(c.Each(kAccounts, {}, [&](const sql::Row& row) {
      (row.Text(0) == "user" ? view.users : view.organizations) = row.Int(1);
    }));
    TRY_VOID(c.Each(kRepositories, {}, [&](const sql::Row& row) { view.repositories = row.Int(0); }));
    TRY_VOID(c.Each(kStored, {}, [&](const sql::Row& row) {
      view.data_bytes = row.Int(0);
      view.tags = row.Int(1);
      view.manifests = row.Int(2);
      view.blobs = row.Int(3);
    }));
    TRY_VOID(c.Each(kSchema, {}, [&](const sql::Row& row) { view.schema_version = row.Int(0); }));
    return {};
  }));
  return view;
}

bool IsAddress(std::string_view text) {
  const auto at = text.find('@');
  if (at == 0 || at == std::string_view::npos || at + 1 == text.size() || text.size() > 254) return false;
  return text.find('@', at + 1) == std::string_view::npos && std::ranges::all_of(text, [](char c) {
           return static_cast<unsigned char>(c) > ' ' && c != '\x7f' && c != '<' && c != '>' && c != ',';
         });
}

Result<NoContent> SendTestMail(const HubApi& api, const Call& call, const MailRequest& request) {
  TRY_VOID(RequireSiteAdmin(call.caller));
  if (!IsAddress(*request.to)) return Fail(ErrorCode::kInvalidArgument, "is no e-mail address", "to");
  if (!api.options.mail_configured) return Fail(ErrorCode::kConflict, "no mail server is configured");
  return api.database.Write([&](sql::Transaction& tx) -> Result<NoContent> {
    accounts::HeldMail mail;
    mail.to = *request.to;
    mail.subject = "Test of " + api.settings.Get()->server_name;
    mail.body = "This message shows that the server can send mail.\n\nIt was asked for by " + call.caller.name + ".\n";
    mail.created_at = api.clock.Now();
    TRY_VOID(accounts::MailStore::Add(tx, mail));
    events::Event event;
    event.type = "server.mail.test";
    event.name = *request.to;
    TRY_VOID(events::Append(tx, call.caller.AsActor(), event, mail.created_at));
    return NoContent{};
  });
}

}  // namespace

void AddAdminServerRoutes(OperationTable& table) {
  using http::Method;
  const std::string base = "/api/berth/v1/admin";
  table.Add(Method::kGet, base + "/limits", "GetLimits", &GetLimits);
  table.Add(Method::kPut, base + "/limits", "UpdateLimits", &UpdateLimits);
  table.Add(Method::kGet, base + "/settings", "GetServerSettings", &GetServerSettings);
  table.Add(Method::kPatch, base + "/settings", "UpdateServerSettings", &UpdateServerSettings);
  table.Add(Method::kGet, base + "/config", "GetConfiguration", &GetConfiguration);
  table.Add(Method::kGet, base + "/health", "GetServerHealth", &GetServerHealth);
  table.Add(Method::kGet, base + "/info", "GetServerInfo", &GetServerInfo);
  table.Add(Method::kGet, base + "/metrics", "GetServerMetrics", &GetServerMetrics);
  table.Add(Method::kPost, base + "/mail/test", "SendTestMail", &SendTestMail, {.success = 202});
}

}  // namespace berth::api::hub
