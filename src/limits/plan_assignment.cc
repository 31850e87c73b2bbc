#include "limits/plan_assignment.h"

#include <algorithm>
#include <cstdint>

#include "json/writer.h"
#include "limits/plan.h"

namespace berth::limits {
namespace {

constexpr sql::Query kFind{
    "plan_assignment.find",
    "SELECT a.id, a.name, a.kind, COALESCE(s.seats, 0), (SELECT COUNT(*) FROM organization_member m WHERE "
    "m.organization_id = a.id) FROM account a LEFT JOIN plan_assignment s ON s.account_id = a.id WHERE a.name = $1"};
constexpr sql::Query kSetPlan{"plan_assignment.set_plan",
                              "UPDATE account SET plan = $2, updated_at = $3 WHERE id = $1"};
constexpr sql::Query kPut{
    "plan_assignment.put",
    "INSERT INTO plan_assignment (account_id, seats, assigned_at, assigned_by) VALUES ($1, $2, $3, $4) ON CONFLICT "
    "(account_id) DO UPDATE SET seats = excluded.seats, assigned_at = excluded.assigned_at, assigned_by = "
    "excluded.assigned_by"};

struct Subject {
  AccountId id;
  std::string name;
  bool is_organization = false;
  int64_t seats = 0;  // 0: none were assigned
  int64_t members = 0;
};

Result<int64_t> DecideSeats(const Subject& subject, const Plan& plan, std::optional<int64_t> wanted) {
  if (!subject.is_organization) {
    if (wanted.value_or(1) != 1) return Fail(ErrorCode::kInvalidArgument, "a user has one seat", "seats");
    return int64_t{1};
  }
  const int64_t most = plan.seats == kUnlimited ? INT32_MAX : plan.seats;
  if (wanted && (*wanted < 1 || *wanted > most)) {
    return Fail(ErrorCode::kInvalidArgument, "the plan has 1 to " + std::to_string(most) + " seats", "seats");
  }
  const int64_t usual = plan.seats == kUnlimited ? std::max<int64_t>(1, subject.members) : plan.seats;
  const int64_t seats = wanted.value_or(subject.seats > 0 ? std::min(subject.seats, most) : usual);
  if (seats < subject.members) {
    return Fail(ErrorCode::kConflict,
                "the organization has " + std::to_string(subject.members) + " members, more than the seats");
  }
  return seats;
}

Result<void> Note(sql::Transaction& tx, const events::Actor& actor, const Subject& subject, std::string_view type,
                  std::string_view from, std::string_view to, Timestamp now) {
  json::Writer data;
  data.BeginObject().Key("from").String(from).Key("to").String(to).EndObject();
  events::Event event;
  event.type = type;
  event.account_id = subject.id;
  event.account = subject.name;
  event.name = subject.name;
  event.data = data.text();
  return events::Append(tx, actor, event, now);
}

}  // namespace

Result<PlanAssignment> AssignPlan(sql::Transaction& tx, std::string_view account, std::string_view plan_name,
                                  std::optional<int64_t> wanted, const events::Actor& actor, Timestamp now) {
  TRY(const auto subject, tx.One(kFind, {account}, [](const sql::Row& row) {
    return Subject{row.IdAt<AccountId>(0), row.String(1), row.Text(2) == "organization", row.Int(3), row.Int(4)};
  }));
  if (!subject) return Fail(ErrorCode::kNotFound, "no such account");
  TRY(const auto plan, PlanStore::Find(tx, plan_name));
  if (!plan || plan_name == kAnonymousPlan) return Fail(ErrorCode::kInvalidArgument, "no such plan", "plan");
  if (plan->for_organizations != subject->is_organization) {
    return Fail(ErrorCode::kInvalidArgument,
                plan->for_organizations ? "this plan is for organizations" : "this plan is for users", "plan");
  }
  TRY(const auto before, PlanStore::FindOfAccount(tx, subject->id));
  const bool changes = !before || before->name != plan->name;
  if (changes && !plan->is_enabled) return Fail(ErrorCode::kConflict, "this plan is switched off");
  TRY(const int64_t seats, DecideSeats(*subject, *plan, wanted));
  TRY_VOID(tx.Run(kSetPlan, {subject->id, plan->name, now}));
  TRY_VOID(tx.Run(kPut, {subject->id, seats, now, actor.name}));
  if (changes) {
    const bool down = before && plan->position < before->position;
    TRY_VOID(Note(tx, actor, *subject, down ? "billing.plan.downgrade" : "billing.plan.upgrade",
                  before ? before->name : "", plan->name, now));
  }
  if (subject->seats > 0 && seats != subject->seats) {
    TRY_VOID(Note(tx, actor, *subject, seats > subject->seats ? "billing.plan.seat_add" : "billing.plan.seat_remove",
                  std::to_string(subject->seats), std::to_string(seats), now));
  }
  return PlanAssignment{subject->name, plan->name, seats, now, actor.name};
}

}  // namespace berth::limits
