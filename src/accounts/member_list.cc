#include "accounts/member_list.h"

#include "accounts/account_row.h"

namespace berth::accounts {
namespace {

// $1 organization, $2 search, $3 its pattern, $4 role, $5 whether members, $6 whether invited people.
#define BERTH_MEMBER_ENTRIES                                                                                         \
  "SELECT m.account_id AS account_id, a.name AS entry, m.role AS role, m.custom_role_id AS custom, r.name AS "       \
  "custom_name, m.created_at AS since, 0 AS is_invited FROM organization_member m JOIN account a ON a.id = "         \
  "m.account_id LEFT JOIN custom_role r ON r.id = m.custom_role_id WHERE m.organization_id = $1 AND $5 = 1 AND "     \
  "($2 = '' OR a.name LIKE $3 ESCAPE '\\' OR a.email LIKE $3 ESCAPE '\\') AND ($4 = '' OR COALESCE(r.name, m.role) " \
  "= $4) UNION ALL SELECT i.account_id, i.invitee, i.role, i.custom_role_id, r.name, i.created_at, 1 FROM "          \
  "invitation i LEFT JOIN custom_role r ON r.id = i.custom_role_id WHERE i.organization_id = $1 AND $6 = 1 AND "     \
  "$4 = '' AND ($2 = '' OR i.invitee LIKE $3 ESCAPE '\\')"
constexpr sql::Query kCount{"member_list.count", "SELECT COUNT(*) FROM (" BERTH_MEMBER_ENTRIES ") e"};
constexpr sql::Query kList{"member_list.list",
                           "SELECT " BERTH_ACCOUNT_COLUMNS
                           ", e.entry, e.role, e.custom, e.custom_name, e.since, e.is_invited FROM "
                           "(" BERTH_MEMBER_ENTRIES
                           ") e LEFT JOIN account a ON a.id = e.account_id ORDER BY e.entry, e.is_invited "
                           "LIMIT $7 OFFSET $8"};

MemberEntry FromRow(const sql::Row& row) {
  MemberEntry entry;
  if (!row.IsNull(0)) entry.account = AccountFromRow(row, 0);
  int c = kAccountColumns;
  entry.invitee = row.String(c++);
  entry.role.base = ParseOrganizationRole(row.Text(c++)).value_or(OrganizationRole::kMember);
  entry.role.custom = row.Int(c++);
  entry.role.custom_name = row.String(c++);
  entry.since = row.Time(c++);
  entry.is_invited = row.Bool(c++);
  if (!entry.is_invited) entry.invitee.clear();
  return entry;
}

}  // namespace

Result<int64_t> CountMemberEntries(sql::Connection& connection, AccountId organization, const MemberFilter& filter) {
  TRY(const auto count,
      connection.One(kCount, {organization, filter.search, filter.pattern, filter.role, filter.members, filter.invited},
                     [](const sql::Row& row) { return row.Int(0); }));
  return count.value_or(0);
}

Result<std::vector<MemberEntry>> ListMemberEntries(sql::Connection& connection, AccountId organization,
                                                   const MemberFilter& filter, int64_t offset, int64_t limit) {
  return connection.All(
      kList, {organization, filter.search, filter.pattern, filter.role, filter.members, filter.invited, limit, offset},
      FromRow);
}

}  // namespace berth::accounts
