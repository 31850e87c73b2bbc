// All of this folder's services, wired. What src/app makes once and hands to the surfaces. Thread-safe as its parts.
#pragma once

#include "accounts/account_service.h"
#include "accounts/authenticator.h"
#include "accounts/credential_cache.h"
#include "accounts/hub_token.h"
#include "accounts/login_throttle.h"
#include "accounts/organization_service.h"
#include "accounts/registry_token.h"
#include "accounts/session_service.h"
#include "accounts/signing_keys.h"
#include "accounts/token_service.h"
#include "crypto/password.h"
#include "crypto/secret_box.h"
#include "sql/database.h"

namespace berth::accounts {

struct AccountsOptions {
  crypto::PasswordOptions password;
  ThrottleOptions throttle;
  RegistryTokenOptions registry_token;
};

// `database`, `box` and `clock` must outlive it.
struct Accounts {
  Accounts(sql::Database& database, const crypto::SecretBox& box, const Clock& clock,
           const AccountsOptions& options = {})
      : hasher(options.password),
        cache(clock),
        throttle(clock, options.throttle),
        keys(database, box, clock),
        accounts(database, hasher, cache, clock),
        organizations(database, clock),
        tokens(database, cache, clock),
        sessions(database, cache, clock),
        authenticator(database, hasher, tokens, sessions, throttle, clock),
        hub_tokens(keys, sessions, authenticator, clock),
        registry_tokens(keys, clock, options.registry_token) {}
  Accounts(const Accounts&) = delete;
  Accounts& operator=(const Accounts&) = delete;

  crypto::PasswordHasher hasher;
  CredentialCache cache;
  LoginThrottle throttle;
  SigningKeys keys;
  AccountService accounts;
  OrganizationService organizations;
  TokenService tokens;
  SessionService sessions;
  Authenticator authenticator;
  HubTokens hub_tokens;
  RegistryTokens registry_tokens;
};

}  // namespace berth::accounts
