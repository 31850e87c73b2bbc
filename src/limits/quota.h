// What the plan that an administrator gave to an account still has room for. An account without a plan has no limits.
// Stateless.
#pragma once

#include "base/id.h"
#include "base/result.h"
#include "limits/plan.h"
#include "sql/database.h"

namespace berth::limits {

enum class Quota { kTeams, kOrganizationTokens, kSeats };
enum class Feature { kImageAccess, kRegistryAccess, kCustomRoles, kScim, kAuditLog };

// How many there may be; kUnlimited (plan.h) when there is no limit.
Result<int64_t> QuotaOf(sql::Connection& connection, AccountId organization, Quota quota);
// kLimitExceeded when the plan has no room for `used_after`.
Result<void> CheckQuota(sql::Connection& connection, AccountId organization, Quota quota, int64_t used_after);
// kLimitExceeded, field `is_private`, when the plan has no room for one more private repository.
Result<void> CheckPrivateRepositories(sql::Connection& connection, AccountId account);

// Makes the default plan of an account's kind what it is for an account that was given none: it limits pulls alone.
void LiftQuotas(Plan& plan);

// Whether the plan includes it. The message of CheckFeature's kLimitExceeded names the plan and what it lacks.
Result<bool> HasFeature(sql::Connection& connection, AccountId organization, Feature feature);
Result<void> CheckFeature(sql::Connection& connection, AccountId organization, Feature feature);

}  // namespace berth::limits
