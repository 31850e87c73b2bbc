#include "limits/plan.h"

namespace berth::limits {
namespace {

#define BERTH_PLAN_COLUMNS                                                                   \
  "name, title, position, for_organizations, is_enabled, is_default, private_repositories, " \
  "collaborators, teams, access_tokens, organization_tokens, seats, parallel_builds, "       \
  "storage_bytes, pulls, pull_window_seconds, audit_log, scim, access_management, "          \
  "registry_access, custom_roles"

constexpr sql::Query kList{"plan.list",
                           "SELECT " BERTH_PLAN_COLUMNS
                           " FROM plan WHERE name <> 'anonymous' ORDER BY for_organizations, position, name"};
constexpr sql::Query kFind{"plan.find", "SELECT " BERTH_PLAN_COLUMNS " FROM plan WHERE name = $1"};
constexpr sql::Query kFindDefault{
    "plan.find_default", "SELECT " BERTH_PLAN_COLUMNS " FROM plan WHERE is_default = 1 AND for_organizations = $1"};
constexpr sql::Query kFindOfAccount{"plan.find_of_account", "SELECT " BERTH_PLAN_COLUMNS
                                                            " FROM plan WHERE name = (SELECT " BERTH_PLAN_OF_ACCOUNT
                                                            " FROM account a WHERE a.id = $1)"};
constexpr sql::Query kSave{
    "plan.save",
    "INSERT INTO plan (" BERTH_PLAN_COLUMNS
    ") "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21) "
    "ON CONFLICT (name) DO UPDATE SET "
    "title = excluded.title, position = excluded.position, "
    "for_organizations = excluded.for_organizations, is_enabled = excluded.is_enabled, "
    "is_default = excluded.is_default, private_repositories = excluded.private_repositories, "
    "collaborators = excluded.collaborators, teams = excluded.teams, "
    "access_tokens = excluded.access_tokens, organization_tokens = excluded.organization_tokens, "
    "seats = excluded.seats, parallel_builds = excluded.parallel_builds, "
    "storage_bytes = excluded.storage_bytes, pulls = excluded.pulls, "
    "pull_window_seconds = excluded.pull_window_seconds, audit_log = excluded.audit_log, "
    "scim = excluded.scim, access_management = excluded.access_management, "
    "registry_access = excluded.registry_access, custom_roles = excluded.custom_roles "};
constexpr sql::Query kClearDefault{
    "plan.clear_default",
    "UPDATE plan SET is_default = 0 WHERE is_default = 1 AND for_organizations = $1 AND name <> $2"};
constexpr sql::Query kUsers{"plan.users",
                            "SELECT COUNT(*) FROM account WHERE (kind = 'user' AND plan = $1) "
                            "OR (kind = 'organization' AND plan = $1)"};
constexpr sql::Query kWithout{"plan.without", "SELECT COUNT(*) FROM account WHERE kind = $1 AND plan = ''"};
constexpr sql::Query kRemove{"plan.remove", "DELETE FROM plan WHERE name = $1"};

Plan ReadPlan(const sql::Row& row) {
  Plan plan;
  plan.name = row.String(0);
  plan.title = row.String(1);
  plan.position = row.Int(2);
  plan.for_organizations = row.Bool(3);
  plan.is_enabled = row.Bool(4);
  plan.is_default = row.Bool(5);
  plan.private_repositories = row.Int(6);
  plan.collaborators = row.Int(7);
  plan.teams = row.Int(8);
  plan.access_tokens = row.Int(9);
  plan.organization_tokens = row.Int(10);
  plan.seats = row.Int(11);
  plan.parallel_builds = row.Int(12);
  plan.storage_bytes = row.Int(13);
  plan.pulls = row.Int(14);
  plan.pull_window_seconds = row.Int(15);
  plan.audit_log = row.Bool(16);
  plan.scim = row.Bool(17);
  plan.access_management = row.Bool(18);
  plan.registry_access = row.Bool(19);
  plan.custom_roles = row.Bool(20);
  return plan;
}

Result<void> Check(const Plan& plan) {
  constexpr size_t kMaxTitle = 400;  // bytes
  if (plan.name.empty() || plan.name.size() > 64)
    return Fail(ErrorCode::kInvalidArgument, "must have 1 to 64 characters", "name");
  if (plan.title.empty() || plan.title.size() > kMaxTitle)
    return Fail(ErrorCode::kInvalidArgument, "must have 1 to 100 characters", "title");
  const std::pair<const char*, int64_t> numbers[] = {{"private_repositories", plan.private_repositories},
                                                     {"collaborators", plan.collaborators},
                                                     {"teams", plan.teams},
                                                     {"access_tokens", plan.access_tokens},
                                                     {"organization_tokens", plan.organization_tokens},
                                                     {"seats", plan.seats},
                                                     {"parallel_builds", plan.parallel_builds},
                                                     {"storage_bytes", plan.storage_bytes},
                                                     {"pulls", plan.pulls}};
  for (const auto& [field, value] : numbers) {
    if (value < kUnlimited) return Fail(ErrorCode::kInvalidArgument, "must be -1 (no limit) or more", field);
  }
  if (plan.pull_window_seconds < 1 || plan.pull_window_seconds > 31 * 86400) {
    return Fail(ErrorCode::kInvalidArgument, "must be between 1 second and 31 days", "pull_window_seconds");
  }
  if (plan.is_default && !plan.is_enabled)
    return Fail(ErrorCode::kInvalidArgument, "the default plan can't be switched off", "is_enabled");
  return {};
}

}  // namespace

Result<std::vector<Plan>> PlanStore::List(sql::Connection& connection) { return connection.All(kList, {}, ReadPlan); }

Result<std::optional<Plan>> PlanStore::Find(sql::Connection& connection, std::string_view name) {
  return connection.One(kFind, {name}, ReadPlan);
}

Result<std::optional<Plan>> PlanStore::FindDefault(sql::Connection& connection, bool for_organizations) {
  return connection.One(kFindDefault, {for_organizations}, ReadPlan);
}

Result<std::optional<Plan>> PlanStore::FindOfAccount(sql::Connection& connection, AccountId account) {
  return connection.One(kFindOfAccount, {account}, ReadPlan);
}

Result<void> PlanStore::Save(sql::Transaction& tx, const Plan& p) {
  TRY_VOID(Check(p));
  TRY(const auto before, Find(tx, p.name));
  if (before && before->is_default && (!p.is_default || p.for_organizations != before->for_organizations)) {
    return Fail(ErrorCode::kConflict, "make another plan the default first", "is_default");
  }
  if (p.is_default) TRY_VOID(tx.Run(kClearDefault, {p.for_organizations, p.name}));
  TRY_VOID(tx.Run(kSave, {p.name,
                          p.title,
                          p.position,
                          p.for_organizations,
                          p.is_enabled,
                          p.is_default,
                          p.private_repositories,
                          p.collaborators,
                          p.teams,
                          p.access_tokens,
                          p.organization_tokens,
                          p.seats,
                          p.parallel_builds,
                          p.storage_bytes,
                          p.pulls,
                          p.pull_window_seconds,
                          p.audit_log,
                          p.scim,
                          p.access_management,
                          p.registry_access,
                          p.custom_roles}));
  return {};
}

Result<int64_t> PlanStore::CountAccounts(sql::Connection& connection, const Plan& plan) {
  const auto number = [](const sql::Row& row) { return row.Int(0); };
  TRY(const auto given, connection.One(kUsers, {plan.name}, number));
  if (!plan.is_default) return given.value_or(0);
  const std::string_view kind = plan.for_organizations ? "organization" : "user";
  TRY(const auto without, connection.One(kWithout, {kind}, number));
  return given.value_or(0) + without.value_or(0);
}

Result<void> PlanStore::Remove(sql::Transaction& tx, std::string_view name) {
  TRY(const auto plan, Find(tx, name));
  if (!plan) return Fail(ErrorCode::kNotFound, "no such plan", "name");
  if (plan->is_default || name == kAnonymousPlan) return Fail(ErrorCode::kConflict, "this plan is the default", "name");
  TRY(const int64_t users, CountAccounts(tx, *plan));
  if (users > 0) return Fail(ErrorCode::kConflict, "accounts are on this plan", "name");
  TRY_VOID(tx.Run(kRemove, {name}));
  return {};
}

}  // namespace berth::limits
