#include "scim/group_store.h"

#include <unordered_map>

namespace berth::scim::group_store {
namespace {

constexpr std::string_view kColumns =
    "t.id, t.uuid, t.organization_id, t.name, t.description, t.created_at, g.team_id, "
    "COALESCE(g.display_name, t.name), g.external_id, COALESCE(g.updated_at, t.created_at)";

constexpr sql::Query kPut{
    "scim_group.put",
    "INSERT INTO scim_group (team_id, display_name, external_id, updated_at) VALUES ($1, $2, $3, $4) "
    "ON CONFLICT (team_id) DO UPDATE SET display_name = excluded.display_name, external_id = excluded.external_id, "
    "updated_at = excluded.updated_at"};
constexpr sql::Query kCount{
    "scim_group.count",
    "SELECT COUNT(*) FROM scim_group g JOIN team t ON t.id = g.team_id WHERE t.organization_id = $1"};

GroupRecord ReadGroupRow(const sql::Row& row) {
  GroupRecord group;
  group.team.id = row.IdAt<TeamId>(0);
  group.team.uuid = row.String(1);
  group.team.organization = row.IdAt<AccountId>(2);
  group.team.name = row.String(3);
  group.team.description = row.String(4);
  group.team.created_at = row.Time(5);
  group.is_known = !row.IsNull(6);
  group.display_name = row.String(7);
  group.external_id = row.String(8);
  group.updated_at = row.Time(9);
  return group;
}

Result<void> AddMembers(sql::Connection& connection, std::vector<GroupRecord>& groups) {
  if (groups.empty()) return {};
  std::unordered_map<int64_t, GroupRecord*> by_team;
  std::vector<sql::Value> values;
  std::string text =
      "SELECT tm.team_id, a.id, a.uuid, COALESCE(s.user_name, CASE WHEN a.email <> '' THEN a.email ELSE a.name END) "
      "FROM team_member tm JOIN team t ON t.id = tm.team_id JOIN account a ON a.id = tm.account_id "
      "LEFT JOIN scim_user s ON s.organization_id = t.organization_id AND s.account_id = a.id WHERE tm.team_id IN (";
  for (GroupRecord& group : groups) {
    by_team[group.team.id.value] = &group;
    values.emplace_back(group.team.id);
    text += (values.size() > 1 ? ", $" : "$") + std::to_string(values.size());
  }
  text += ") ORDER BY tm.team_id, a.id";
  TRY_VOID(connection.ExecuteDynamic(text, values, [&](const sql::Row& row) {
    const auto group = by_team.find(row.Int(0));
    if (group == by_team.end()) return;
    group->second->members.push_back({row.IdAt<AccountId>(1), row.String(2), row.String(3)});
  }));
  return {};
}

Result<std::optional<GroupRecord>> FindBy(sql::Connection& connection, AccountId organization, std::string attribute,
                                          std::string_view text, bool with_members) {
  Filter filter;
  filter.kind = Filter::Kind::kCompare;
  filter.path.attribute = std::move(attribute);
  filter.value = {Literal::Kind::kText, false, std::string(text)};
  Query query(organization);
  TRY_VOID(query.FilterGroups(filter));
  TRY(auto page, List(connection, query, 0, 1, with_members));
  if (page.groups.empty()) return std::optional<GroupRecord>();
  return std::optional(std::move(page.groups.front()));
}

}  // namespace

Result<GroupPage> List(sql::Connection& connection, Query& query, int64_t offset, int64_t count, bool with_members) {
  GroupPage page;
  TRY_VOID(connection.ExecuteDynamic(query.CountGroups(), query.values(),
                                     [&](const sql::Row& row) { page.total = row.Int(0); }));
  if (count == 0 || offset >= page.total) return page;
  const std::string text = query.SelectGroups(kColumns, offset, count);
  TRY_VOID(connection.ExecuteDynamic(text, query.values(),
                                     [&](const sql::Row& row) { page.groups.push_back(ReadGroupRow(row)); }));
  if (with_members) TRY_VOID(AddMembers(connection, page.groups));
  return page;
}

Result<std::optional<GroupRecord>> Find(sql::Connection& connection, AccountId organization, std::string_view id,
                                        bool with_members) {
  return FindBy(connection, organization, "id", id, with_members);
}

Result<std::optional<GroupRecord>> FindByName(sql::Connection& connection, AccountId organization,
                                              std::string_view display_name) {
  return FindBy(connection, organization, "displayname", display_name, false);
}

Result<void> Put(sql::Transaction& tx, TeamId team, std::string_view display_name, std::string_view external_id,
                 Timestamp now) {
  TRY_VOID(tx.Run(kPut, {team, display_name, external_id, now}));
  return {};
}

Result<int64_t> CountKnown(sql::Connection& connection, AccountId organization) {
  TRY(const auto count, connection.One(kCount, {organization}, [](const sql::Row& row) { return row.Int(0); }));
  return count.value_or(0);
}

}  // namespace berth::scim::group_store
