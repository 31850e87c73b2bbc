// The rules of organizations: an organization has at least one owner; the team `owners` always exists and holds exactly
// the owners; teams hold members only. Who may call what is decided in access before; `limit` is the most that the
// caller may hand on (kPermissionDenied beyond it). Each change writes its event. Thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "accounts/names.h"
#include "accounts/organization_store.h"
#include "accounts/role_permission.h"
#include "base/clock.h"
#include "events/event_log.h"
#include "sql/database.h"

namespace berth::accounts {

inline constexpr std::string_view kOwnersTeam = "owners";

class OrganizationService {
 public:
  OrganizationService(sql::Database& database, const Clock& clock) : database_(database), clock_(clock) {}

  Result<Account> Create(std::string_view name, std::string_view company, AccountId owner, NameRule rule,
                         const events::Actor& actor);

  // Adds a member or changes the role of one. kNotFound: no such user; kConflict: the last owner can't step down.
  Result<void> SetMember(const Account& organization, std::string_view user, const GivenRole& role,
                         const events::Actor& actor, const GrantLimit& limit = {});
  Result<void> RemoveMember(const Account& organization, std::string_view user, const events::Actor& actor,
                            const GrantLimit& limit = {});

  // Names: 3–30 of [a-z0-9] with '_' or '-' between. kInvalidArgument, kAlreadyExists.
  Result<Team> CreateTeam(const Account& organization, std::string_view name, std::string_view description,
                          const events::Actor& actor);
  Result<Team> UpdateTeam(const Account& organization, std::string_view team, std::optional<std::string> name,
                          std::optional<std::string> description, const events::Actor& actor);
  Result<void> DeleteTeam(const Account& organization, std::string_view team, const events::Actor& actor);
  // Adding to `owners` makes an owner, removing from it makes a member.
  Result<void> AddTeamMember(const Account& organization, std::string_view team, std::string_view user,
                             const events::Actor& actor, const GrantLimit& limit = {});
  Result<void> RemoveTeamMember(const Account& organization, std::string_view team, std::string_view user,
                                const events::Actor& actor, const GrantLimit& limit = {});

 private:
  sql::Database& database_;
  const Clock& clock_;
};

// For a transaction that makes more than the organization (first start): the account, the owner, the team `owners`, the
// event.
Result<Account> CreateOrganization(sql::Transaction& tx, std::string_view name, std::string_view company,
                                   AccountId owner, std::string_view owner_name, const events::Actor& actor,
                                   Timestamp now);
// The same for an account that is there already and has become an organization.
Result<void> FoundOrganization(sql::Transaction& tx, const Account& organization, AccountId owner,
                               std::string_view owner_name, const events::Actor& actor, Timestamp now);

}  // namespace berth::accounts
