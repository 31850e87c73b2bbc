#include "scim/user_store.h"

#include <unordered_map>

#include "base/text.h"

namespace berth::scim::user_store {
namespace {

constexpr std::string_view kColumns =
    "a.id, a.uuid, a.name, a.email, a.full_name, s.account_id, s.user_name, s.external_id, s.given_name, "
    "s.family_name, s.formatted, s.display_name, s.role, s.docker_team, s.created_at, s.updated_at, m.role, "
    "m.created_at, (SELECT 1 FROM managed_account ma WHERE ma.account_id = a.id AND ma.organization_id = $1)";

constexpr sql::Query kPut{
    "scim_user.put",
    "INSERT INTO scim_user (organization_id, account_id, user_name, user_key, external_id, given_name, family_name, "
    "formatted, display_name, role, docker_team, created_at, updated_at) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) "
    "ON CONFLICT (organization_id, account_id) DO UPDATE SET user_name = excluded.user_name, "
    "user_key = excluded.user_key, external_id = excluded.external_id, given_name = excluded.given_name, "
    "family_name = excluded.family_name, formatted = excluded.formatted, display_name = excluded.display_name, "
    "role = excluded.role, docker_team = excluded.docker_team, updated_at = excluded.updated_at"};
constexpr sql::Query kDropEmails{"scim_user.drop_emails",
                                 "DELETE FROM scim_email WHERE organization_id = $1 AND account_id = $2"};
constexpr sql::Query kAddEmail{
    "scim_user.add_email",
    "INSERT INTO scim_email (organization_id, account_id, position, value, value_key, type, display, is_primary) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"};
constexpr sql::Query kRemove{"scim_user.remove",
                             "DELETE FROM scim_user WHERE organization_id = $1 AND account_id = $2"};
constexpr sql::Query kDropHeld{"scim_user.drop_held",
                               "DELETE FROM scim_held_member WHERE account_id = $2 AND team_id IN (SELECT id FROM team "
                               "WHERE organization_id = $1)"};
constexpr sql::Query kByUserName{"scim_user.by_user_name",
                                 "SELECT account_id FROM scim_user WHERE organization_id = $1 AND user_key = $2"};
constexpr sql::Query kCount{"scim_user.count", "SELECT COUNT(*) FROM scim_user WHERE organization_id = $1"};
constexpr sql::Query kManager{"scim_user.manager", "SELECT organization_id FROM managed_account WHERE account_id = $1"};
constexpr sql::Query kPutManager{
    "scim_user.put_manager",
    "INSERT INTO managed_account (account_id, organization_id, is_switched_off) VALUES ($1, $2, $3) "
    "ON CONFLICT (account_id) DO NOTHING"};
constexpr sql::Query kNoteSwitch{"scim_user.note_switch",
                                 "UPDATE managed_account SET is_switched_off = $2 WHERE account_id = $1"};
constexpr sql::Query kIsSwitchedOff{"scim_user.is_switched_off",
                                    "SELECT is_switched_off FROM managed_account WHERE account_id = $1"};
constexpr sql::Query kHoldRole{
    "scim_user.hold_role",
    "UPDATE scim_user SET held_role_id = (SELECT m.custom_role_id FROM organization_member m "
    "WHERE m.organization_id = $1 AND m.account_id = $2) "
    "WHERE organization_id = $1 AND account_id = $2"};
constexpr sql::Query kHeldRole{"scim_user.held_role",
                               "SELECT r.id, r.name FROM scim_user s JOIN custom_role r ON r.id = s.held_role_id "
                               "WHERE s.organization_id = $1 AND s.account_id = $2"};
constexpr sql::Query kDropHeldRole{
    "scim_user.drop_held_role",
    "UPDATE scim_user SET held_role_id = NULL WHERE organization_id = $1 AND account_id = $2"};
// The team of the owners follows the role.
constexpr sql::Query kHoldTeams{
    "scim_user.hold_teams",
    "INSERT INTO scim_held_member (team_id, account_id) SELECT tm.team_id, tm.account_id FROM team_member tm "
    "JOIN team t ON t.id = tm.team_id WHERE t.organization_id = $1 AND tm.account_id = $2 AND t.name <> 'owners' "
    "ON CONFLICT (team_id, account_id) DO NOTHING"};
constexpr sql::Query kHeld{"scim_user.held",
                           "SELECT h.team_id FROM scim_held_member h JOIN team t ON t.id = h.team_id "
                           "WHERE h.account_id = $2 AND t.organization_id = $1 ORDER BY h.team_id"};
constexpr sql::Query kHold{"scim_user.hold",
                           "INSERT INTO scim_held_member (team_id, account_id) VALUES ($1, $2) "
                           "ON CONFLICT (team_id, account_id) DO NOTHING"};
constexpr sql::Query kUnhold{"scim_user.unhold", "DELETE FROM scim_held_member WHERE team_id = $1 AND account_id = $2"};

constexpr sql::Query kHeldOfTeam{"scim_user.held_of_team",
                                 "SELECT a.id, a.uuid FROM scim_held_member h JOIN account a ON a.id = h.account_id "
                                 "WHERE h.team_id = $1"};

UserRecord ReadUserRow(const sql::Row& row) {
  UserRecord user;
  int c = 0;
  user.account = row.IdAt<AccountId>(c++);
  user.id = row.String(c++);
  user.account_name = row.String(c++);
  const std::string email = row.String(c++);
  const std::string full_name = row.String(c++);
  user.is_known = !row.IsNull(c++);
  UserData& data = user.data;
  data.user_name = row.String(c++);
  data.external_id = row.String(c++);
  data.given_name = row.String(c++);
  data.family_name = row.String(c++);
  data.formatted = row.String(c++);
  data.display_name = row.String(c++);
  data.role = row.String(c++);
  data.team = row.String(c++);
  user.created_at = row.Time(c++);
  user.updated_at = row.Time(c++);
  data.active = !row.IsNull(c);
  if (data.active) data.role = row.String(c);
  ++c;
  const Timestamp since = row.Time(c++);
  user.is_managed = row.Bool(c++);
  if (!user.is_known) {
    data.user_name = email.empty() ? user.account_name : email;
    data.display_name = full_name;
    if (!email.empty()) data.emails.push_back({email, "", "work", true});
    user.created_at = user.updated_at = since;
  }
  return user;
}

// The rows of `text` with $1 the organization and the accounts of the page behind it, each handed to its user.
Result<void> ForEachUser(sql::Connection& connection, AccountId organization, std::vector<UserRecord>& users,
                         std::string_view before, std::string_view after,
                         FunctionRef<void(UserRecord&, const sql::Row&)> take) {
  if (users.empty()) return {};
  std::unordered_map<int64_t, UserRecord*> by_account;
  std::vector<sql::Value> values{organization};
  std::string text(before);
  for (UserRecord& user : users) {
    by_account[user.account.value] = &user;
    values.emplace_back(user.account);
    text += (values.size() > 2 ? ", $" : "$") + std::to_string(values.size());
  }
  text += after;
  TRY_VOID(connection.ExecuteDynamic(text, values, [&](const sql::Row& row) {
    const auto user = by_account.find(row.Int(0));
    if (user != by_account.end()) take(*user->second, row);
  }));
  return {};
}

Result<void> AddDetails(sql::Connection& connection, AccountId organization, std::vector<UserRecord>& users) {
  TRY_VOID(ForEachUser(connection, organization, users,
                       "SELECT account_id, value, display, type, is_primary FROM scim_email WHERE organization_id = $1 "
                       "AND account_id IN (",
                       ") ORDER BY account_id, position", [](UserRecord& user, const sql::Row& row) {
                         user.data.emails.push_back({row.String(1), row.String(2), row.String(3), row.Bool(4)});
                       }));
  return ForEachUser(connection, organization, users,
                     "SELECT tm.account_id, t.uuid, COALESCE(g.display_name, t.name) FROM team_member tm "
                     "JOIN team t ON t.id = tm.team_id LEFT JOIN scim_group g ON g.team_id = t.id "
                     "WHERE t.organization_id = $1 AND tm.account_id IN (",
                     ") ORDER BY tm.account_id, t.name", [](UserRecord& user, const sql::Row& row) {
                       user.groups.push_back({row.String(1), row.String(2)});
                     });
}

}  // namespace

Result<UserPage> List(sql::Connection& connection, AccountId organization, Query& query, int64_t offset,
                      int64_t count) {
  UserPage page;
  TRY_VOID(connection.ExecuteDynamic(query.CountUsers(), query.values(),
                                     [&](const sql::Row& row) { page.total = row.Int(0); }));
  if (count == 0 || offset >= page.total) return page;
  const std::string text = query.SelectUsers(kColumns, offset, count);
  TRY_VOID(connection.ExecuteDynamic(text, query.values(),
                                     [&](const sql::Row& row) { page.users.push_back(ReadUserRow(row)); }));
  TRY_VOID(AddDetails(connection, organization, page.users));
  return page;
}

Result<std::optional<UserRecord>> Find(sql::Connection& connection, AccountId organization, std::string_view id) {
  Filter filter;
  filter.kind = Filter::Kind::kCompare;
  filter.path.attribute = "id";
  filter.value = {Literal::Kind::kText, false, std::string(id)};
  Query query(organization);
  TRY_VOID(query.FilterUsers(filter));
  TRY(auto page, List(connection, organization, query, 0, 1));
  if (page.users.empty()) return std::optional<UserRecord>();
  return std::optional(std::move(page.users.front()));
}

Result<void> Put(sql::Transaction& tx, AccountId organization, AccountId account, const UserData& data,
                 Timestamp created_at, Timestamp updated_at) {
  const std::string_view role = data.role.empty() ? std::string_view("member") : data.role;
  TRY_VOID(tx.Run(kPut,
                  {organization, account, data.user_name, AsciiLower(data.user_name), data.external_id, data.given_name,
                   data.family_name, data.formatted, data.display_name, role, data.team, created_at, updated_at}));
  TRY_VOID(tx.Run(kDropEmails, {organization, account}));
  int64_t position = 0;
  for (const Email& email : data.emails) {
    TRY_VOID(tx.Run(kAddEmail, {organization, account, position++, email.value, AsciiLower(email.value), email.type,
                                email.display, email.primary}));
  }
  return {};
}

Result<void> Remove(sql::Transaction& tx, AccountId organization, AccountId account) {
  TRY_VOID(tx.Run(kDropHeld, {organization, account}));
  TRY_VOID(tx.Run(kRemove, {organization, account}));
  return {};
}

Result<std::optional<AccountId>> FindByUserName(sql::Connection& connection, AccountId organization,
                                                std::string_view user_name) {
  return connection.One(kByUserName, {organization, AsciiLower(user_name)},
                        [](const sql::Row& row) { return row.IdAt<AccountId>(0); });
}

Result<int64_t> CountKnown(sql::Connection& connection, AccountId organization) {
  TRY(const auto count, connection.One(kCount, {organization}, [](const sql::Row& row) { return row.Int(0); }));
  return count.value_or(0);
}

Result<std::optional<AccountId>> FindManager(sql::Connection& connection, AccountId account) {
  return connection.One(kManager, {account}, [](const sql::Row& row) { return row.IdAt<AccountId>(0); });
}

Result<void> PutManager(sql::Transaction& tx, AccountId account, AccountId organization, bool switched_off) {
  TRY_VOID(tx.Run(kPutManager, {account, organization, switched_off}));
  return {};
}

Result<bool> IsSwitchedOff(sql::Connection& connection, AccountId account) {
  TRY(const auto off, connection.One(kIsSwitchedOff, {account}, [](const sql::Row& row) { return row.Bool(0); }));
  return off.value_or(false);
}

Result<void> NoteSwitch(sql::Transaction& tx, AccountId account, bool off) {
  TRY_VOID(tx.Run(kNoteSwitch, {account, off}));
  return {};
}

Result<void> HoldRole(sql::Transaction& tx, AccountId organization, AccountId account) {
  TRY_VOID(tx.Run(kHoldRole, {organization, account}));
  return {};
}

Result<std::optional<accounts::GivenRole>> TakeHeldRole(sql::Transaction& tx, AccountId organization,
                                                        AccountId account) {
  TRY(auto role, tx.One(kHeldRole, {organization, account}, [](const sql::Row& row) {
    accounts::GivenRole held;
    held.custom = row.Int(0);
    held.custom_name = row.String(1);
    return held;
  }));
  if (role) TRY_VOID(tx.Run(kDropHeldRole, {organization, account}));
  return role;
}

Result<void> HoldTeams(sql::Transaction& tx, AccountId organization, AccountId account) {
  TRY_VOID(tx.Run(kHoldTeams, {organization, account}));
  return {};
}

Result<std::vector<TeamId>> TakeHeldTeams(sql::Transaction& tx, AccountId organization, AccountId account) {
  TRY(auto teams, tx.All(kHeld, {organization, account}, [](const sql::Row& row) { return row.IdAt<TeamId>(0); }));
  TRY_VOID(tx.Run(kDropHeld, {organization, account}));
  return teams;
}

Result<void> Hold(sql::Transaction& tx, TeamId team, AccountId account) {
  TRY_VOID(tx.Run(kHold, {team, account}));
  return {};
}

Result<void> Unhold(sql::Transaction& tx, TeamId team, AccountId account) {
  TRY_VOID(tx.Run(kUnhold, {team, account}));
  return {};
}

Result<void> KeepHeld(sql::Transaction& tx, TeamId team, const std::set<std::string>& ids) {
  TRY(const auto held, tx.All(kHeldOfTeam, {team},
                              [](const sql::Row& row) { return std::pair(row.IdAt<AccountId>(0), row.String(1)); }));
  for (const auto& [account, id] : held) {
    if (!ids.contains(id)) TRY_VOID(Unhold(tx, team, account));
  }
  return {};
}

}  // namespace berth::scim::user_store
