// Plans: what Personal, Pro, Team and Business allow, as rows that an administrator edits.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sql/database.h"

namespace berth::limits {

inline constexpr int64_t kUnlimited = -1;

// The plan of callers without an account; it has no place among those that can be assigned.
inline constexpr std::string_view kAnonymousPlan = "anonymous";

struct Plan {
  std::string name;
  std::string title;
  int64_t position = 0;  // greater is more: what tells an upgrade from a downgrade
  bool for_organizations = false;
  bool is_enabled = true;   // can be assigned
  bool is_default = false;  // of the accounts of its kind that were given none
  // Numbers; kUnlimited where there is no limit.
  int64_t private_repositories = kUnlimited;
  int64_t collaborators = kUnlimited;
  int64_t teams = kUnlimited;
  int64_t access_tokens = kUnlimited;
  int64_t organization_tokens = kUnlimited;
  int64_t seats = kUnlimited;
  int64_t parallel_builds = kUnlimited;
  int64_t storage_bytes = kUnlimited;
  int64_t pulls = kUnlimited;  // in each window
  int64_t pull_window_seconds = 21600;
  bool audit_log = true;
  bool scim = true;
  bool access_management = true;  // of images
  bool registry_access = true;
  bool custom_roles = true;

  bool Allows(int64_t limit, int64_t used_after) const { return limit == kUnlimited || used_after <= limit; }
};

// The plan of the account `a` of a statement, as SQL: the one it was given, or the default of its kind.
#define BERTH_PLAN_OF_ACCOUNT                                                                      \
  "CASE WHEN a.plan <> '' THEN a.plan ELSE (SELECT d.name FROM plan d WHERE d.is_default = 1 AND " \
  "d.for_organizations = CASE WHEN a.kind = 'organization' THEN 1 ELSE 0 END) END"

// Stateless; all calls take the connection. kInvalidArgument for a bad number, with the field's name.
class PlanStore {
 public:
  static Result<std::vector<Plan>> List(sql::Connection& connection);
  static Result<std::optional<Plan>> Find(sql::Connection& connection, std::string_view name);
  static Result<std::optional<Plan>> FindDefault(sql::Connection& connection, bool for_organizations);
  // Of the account, whether given or the default of its kind; empty for an unknown account.
  static Result<std::optional<Plan>> FindOfAccount(sql::Connection& connection, AccountId account);
  // Inserts or replaces. A new default takes the place of the old one of its kind.
  static Result<void> Save(sql::Transaction& tx, const Plan& plan);
  // kNotFound; kConflict while accounts have it, or while it is what accounts without a plan have.
  static Result<void> Remove(sql::Transaction& tx, std::string_view name);
  // Accounts that are on it, with those that have it as the default.
  static Result<int64_t> CountAccounts(sql::Connection& connection, const Plan& plan);
};

}  // namespace berth::limits
