#include "limits/quota.h"

#include <string>

namespace berth::limits {
namespace {

// With the seats that came with the plan, if the administrator said how many.
constexpr sql::Query kPlanOf{"quota.plan",
                             "SELECT a.plan, p.seats FROM account a LEFT JOIN plan_assignment p ON p.account_id = a.id "
                             "WHERE a.id = $1"};

constexpr sql::Query kPrivateRepositories{"quota.private_repositories",
                                          "SELECT COUNT(*) FROM repository WHERE account_id = $1 AND is_private = 1"};

struct Given {
  std::string name;
  std::optional<int64_t> seats;
};

Result<std::optional<Plan>> GivenPlan(sql::Connection& connection, AccountId account) {
  TRY(const auto given, connection.One(kPlanOf, {account}, [](const sql::Row& row) {
    return Given{row.String(0), row.IsNull(1) ? std::nullopt : std::optional(row.Int(1))};
  }));
  if (!given || given->name.empty()) return std::optional<Plan>();
  TRY(auto plan, PlanStore::Find(connection, given->name));
  if (plan && given->seats) plan->seats = *given->seats;
  return plan;
}

const char* NameOf(Quota quota) {
  switch (quota) {
    case Quota::kTeams:
      return "teams";
    case Quota::kOrganizationTokens:
      return "organization access tokens";
    case Quota::kSeats:
      return "seats";
  }
  return "";
}

int64_t NumberOf(const Plan& plan, Quota quota) {
  switch (quota) {
    case Quota::kTeams:
      return plan.teams;
    case Quota::kOrganizationTokens:
      return plan.organization_tokens;
    case Quota::kSeats:
      return plan.seats;
  }
  return kUnlimited;
}

struct PlanPart {
  const char* name;
  bool Plan::* included;
};

PlanPart PartOf(Feature feature) {
  switch (feature) {
    case Feature::kImageAccess:
      return {"image access management", &Plan::access_management};
    case Feature::kRegistryAccess:
      return {"registry access management", &Plan::registry_access};
    case Feature::kCustomRoles:
      return {"custom roles", &Plan::custom_roles};
    case Feature::kScim:
      return {"SCIM", &Plan::scim};
    case Feature::kAuditLog:
      break;
  }
  return {"audit log", &Plan::audit_log};
}

}  // namespace

void LiftQuotas(Plan& plan) {
  for (int64_t Plan::* number : {&Plan::private_repositories, &Plan::collaborators, &Plan::teams, &Plan::access_tokens,
                                 &Plan::organization_tokens, &Plan::seats, &Plan::storage_bytes}) {
    plan.*number = kUnlimited;
  }
  for (const Feature feature :
       {Feature::kImageAccess, Feature::kRegistryAccess, Feature::kCustomRoles, Feature::kScim, Feature::kAuditLog}) {
    plan.*PartOf(feature).included = true;
  }
}

Result<int64_t> QuotaOf(sql::Connection& connection, AccountId organization, Quota quota) {
  TRY(const auto plan, GivenPlan(connection, organization));
  return plan ? NumberOf(*plan, quota) : kUnlimited;
}

Result<void> CheckQuota(sql::Connection& connection, AccountId organization, Quota quota, int64_t used_after) {
  TRY(const int64_t limit, QuotaOf(connection, organization, quota));
  if (limit == kUnlimited || used_after <= limit) return {};
  return Fail(ErrorCode::kLimitExceeded,
              "the plan has " + std::to_string(limit) + " " + NameOf(quota) + ", and all are in use");
}

Result<void> CheckPrivateRepositories(sql::Connection& connection, AccountId account) {
  TRY(const auto plan, GivenPlan(connection, account));
  if (!plan || plan->private_repositories == kUnlimited) return {};
  TRY(const auto used, connection.One(kPrivateRepositories, {account}, [](const sql::Row& row) { return row.Int(0); }));
  if (used.value_or(0) < plan->private_repositories) return {};
  return Fail(ErrorCode::kLimitExceeded,
              "the plan holds " + std::to_string(plan->private_repositories) + " private repositories at most",
              "is_private");
}

Result<bool> HasFeature(sql::Connection& connection, AccountId organization, Feature feature) {
  TRY(const auto plan, GivenPlan(connection, organization));
  return !plan || (*plan).*(PartOf(feature).included);
}

Result<void> CheckFeature(sql::Connection& connection, AccountId organization, Feature feature) {
  TRY(const auto plan, GivenPlan(connection, organization));
  const PlanPart part = PartOf(feature);
  if (!plan || (*plan).*(part.included)) return {};
  return Fail(ErrorCode::kLimitExceeded, "the plan " + plan->title + " has no " + part.name);
}

}  // namespace berth::limits
