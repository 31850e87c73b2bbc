#include "accounts/account_store.h"

#include "accounts/account_row.h"

namespace berth::accounts {
namespace {

constexpr sql::Query kInsert{
    "account.insert",
    "INSERT INTO account (uuid, name, kind, email, full_name, company, location, profile_url, "
    "gravatar_email, badge, plan, is_admin, is_active, email_verified, default_private, created_at, "
    "updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) "
    "RETURNING id"};
constexpr sql::Query kByName{"account.by_name", "SELECT " BERTH_ACCOUNT_COLUMNS " FROM account a WHERE a.name = $1"};
constexpr sql::Query kById{"account.by_id", "SELECT " BERTH_ACCOUNT_COLUMNS " FROM account a WHERE a.id = $1"};
constexpr sql::Query kByUuid{"account.by_uuid", "SELECT " BERTH_ACCOUNT_COLUMNS " FROM account a WHERE a.uuid = $1"};
constexpr sql::Query kByEmail{"account.by_email", "SELECT " BERTH_ACCOUNT_COLUMNS
                                                  " FROM account a WHERE a.email = $1 AND a.kind = 'user' LIMIT 2"};
constexpr sql::Query kEmailInUse{"account.email_in_use",
                                 "SELECT id FROM account WHERE email = $1 AND kind = 'user' AND id <> $2 LIMIT 1"};
constexpr sql::Query kAny{"account.any", "SELECT id FROM account LIMIT 1"};
constexpr sql::Query kUpdate{
    "account.update",
    "UPDATE account SET email = $2, full_name = $3, company = $4, location = $5, profile_url = $6, "
    "gravatar_email = $7, badge = $8, plan = $9, is_admin = $10, is_active = $11, email_verified = $12, "
    "default_private = $13, updated_at = $14 WHERE id = $1"};
constexpr sql::Query kLastLogin{"account.last_login", "UPDATE account SET last_login_at = $2 WHERE id = $1"};
constexpr sql::Query kPassword{"account.password", "SELECT hash FROM account_password WHERE account_id = $1"};
constexpr sql::Query kPutPassword{
    "account.put_password",
    "INSERT INTO account_password (account_id, hash, changed_at) VALUES ($1, $2, $3) "
    "ON CONFLICT (account_id) DO UPDATE SET hash = excluded.hash, changed_at = excluded.changed_at"};

Account FirstColumns(const sql::Row& row) { return AccountFromRow(row, 0); }

}  // namespace

Account AccountFromRow(const sql::Row& row, int c) {
  Account account;
  account.id = row.IdAt<AccountId>(c++);
  account.uuid = row.String(c++);
  account.name = row.String(c++);
  account.kind = row.Text(c++) == "organization" ? AccountKind::kOrganization : AccountKind::kUser;
  account.email = row.String(c++);
  account.full_name = row.String(c++);
  account.company = row.String(c++);
  account.location = row.String(c++);
  account.profile_url = row.String(c++);
  account.gravatar_email = row.String(c++);
  account.badge = row.String(c++);
  account.plan = row.String(c++);
  account.is_admin = row.Bool(c++);
  account.is_active = row.Bool(c++);
  account.email_verified = row.Bool(c++);
  account.default_private = row.Bool(c++);
  account.created_at = row.Time(c++);
  account.updated_at = row.Time(c++);
  account.last_login_at = row.OptionalTime(c++);
  return account;
}

Result<AccountId> AccountStore::Insert(sql::Transaction& tx, const Account& a) {
  TRY(const auto id, tx.One(kInsert,
                            {a.uuid, a.name, a.IsUser() ? "user" : "organization", a.email, a.full_name, a.company,
                             a.location, a.profile_url, a.gravatar_email, a.badge, a.plan, a.is_admin, a.is_active,
                             a.email_verified, a.default_private, a.created_at, a.updated_at},
                            [](const sql::Row& row) { return row.IdAt<AccountId>(0); }));
  if (!id) return Fail(ErrorCode::kInternal, "the account got no id");
  return *id;
}

Result<std::optional<Account>> AccountStore::FindByName(sql::Connection& connection, std::string_view name) {
  return connection.One(kByName, {name}, FirstColumns);
}

Result<std::optional<Account>> AccountStore::FindById(sql::Connection& connection, AccountId id) {
  return connection.One(kById, {id}, FirstColumns);
}

Result<std::optional<Account>> AccountStore::FindByUuid(sql::Connection& connection, std::string_view uuid) {
  return connection.One(kByUuid, {uuid}, FirstColumns);
}

Result<std::optional<Account>> AccountStore::FindUserByEmail(sql::Connection& connection, std::string_view email) {
  if (email.empty()) return std::optional<Account>();
  TRY(auto found, connection.All(kByEmail, {email}, FirstColumns));
  if (found.size() != 1) return std::optional<Account>();
  return std::optional<Account>(std::move(found.front()));
}

Result<void> AccountStore::CheckEmailIsFree(sql::Connection& connection, std::string_view email, AccountId but) {
  if (email.empty()) return {};
  TRY(const auto rows, connection.Run(kEmailInUse, {email, but}));
  if (rows > 0) return Fail(ErrorCode::kAlreadyExists, "the e-mail address is in use", "email");
  return {};
}

Result<bool> AccountStore::IsEmpty(sql::Connection& connection) {
  TRY(const auto rows, connection.Run(kAny));
  return rows == 0;
}

Result<void> AccountStore::Update(sql::Transaction& tx, const Account& a) {
  TRY_VOID(tx.Run(kUpdate, {a.id, a.email, a.full_name, a.company, a.location, a.profile_url, a.gravatar_email, a.badge,
                            a.plan, a.is_admin, a.is_active, a.email_verified, a.default_private, a.updated_at}));
  return {};
}

Result<void> AccountStore::SetLastLogin(sql::Transaction& tx, AccountId id, Timestamp at) {
  TRY_VOID(tx.Run(kLastLogin, {id, at}));
  return {};
}

Result<std::optional<std::string>> AccountStore::FindPasswordHash(sql::Connection& connection, AccountId id) {
  return connection.One(kPassword, {id}, [](const sql::Row& row) { return row.String(0); });
}

Result<void> AccountStore::SetPasswordHash(sql::Transaction& tx, AccountId id, std::string_view hash, Timestamp at) {
  TRY_VOID(tx.Run(kPutPassword, {id, hash, at}));
  return {};
}

}  // namespace berth::accounts
