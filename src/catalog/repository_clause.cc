#include "catalog/repository_clause.h"

namespace berth::catalog {

Clause MakeRepositoryClause(const RepositoryFilter& filter, const std::string& pattern) {
  Clause clause;
  clause.text = " FROM repository r";
  if (filter.starred_by)
    clause.text += " JOIN star s ON s.repository_id = r.id AND s.account_id = " + clause.Param(filter.starred_by);
  if (filter.team)
    clause.text += " JOIN team_repository g ON g.repository_id = r.id AND g.team_id = " + clause.Param(filter.team);
  clause.text += filter.owner ? " WHERE r.account_id = " + clause.Param(filter.owner) : " WHERE r.id > 0";
  if (!filter.name_contains.empty()) clause.text += " AND r.name LIKE " + clause.Param(pattern) + " ESCAPE '\\'";
  if (filter.with_private) return clause;
  // What is opened to the viewer is read once, by the viewer's rights, not asked for each row.
  std::string visible = "r.is_private = 0";
  if (filter.viewer) {
    const std::string viewer = clause.Param(filter.viewer);
    if (!filter.owner) {
      visible +=
          " OR r.account_id = " + viewer +
          " OR r.account_id IN (SELECT o.organization_id FROM organization_member o WHERE o.account_id = " + viewer +
          ")";
    }
    visible += " OR r.id IN (SELECT c.repository_id FROM collaborator c WHERE c.account_id = " + viewer +
               " UNION SELECT t.repository_id FROM team_member m JOIN team_repository t ON t.team_id = m.team_id "
               "WHERE m.account_id = " +
               viewer + ")";
  }
  if (!filter.named.empty()) {
    visible += " OR r.id IN (SELECT n.id FROM repository n WHERE n.full_name IN (";
    for (const std::string& name : filter.named)
      visible += (&name == &filter.named.front() ? "" : ", ") + clause.Param(name);
    visible += "))";
  }
  clause.text += " AND (" + visible + ")";
  return clause;
}

std::string_view RepositoryOrderText(const RepositoryFilter& filter) {
  switch (filter.order) {
    case RepositoryOrder::kNewestFirst:
      return filter.starred_by ? "s.created_at DESC, r.id DESC" : "r.updated_at DESC, r.id DESC";
    case RepositoryOrder::kOldestFirst:
      return "r.updated_at, r.id";
    case RepositoryOrder::kNameUp:
      return "r.name, r.id";
    case RepositoryOrder::kNameDown:
      return "r.name DESC, r.id DESC";
    case RepositoryOrder::kMostPulled:
      return "r.pull_count DESC, r.id DESC";
    case RepositoryOrder::kLeastPulled:
      return "r.pull_count, r.id";
  }
  return "r.id";
}

Result<std::vector<std::string>> ListRepositoryNames(sql::Connection& connection, const RepositoryFilter& filter,
                                                     int64_t offset, int64_t limit) {
  const std::string pattern = ContainsPattern(filter.name_contains);
  Clause clause = MakeRepositoryClause(filter, pattern);
  std::string text = "SELECT r.name" + clause.text + " ORDER BY r.name, r.id LIMIT " + clause.Param(limit);
  text += " OFFSET " + clause.Param(offset);
  std::vector<std::string> names;
  TRY_VOID(
      connection.ExecuteDynamic(text, clause.values, [&](const sql::Row& row) { names.push_back(row.String(0)); }));
  return names;
}

}  // namespace berth::catalog
