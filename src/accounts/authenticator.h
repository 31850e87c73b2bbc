// Turns a credential into a Caller. The one place where secrets are compared: unknown user, wrong password and
// switched-off account cost the same and answer the same (kBadCredentials); failures are slowed down by account and
// address. Thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "accounts/account.h"
#include "accounts/caller.h"
#include "accounts/login_throttle.h"
#include "accounts/session_service.h"
#include "accounts/token_service.h"
#include "base/result.h"
#include "crypto/password.h"
#include "sql/database.h"

namespace berth::accounts {

struct Identity {
  Caller caller;
  Account account;
};

class Authenticator {
 public:
  Authenticator(sql::Database& database, const crypto::PasswordHasher& hasher, TokenService& tokens,
                SessionService& sessions, LoginThrottle& throttle, const Clock& clock)
      : database_(database),
        hasher_(hasher),
        tokens_(tokens),
        sessions_(sessions),
        throttle_(throttle),
        clock_(clock) {}

  // User name (or e-mail address) with password or personal token; organization name with organization token; any name
  // with a refresh token of that account. kBadCredentials, kTooManyRequests.
  Result<Identity> SignIn(std::string_view name, std::string_view secret, std::string_view address);
  // kBadCredentials when it is unknown, over, or its account or access token may not be used any more.
  Result<Identity> ByRefreshToken(std::string_view refresh_token, std::string_view address);
  // By the uuid of a session or access token that a signed token names, as the database has it now. kUnauthenticated.
  Result<Identity> BySession(std::string_view uuid, std::string_view address);
  Result<Identity> ByToken(std::string_view uuid, std::string_view address);

 private:
  Result<Identity> SignInWithToken(std::string_view name, std::string_view secret, std::string_view address);
  Result<Identity> SignInWithPassword(std::string_view name, std::string_view secret, std::string_view address);
  Result<Identity> OfSession(const Credential& session, std::string_view address);
  void Rehash(AccountId account, std::string_view password, std::string_view old_hash);

  sql::Database& database_;
  const crypto::PasswordHasher& hasher_;
  TokenService& tokens_;
  SessionService& sessions_;
  LoginThrottle& throttle_;
  const Clock& clock_;
};

// An Authorization header of the scheme Basic (RFC 7617) taken apart; kUnauthenticated when it is none.
struct BasicCredentials {
  std::string name;
  std::string secret;
};
Result<BasicCredentials> ParseBasic(std::string_view authorization);
// The token of `Authorization: Bearer …` or Docker Hub's old `JWT …` (any case); empty when it is neither.
std::string_view ParseBearer(std::string_view authorization);

}  // namespace berth::accounts
