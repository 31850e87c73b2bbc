#include "access/roles.h"

#include <algorithm>
#include <string>
#include <string_view>

namespace berth::access {
namespace {

// Where an organization requires a second factor, membership gives a user without one no right.
#define BERTH_FACTOR_RULE(organization, user)                                                             \
  " AND (NOT EXISTS (SELECT 1 FROM namespace_policy p WHERE p.account_id = " organization                 \
  " AND p.require_second_factor = 1) OR EXISTS (SELECT 1 FROM second_factor f WHERE f.account_id = " user \
  " AND f.is_confirmed = 1)) "

// One round trip for all four. Teams count only for members of their organization, collaborators only in users'
// namespaces.
constexpr sql::Query kStandings{
    "access.standings",
    "SELECT m.role FROM organization_member m WHERE m.organization_id = $2 AND m.account_id = $3" BERTH_FACTOR_RULE("$2", "$3")
    "UNION ALL SELECT r.permission FROM team_repository r JOIN team_member tm ON tm.team_id = r.team_id JOIN team t ON "
    "t.id = r.team_id "
    "JOIN organization_member om ON om.organization_id = t.organization_id AND om.account_id = tm.account_id "
    "WHERE r.repository_id = $1 AND tm.account_id = $3 AND t.organization_id = $2" BERTH_FACTOR_RULE("$2", "$3")
    "UNION ALL SELECT c.permission FROM organization_member m JOIN custom_role_permission c ON c.role_id = "
    "m.custom_role_id WHERE m.organization_id = $2 AND m.account_id = $3" BERTH_FACTOR_RULE("$2", "$3")
    "UNION ALL SELECT 'collaborator' FROM collaborator c JOIN account a ON a.id = $2 AND a.kind = 'user' "
    "WHERE c.repository_id = $1 AND c.account_id = $3"};
constexpr sql::Query kMembership{
    "access.membership",
    "SELECT m.role, c.permission FROM organization_member m LEFT JOIN custom_role_permission c ON c.role_id = "
    "m.custom_role_id WHERE m.organization_id = $1 AND m.account_id = $2" BERTH_FACTOR_RULE("$1", "$2")};

// Docker Hub: members pull all of the organization's images; editors and owners create, edit and delete repositories.
// Collaborators pull and push, and administer nothing.
Right RightOf(std::string_view standing) {
  if (standing == "owner" || standing == "editor" || standing == "admin") return Right::kAdmin;
  if (standing == "write" || standing == "collaborator") return Right::kWrite;
  if (standing == "member" || standing == "read") return Right::kRead;
  return Right::kNone;
}

}  // namespace

Result<Standing> FindStanding(sql::Connection& connection, RepositoryId repository, AccountId owner, AccountId user) {
  Standing standing;
  TRY_VOID(connection.Each(kStandings, {repository, owner, user}, [&](const sql::Row& row) {
    if (const auto permission = accounts::ParseRolePermission(row.Text(0))) {
      standing.permissions.Add(*permission);
    } else {
      standing.right = std::max(standing.right, RightOf(row.Text(0)));
    }
  }));
  return standing;
}

Result<std::optional<OrganizationStanding>> FindOrganizationStanding(sql::Connection& connection,
                                                                     AccountId organization, AccountId user) {
  std::optional<OrganizationStanding> standing;
  TRY_VOID(connection.Each(kMembership, {organization, user}, [&](const sql::Row& row) {
    if (!standing) standing.emplace();
    standing->role = accounts::ParseOrganizationRole(row.Text(0)).value_or(accounts::OrganizationRole::kMember);
    if (const auto permission = accounts::ParseRolePermission(row.Text(1))) standing->permissions.Add(*permission);
  }));
  return standing;
}

}  // namespace berth::access
