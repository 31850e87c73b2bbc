// Settings and usage of a namespace: /api/berth/v1/namespaces/{namespace}/…
#include <algorithm>

#include "accounts/namespace_settings.h"
#include "api/hub/caller_rules.h"
#include "api/hub/csv.h"
#include "api/hub/hub_api.h"
#include "api/hub/plan_view.h"
#include "catalog/pull_usage.h"
#include "catalog/storage_report.h"
#include "limits/quota.h"

namespace berth::api::hub {
namespace {

using access::NamespaceAction;
using accounts::NamespaceSettings;
using accounts::NamespaceSettingsService;

constexpr std::chrono::days kDefaultRange{31};
constexpr std::chrono::days kMaxRange{366};

struct NamespaceRequest {
  std::string namespace_;
};
BOOST_DESCRIBE_STRUCT(NamespaceRequest, (), (namespace_))

struct UpdateRequest {
  std::string namespace_;
  std::optional<std::string> default_repo_visibility;
  std::optional<bool> public_repositories_allowed;
  std::optional<bool> require_two_factor;
};
BOOST_DESCRIBE_STRUCT(UpdateRequest, (),
                      (namespace_, default_repo_visibility, public_repositories_allowed, require_two_factor))

struct SettingsView {
  std::string default_repo_visibility;
  bool public_repositories_allowed = true;
  bool require_two_factor = false;
};
BOOST_DESCRIBE_STRUCT(SettingsView, (), (default_repo_visibility, public_repositories_allowed, require_two_factor))

struct BytesView {
  int64_t own = 0;
  int64_t shared = 0;
  int64_t total = 0;
};
BOOST_DESCRIBE_STRUCT(BytesView, (), (own, shared, total))

struct PullLimitView {
  int64_t limit = 0;
  int64_t window = 0;  // seconds
};
BOOST_DESCRIBE_STRUCT(PullLimitView, (), (limit, window))

struct UsageView {
  PlanView plan;
  int64_t seats_used = 0;
  int64_t seats_total = 0;
  int64_t private_repositories = 0;
  int64_t public_repositories = 0;
  int64_t teams = 0;
  int64_t access_tokens = 0;
  BytesView storage;
  json::Omittable<PullLimitView> pull_limit;
  int64_t pulls_in_window = 0;
};
BOOST_DESCRIBE_STRUCT(UsageView, (),
                      (plan, seats_used, seats_total, private_repositories, public_repositories, teams, access_tokens,
                       storage, pull_limit, pulls_in_window))

struct ExportRequest {
  std::string namespace_;
  std::optional<Timestamp> from;
  std::optional<Timestamp> to;
};
BOOST_DESCRIBE_STRUCT(ExportRequest, (), (namespace_, from, to))

constexpr int64_t kUnlimitedSeats = 9999;  // as Docker Hub writes it

// $2: now; $3: the account's uuid, which pulls are counted under; $4: since when a running window began.
constexpr sql::Query kUsage{"hub.namespace.usage",
                            "SELECT (SELECT COUNT(*) FROM repository r WHERE r.account_id = $1 AND r.is_private = 1), "
                            "(SELECT COUNT(*) FROM repository r WHERE r.account_id = $1 AND r.is_private = 0), "
                            "(SELECT COUNT(*) FROM team t WHERE t.organization_id = $1), "
                            "(SELECT COUNT(*) FROM access_token t WHERE t.account_id = $1 AND t.is_active = 1 "
                            "AND (t.expires_at IS NULL OR t.expires_at > $2)), "
                            "(SELECT COUNT(*) FROM organization_member m WHERE m.organization_id = $1), "
                            "(SELECT seats FROM plan_assignment p WHERE p.account_id = $1), "
                            "(SELECT pulls FROM pull_usage u WHERE u.key = $3 AND u.window_start > $4)"};

SettingsView MakeView(const NamespaceSettings& settings) {
  return {settings.default_private ? "private" : "public", settings.public_allowed, settings.require_second_factor};
}

// An organization token is good for repositories alone.
Result<accounts::Account> Namespace(const HubApi& api, const Call& call, const std::string& name,
                                    NamespaceAction action) {
  if (call.caller.kind == accounts::CredentialKind::kOrganizationToken) {
    return Fail(ErrorCode::kPermissionDenied, "access to the resource is forbidden with an organization access token");
  }
  return RequireNamespace(api, call, name, action);
}

Result<SettingsView> GetNamespaceSettings(const HubApi& api, const Call& call, const NamespaceRequest& request) {
  TRY(const auto account, Namespace(api, call, request.namespace_, NamespaceAction::kList));
  TRY(const auto settings,
      api.database.Read([&](sql::Connection& c) { return NamespaceSettingsService::Read(c, account.id); }));
  return MakeView(settings);
}

Result<SettingsView> UpdateNamespaceSettings(const HubApi& api, const Call& call, const UpdateRequest& request) {
  TRY(const auto account, Namespace(api, call, request.namespace_, NamespaceAction::kManageSettings));
  accounts::NamespaceChange change;
  if (request.default_repo_visibility) {
    const std::string& visibility = *request.default_repo_visibility;
    if (visibility != "public" && visibility != "private") {
      return Fail(ErrorCode::kInvalidArgument, "must be public or private", "default_repo_visibility");
    }
    change.default_private = visibility == "private";
  }
  change.public_allowed = request.public_repositories_allowed;
  change.require_second_factor = request.require_two_factor;
  NamespaceSettingsService service(api.database, api.accounts.cache, api.clock);
  TRY(const auto settings, service.Update(account.id, change, call.caller.AsActor()));
  return MakeView(settings);
}

void FillCounts(const sql::Row& row, const accounts::Account& account, const limits::Plan& plan, UsageView& view) {
  view.private_repositories = row.Int(0);
  view.public_repositories = row.Int(1);
  view.teams = row.Int(2);
  view.access_tokens = row.Int(3);
  view.seats_used = account.IsUser() ? 1 : row.Int(4);
  const int64_t of_plan = plan.seats == limits::kUnlimited ? kUnlimitedSeats : plan.seats;
  view.seats_total = row.IsNull(5) ? of_plan : row.Int(5);
  view.pulls_in_window = row.Int(6);
}

Result<UsageView> GetNamespaceUsage(const HubApi& api, const Call& call, const NamespaceRequest& request) {
  TRY(const auto account, Namespace(api, call, request.namespace_, NamespaceAction::kViewUsage));
  const Timestamp now = api.clock.Now();
  const bool limited = api.settings.Get()->pull_limits;
  return api.database.Read([&](sql::Connection& c) -> Result<UsageView> {
    TRY(auto plan, limits::PlanStore::FindOfAccount(c, account.id));
    if (!plan) return Fail(ErrorCode::kInternal, "the account has no plan");
    if (account.plan.empty()) limits::LiftQuotas(*plan);
    UsageView view;
    TRY(view.plan, MakePlanView(c, *plan));
    const Timestamp window_start = now - std::chrono::seconds(plan->pull_window_seconds);
    TRY_VOID(c.Each(kUsage, {account.id, now, account.uuid, window_start},
                    [&](const sql::Row& row) { FillCounts(row, account, *plan, view); }));
    if (limited && plan->pulls != limits::kUnlimited) {
      view.pull_limit = PullLimitView{plan->pulls, plan->pull_window_seconds};
    }
    catalog::StorageViewer viewer;
    viewer.with_private = true;
    catalog::StorageQuery one_row;
    one_row.limit = 1;
    TRY(const auto stored, catalog::NamespaceStorage(c, account.id, viewer, one_row));
    view.storage = {stored.total.own, stored.total.shared, stored.total.own + stored.total.shared};
    return view;
  });
}

// "2026/01/31/23"
std::string DateHour(Timestamp hour) {
  std::string text = FormatRfc3339(hour).substr(0, 13);
  std::replace_if(text.begin(), text.end(), [](char c) { return c == '-' || c == 'T'; }, '/');
  return text;
}

// One repository a piece, read as it is sent.
class PullUsageSource final : public http::BodySource {
 public:
  PullUsageSource(sql::Database& database, AccountId account, Timestamp from, Timestamp to)
      : database_(database), account_(account), from_(from), to_(to) {}

  Result<std::string> Read() override {
    if (!begun_) {
      begun_ = true;
      return std::string(
          "datehour,user_name,repository,access_token_name,ips,repository_privacy,tag,digest,version_checks,pulls\r\n");
    }
    while (true) {
      TRY(auto piece, database_.Read([&](sql::Connection& c) { return ReadOne(c); }));
      if (!piece) return std::string();
      if (!piece->empty()) return *std::move(piece);
    }
  }

 private:
  // Empty when there is no further repository.
  Result<std::optional<std::string>> ReadOne(sql::Connection& connection) {
    TRY(const auto repository, catalog::NextRepository(connection, account_, after_));
    if (!repository) return std::optional<std::string>();
    TRY(const auto rows, catalog::PullUsage(connection, repository->id, from_, to_));
    after_ = repository->name;
    std::string text;
    for (const auto& row : rows) {
      text += DateHour(row.hour) + ",," + CsvField(repository->full_name) + ",,," +
              (repository->is_private ? "private," : "public,");
      text += CsvField(row.tag) + ",," + std::to_string(row.version_checks) + "," + std::to_string(row.pulls) + "\r\n";
    }
    return std::optional(std::move(text));
  }

  sql::Database& database_;
  const AccountId account_;
  const Timestamp from_, to_;
  std::string after_;
  bool begun_ = false;
};

Result<http::Response> ExportPullUsage(const HubApi& api, const Call& call, const ExportRequest& request) {
  TRY(const auto account, Namespace(api, call, request.namespace_, NamespaceAction::kViewUsage));
  const Timestamp to = request.to.value_or(api.clock.Now());
  const Timestamp from = request.from.value_or(to - kDefaultRange);
  if (from > to) return Fail(ErrorCode::kInvalidArgument, "lies after `to`", "from");
  if (to - from > kMaxRange) return Fail(ErrorCode::kInvalidArgument, "lies more than 366 days before `to`", "from");
  http::Response response;
  response.status = 200;
  response.Add("Content-Type", "text/csv; charset=utf-8");
  response.Add("Content-Disposition", "attachment; filename=\"" + account.name + "-pulls.csv\"");
  response.body = std::make_unique<PullUsageSource>(api.database, account.id, from, to);
  return response;
}

}  // namespace

void AddNamespaceRoutes(OperationTable& table) {
  using http::Method;
  const std::string name_space = "/api/berth/v1/namespaces/{namespace}";
  table.Add(Method::kGet, name_space + "/settings", "GetNamespaceSettings", &GetNamespaceSettings);
  table.Add(Method::kPatch, name_space + "/settings", "UpdateNamespaceSettings", &UpdateNamespaceSettings);
  table.Add(Method::kGet, name_space + "/usage", "GetNamespaceUsage", &GetNamespaceUsage);
  table.Add(Method::kGet, name_space + "/usage/pulls.csv", "ExportPullUsage", &ExportPullUsage);
}

}  // namespace berth::api::hub
