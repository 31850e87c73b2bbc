// A plan as the API shows it; null is unlimited.
#pragma once

#include <boost/describe.hpp>
#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "limits/plan.h"
#include "sql/database.h"

namespace berth::api::hub {

struct PlanView {
  std::string name;
  bool enabled = true;
  int64_t accounts = 0;
  bool is_default = false;
  std::string label;
  bool for_organizations = false;
  std::optional<int64_t> seats;
  std::optional<int64_t> private_repositories;
  std::optional<int64_t> private_collaborators;
  std::optional<int64_t> teams;
  std::optional<int64_t> access_tokens;
  std::optional<int64_t> org_access_tokens;
  std::optional<int64_t> parallel_builds;
  std::optional<int64_t> storage_bytes;
  std::optional<int64_t> pull_limit;
  int64_t pull_window = 0;
  bool audit_log = true;
  bool scim = true;
  bool image_access = true;
  bool registry_access = true;
  bool custom_roles = true;
};
BOOST_DESCRIBE_STRUCT(PlanView, (),
                      (name, enabled, accounts, is_default, label, for_organizations, seats, private_repositories,
                       private_collaborators, teams, access_tokens, org_access_tokens, parallel_builds, storage_bytes,
                       pull_limit, pull_window, audit_log, scim, image_access, registry_access, custom_roles))

Result<PlanView> MakePlanView(sql::Connection& connection, const limits::Plan& plan);

}  // namespace berth::api::hub
