#include "accounts/account_links.h"

#include "accounts/account_store.h"
#include "accounts/token_service.h"
#include "crypto/random.h"

namespace berth::accounts {
namespace {

constexpr sql::Query kAddMail{
    "mail.add", "INSERT INTO mail (recipient, subject, body, link, created_at) VALUES ($1, $2, $3, $4, $5)"};
constexpr sql::Query kUnsent{"mail.unsent",
                             "SELECT id, recipient, subject, body, link, created_at FROM mail "
                             "WHERE sent_at IS NULL AND id > $1 ORDER BY id LIMIT $2"};
constexpr sql::Query kSent{"mail.sent", "UPDATE mail SET sent_at = $2, body = '', link = '' WHERE id = $1"};
constexpr sql::Query kDeleteSent{"mail.delete_sent", "DELETE FROM mail WHERE sent_at < $1"};
constexpr sql::Query kDeleteMail{"mail.delete", "DELETE FROM mail WHERE id = $1"};

constexpr sql::Query kAddLink{"account_link.add",
                              "INSERT INTO account_link (token_hash, account_id, kind, email, created_at, expires_at) "
                              "VALUES ($1, $2, $3, $4, $5, $6)"};
constexpr sql::Query kDropLinks{"account_link.drop", "DELETE FROM account_link WHERE account_id = $1 AND kind = $2"};
constexpr sql::Query kTakeLink{"account_link.take",
                               "DELETE FROM account_link WHERE token_hash = $1 AND kind = $2 AND expires_at > $3 "
                               "RETURNING account_id, email"};
constexpr sql::Query kPending{
    "account_link.pending",
    "SELECT email FROM account_link WHERE account_id = $1 AND kind = 'verify_email' AND expires_at > $2"};

struct Taken {
  AccountId account;
  std::string email;
};

Result<std::string> AddLink(sql::Transaction& tx, AccountId account, std::string_view kind, std::string_view email,
                            Timestamp now, std::chrono::hours lifetime) {
  const std::string token = crypto::RandomText(43);
  TRY_VOID(tx.Run(kDropLinks, {account, kind}));
  TRY_VOID(tx.Run(kAddLink, {HashSecret(token), account, kind, email, now, now + lifetime}));
  return token;
}

Result<Taken> TakeLink(sql::Transaction& tx, std::string_view token, std::string_view kind, Timestamp now) {
  TRY(auto taken, tx.One(kTakeLink, {HashSecret(token), kind, now},
                         [](const sql::Row& row) { return Taken{AccountId(row.Int(0)), row.String(1)}; }));
  if (!taken) return Fail(ErrorCode::kNotFound, "this link is unknown, was used or is over", "token");
  return *std::move(taken);
}

std::string LinkTo(std::string_view page, const std::string& token) { return std::string(page) + "?token=" + token; }

}  // namespace

Result<void> MailStore::Add(sql::Transaction& tx, const HeldMail& m) {
  TRY_VOID(tx.Run(kAddMail, {m.to, m.subject, m.body, m.link, m.created_at}));
  return {};
}

Result<std::vector<HeldMail>> MailStore::ListUnsent(sql::Connection& connection, int64_t after_id, int64_t limit) {
  return connection.All(kUnsent, {after_id, limit}, [](const sql::Row& row) {
    return HeldMail{row.Int(0), row.String(1), row.String(2), row.String(3), row.String(4), row.Time(5)};
  });
}

Result<void> MailStore::MarkSent(sql::Transaction& tx, int64_t id, Timestamp at) {
  TRY_VOID(tx.Run(kSent, {id, at}));
  return {};
}

Result<bool> MailStore::Delete(sql::Transaction& tx, int64_t id) {
  TRY(const int64_t deleted, tx.Run(kDeleteMail, {id}));
  return deleted > 0;
}

Result<void> MailStore::DeleteSent(sql::Transaction& tx, Timestamp before) {
  TRY_VOID(tx.Run(kDeleteSent, {before}));
  return {};
}

std::string MailStore::TextAt(const HeldMail& mail, std::string_view base) {
  const auto at = mail.link.starts_with('/') ? mail.body.find(mail.link) : std::string::npos;
  return at == std::string::npos ? mail.body : std::string(mail.body).insert(at, base);
}

Result<void> AccountLinks::SendVerification(const Account& account, std::string_view email, std::string_view page) {
  return database_.Write(
      [&](sql::Transaction& tx) { return SendVerification(tx, account, email, page, clock_.Now()); });
}

Result<void> AccountLinks::SendVerification(sql::Transaction& tx, const Account& account, std::string_view email,
                                            std::string_view page, Timestamp now) {
  TRY(const std::string token, AddLink(tx, account.id, "verify_email", email, now, kVerifyLifetime));
  const std::string link = LinkTo(page, token);
  return MailStore::Add(tx, {0, std::string(email), "Confirm your e-mail address",
                             "Hello " + account.name + ",\n\nplease confirm that this address is yours:\n\n" + link +
                                 "\n\nThe link works for 72 hours. If you did not ask for it, ignore this mail.\n",
                             link, now});
}

Result<void> AccountLinks::SendReset(const Account& account, std::string_view page) {
  const Timestamp now = clock_.Now();
  return database_.Write([&](sql::Transaction& tx) -> Result<void> {
    TRY(const std::string token, AddLink(tx, account.id, "reset_password", account.email, now, kResetLifetime));
    const std::string link = LinkTo(page, token);
    return MailStore::Add(tx,
                          {0, account.email, "Set a new password",
                           "Hello " + account.name + ",\n\nset a new password here:\n\n" + link +
                               "\n\nThe link works for 2 hours, once. If you did not ask for it, ignore this mail.\n",
                           link, now});
  });
}

Result<std::string> AccountLinks::MakeResetLink(const Account& account, std::string_view page) {
  const Timestamp now = clock_.Now();
  TRY(const std::string token, database_.Write([&](sql::Transaction& tx) {
    return AddLink(tx, account.id, "reset_password", "", now, kResetLifetime);
  }));
  return LinkTo(page, token);
}

Result<Account> AccountLinks::Verify(std::string_view token) {
  const Timestamp now = clock_.Now();
  return database_.Write([&](sql::Transaction& tx) -> Result<Account> {
    TRY(const Taken taken, TakeLink(tx, token, "verify_email", now));
    TRY(auto account, AccountStore::FindById(tx, taken.account));
    if (!account) return Fail(ErrorCode::kNotFound, "the account is gone", "token");
    TRY_VOID(AccountStore::CheckEmailIsFree(tx, taken.email, account->id));
    account->email = taken.email;
    account->email_verified = true;
    account->updated_at = now;
    TRY_VOID(AccountStore::Update(tx, *account));
    tx.OnCommit([this] { cache_.Forget(); });
    return *std::move(account);
  });
}

Result<AccountId> AccountLinks::UseReset(std::string_view token) {
  return database_.Write([&](sql::Transaction& tx) -> Result<AccountId> {
    const Timestamp now = clock_.Now();
    TRY(const Taken taken, TakeLink(tx, token, "reset_password", now));
    TRY(auto account, AccountStore::FindById(tx, taken.account));
    if (account && !account->email_verified && !taken.email.empty() && taken.email == account->email) {
      account->email_verified = true;
      account->updated_at = now;
      TRY_VOID(AccountStore::Update(tx, *account));
      tx.OnCommit([this] { cache_.Forget(); });
    }
    return taken.account;
  });
}

Result<std::optional<std::string>> AccountLinks::PendingEmail(AccountId account) {
  return database_.Read([&](sql::Connection& connection) {
    return connection.One(kPending, {account, clock_.Now()}, [](const sql::Row& row) { return row.String(0); });
  });
}

}  // namespace berth::accounts
