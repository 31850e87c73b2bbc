// Links that prove an e-mail address: confirming it, and setting a new password. A link's token is kept as a hash and
// works once. The mail goes into the table `mail` in the same transaction; a job sends it, or the administrator reads
// it there. Thread-safe.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "accounts/account.h"
#include "accounts/credential_cache.h"
#include "base/clock.h"
#include "base/result.h"
#include "sql/database.h"

namespace berth::accounts {

struct HeldMail {
  int64_t id = 0;
  std::string to;
  std::string subject;
  std::string body;
  // Path of a page of this server ("/reset-password?token=…"), which stands in the body too; empty: none. Never with a
  // host: the request that caused the mail may name any, and the recipient would follow it.
  std::string link;
  Timestamp created_at;
};

class MailStore {
 public:
  static Result<void> Add(sql::Transaction& tx, const HeldMail& mail);
  // Not sent yet, oldest first.
  static Result<std::vector<HeldMail>> ListUnsent(sql::Connection& connection, int64_t after_id, int64_t limit);
  static Result<void> MarkSent(sql::Transaction& tx, int64_t id, Timestamp at);
  static Result<bool> Delete(sql::Transaction& tx, int64_t id);
  // Forgets what was sent before `before`.
  static Result<void> DeleteSent(sql::Transaction& tx, Timestamp before);
  // The body as it is read: its link leads to the server at `base`, "https://hub.example".
  static std::string TextAt(const HeldMail& mail, std::string_view base);
};

class AccountLinks {
 public:
  static constexpr std::chrono::hours kVerifyLifetime{72};
  static constexpr std::chrono::hours kResetLifetime{2};

  // All must outlive it.
  AccountLinks(sql::Database& database, CredentialCache& cache, const Clock& clock)
      : database_(database), cache_(cache), clock_(clock) {}

  // `page` is the path of the page that takes the token: "/verify-email".
  Result<void> SendVerification(const Account& account, std::string_view email, std::string_view page);
  // The same as a part of another change.
  static Result<void> SendVerification(sql::Transaction& tx, const Account& account, std::string_view email,
                                       std::string_view page, Timestamp now);
  Result<void> SendReset(const Account& account, std::string_view page);
  // For the administrator: the link itself instead of a mail; `page` is the page's whole address. It proves no address.
  Result<std::string> MakeResetLink(const Account& account, std::string_view page);

  // Confirms the address that the link was sent to. kNotFound for a token that is unknown, used or over;
  // kAlreadyExists, field `email`, when another user has taken the address since.
  Result<Account> Verify(std::string_view token);
  // The account whose password may be set; the token is used up. Who has it from a mail has also proved the address,
  // if that is still the account's. kNotFound.
  Result<AccountId> UseReset(std::string_view token);
  // The address that waits to be confirmed.
  Result<std::optional<std::string>> PendingEmail(AccountId account);

 private:
  sql::Database& database_;
  CredentialCache& cache_;
  const Clock& clock_;
};

}  // namespace berth::accounts
