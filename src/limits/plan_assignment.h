// Which account is on which plan, with how many seats. Accounts without an assignment are on the default plan of their
// kind. Events: billing.plan.upgrade, .downgrade, .seat_add, .seat_remove.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "events/event_log.h"
#include "sql/database.h"

namespace berth::limits {

struct PlanAssignment {
  std::string account;
  std::string plan;
  int64_t seats = 1;
  Timestamp assigned_at;
  std::string assigned_by;
};

// `seats` empty: as many as before, or as the plan has, or as there are members. kNotFound: no such account;
// kInvalidArgument (field `plan` or `seats`): no such plan, a plan for others, seats that it doesn't have; kConflict:
// the plan is switched off, or there are more members than seats.
Result<PlanAssignment> AssignPlan(sql::Transaction& tx, std::string_view account, std::string_view plan,
                                  std::optional<int64_t> seats, const events::Actor& actor, Timestamp now);

}  // namespace berth::limits
