// Administration of organizations and of repositories' badges. For administrators of the server.
#include "accounts/account_row.h"
#include "api/hub/caller_rules.h"
#include "api/hub/hub_api.h"
#include "api/hub/page.h"
#include "limits/plan.h"

namespace berth::api::hub {
namespace {

struct ListRequest {
  std::optional<int64_t> limit;
  std::string cursor;
  std::string query;
};
BOOST_DESCRIBE_STRUCT(ListRequest, (), (limit, cursor, query))

struct AdminOrganizationView {
  OrganizationView org;
  std::string plan;
  std::string badge;
  int64_t members = 0;
  int64_t repositories = 0;
  int64_t storage = 0;
  bool disabled = false;
};
BOOST_DESCRIBE_STRUCT(AdminOrganizationView, (), (org, plan, badge, members, repositories, storage, disabled))

struct AdminOrganizationList {
  std::vector<AdminOrganizationView> items;
  std::optional<std::string> next;
  int64_t total = 0;
};
BOOST_DESCRIBE_STRUCT(AdminOrganizationList, (), (items, next, total))

struct UpdateRequest {
  std::string org_name;
  std::optional<bool> disabled;
};
BOOST_DESCRIBE_STRUCT(UpdateRequest, (), (org_name, disabled))

struct BadgeRequest {
  std::string namespace_;
  std::string repository;
  json::Required<std::string> badge;
};
BOOST_DESCRIBE_STRUCT(BadgeRequest, (), (namespace_, repository, badge))

struct BadgeState {
  std::string name;
  std::string badge;
};
BOOST_DESCRIBE_STRUCT(BadgeState, (), (name, badge))

#define BERTH_SHOWN_ORGANIZATION                                                                                \
  "SELECT " BERTH_ACCOUNT_COLUMNS ", " BERTH_PLAN_OF_ACCOUNT                                                    \
  ", (SELECT COUNT(*) FROM organization_member m WHERE m.organization_id = a.id), "                             \
  "(SELECT COUNT(*) FROM repository r WHERE r.account_id = a.id), "                                             \
  "(SELECT CAST(COALESCE(SUM(r.storage_size), 0) AS BIGINT) FROM repository r WHERE r.account_id = a.id) FROM " \
  "account a WHERE a.kind = 'organization' AND "
#define BERTH_ORGANIZATION_MATCHES "($1 = '' OR a.name LIKE $2 ESCAPE '\\' OR a.full_name LIKE $2 ESCAPE '\\')"

constexpr sql::Query kList{"hub.admin.organizations", BERTH_SHOWN_ORGANIZATION BERTH_ORGANIZATION_MATCHES
                           " AND a.name > $3 ORDER BY a.name LIMIT $4"};
constexpr sql::Query kCount{"hub.admin.count_organizations",
                            "SELECT COUNT(*) FROM account a WHERE a.kind = 'organization' "
                            "AND " BERTH_ORGANIZATION_MATCHES};
constexpr sql::Query kFind{"hub.admin.organization", BERTH_SHOWN_ORGANIZATION "a.name = $1"};

AdminOrganizationView ReadView(const sql::Row& row) {
  const auto account = accounts::AccountFromRow(row, 0);
  AdminOrganizationView view;
  view.org = MakeOrganizationView(account);
  view.badge = account.badge.empty() ? "none" : account.badge;
  view.disabled = !account.is_active;
  int column = accounts::kAccountColumns;
  view.plan = row.String(column++);
  view.members = row.Int(column++);
  view.repositories = row.Int(column++);
  view.storage = row.Int(column);
  return view;
}

Result<AdminOrganizationList> ListOrganizations(const HubApi& api, const Call& call, const ListRequest& request) {
  TRY_VOID(RequireSiteAdmin(call.caller));
  const int64_t limit = std::clamp<int64_t>(request.limit.value_or(50), 1, 200);
  const std::string pattern = ContainsPattern(request.query);
  return api.database.Read([&](sql::Connection& c) -> Result<AdminOrganizationList> {
    AdminOrganizationList list;
    TRY(const auto total, c.One(kCount, {request.query, pattern}, [](const sql::Row& row) { return row.Int(0); }));
    list.total = total.value_or(0);
    TRY(list.items, c.All(kList, {request.query, pattern, request.cursor, limit + 1}, ReadView));
    if (static_cast<int64_t>(list.items.size()) > limit) {
      list.items.resize(static_cast<size_t>(limit));
      list.next = list.items.back().org.orgname;
    }
    return list;
  });
}

Result<AdminOrganizationView> UpdateOrganizationAsAdmin(const HubApi& api, const Call& call,
                                                        const UpdateRequest& request) {
  TRY_VOID(RequireSiteAdmin(call.caller));
  const Error missing(ErrorCode::kNotFound, "httperror 404: object not found", "org_name");
  const auto shown = [&]() -> Result<AdminOrganizationView> {
    TRY(auto view, api.database.Read([&](sql::Connection& c) { return c.One(kFind, {request.org_name}, ReadView); }));
    if (!view) return Fail(missing);
    return *std::move(view);
  };
  TRY(auto view, shown());
  if (!request.disabled || *request.disabled == view.disabled) return view;
  TRY(const auto account, api.accounts.accounts.Find(request.org_name));
  accounts::AccountChange change;
  change.is_active = !*request.disabled;
  TRY_VOID(api.accounts.accounts.Update(account.id, change, call.caller.AsActor()));
  return shown();
}

Result<BadgeState> SetRepositoryBadge(const HubApi& api, const Call& call, const BadgeRequest& request) {
  TRY_VOID(RequireSiteAdmin(call.caller));
  TRY(const auto info, api.database.Read([&](sql::Connection& c) {
    return catalog::RepositoryInfoService::Find(c, request.namespace_ + "/" + request.repository);
  }));
  if (!info) return Fail(ErrorCode::kNotFound, "httperror 404: object not found", "repository");
  const std::string& badge = *request.badge;
  if (badge.empty())
    return Fail(ErrorCode::kInvalidArgument, "must be none, official, verified_publisher or open_source", "badge");
  TRY_VOID(api.repositories.SetBadge(call.caller, info->id, badge == "none" ? "" : badge));
  return BadgeState{info->full_name, badge};
}

}  // namespace

void AddAdminOrganizationRoutes(OperationTable& table) {
  using http::Method;
  const std::string base = "/api/berth/v1/admin";
  table.Add(Method::kGet, base + "/orgs", "ListOrganizations", &ListOrganizations);
  table.Add(Method::kPatch, base + "/orgs/{org_name}", "UpdateOrganizationAsAdmin", &UpdateOrganizationAsAdmin);
  table.Add(Method::kPut, base + "/repositories/{namespace}/{repository}/badge", "SetRepositoryBadge",
            &SetRepositoryBadge);
}

}  // namespace berth::api::hub
