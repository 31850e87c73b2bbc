// The SQL of organizations' members and teams.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "accounts/account.h"
#include "base/result.h"
#include "sql/database.h"

namespace berth::accounts {

struct Team {
  TeamId id;
  std::string uuid;
  AccountId organization;
  std::string name;
  std::string description;
  int64_t member_count = 0;
  Timestamp created_at;
};

// A role as somebody has it: a built-in one, or a custom role of the organization beside the role of a member.
struct GivenRole {
  OrganizationRole base = OrganizationRole::kMember;
  int64_t custom = 0;  // of custom_role; 0: none
  std::string custom_name;

  GivenRole() = default;
  GivenRole(OrganizationRole role) : base(role) {}  // NOLINT: a built-in role is one
  // As requests name it: "owner", "release manager".
  std::string_view name() const { return custom == 0 ? ToString(base) : std::string_view(custom_name); }
  bool operator==(const GivenRole& other) const { return base == other.base && custom == other.custom; }
};

struct Member {
  Account account;
  GivenRole role;
  Timestamp since;
};

struct Membership {
  Account organization;
  GivenRole role;
};

class OrganizationStore {
 public:
  static Result<std::optional<OrganizationRole>> FindRole(sql::Connection& connection, AccountId organization,
                                                          AccountId user);
  static Result<std::optional<GivenRole>> FindGivenRole(sql::Connection& connection, AccountId organization,
                                                        AccountId user);
  static Result<void> PutMember(sql::Transaction& tx, AccountId organization, AccountId user, const GivenRole& role,
                                Timestamp at);
  // Leaves all teams of the organization as well. False when there was none.
  static Result<bool> RemoveMember(sql::Transaction& tx, AccountId organization, AccountId user);
  static Result<int64_t> CountOwners(sql::Connection& connection, AccountId organization);
  static Result<int64_t> CountMembers(sql::Connection& connection, AccountId organization);
  // Members and open invitations.
  static Result<int64_t> CountSeats(sql::Connection& connection, AccountId organization);
  // By name.
  static Result<std::vector<Member>> ListMembers(sql::Connection& connection, AccountId organization, int64_t offset,
                                                 int64_t limit);
  static Result<std::vector<Membership>> ListMemberships(sql::Connection& connection, AccountId user, int64_t offset,
                                                         int64_t limit);
  static Result<int64_t> CountMemberships(sql::Connection& connection, AccountId user);

  static Result<Team> InsertTeam(sql::Transaction& tx, const Team& team);  // fills id; kAlreadyExists
  static Result<std::optional<Team>> FindTeam(sql::Connection& connection, AccountId organization,
                                              std::string_view name);
  static Result<std::optional<Team>> FindTeamById(sql::Connection& connection, AccountId organization, TeamId id);
  static Result<void> UpdateTeam(sql::Transaction& tx, TeamId id, std::string_view name, std::string_view description);
  static Result<void> DeleteTeam(sql::Transaction& tx, TeamId id);
  static Result<std::vector<Team>> ListTeams(sql::Connection& connection, AccountId organization, int64_t offset,
                                             int64_t limit);
  static Result<int64_t> CountTeams(sql::Connection& connection, AccountId organization);
  static Result<bool> AddTeamMember(sql::Transaction& tx, TeamId team, AccountId user, Timestamp at);  // false: was one
  static Result<bool> RemoveTeamMember(sql::Transaction& tx, TeamId team, AccountId user);
  static Result<std::vector<Account>> ListTeamMembers(sql::Connection& connection, TeamId team, int64_t offset,
                                                      int64_t limit);
  static Result<int64_t> CountTeamMembers(sql::Connection& connection, TeamId team);
};

}  // namespace berth::accounts
