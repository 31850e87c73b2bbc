#include "accounts/organization_store.h"

#include "accounts/account_row.h"

namespace berth::accounts {
namespace {

constexpr sql::Query kRole{"organization.role",
                           "SELECT role FROM organization_member WHERE organization_id = $1 AND account_id = $2"};
constexpr sql::Query kGivenRole{"organization.given_role",
                                "SELECT m.role, m.custom_role_id, r.name FROM organization_member m "
                                "LEFT JOIN custom_role r ON r.id = m.custom_role_id "
                                "WHERE m.organization_id = $1 AND m.account_id = $2"};
constexpr sql::Query kPutMember{
    "organization.put_member",
    "INSERT INTO organization_member (organization_id, account_id, role, custom_role_id, created_at) "
    "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (organization_id, account_id) DO UPDATE SET role = excluded.role, "
    "custom_role_id = excluded.custom_role_id"};
constexpr sql::Query kCountSeats{"organization.count_seats",
                                 "SELECT (SELECT COUNT(*) FROM organization_member WHERE organization_id = $1) + "
                                 "(SELECT COUNT(*) FROM invitation WHERE organization_id = $1)"};
constexpr sql::Query kRemoveMember{"organization.remove_member",
                                   "DELETE FROM organization_member WHERE organization_id = $1 AND account_id = $2"};
constexpr sql::Query kLeaveTeams{
    "organization.leave_teams",
    "DELETE FROM team_member WHERE account_id = $2 AND team_id IN (SELECT id FROM team WHERE "
    "organization_id = $1)"};
constexpr sql::Query kCountOwners{
    "organization.count_owners",
    "SELECT COUNT(*) FROM organization_member WHERE organization_id = $1 AND role = 'owner'"};
constexpr sql::Query kCountMembers{"organization.count_members",
                                   "SELECT COUNT(*) FROM organization_member WHERE organization_id = $1"};
constexpr sql::Query kListMembers{"organization.members",
                                  "SELECT " BERTH_ACCOUNT_COLUMNS
                                  ", m.role, m.custom_role_id, r.name, m.created_at FROM organization_member m "
                                  "LEFT JOIN custom_role r ON r.id = m.custom_role_id "
                                  "JOIN account a ON a.id = m.account_id WHERE m.organization_id = $1 ORDER BY a.name "
                                  "LIMIT $2 OFFSET $3"};
constexpr sql::Query kListMemberships{
    "organization.memberships", "SELECT " BERTH_ACCOUNT_COLUMNS
                                ", m.role, m.custom_role_id, r.name FROM organization_member m "
                                "LEFT JOIN custom_role r ON r.id = m.custom_role_id "
                                "JOIN account a ON a.id = m.organization_id WHERE m.account_id = $1 ORDER BY a.name "
                                "LIMIT $2 OFFSET $3"};
constexpr sql::Query kCountMemberships{"organization.count_memberships",
                                       "SELECT COUNT(*) FROM organization_member WHERE account_id = $1"};

constexpr sql::Query kInsertTeam{"team.insert",
                                 "INSERT INTO team (uuid, organization_id, name, description, created_at) "
                                 "VALUES ($1, $2, $3, $4, $5) RETURNING id"};
#define BERTH_TEAM_SELECT                                                                                             \
  "SELECT t.id, t.uuid, t.organization_id, t.name, t.description, t.created_at, (SELECT COUNT(*) FROM team_member m " \
  "WHERE m.team_id = t.id) FROM team t WHERE t.organization_id = $1"
constexpr sql::Query kFindTeam{"team.by_name", BERTH_TEAM_SELECT " AND t.name = $2"};
constexpr sql::Query kFindTeamById{"team.by_id", BERTH_TEAM_SELECT " AND t.id = $2"};
constexpr sql::Query kListTeams{"team.list", BERTH_TEAM_SELECT " ORDER BY t.name LIMIT $2 OFFSET $3"};
constexpr sql::Query kUpdateTeam{"team.update", "UPDATE team SET name = $2, description = $3 WHERE id = $1"};
constexpr sql::Query kDeleteTeam{"team.delete", "DELETE FROM team WHERE id = $1"};
constexpr sql::Query kCountTeams{"team.count", "SELECT COUNT(*) FROM team WHERE organization_id = $1"};
constexpr sql::Query kAddTeamMember{"team.add_member",
                                    "INSERT INTO team_member (team_id, account_id, created_at) VALUES ($1, $2, $3) "
                                    "ON CONFLICT (team_id, account_id) DO NOTHING"};
constexpr sql::Query kRemoveTeamMember{"team.remove_member",
                                       "DELETE FROM team_member WHERE team_id = $1 AND account_id = $2"};
constexpr sql::Query kListTeamMembers{"team.members", "SELECT " BERTH_ACCOUNT_COLUMNS
                                                      " FROM team_member m JOIN account a ON a.id = m.account_id "
                                                      "WHERE m.team_id = $1 ORDER BY a.name LIMIT $2 OFFSET $3"};
constexpr sql::Query kCountTeamMembers{"team.count_members", "SELECT COUNT(*) FROM team_member WHERE team_id = $1"};

Team TeamFromRow(const sql::Row& row) {
  Team team;
  team.id = row.IdAt<TeamId>(0);
  team.uuid = row.String(1);
  team.organization = row.IdAt<AccountId>(2);
  team.name = row.String(3);
  team.description = row.String(4);
  team.created_at = row.Time(5);
  team.member_count = row.Int(6);
  return team;
}

OrganizationRole RoleAt(const sql::Row& row, int column) {
  return ParseOrganizationRole(row.Text(column)).value_or(OrganizationRole::kMember);
}

GivenRole GivenRoleAt(const sql::Row& row, int column) {
  GivenRole role = RoleAt(row, column);
  role.custom = row.Int(column + 1);
  role.custom_name = row.String(column + 2);
  return role;
}

Result<int64_t> Count(sql::Connection& connection, const sql::Query& query, sql::Value id) {
  TRY(const auto count, connection.One(query, {id}, [](const sql::Row& row) { return row.Int(0); }));
  return count.value_or(0);
}

}  // namespace

Result<std::optional<OrganizationRole>> OrganizationStore::FindRole(sql::Connection& connection, AccountId organization,
                                                                    AccountId user) {
  return connection.One(kRole, {organization, user}, [](const sql::Row& row) { return RoleAt(row, 0); });
}

Result<void> OrganizationStore::PutMember(sql::Transaction& tx, AccountId organization, AccountId user,
                                          const GivenRole& role, Timestamp at) {
  const sql::Value custom = role.custom == 0 ? sql::Value() : sql::Value(role.custom);
  TRY_VOID(tx.Run(kPutMember, {organization, user, ToString(role.base), custom, at}));
  return {};
}

Result<std::optional<GivenRole>> OrganizationStore::FindGivenRole(sql::Connection& connection, AccountId organization,
                                                                  AccountId user) {
  return connection.One(kGivenRole, {organization, user}, [](const sql::Row& row) { return GivenRoleAt(row, 0); });
}

Result<int64_t> OrganizationStore::CountSeats(sql::Connection& connection, AccountId organization) {
  return Count(connection, kCountSeats, organization);
}

Result<bool> OrganizationStore::RemoveMember(sql::Transaction& tx, AccountId organization, AccountId user) {
  TRY_VOID(tx.Run(kLeaveTeams, {organization, user}));
  TRY(const auto rows, tx.Run(kRemoveMember, {organization, user}));
  return rows > 0;
}

Result<int64_t> OrganizationStore::CountOwners(sql::Connection& connection, AccountId organization) {
  return Count(connection, kCountOwners, organization);
}

Result<int64_t> OrganizationStore::CountMembers(sql::Connection& connection, AccountId organization) {
  return Count(connection, kCountMembers, organization);
}

Result<std::vector<Member>> OrganizationStore::ListMembers(sql::Connection& connection, AccountId organization,
                                                           int64_t offset, int64_t limit) {
  return connection.All(kListMembers, {organization, limit, offset}, [](const sql::Row& row) {
    return Member{AccountFromRow(row, 0), GivenRoleAt(row, kAccountColumns), row.Time(kAccountColumns + 3)};
  });
}

Result<std::vector<Membership>> OrganizationStore::ListMemberships(sql::Connection& connection, AccountId user,
                                                                   int64_t offset, int64_t limit) {
  return connection.All(kListMemberships, {user, limit, offset}, [](const sql::Row& row) {
    return Membership{AccountFromRow(row, 0), GivenRoleAt(row, kAccountColumns)};
  });
}

Result<int64_t> OrganizationStore::CountMemberships(sql::Connection& connection, AccountId user) {
  return Count(connection, kCountMemberships, user);
}

Result<Team> OrganizationStore::InsertTeam(sql::Transaction& tx, const Team& team) {
  TRY(const auto id, tx.One(kInsertTeam, {team.uuid, team.organization, team.name, team.description, team.created_at},
                            [](const sql::Row& row) { return row.IdAt<TeamId>(0); }));
  if (!id) return Fail(ErrorCode::kInternal, "the team got no id");
  Team made = team;
  made.id = *id;
  return made;
}

Result<std::optional<Team>> OrganizationStore::FindTeam(sql::Connection& connection, AccountId organization,
                                                        std::string_view name) {
  return connection.One(kFindTeam, {organization, name}, TeamFromRow);
}

Result<std::optional<Team>> OrganizationStore::FindTeamById(sql::Connection& connection, AccountId organization,
                                                            TeamId id) {
  return connection.One(kFindTeamById, {organization, id}, TeamFromRow);
}

Result<void> OrganizationStore::UpdateTeam(sql::Transaction& tx, TeamId id, std::string_view name,
                                           std::string_view description) {
  TRY_VOID(tx.Run(kUpdateTeam, {id, name, description}));
  return {};
}

Result<void> OrganizationStore::DeleteTeam(sql::Transaction& tx, TeamId id) {
  TRY_VOID(tx.Run(kDeleteTeam, {id}));
  return {};
}

Result<std::vector<Team>> OrganizationStore::ListTeams(sql::Connection& connection, AccountId organization,
                                                       int64_t offset, int64_t limit) {
  return connection.All(kListTeams, {organization, limit, offset}, TeamFromRow);
}

Result<int64_t> OrganizationStore::CountTeams(sql::Connection& connection, AccountId organization) {
  return Count(connection, kCountTeams, organization);
}

Result<bool> OrganizationStore::AddTeamMember(sql::Transaction& tx, TeamId team, AccountId user, Timestamp at) {
  TRY(const auto rows, tx.Run(kAddTeamMember, {team, user, at}));
  return rows > 0;
}

Result<bool> OrganizationStore::RemoveTeamMember(sql::Transaction& tx, TeamId team, AccountId user) {
  TRY(const auto rows, tx.Run(kRemoveTeamMember, {team, user}));
  return rows > 0;
}

Result<std::vector<Account>> OrganizationStore::ListTeamMembers(sql::Connection& connection, TeamId team,
                                                                int64_t offset, int64_t limit) {
  return connection.All(kListTeamMembers, {team, limit, offset},
                        [](const sql::Row& row) { return AccountFromRow(row, 0); });
}

Result<int64_t> OrganizationStore::CountTeamMembers(sql::Connection& connection, TeamId team) {
  return Count(connection, kCountTeamMembers, team);
}

}  // namespace berth::accounts
