// Profiles: /v2/user, /v2/users/…, the namespaces one may use, and an account's plan.
#include "accounts/account_store.h"
#include "api/hub/caller_rules.h"
#include "api/hub/hub_api.h"
#include "api/hub/repository_view.h"
#include "api/hub/unpaged_list.h"
#include "catalog/repository_clause.h"
#include "limits/plan.h"
#include "limits/quota.h"

namespace berth::api::hub {
namespace {

using access::NamespaceAction;
using accounts::Account;
using accounts::AccountStore;
using accounts::OrganizationStore;

struct UpdateUserRequest {
  std::optional<std::string> full_name;
  std::optional<std::string> company;
  std::optional<std::string> location;
  std::optional<std::string> profile_url;
  std::optional<std::string> gravatar_email;
};
BOOST_DESCRIBE_STRUCT(UpdateUserRequest, (), (full_name, company, location, profile_url, gravatar_email))

struct PageRequest {
  std::optional<int64_t> page;
  std::optional<int64_t> page_size;
};
BOOST_DESCRIBE_STRUCT(PageRequest, (), (page, page_size))

struct UserRequest {
  std::string username;
  std::optional<int64_t> page;
  std::optional<int64_t> page_size;
};
BOOST_DESCRIBE_STRUCT(UserRequest, (), (username, page, page_size))

struct RepositoryReference {
  std::string namespace_;
  std::string name;
};
BOOST_DESCRIBE_STRUCT(RepositoryReference, (), (namespace_, name))

struct RegistrySettings {
  int64_t private_repo_used = 0;
  int64_t num_free_private_repos = 0;
  int64_t private_repo_limit = 0;
  int64_t private_repo_available = 0;
  double private_repo_percent_used = 0;
  std::string default_repo_visibility;
};
BOOST_DESCRIBE_STRUCT(RegistrySettings, (),
                      (private_repo_used, num_free_private_repos, private_repo_limit, private_repo_available,
                       private_repo_percent_used, default_repo_visibility))

struct NamespaceNames {
  std::vector<std::string> namespaces;
  std::optional<std::string> next;
};
BOOST_DESCRIBE_STRUCT(NamespaceNames, (), (namespaces, next))

struct HubPlanRequest {
  std::string account_id;
};
BOOST_DESCRIBE_STRUCT(HubPlanRequest, (), (account_id))

struct HubPlan {
  std::string name;
  bool legacy = false;
  int64_t seats = 0;
  int64_t private_repos = 0;
  int64_t teams = 0;
  int64_t collaborators = 0;
  int64_t parallel_builds = 0;
  std::string duration = "annual";
};
BOOST_DESCRIBE_STRUCT(HubPlan, (),
                      (name, legacy, seats, private_repos, teams, collaborators, parallel_builds, duration))

// What Docker Hub's clients take for "no limit".
constexpr int64_t kUnlimitedNumber = 9999;

constexpr sql::Query kPrivateUsed{"hub.private_used",
                                  "SELECT COUNT(*) FROM repository WHERE account_id = $1 AND is_private = 1"};
// A sieve for lists; whether a repository may be made is access's decision.
#define BERTH_MAY_CREATE                                                                                \
  "(m.role IN ('owner', 'editor') OR EXISTS (SELECT 1 FROM custom_role_permission p WHERE p.role_id = " \
  "m.custom_role_id AND p.permission = 'repo:create'))"
constexpr sql::Query kCountNamespaces{
    "hub.namespaces.count", "SELECT COUNT(*) FROM organization_member m WHERE m.account_id = $1 AND " BERTH_MAY_CREATE};
constexpr sql::Query kListNamespaces{
    "hub.namespaces.list",
    "SELECT a.name FROM organization_member m JOIN account a ON a.id = m.organization_id "
    "WHERE m.account_id = $1 AND " BERTH_MAY_CREATE " ORDER BY a.name LIMIT $2 OFFSET $3"};

Result<void> CheckLength(const std::optional<std::string>& text, std::string_view field) {
  if (text && text->size() > 255)
    return Fail(ErrorCode::kInvalidArgument, "may have at most 255 bytes", std::string(field));
  return {};
}

int64_t Shown(int64_t limit) { return limit == limits::kUnlimited ? kUnlimitedNumber : limit; }

Result<limits::Plan> PlanOf(sql::Connection& c, const Account& account) {
  TRY(auto plan, limits::PlanStore::FindOfAccount(c, account.id));
  if (!plan) return Fail(ErrorCode::kInternal, "the account's plan is missing: " + account.plan);
  if (account.plan.empty()) limits::LiftQuotas(*plan);
  return *std::move(plan);
}

Result<CurrentUserView> GetCurrentUser(const HubApi& api, const Call& call, const NoRequest&) {
  TRY(const auto account, api.accounts.accounts.FindById(call.caller.account));
  return MakeCurrentUserView(account);
}

Result<CurrentUserView> UpdateCurrentUser(const HubApi& api, const Call& call, const UpdateUserRequest& request) {
  TRY_VOID(RefuseTokens(call.caller));
  TRY(const auto account, OwnUser(api, call.caller));
  TRY_VOID(CheckLength(request.full_name, "full_name"));
  TRY_VOID(CheckLength(request.company, "company"));
  TRY_VOID(CheckLength(request.location, "location"));
  TRY_VOID(CheckLength(request.profile_url, "profile_url"));
  TRY_VOID(CheckLength(request.gravatar_email, "gravatar_email"));
  accounts::AccountChange change;
  change.full_name = request.full_name;
  change.company = request.company;
  change.location = request.location;
  change.profile_url = request.profile_url;
  change.gravatar_email = request.gravatar_email;
  TRY(const auto updated, api.accounts.accounts.Update(account.id, change, call.caller.AsActor()));
  return MakeCurrentUserView(updated);
}

Result<Page<MembershipView>> MembershipPage(const HubApi& api, const Call& call, AccountId user,
                                            const PageRange& range) {
  return api.database.Read([&](sql::Connection& c) -> Result<Page<MembershipView>> {
    TRY(const int64_t count, OrganizationStore::CountMemberships(c, user));
    TRY(const auto memberships, OrganizationStore::ListMemberships(c, user, range.offset(), range.size));
    std::vector<MembershipView> views;
    for (const auto& membership : memberships) {
      TRY(auto view, MakeMembershipView(c, membership, user));
      views.push_back(std::move(view));
    }
    return MakePage(call.http, range, count, std::move(views));
  });
}

Result<Page<MembershipView>> ListCurrentUserOrganizations(const HubApi& api, const Call& call,
                                                          const PageRequest& request) {
  TRY(const PageRange range, MakePageRange(request.page, request.page_size));
  return MembershipPage(api, call, call.caller.account, range);
}

// Who belongs to what is the business of the user, of the organizations' members and of administrators.
Result<Page<OrganizationView>> ListUserOrganizations(const HubApi& api, const Call& call, const UserRequest& request) {
  TRY(const PageRange range, MakePageRange(request.page, request.page_size));
  TRY(const auto user, api.accounts.accounts.Find(request.username));
  return api.database.Read([&](sql::Connection& c) -> Result<Page<OrganizationView>> {
    TRY(const auto memberships, OrganizationStore::ListMemberships(c, user.id, 0, 10'000));
    std::vector<OrganizationView> visible;
    for (const auto& m : memberships) {
      TRY(const auto verdict, access::DecideNamespace(c, call.caller, m.organization.id, m.organization.name,
                                                      NamespaceAction::kViewMembers));
      if (verdict == access::Verdict::kAllowed || user.id == call.caller.account)
        visible.push_back(MakeOrganizationView(m.organization));
    }
    const auto count = static_cast<int64_t>(visible.size());
    const auto first = std::min<int64_t>(range.offset(), count);
    const auto last = std::min<int64_t>(first + range.size, count);
    return MakePage(call.http, range, count, std::vector(visible.begin() + first, visible.begin() + last));
  });
}

Result<http::Response> ListUserRepositories(const HubApi& api, const Call& call, const UserRequest& request) {
  TRY(const PageRange range, MakePageRange(request.page, request.page_size, kUnpagedSize, kUnpagedSize));
  TRY(const auto owner, api.accounts.accounts.Find(request.username));
  TRY(auto names, api.database.Read([&](sql::Connection& c) -> Result<std::vector<std::string>> {
    catalog::RepositoryFilter filter;
    filter.owner = owner.id;
    TRY_VOID(LimitToVisible(c, call.caller, &owner, filter));
    return catalog::ListRepositoryNames(c, filter, range.offset(), range.size + 1);
  }));
  return MakeUnpagedList(call.http, range, std::move(names), [&](const std::vector<std::string>& page) {
    std::vector<RepositoryReference> references;
    for (const std::string& name : page) references.push_back({owner.name, name});
    return json::Encode(references);
  });
}

Result<Page<RepositoryEntryView>> ListStarredRepositories(const HubApi& api, const Call& call,
                                                          const UserRequest& request) {
  TRY(const PageRange range, MakePageRange(request.page, request.page_size));
  TRY(const auto user, api.accounts.accounts.Find(request.username));
  return api.database.Read([&](sql::Connection& c) -> Result<Page<RepositoryEntryView>> {
    catalog::RepositoryFilter filter;
    filter.starred_by = user.id;
    TRY_VOID(LimitToVisible(c, call.caller, nullptr, filter));
    TRY(const int64_t count, catalog::RepositoryInfoService::Count(c, filter));
    TRY(const auto infos, catalog::RepositoryInfoService::List(c, filter, range.offset(), range.size));
    std::vector<RepositoryEntryView> views;
    for (const auto& info : infos) {
      TRY(auto view, MakeRepositoryEntry(c, call.caller, info));
      views.push_back(std::move(view));
    }
    return MakePage(call.http, range, count, std::move(views));
  });
}

Result<http::Response> GetUser(const HubApi& api, const Call&, const UserRequest& request) {
  TRY(const auto account, api.accounts.accounts.Find(request.username));
  if (!account.is_active) return Fail(ErrorCode::kNotFound, "no such account");  // as for one that is not there
  return http::Response::Json(
      200, account.IsUser() ? json::Encode(MakeUserView(account)) : json::Encode(MakeOrganizationView(account)));
}

Result<RegistrySettings> GetRegistrySettings(const HubApi& api, const Call& call, const UserRequest& request) {
  TRY(const auto account, api.accounts.accounts.Find(request.username));
  if (call.caller.kind == accounts::CredentialKind::kOrganizationToken || account.id != call.caller.account) {
    return Fail(ErrorCode::kPermissionDenied, "access to the resource is forbidden");
  }
  return api.database.Read([&](sql::Connection& c) -> Result<RegistrySettings> {
    TRY(const auto plan, PlanOf(c, account));
    TRY(const auto used, c.One(kPrivateUsed, {account.id}, [](const sql::Row& row) { return row.Int(0); }));
    RegistrySettings settings;
    settings.private_repo_used = used.value_or(0);
    settings.private_repo_limit = settings.num_free_private_repos = Shown(plan.private_repositories);
    settings.private_repo_available = std::max<int64_t>(0, settings.private_repo_limit - settings.private_repo_used);
    if (settings.private_repo_limit > 0) {
      settings.private_repo_percent_used =
          100.0 * static_cast<double>(settings.private_repo_used) / static_cast<double>(settings.private_repo_limit);
    }
    settings.default_repo_visibility = account.default_private ? "private" : "public";
    return settings;
  });
}

// One's own name first, then the organizations in which one may make repositories.
Result<NamespaceNames> ListNamespaces(const HubApi& api, const Call& call, const PageRequest& request) {
  TRY(const PageRange range, MakePageRange(request.page, request.page_size));
  return api.database.Read([&](sql::Connection& c) -> Result<NamespaceNames> {
    TRY(const auto organizations,
        c.One(kCountNamespaces, {call.caller.account}, [](const sql::Row& row) { return row.Int(0); }));
    NamespaceNames names;
    const bool first_page = range.page == 1;
    if (first_page) names.namespaces.push_back(call.caller.name);
    const int64_t offset = first_page ? 0 : range.offset() - 1;
    const int64_t limit = first_page ? range.size - 1 : range.size;
    TRY_VOID(c.Each(kListNamespaces, {call.caller.account, limit, offset},
                    [&](const sql::Row& row) { names.namespaces.push_back(row.String(0)); }));
    names.next = NextPageUrl(call.http, range, organizations.value_or(0) + 1);
    return names;
  });
}

Result<std::optional<Account>> FindByShortId(sql::Connection& c, std::string id) {
  if (id.size() == 32) {
    for (const size_t at : {8u, 13u, 18u, 23u}) id.insert(at, "-");
  }
  return AccountStore::FindByUuid(c, id);
}

Result<HubPlan> GetHubPlan(const HubApi& api, const Call& call, const HubPlanRequest& request) {
  const Error missing(ErrorCode::kNotFound, "httperror 404: object not found", "account_id");
  return api.database.Read([&](sql::Connection& c) -> Result<HubPlan> {
    TRY(const auto account, FindByShortId(c, request.account_id));
    if (!account) return Fail(missing);
    if (account->id != call.caller.account && !call.caller.is_site_admin) {
      TRY(const auto role, OrganizationStore::FindRole(c, account->id, call.caller.account));
      if (!role) return Fail(missing);
    }
    TRY(const auto plan, PlanOf(c, *account));
    HubPlan view;
    view.name = plan.name == "personal" ? "free" : plan.name;
    view.seats = Shown(plan.seats);
    view.private_repos = Shown(plan.private_repositories);
    view.teams = Shown(plan.teams);
    view.collaborators = Shown(plan.collaborators);
    view.parallel_builds = Shown(plan.parallel_builds);
    return view;
  });
}

}  // namespace

void AddUserRoutes(OperationTable& table) {
  using http::Method;
  const OperationOptions anybody{.auth = Auth::kOptional};
  table.Add(Method::kGet, "/v2/user", "GetCurrentUser", &GetCurrentUser);
  table.Add(Method::kPatch, "/v2/user", "UpdateCurrentUser", &UpdateCurrentUser);
  table.Add(Method::kGet, "/v2/user/orgs", "ListCurrentUserOrganizations", &ListCurrentUserOrganizations);
  table.Add(Method::kGet, "/v2/users/{username}", "GetUser", &GetUser, anybody);
  table.Add(Method::kGet, "/v2/users/{username}/repositories", "ListUserRepositories", &ListUserRepositories, anybody);
  table.Add(Method::kGet, "/v2/users/{username}/repositories/starred", "ListStarredRepositories",
            &ListStarredRepositories, anybody);
  table.Add(Method::kGet, "/v2/users/{username}/orgs", "ListUserOrganizations", &ListUserOrganizations, anybody);
  table.Add(Method::kGet, "/v2/users/{username}/registry-settings", "GetRegistrySettings", &GetRegistrySettings);
  table.Add(Method::kGet, "/v2/repositories/namespaces", "ListNamespaces", &ListNamespaces);
  table.Add(Method::kGet, "/api/billing/v4/accounts/{account_id}/hub-plan", "GetHubPlan", &GetHubPlan);
}

}  // namespace berth::api::hub
