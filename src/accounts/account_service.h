// The rules of accounts: making them, their profile, their passwords. Each change writes its event. Thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "accounts/account.h"
#include "accounts/credential_cache.h"
#include "accounts/names.h"
#include "base/clock.h"
#include "base/result.h"
#include "crypto/password.h"
#include "events/event_log.h"
#include "sql/database.h"

namespace berth::accounts {

struct NewUser {
  std::string name;
  std::string password;  // empty: can't sign in by password
  std::string email;
  std::string full_name;
  bool is_admin = false;
  bool email_verified = false;
};

// What an update changes; empty members stay as they are.
struct AccountChange {
  std::optional<std::string> email, full_name, company, location, profile_url, gravatar_email, badge, plan;
  std::optional<bool> is_admin, is_active, email_verified, default_private;
};

inline constexpr size_t kMinPasswordLength = 8;
inline constexpr size_t kMaxPasswordLength = 256;       // bytes
Result<void> CheckPassword(std::string_view password);  // kInvalidArgument, field `password`

class AccountService {
 public:
  // All must outlive the service.
  AccountService(sql::Database& database, const crypto::PasswordHasher& hasher, CredentialCache& cache,
                 const Clock& clock);

  // kInvalidArgument (field `name`, `password` or `email`), kAlreadyExists.
  Result<Account> CreateUser(const NewUser& user, NameRule rule, const events::Actor& actor);
  Result<Account> Find(std::string_view name);  // kNotFound
  Result<Account> FindById(AccountId id);       // kNotFound
  Result<Account> Update(AccountId id, const AccountChange& change, const events::Actor& actor);
  // Also ends all sessions and refresh tokens that a password began, but `keep_session` (uuid). kNotFound when the user
  // is none.
  Result<void> SetPassword(AccountId id, std::string_view password, const events::Actor& actor,
                           std::string_view keep_session = {});

 private:
  sql::Database& database_;
  const crypto::PasswordHasher& hasher_;
  CredentialCache& cache_;
  const Clock& clock_;
};

}  // namespace berth::accounts
