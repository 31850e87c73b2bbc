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

struct Plan {
  std::string name;  // "personal"; "anonymous" is for callers without an account
  std::string title;
  int64_t position = 0;
  // Numbers; kUnlimited where there is no limit.
  int64_t private_repositories = kUnlimited;
  int64_t collaborators = kUnlimited;
  int64_t teams = kUnlimited;
  int64_t organization_tokens = kUnlimited;
  int64_t seats = kUnlimited;
  int64_t parallel_builds = kUnlimited;
  int64_t pulls = kUnlimited;  // in each window
  int64_t pull_window_seconds = 21600;
  bool audit_log = true;
  bool scim = true;
  bool access_management = true;

  bool Allows(int64_t limit, int64_t used_after) const { return limit == kUnlimited || used_after <= limit; }
};

// Stateless; all calls take the connection. kNotFound for an unknown plan, kInvalidArgument for a bad number.
class PlanStore {
 public:
  static Result<std::vector<Plan>> List(sql::Connection& connection);
  static Result<std::optional<Plan>> Find(sql::Connection& connection, std::string_view name);
  static Result<void> Save(sql::Transaction& tx, const Plan& plan);         // insert or replace
  static Result<void> Remove(sql::Transaction& tx, std::string_view name);  // kConflict while accounts have it
};

}  // namespace berth::limits
