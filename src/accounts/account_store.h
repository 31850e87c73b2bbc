// The SQL of accounts and passwords.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "accounts/account.h"
#include "base/result.h"
#include "sql/database.h"

namespace berth::accounts {

class AccountStore {
 public:
  // Fills id; uuid, name, kind and times are the caller's. kAlreadyExists when the name is taken.
  static Result<AccountId> Insert(sql::Transaction& tx, const Account& account);
  static Result<std::optional<Account>> FindByName(sql::Connection& connection, std::string_view name);
  static Result<std::optional<Account>> FindById(sql::Connection& connection, AccountId id);
  static Result<std::optional<Account>> FindByUuid(sql::Connection& connection, std::string_view uuid);
  // The one user with that e-mail address; empty when there are several.
  static Result<std::optional<Account>> FindUserByEmail(sql::Connection& connection, std::string_view email);
  // kAlreadyExists with field `email` when a user other than `but` has that address.
  static Result<void> CheckEmailIsFree(sql::Connection& connection, std::string_view email, AccountId but);
  static Result<bool> IsEmpty(sql::Connection& connection);
  // Everything but id, uuid, name, kind and creation time.
  static Result<void> Update(sql::Transaction& tx, const Account& account);
  static Result<void> SetLastLogin(sql::Transaction& tx, AccountId id, Timestamp at);

  static Result<std::optional<std::string>> FindPasswordHash(sql::Connection& connection, AccountId id);
  static Result<void> SetPasswordHash(sql::Transaction& tx, AccountId id, std::string_view hash, Timestamp at);
};

}  // namespace berth::accounts
