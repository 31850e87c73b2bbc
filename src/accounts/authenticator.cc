#include "accounts/authenticator.h"

#include <optional>

#include "accounts/account_store.h"
#include "base/encoding.h"
#include "base/log.h"
#include "base/text.h"

namespace berth::accounts {
namespace {

std::unexpected<Error> BadCredentials() { return Fail(ErrorCode::kBadCredentials, "incorrect username or password"); }
std::unexpected<Error> Unauthenticated() { return Fail(ErrorCode::kUnauthenticated, "unauthorized"); }

bool IsToken(std::string_view secret) {
  return secret.starts_with(kPersonalTokenPrefix) || secret.starts_with(kOrganizationTokenPrefix);
}

bool MayBeUsed(const Credential& credential, Timestamp now) {
  return credential.is_active && credential.account.is_active &&
         (!credential.expires_at || *credential.expires_at > now);
}

Identity IdentityOf(const Account& account, CredentialKind kind, std::string_view address) {
  Identity identity;
  identity.account = account;
  Caller& caller = identity.caller;
  caller.kind = kind;
  caller.account = account.id;
  caller.uuid = account.uuid;
  caller.name = account.name;
  caller.is_site_admin = account.IsUser() && account.is_admin;
  caller.email_verified = account.email_verified;
  caller.address = std::string(address);
  return identity;
}

Identity IdentityOf(const Credential& credential, std::string_view address) {
  Identity identity = IdentityOf(credential.account, credential.kind, address);
  identity.caller.credential_id = credential.uuid;
  identity.caller.scope = credential.scope;
  identity.caller.resources = credential.resources;
  return identity;
}

// dockerd names a refresh token's owner so; others send the account.
bool NameFits(std::string_view name, const Account& account) {
  return name == account.name || (!account.email.empty() && name == account.email);
}

}  // namespace

Result<Identity> Authenticator::SignIn(std::string_view name, std::string_view secret, std::string_view address) {
  const std::string wanted = AsciiLower(name);
  if (secret.starts_with(kRefreshTokenPrefix)) {
    auto identity = ByRefreshToken(secret, address);
    if (identity && wanted != "<token>" && !wanted.empty() && !NameFits(wanted, identity->account))
      return BadCredentials();
    return identity;
  }
  return IsToken(secret) ? SignInWithToken(wanted, secret, address) : SignInWithPassword(wanted, secret, address);
}

Result<Identity> Authenticator::SignInWithToken(std::string_view name, std::string_view secret,
                                                std::string_view address) {
  TRY(const auto credential, tokens_.LookUpSecret(secret));
  if (credential && NameFits(name, credential->account) && MayBeUsed(*credential, clock_.Now())) {
    tokens_.MarkUsed(credential->row);
    return IdentityOf(*credential, address);
  }
  TRY_VOID(throttle_.Check({}, address));
  throttle_.Failed({}, address);
  return BadCredentials();
}

Result<Identity> Authenticator::SignInWithPassword(std::string_view name, std::string_view secret,
                                                   std::string_view address) {
  TRY_VOID(throttle_.Check(name, address));
  struct Stored {
    std::optional<Account> account;
    std::string hash;
  };
  TRY(const auto stored, database_.Read([&](sql::Connection& c) -> Result<Stored> {
    Stored found;
    const bool is_email = name.find('@') != std::string_view::npos;
    auto account = is_email ? AccountStore::FindUserByEmail(c, name) : AccountStore::FindByName(c, name);
    if (!account) return Fail(account.error());
    found.account = std::move(*account);
    auto hash = AccountStore::FindPasswordHash(c, found.account ? found.account->id : AccountId());
    if (!hash) return Fail(hash.error());
    found.hash = hash->value_or("");
    return found;
  }));
  // An empty hash and one that is too long to be a password's cost the same as a wrong one.
  const std::string_view candidate = secret.substr(0, 4096);
  TRY(const bool matches, hasher_.Verify(stored.hash, candidate));
  if (!matches || !stored.account || !stored.account->IsUser() || !stored.account->is_active) {
    throttle_.Failed(name, address);
    return BadCredentials();
  }
  throttle_.Succeeded(name, address);
  if (hasher_.NeedsRehash(stored.hash)) Rehash(stored.account->id, candidate, stored.hash);
  return IdentityOf(*stored.account, CredentialKind::kPassword, address);
}

void Authenticator::Rehash(AccountId account, std::string_view password, std::string_view old_hash) {
  const auto hash = hasher_.Hash(password);
  if (!hash) return;
  const auto stored = database_.Write([&](sql::Transaction& tx) -> Result<void> {
    // Not over a password that was changed meanwhile.
    TRY(const auto present, AccountStore::FindPasswordHash(tx, account));
    if (present != old_hash) return {};
    return AccountStore::SetPasswordHash(tx, account, *hash, clock_.Now());
  });
  if (!stored) log::Warn("accounts", "a password hash was not renewed", {{"error", stored.error().message}});
}

Result<Identity> Authenticator::OfSession(const Credential& session, std::string_view address) {
  if (!MayBeUsed(session, clock_.Now())) return Unauthenticated();
  if (session.token_uuid.empty()) return IdentityOf(session, address);
  return ByToken(session.token_uuid, address);
}

Result<Identity> Authenticator::ByRefreshToken(std::string_view refresh_token, std::string_view address) {
  TRY(const auto session, sessions_.LookUpRefreshToken(refresh_token));
  if (session) {
    auto identity = OfSession(*session, address);
    if (identity || identity.error().code != ErrorCode::kUnauthenticated) return identity;
  }
  TRY_VOID(throttle_.Check({}, address));
  throttle_.Failed({}, address);
  return BadCredentials();
}

Result<Identity> Authenticator::BySession(std::string_view uuid, std::string_view address) {
  TRY(const auto session, sessions_.LookUp(uuid));
  if (!session) return Unauthenticated();
  return OfSession(*session, address);
}

Result<Identity> Authenticator::ByToken(std::string_view uuid, std::string_view address) {
  TRY(const auto credential, tokens_.LookUp(uuid));
  if (!credential || !MayBeUsed(*credential, clock_.Now())) return Unauthenticated();
  tokens_.MarkUsed(credential->row);
  return IdentityOf(*credential, address);
}

Result<BasicCredentials> ParseBasic(std::string_view authorization) {
  constexpr std::string_view kScheme = "basic ";
  if (authorization.size() < kScheme.size() || !EqualsIgnoreCase(authorization.substr(0, kScheme.size()), kScheme)) {
    return Unauthenticated();
  }
  const auto pair = Base64Decode(Trim(authorization.substr(kScheme.size())));
  const size_t colon = pair ? pair->find(':') : std::string::npos;
  if (colon == std::string::npos || pair->find('\0') != std::string::npos) return Unauthenticated();
  return BasicCredentials{pair->substr(0, colon), pair->substr(colon + 1)};
}

std::string_view ParseBearer(std::string_view authorization) {
  const size_t space = authorization.find(' ');
  if (space == std::string_view::npos) return {};
  const std::string_view scheme = authorization.substr(0, space);
  if (!EqualsIgnoreCase(scheme, "bearer") && !EqualsIgnoreCase(scheme, "jwt")) return {};
  return Trim(authorization.substr(space + 1));
}

}  // namespace berth::accounts
