#include "api/hub/plan_view.h"

#include <array>

namespace berth::api::hub {
namespace {

using limits::kUnlimited;
using limits::Plan;
using limits::PlanStore;

// Each number here and in limits.
struct Number {
  int64_t Plan::* stored;
  std::optional<int64_t> PlanView::* shown;
};
constexpr std::array<Number, 9> kNumbers{{
    {&Plan::seats, &PlanView::seats},
    {&Plan::private_repositories, &PlanView::private_repositories},
    {&Plan::collaborators, &PlanView::private_collaborators},
    {&Plan::teams, &PlanView::teams},
    {&Plan::access_tokens, &PlanView::access_tokens},
    {&Plan::organization_tokens, &PlanView::org_access_tokens},
    {&Plan::parallel_builds, &PlanView::parallel_builds},
    {&Plan::storage_bytes, &PlanView::storage_bytes},
    {&Plan::pulls, &PlanView::pull_limit},
}};

}  // namespace

Result<PlanView> MakePlanView(sql::Connection& c, const Plan& plan) {
  PlanView view;
  view.name = plan.name;
  view.enabled = plan.is_enabled;
  TRY(view.accounts, PlanStore::CountAccounts(c, plan));
  view.is_default = plan.is_default;
  view.label = plan.title;
  view.for_organizations = plan.for_organizations;
  for (const Number& number : kNumbers) {
    if (plan.*number.stored != kUnlimited) view.*number.shown = plan.*number.stored;
  }
  view.pull_window = plan.pull_window_seconds;
  view.audit_log = plan.audit_log;
  view.scim = plan.scim;
  view.image_access = plan.access_management;
  view.registry_access = plan.registry_access;
  view.custom_roles = plan.custom_roles;
  return view;
}

}  // namespace berth::api::hub
