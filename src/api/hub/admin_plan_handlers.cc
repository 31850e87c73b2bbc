// Plans: their numbers, and which account is on which. For administrators of the server.
#include <algorithm>

#include "api/hub/caller_rules.h"
#include "api/hub/hub_api.h"
#include "api/hub/plan_view.h"
#include "api/hub/presence.h"
#include "limits/plan.h"
#include "limits/plan_assignment.h"

namespace berth::api::hub {
namespace {

using limits::kUnlimited;
using limits::Plan;
using limits::PlanStore;

// null is unlimited.
struct PlanFields {
  json::Required<std::string> label;
  json::Required<bool> for_organizations;
  std::optional<int32_t> seats;
  std::optional<int32_t> private_repositories;
  std::optional<int32_t> private_collaborators;
  std::optional<int32_t> teams;
  std::optional<int32_t> access_tokens;
  std::optional<int32_t> org_access_tokens;
  std::optional<int32_t> parallel_builds;
  std::optional<int64_t> storage_bytes;
  std::optional<int32_t> pull_limit;
  json::Required<int32_t> pull_window;
  json::Required<bool> audit_log;
  json::Required<bool> scim;
  json::Required<bool> image_access;
  json::Required<bool> registry_access;
  json::Required<bool> custom_roles;
  std::optional<bool> enabled;
  std::optional<bool> is_default;
  json::RawJson body;
};
BOOST_DESCRIBE_STRUCT(PlanFields, (),
                      (label, for_organizations, seats, private_repositories, private_collaborators, teams,
                       access_tokens, org_access_tokens, parallel_builds, storage_bytes, pull_limit, pull_window,
                       audit_log, scim, image_access, registry_access, custom_roles, enabled, is_default, body))

struct CreateRequest : PlanFields {
  json::Required<std::string> name;
};
BOOST_DESCRIBE_STRUCT(CreateRequest, (PlanFields), (name))

struct UpdateRequest : PlanFields {
  std::string plan_name;
};
BOOST_DESCRIBE_STRUCT(UpdateRequest, (PlanFields), (plan_name))

struct PlanRequest {
  std::string plan_name;
};
BOOST_DESCRIBE_STRUCT(PlanRequest, (), (plan_name))

struct PlanList {
  std::vector<PlanView> items;
  std::optional<std::string> next;
};
BOOST_DESCRIBE_STRUCT(PlanList, (), (items, next))

struct AssignRequest {
  std::string namespace_;
  json::Required<std::string> plan;
  std::optional<int32_t> seats;
};
BOOST_DESCRIBE_STRUCT(AssignRequest, (), (namespace_, plan, seats))

struct AssignmentView {
  std::string namespace_;
  std::string plan;
  int64_t seats = 0;
  Timestamp assigned_at;
  std::string assigned_by;
};
BOOST_DESCRIBE_STRUCT(AssignmentView, (), (namespace_, plan, seats, assigned_at, assigned_by))

Error Missing() { return Error(ErrorCode::kNotFound, "httperror 404: object not found", "plan_name"); }

Result<Plan> FindPlan(sql::Connection& c, std::string_view name) {
  TRY(auto plan, PlanStore::Find(c, name));
  if (!plan || name == limits::kAnonymousPlan) return Fail(Missing());
  return *std::move(plan);
}

template <typename N>
Result<int64_t> ReadNumber(const std::optional<N>& number, const char* field) {
  if (number && *number < 0) return Fail(ErrorCode::kInvalidArgument, "must be 0 or more, or null for no limit", field);
  return number ? static_cast<int64_t>(*number) : kUnlimited;
}

size_t CountCharacters(std::string_view text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

// Takes over what the request says; name and position stay.
Result<void> Fill(const PlanFields& fields, Plan& plan) {
  TRY_VOID(
      RequireMembers(fields.body, {"seats", "private_repositories", "private_collaborators", "teams", "access_tokens",
                                   "org_access_tokens", "parallel_builds", "storage_bytes", "pull_limit"}));
  plan.title = *fields.label;
  if (plan.title.empty() || CountCharacters(plan.title) > 100)
    return Fail(ErrorCode::kInvalidArgument, "must have 1 to 100 characters", "label");
  plan.for_organizations = *fields.for_organizations;
  TRY(plan.seats, ReadNumber(fields.seats, "seats"));
  TRY(plan.private_repositories, ReadNumber(fields.private_repositories, "private_repositories"));
  TRY(plan.collaborators, ReadNumber(fields.private_collaborators, "private_collaborators"));
  TRY(plan.teams, ReadNumber(fields.teams, "teams"));
  TRY(plan.access_tokens, ReadNumber(fields.access_tokens, "access_tokens"));
  TRY(plan.organization_tokens, ReadNumber(fields.org_access_tokens, "org_access_tokens"));
  TRY(plan.parallel_builds, ReadNumber(fields.parallel_builds, "parallel_builds"));
  TRY(plan.storage_bytes, ReadNumber(fields.storage_bytes, "storage_bytes"));
  TRY(plan.pulls, ReadNumber(fields.pull_limit, "pull_limit"));
  plan.pull_window_seconds = *fields.pull_window;
  plan.audit_log = *fields.audit_log;
  plan.scim = *fields.scim;
  plan.access_management = *fields.image_access;
  plan.registry_access = *fields.registry_access;
  plan.custom_roles = *fields.custom_roles;
  plan.is_enabled = fields.enabled.value_or(plan.is_enabled);
  plan.is_default = fields.is_default.value_or(plan.is_default);
  return {};
}

// limits' names of the fields as the API's.
Error Renamed(Error error) {
  if (error.field == "pull_window_seconds") error.field = "pull_window";
  if (error.field == "is_enabled") error.field = "enabled";
  if (error.field == "title") error.field = "label";
  return error;
}

bool IsPlanName(std::string_view name) {
  if (name.empty() || name.size() > 64 || name.front() == '-' || name.back() == '-') return false;
  if (name.find("--") != std::string_view::npos) return false;
  return std::ranges::all_of(name, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

Result<void> Note(sql::Transaction& tx, const HubApi& api, const Call& call, std::string_view type,
                  const std::string& plan) {
  events::Event event;
  event.type = type;
  event.name = plan;
  return events::Append(tx, call.caller.AsActor(), event, api.clock.Now());
}

Result<PlanView> Save(const HubApi& api, const Call& call, sql::Transaction& tx, const Plan& plan,
                      std::string_view type) {
  if (auto saved = PlanStore::Save(tx, plan); !saved) return Fail(Renamed(std::move(saved).error()));
  TRY_VOID(Note(tx, api, call, type, plan.name));
  return MakePlanView(tx, plan);
}

Result<PlanList> ListPlans(const HubApi& api, const Call& call, const NoRequest&) {
  TRY_VOID(RequireSiteAdmin(call.caller));
  return api.database.Read([&](sql::Connection& c) -> Result<PlanList> {
    PlanList list;
    TRY(const auto plans, PlanStore::List(c));
    for (const Plan& plan : plans) {
      TRY(auto view, MakePlanView(c, plan));
      list.items.push_back(std::move(view));
    }
    return list;
  });
}

Result<PlanView> CreatePlan(const HubApi& api, const Call& call, const CreateRequest& request) {
  TRY_VOID(RequireSiteAdmin(call.caller));
  if (!IsPlanName(*request.name)) {
    return Fail(ErrorCode::kInvalidArgument, "must be small letters and digits, with single dashes between", "name");
  }
  return api.database.Write([&](sql::Transaction& tx) -> Result<PlanView> {
    TRY(const auto there, PlanStore::Find(tx, *request.name));
    if (there) return Fail(ErrorCode::kAlreadyExists, "there is a plan of this name", "name");
    Plan plan;
    plan.name = *request.name;
    TRY(const auto plans, PlanStore::List(tx));
    for (const Plan& other : plans) plan.position = std::max(plan.position, other.position + 1);
    TRY_VOID(Fill(request, plan));
    return Save(api, call, tx, plan, "server.plan.create");
  });
}

Result<PlanView> GetPlan(const HubApi& api, const Call& call, const PlanRequest& request) {
  TRY_VOID(RequireSiteAdmin(call.caller));
  return api.database.Read([&](sql::Connection& c) -> Result<PlanView> {
    TRY(const Plan plan, FindPlan(c, request.plan_name));
    return MakePlanView(c, plan);
  });
}

Result<PlanView> UpdatePlan(const HubApi& api, const Call& call, const UpdateRequest& request) {
  TRY_VOID(RequireSiteAdmin(call.caller));
  return api.database.Write([&](sql::Transaction& tx) -> Result<PlanView> {
    TRY(Plan plan, FindPlan(tx, request.plan_name));
    const bool was_for_organizations = plan.for_organizations;
    TRY_VOID(Fill(request, plan));
    if (plan.for_organizations != was_for_organizations) {
      TRY(const int64_t accounts, PlanStore::CountAccounts(tx, plan));
      if (accounts > 0) return Fail(ErrorCode::kConflict, "accounts are on this plan", "for_organizations");
    }
    return Save(api, call, tx, plan, "server.plan.update");
  });
}

Result<NoContent> DeletePlan(const HubApi& api, const Call& call, const PlanRequest& request) {
  TRY_VOID(RequireSiteAdmin(call.caller));
  return api.database.Write([&](sql::Transaction& tx) -> Result<NoContent> {
    TRY_VOID(FindPlan(tx, request.plan_name));
    TRY_VOID(PlanStore::Remove(tx, request.plan_name));
    TRY_VOID(Note(tx, api, call, "server.plan.delete", request.plan_name));
    return NoContent{};
  });
}

Result<AssignmentView> AssignPlan(const HubApi& api, const Call& call, const AssignRequest& request) {
  TRY_VOID(RequireSiteAdmin(call.caller));
  const std::optional<int64_t> seats = request.seats;
  TRY(const auto assigned, api.database.Write([&](sql::Transaction& tx) {
    return limits::AssignPlan(tx, request.namespace_, *request.plan, seats, call.caller.AsActor(), api.clock.Now());
  }));
  return AssignmentView{assigned.account, assigned.plan, assigned.seats, assigned.assigned_at, assigned.assigned_by};
}

}  // namespace

void AddAdminPlanRoutes(OperationTable& table) {
  using http::Method;
  const std::string plans = "/api/berth/v1/admin/plans";
  const std::string plan = plans + "/{plan_name}";
  table.Add(Method::kGet, plans, "ListPlans", &ListPlans);
  table.Add(Method::kPost, plans, "CreatePlan", &CreatePlan, {.success = 201});
  table.Add(Method::kGet, plan, "GetPlan", &GetPlan);
  table.Add(Method::kPut, plan, "UpdatePlan", &UpdatePlan);
  table.Add(Method::kDelete, plan, "DeletePlan", &DeletePlan, {.success = 204});
  table.Add(Method::kPut, "/api/berth/v1/admin/namespaces/{namespace}/plan", "AssignPlan", &AssignPlan);
}

}  // namespace berth::api::hub
