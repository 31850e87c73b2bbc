#include "limits/quota.h"

#include <string>

#include "limits/plan.h"

namespace berth::limits {
namespace {

constexpr sql::Query kPlanOf{"quota.plan", "SELECT plan FROM account WHERE id = $1"};

Result<std::optional<Plan>> GivenPlan(sql::Connection& connection, AccountId account) {
  TRY(const auto name, connection.One(kPlanOf, {account}, [](const sql::Row& row) { return row.String(0); }));
  if (!name || name->empty()) return std::optional<Plan>();
  return PlanStore::Find(connection, *name);
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

}  // namespace

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

Result<void> CheckAccessManagement(sql::Connection& connection, AccountId organization) {
  TRY(const auto plan, GivenPlan(connection, organization));
  if (!plan || plan->access_management) return {};
  return Fail(ErrorCode::kLimitExceeded, "the plan " + plan->title + " has no access management");
}

}  // namespace berth::limits
