#include "accounts/account_service.h"

#include "accounts/account_store.h"
#include "accounts/email.h"
#include "accounts/session_store.h"
#include "accounts/token_service.h"
#include "base/text.h"
#include "crypto/random.h"
#include "json/writer.h"

namespace berth::accounts {
namespace {

constexpr size_t kMaxProfileText = 255;

// Whoever switches an account on or off here has the last word over the identity provider that manages it.
constexpr sql::Query kTakeSwitch{"account.take_switch",
                                 "UPDATE managed_account SET is_switched_off = 0 WHERE account_id = $1"};

Result<void> CheckProfileText(std::string_view text, std::string_view field) {
  if (text.size() > kMaxProfileText || !IsValidUtf8(text)) {
    return Fail(ErrorCode::kInvalidArgument, "at most 255 bytes of UTF-8", std::string(field));
  }
  return {};
}

// Takes `wanted` over into `kept` and notes the field's name when it differs.
template <typename T>
void Apply(const std::optional<T>& wanted, T& kept, std::string_view field, json::Writer& changed) {
  if (!wanted || *wanted == kept) return;
  kept = *wanted;
  changed.String(field);
}

Result<void> CheckChange(const AccountChange& change) {
  if (change.email && !change.email->empty()) TRY_VOID(CheckEmail(*change.email));
  if (change.full_name) TRY_VOID(CheckProfileText(*change.full_name, "full_name"));
  if (change.company) TRY_VOID(CheckProfileText(*change.company, "company"));
  if (change.location) TRY_VOID(CheckProfileText(*change.location, "location"));
  if (change.profile_url) TRY_VOID(CheckProfileText(*change.profile_url, "profile_url"));
  if (change.gravatar_email) TRY_VOID(CheckProfileText(*change.gravatar_email, "gravatar_email"));
  return {};
}

events::Event About(std::string_view type, const Account& account, std::string_view data = "{}") {
  return {.type = type,
          .account_id = account.id,
          .account = account.name,
          .repository_id = {},
          .name = account.name,
          .data = data};
}

}  // namespace

Result<void> CheckPassword(std::string_view password) {
  if (password.size() < kMinPasswordLength || password.size() > kMaxPasswordLength) {
    return Fail(ErrorCode::kInvalidArgument, "a password has 8 to 256 characters", "password");
  }
  // Such a secret would be looked for among the tokens only.
  for (const auto prefix : {kPersonalTokenPrefix, kOrganizationTokenPrefix, kRefreshTokenPrefix}) {
    if (password.starts_with(prefix))
      return Fail(ErrorCode::kInvalidArgument, "a password can't look like a token", "password");
  }
  if (!IsValidUtf8(password) || password.find('\0') != std::string_view::npos) {
    return Fail(ErrorCode::kInvalidArgument, "a password is UTF-8 text", "password");
  }
  return {};
}

AccountService::AccountService(sql::Database& database, const crypto::PasswordHasher& hasher, CredentialCache& cache,
                               const Clock& clock)
    : database_(database), hasher_(hasher), cache_(cache), clock_(clock) {}

Result<Account> AccountService::CreateUser(const NewUser& user, NameRule rule, const events::Actor& actor) {
  TRY_VOID(CheckAccountName(user.name, rule));
  if (!user.email.empty()) TRY_VOID(CheckEmail(user.email));
  TRY_VOID(CheckProfileText(user.full_name, "full_name"));
  std::string hash;
  if (!user.password.empty()) {
    TRY_VOID(CheckPassword(user.password));
    TRY(hash, hasher_.Hash(user.password));
  }
  Account account;
  account.uuid = crypto::NewUuid();
  account.name = user.name;
  account.email = AsciiLower(user.email);
  account.full_name = user.full_name;
  account.is_admin = user.is_admin;
  account.email_verified = user.email_verified;
  account.created_at = account.updated_at = clock_.Now();
  return database_.Write([&](sql::Transaction& tx) -> Result<Account> {
    TRY_VOID(AccountStore::CheckEmailIsFree(tx, account.email, {}));
    auto id = AccountStore::Insert(tx, account);
    if (!id && id.error().code == ErrorCode::kAlreadyExists) {
      return Fail(ErrorCode::kAlreadyExists, "the name " + account.name + " is taken", "name");
    }
    if (!id) return Fail(id.error());
    Account made = account;
    made.id = *id;
    if (!hash.empty()) TRY_VOID(AccountStore::SetPasswordHash(tx, made.id, hash, made.created_at));
    TRY_VOID(events::Append(tx, actor, About("user.create", made), made.created_at));
    return made;
  });
}

Result<Account> AccountService::Find(std::string_view name) {
  TRY(auto account, database_.Read([&](sql::Connection& c) { return AccountStore::FindByName(c, name); }));
  if (!account) return Fail(ErrorCode::kNotFound, "no such account");
  return std::move(*account);
}

Result<Account> AccountService::FindById(AccountId id) {
  TRY(auto account, database_.Read([&](sql::Connection& c) { return AccountStore::FindById(c, id); }));
  if (!account) return Fail(ErrorCode::kNotFound, "no such account");
  return std::move(*account);
}

Result<Account> AccountService::Update(AccountId id, const AccountChange& change, const events::Actor& actor) {
  TRY_VOID(CheckChange(change));
  return database_.Write([&](sql::Transaction& tx) -> Result<Account> {
    TRY(auto found, AccountStore::FindById(tx, id));
    if (!found) return Fail(ErrorCode::kNotFound, "no such account");
    Account account = std::move(*found);
    json::Writer changed;
    changed.BeginObject().Key("changed").BeginArray();
    if (change.email) {
      const std::string email = AsciiLower(*change.email);
      if (account.IsUser()) TRY_VOID(AccountStore::CheckEmailIsFree(tx, email, id));
      // A new address has to be verified anew.
      if (email != account.email) account.email_verified = false;
      Apply(std::optional(email), account.email, "email", changed);
    }
    Apply(change.full_name, account.full_name, "full_name", changed);
    Apply(change.company, account.company, "company", changed);
    Apply(change.location, account.location, "location", changed);
    Apply(change.profile_url, account.profile_url, "profile_url", changed);
    Apply(change.gravatar_email, account.gravatar_email, "gravatar_email", changed);
    Apply(change.badge, account.badge, "badge", changed);
    Apply(change.plan, account.plan, "plan", changed);
    Apply(change.is_admin, account.is_admin, "is_admin", changed);
    Apply(change.is_active, account.is_active, "is_active", changed);
    if (change.is_active) TRY_VOID(tx.Run(kTakeSwitch, {id}));
    Apply(change.email_verified, account.email_verified, "email_verified", changed);
    Apply(change.default_private, account.default_private, "default_private", changed);
    changed.EndArray().EndObject();
    account.updated_at = clock_.Now();
    TRY_VOID(AccountStore::Update(tx, account));
    const std::string_view type = account.IsUser() ? "user.update" : "org.settings.update";
    TRY_VOID(events::Append(tx, actor, About(type, account, changed.text()), account.updated_at));
    tx.OnCommit([this] { cache_.Forget(); });
    return account;
  });
}

Result<void> AccountService::SetPassword(AccountId id, std::string_view password, const events::Actor& actor,
                                         std::string_view keep_session) {
  TRY_VOID(CheckPassword(password));
  TRY(const std::string hash, hasher_.Hash(password));
  return database_.Write([&](sql::Transaction& tx) -> Result<void> {
    TRY(const auto account, AccountStore::FindById(tx, id));
    if (!account || !account->IsUser()) return Fail(ErrorCode::kNotFound, "no such user");
    const Timestamp now = clock_.Now();
    TRY_VOID(AccountStore::SetPasswordHash(tx, id, hash, now));
    TRY_VOID(SessionStore::DeleteOfPassword(tx, id, keep_session));
    TRY_VOID(events::Append(tx, actor, About("user.password.update", *account), now));
    tx.OnCommit([this] { cache_.Forget(); });
    return {};
  });
}

}  // namespace berth::accounts
