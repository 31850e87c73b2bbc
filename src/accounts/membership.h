// Members and teams inside a transaction that does more: accepting an invitation, provisioning. An organization keeps
// at least one owner, and the team `owners` mirrors the role. Each change writes its event; nothing is written where
// nothing changes.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "accounts/account.h"
#include "accounts/organization_store.h"
#include "accounts/role_permission.h"
#include "base/clock.h"
#include "base/result.h"
#include "events/event_log.h"
#include "sql/database.h"

namespace berth::accounts {

// `limit`, everywhere: kPermissionDenied where the role before or after allows more than the actor may hand on.

// Adds a member, which answers the invitations that waited for it, or changes the role of one. kConflict: the last
// owner can't step down; kLimitExceeded: the plan has no seat left, or no custom roles.
Result<void> SetMemberRole(sql::Transaction& tx, const Account& organization, const Account& user,
                           const GivenRole& role, const events::Actor& actor, Timestamp now,
                           const GrantLimit& limit = {});
// Leaves the teams as well. kNotFound, field `member`, when it is none; kConflict for the last owner.
Result<void> DropMember(sql::Transaction& tx, const Account& organization, const Account& user,
                        const events::Actor& actor, Timestamp now, const GrantLimit& limit = {});

// Names: 3–30 of [a-z0-9] with '_' or '-' between. kInvalidArgument with field `name` or `description`.
Result<void> CheckTeamName(std::string_view name);
// kInvalidArgument, kAlreadyExists with field `name`; kLimitExceeded: the plan has no more teams.
Result<Team> MakeTeam(sql::Transaction& tx, const Account& organization, std::string_view name,
                      std::string_view description, const events::Actor& actor, Timestamp now);
// Empty members stay as they are. As above; kConflict: the team `owners` keeps its name.
Result<Team> ChangeTeam(sql::Transaction& tx, const Account& organization, const Team& team,
                        const std::optional<std::string>& name, const std::optional<std::string>& description,
                        const events::Actor& actor, Timestamp now);
// kConflict for `owners`.
Result<void> DropTeam(sql::Transaction& tx, const Account& organization, const Team& team, const events::Actor& actor,
                      Timestamp now);
// Joining `owners` makes an owner, leaving it makes a member. kNotFound, field `member`: no member of the organization,
// or of the team.
Result<void> JoinTeam(sql::Transaction& tx, const Account& organization, const Team& team, const Account& user,
                      const events::Actor& actor, Timestamp now, const GrantLimit& limit = {});
Result<void> LeaveTeam(sql::Transaction& tx, const Account& organization, const Team& team, const Account& user,
                       const events::Actor& actor, Timestamp now, const GrantLimit& limit = {});

}  // namespace berth::accounts
