#include "limits/plan.h"

namespace berth::limits {
namespace {

constexpr sql::Query kList{
    "plan.list",
    "SELECT name, title, position, private_repositories, collaborators, teams, organization_tokens, seats, "
    "parallel_builds, pulls, pull_window_seconds, audit_log, scim, access_management "
    "FROM plan ORDER BY position, name"};
constexpr sql::Query kFind{
    "plan.find",
    "SELECT name, title, position, private_repositories, collaborators, teams, organization_tokens, seats, "
    "parallel_builds, pulls, pull_window_seconds, audit_log, scim, access_management "
    "FROM plan WHERE name = $1"};
constexpr sql::Query kSave{
    "plan.save",
    "INSERT INTO plan (name, title, position, private_repositories, collaborators, teams, organization_tokens, seats, "
    "parallel_builds, "
    "pulls, pull_window_seconds, audit_log, scim, access_management) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) "
    "ON CONFLICT (name) DO UPDATE SET title = excluded.title, position = excluded.position, "
    "private_repositories = excluded.private_repositories, collaborators = excluded.collaborators, teams = "
    "excluded.teams, "
    "organization_tokens = excluded.organization_tokens, seats = excluded.seats, parallel_builds = "
    "excluded.parallel_builds, "
    "pulls = excluded.pulls, pull_window_seconds = excluded.pull_window_seconds, audit_log = excluded.audit_log, "
    "scim = excluded.scim, access_management = excluded.access_management"};
constexpr sql::Query kUsers{"plan.users", "SELECT COUNT(*) FROM account WHERE plan = $1"};
constexpr sql::Query kRemove{"plan.remove", "DELETE FROM plan WHERE name = $1"};

Plan ReadPlan(const sql::Row& row) {
  Plan plan;
  plan.name = row.String(0);
  plan.title = row.String(1);
  plan.position = row.Int(2);
  plan.private_repositories = row.Int(3);
  plan.collaborators = row.Int(4);
  plan.teams = row.Int(5);
  plan.organization_tokens = row.Int(6);
  plan.seats = row.Int(7);
  plan.parallel_builds = row.Int(8);
  plan.pulls = row.Int(9);
  plan.pull_window_seconds = row.Int(10);
  plan.audit_log = row.Bool(11);
  plan.scim = row.Bool(12);
  plan.access_management = row.Bool(13);
  return plan;
}

Result<void> Check(const Plan& plan) {
  if (plan.name.empty() || plan.name.size() > 64)
    return Fail(ErrorCode::kInvalidArgument, "must have 1 to 64 characters", "name");
  const std::pair<const char*, int64_t> numbers[] = {{"private_repositories", plan.private_repositories},
                                                     {"collaborators", plan.collaborators},
                                                     {"teams", plan.teams},
                                                     {"organization_tokens", plan.organization_tokens},
                                                     {"seats", plan.seats},
                                                     {"parallel_builds", plan.parallel_builds},
                                                     {"pulls", plan.pulls}};
  for (const auto& [field, value] : numbers) {
    if (value < kUnlimited) return Fail(ErrorCode::kInvalidArgument, "must be -1 (no limit) or more", field);
  }
  if (plan.pull_window_seconds < 1 || plan.pull_window_seconds > 31 * 86400) {
    return Fail(ErrorCode::kInvalidArgument, "must be between 1 second and 31 days", "pull_window_seconds");
  }
  return {};
}

}  // namespace

Result<std::vector<Plan>> PlanStore::List(sql::Connection& connection) { return connection.All(kList, {}, ReadPlan); }

Result<std::optional<Plan>> PlanStore::Find(sql::Connection& connection, std::string_view name) {
  return connection.One(kFind, {name}, ReadPlan);
}

Result<void> PlanStore::Save(sql::Transaction& tx, const Plan& p) {
  TRY_VOID(Check(p));
  TRY_VOID(tx.Run(
      kSave, {p.name, p.title, p.position, p.private_repositories, p.collaborators, p.teams, p.organization_tokens,
              p.seats, p.parallel_builds, p.pulls, p.pull_window_seconds, p.audit_log, p.scim, p.access_management}));
  return {};
}

Result<void> PlanStore::Remove(sql::Transaction& tx, std::string_view name) {
  TRY(const auto users, tx.One(kUsers, {name}, [](const sql::Row& row) { return row.Int(0); }));
  if (users.value_or(0) > 0) return Fail(ErrorCode::kConflict, "accounts are on this plan", "name");
  if (name == "anonymous" || name == "personal") return Fail(ErrorCode::kConflict, "this plan is the default", "name");
  TRY(const int64_t removed, tx.Run(kRemove, {name}));
  if (removed == 0) return Fail(ErrorCode::kNotFound, "no such plan", "name");
  return {};
}

}  // namespace berth::limits
