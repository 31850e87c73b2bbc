#include "accounts/invitation_store.h"

#include "accounts/account_row.h"

namespace berth::accounts {
namespace {

constexpr sql::Query kInsert{
    "invitation.insert",
    "INSERT INTO invitation (uuid, organization_id, invitee, account_id, email, inviter, team_id, role, "
    "custom_role_id, "
    "token_hash, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"};
constexpr sql::Query kRenew{"invitation.renew", "UPDATE invitation SET token_hash = $2, expires_at = $3 WHERE id = $1"};
constexpr sql::Query kDelete{"invitation.delete", "DELETE FROM invitation WHERE id = $1"};
#define BERTH_INVITATION_SELECT                                                                                \
  "SELECT " BERTH_ACCOUNT_COLUMNS                                                                              \
  ", i.id, i.uuid, i.invitee, i.account_id, i.email, i.inviter, i.team_id, t.name, i.role, i.custom_role_id, " \
  "r.name, i.created_at, i.expires_at FROM invitation i JOIN account a ON a.id = i.organization_id "           \
  "LEFT JOIN team t ON t.id = i.team_id LEFT JOIN custom_role r ON r.id = i.custom_role_id "
constexpr sql::Query kFind{"invitation.find", BERTH_INVITATION_SELECT "WHERE i.uuid = $1"};
constexpr sql::Query kByToken{"invitation.by_token",
                              BERTH_INVITATION_SELECT "WHERE i.token_hash = $1 AND i.expires_at > $2"};
constexpr sql::Query kList{"invitation.list",
                           BERTH_INVITATION_SELECT "WHERE i.organization_id = $1 ORDER BY i.id LIMIT $2 OFFSET $3"};
constexpr sql::Query kListFor{"invitation.list_for", BERTH_INVITATION_SELECT
                              "WHERE (i.account_id = $1 OR (i.email <> '' AND i.email = $2)) AND ($3 = 0 OR i.id < $3) "
                              "ORDER BY i.id DESC LIMIT $4"};
constexpr sql::Query kIsOpen{"invitation.is_open",
                             "SELECT 1 FROM invitation WHERE organization_id = $1 AND "
                             "(invitee = $2 OR account_id = $3 OR (email <> '' AND email = $4)) LIMIT 1"};

Invitation FromRow(const sql::Row& row) {
  Invitation i;
  i.organization = AccountFromRow(row, 0);
  int c = kAccountColumns;
  i.row = row.Int(c++);
  i.uuid = row.String(c++);
  i.invitee = row.String(c++);
  if (!row.IsNull(c)) i.account = row.IdAt<AccountId>(c);
  ++c;
  i.email = row.String(c++);
  i.inviter = row.String(c++);
  if (!row.IsNull(c)) i.team = row.IdAt<TeamId>(c);
  ++c;
  i.team_name = row.String(c++);
  i.role.base = ParseOrganizationRole(row.Text(c++)).value_or(OrganizationRole::kMember);
  i.role.custom = row.Int(c++);
  i.role.custom_name = row.String(c++);
  i.created_at = row.Time(c++);
  i.expires_at = row.Time(c++);
  return i;
}

}  // namespace

Result<void> InvitationStore::Insert(sql::Transaction& tx, const Invitation& i, std::string_view token_hash) {
  const sql::Value custom = i.role.custom == 0 ? sql::Value() : sql::Value(i.role.custom);
  TRY_VOID(tx.Run(kInsert, {i.uuid, i.organization.id, i.invitee, i.account, i.email, i.inviter, i.team,
                            ToString(i.role.base), custom, token_hash, i.created_at, i.expires_at}));
  return {};
}

Result<void> InvitationStore::Renew(sql::Transaction& tx, int64_t row, std::string_view token_hash,
                                    Timestamp expires_at) {
  TRY_VOID(tx.Run(kRenew, {row, token_hash, expires_at}));
  return {};
}

Result<bool> InvitationStore::Delete(sql::Transaction& tx, int64_t row) {
  TRY(const int64_t rows, tx.Run(kDelete, {row}));
  return rows > 0;
}

Result<std::optional<Invitation>> InvitationStore::Find(sql::Connection& connection, std::string_view uuid) {
  return connection.One(kFind, {uuid}, FromRow);
}

Result<std::optional<Invitation>> InvitationStore::FindByToken(sql::Connection& connection, std::string_view token_hash,
                                                               Timestamp now) {
  return connection.One(kByToken, {token_hash, now}, FromRow);
}

Result<std::vector<Invitation>> InvitationStore::List(sql::Connection& connection, AccountId organization,
                                                      int64_t offset, int64_t limit) {
  return connection.All(kList, {organization, limit, offset}, FromRow);
}

Result<std::vector<Invitation>> InvitationStore::ListFor(sql::Connection& connection, AccountId user,
                                                         std::string_view email, int64_t before, int64_t limit) {
  return connection.All(kListFor, {user, email, before, limit}, FromRow);
}

Result<bool> InvitationStore::IsOpen(sql::Connection& connection, AccountId organization, std::string_view invitee,
                                     std::optional<AccountId> account, std::string_view email) {
  TRY(const auto found,
      connection.One(kIsOpen, {organization, invitee, account, email}, [](const sql::Row& row) { return row.Int(0); }));
  return found.has_value();
}

}  // namespace berth::accounts
