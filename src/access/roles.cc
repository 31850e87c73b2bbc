#include "access/roles.h"

#include <algorithm>
#include <string_view>

#include "accounts/organization_store.h"

namespace berth::access {
namespace {

// One round trip for all three. Teams count only for members of their organization, collaborators only in users'
// namespaces.
constexpr sql::Query kStandings{
    "access.standings",
    "SELECT m.role FROM organization_member m WHERE m.organization_id = $2 AND m.account_id = $3 "
    "UNION ALL SELECT r.permission FROM team_repository r JOIN team_member tm ON tm.team_id = r.team_id JOIN team t ON "
    "t.id = r.team_id "
    "JOIN organization_member om ON om.organization_id = t.organization_id AND om.account_id = tm.account_id "
    "WHERE r.repository_id = $1 AND tm.account_id = $3 AND t.organization_id = $2 "
    "UNION ALL SELECT 'collaborator' FROM collaborator c JOIN account a ON a.id = $2 AND a.kind = 'user' "
    "WHERE c.repository_id = $1 AND c.account_id = $3"};

// Docker Hub: members pull all of the organization's images; editors and owners create, edit and delete repositories.
// Collaborators pull and push, and administer nothing.
Right RightOf(std::string_view standing) {
  if (standing == "owner" || standing == "editor" || standing == "admin") return Right::kAdmin;
  if (standing == "write" || standing == "collaborator") return Right::kWrite;
  if (standing == "member" || standing == "read") return Right::kRead;
  return Right::kNone;
}

}  // namespace

Result<Right> FindRight(sql::Connection& connection, RepositoryId repository, AccountId owner, AccountId user) {
  Right right = Right::kNone;
  TRY_VOID(connection.Each(kStandings, {repository, owner, user},
                           [&](const sql::Row& row) { right = std::max(right, RightOf(row.Text(0))); }));
  return right;
}

Result<std::optional<accounts::OrganizationRole>> FindOrganizationRole(sql::Connection& connection,
                                                                       AccountId organization, AccountId user) {
  return accounts::OrganizationStore::FindRole(connection, organization, user);
}

}  // namespace berth::access
