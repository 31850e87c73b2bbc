#include "scim/user_service.h"

#include <algorithm>
#include <optional>

#include "accounts/account_links.h"
#include "accounts/account_store.h"
#include "accounts/email.h"
#include "accounts/membership.h"
#include "accounts/names.h"
#include "accounts/organization_service.h"
#include "accounts/session_store.h"
#include "base/text.h"
#include "crypto/random.h"
#include "limits/quota.h"
#include "scim/team_name.h"

namespace berth::scim {
namespace {

using accounts::Account;
using accounts::AccountStore;
using accounts::OrganizationRole;
using accounts::OrganizationStore;

constexpr std::string_view kPasswordPage = "/reset-password";
constexpr std::string_view kConfirmationPage = "/verify-email";
constexpr int kNameAttempts = 20;
constexpr size_t kMaxNameStem = 20;

std::unexpected<Error> Taken(std::string message) {
  return Fail(ErrorCode::kAlreadyExists, std::move(message), std::string(kUniqueness));
}
std::unexpected<Error> NoSuchUser() { return Fail(ErrorCode::kNotFound, "no such user"); }

OrganizationRole RoleOf(const UserData& data) {
  return accounts::ParseOrganizationRole(data.role).value_or(OrganizationRole::kMember);
}

// One change of one user, inside a transaction.
class Change {
 public:
  Change(sql::Transaction& tx, accounts::CredentialCache& cache, const Account& organization,
         const events::Actor& actor, Timestamp now)
      : tx_(tx), cache_(cache), organization_(organization), actor_(actor), now_(now) {}

  Result<UserRecord> Create(const UserData& data);
  Result<UserRecord> Update(const UserRecord& before, const UserData& data);
  Result<void> Delete(const UserRecord& user);

 private:
  Result<void> CheckOrganization(const UserData& data);
  Result<std::string> FreeName(const UserData& data);
  Result<Account> MakeAccount(const UserData& data, const std::string& email);
  Result<Account> FindOrMakeAccount(const UserData& data);
  Result<void> Welcome(const Account& account);
  Result<void> UpdateAccount(Account account, const UserData& before, const UserData& data);
  Result<void> SwitchAccount(Account account, bool on);
  Result<accounts::GivenRole> RoleOnReturn(const Account& account, const UserData& data);
  Result<void> SwitchOn(const Account& account, const UserData& data, bool is_managed);
  Result<void> SwitchOff(const Account& account, bool is_managed);
  Result<void> JoinDockerTeam(const Account& account, const UserData& data);
  Result<void> LogAccount(std::string_view type, const Account& account, std::string_view data);
  Result<Account> AccountOf(const UserRecord& user);
  Result<UserRecord> Reread(std::string_view id);

  sql::Transaction& tx_;
  accounts::CredentialCache& cache_;
  const Account& organization_;
  const events::Actor& actor_;
  const Timestamp now_;
};

// dockerOrg can only name the organization whose token this is.
Result<void> Change::CheckOrganization(const UserData& data) {
  if (data.organization.empty() || EqualsIgnoreCase(data.organization, organization_.name)) return {};
  return Refuse(kInvalidValue, "dockerOrg names another organization than the token's");
}

Result<void> Change::LogAccount(std::string_view type, const Account& account, std::string_view data) {
  events::Event event;
  event.type = type;
  event.account_id = account.id;
  event.account = event.name = account.name;
  event.data = data;
  return events::Append(tx_, actor_, event, now_);
}

// From the address, as Docker Hub's rule for names has it: "Ann.Lee@example.com" becomes "annlee", or "annlee2".
Result<std::string> Change::FreeName(const UserData& data) {
  const std::string& from = data.user_name;
  std::string stem;
  for (const char c : AsciiLower(from.substr(0, from.find('@')))) {
    const bool good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (good && stem.size() < kMaxNameStem) stem += c;
  }
  while (stem.size() < 4) stem += stem.empty() ? "user" : "0";
  std::string name = stem;
  for (int i = 2; i < kNameAttempts; ++i) {
    if (accounts::CheckAccountName(name, accounts::NameRule::kSignUp)) {
      TRY(const auto taken, AccountStore::FindByName(tx_, name));
      if (!taken) return name;
    }
    name = stem + std::to_string(i);
  }
  return stem + AsciiLower(crypto::NewUuid()).substr(0, 8);
}

Result<Account> Change::MakeAccount(const UserData& data, const std::string& email) {
  TRY_VOID(accounts::CheckEmail(email));
  Account account;
  account.uuid = crypto::NewUuid();
  TRY(account.name, FreeName(data));
  account.email = email;
  account.full_name = FullNameOf(data).substr(0, 255);
  // Nothing shows that the organization speaks for the address: its owner proves it by choosing a password.
  account.email_verified = false;
  account.is_active = data.active;
  account.created_at = account.updated_at = now_;
  TRY(account.id, AccountStore::Insert(tx_, account));
  TRY_VOID(user_store::PutManager(tx_, account.id, organization_.id, !account.is_active));
  TRY_VOID(LogAccount("user.create", account, "{}"));
  TRY_VOID(Welcome(account));
  return account;
}

Result<void> Change::Welcome(const Account& account) {
  accounts::HeldMail mail;
  mail.to = account.email;
  mail.subject = "Your account " + account.name;
  mail.body = "The organization " + organization_.name + " made the account " + account.name +
              " for you. Choose a password at\n\n" + std::string(kPasswordPage) + "\n";
  mail.link = kPasswordPage;
  mail.created_at = now_;
  return accounts::MailStore::Add(tx_, mail);
}

Result<Account> Change::FindOrMakeAccount(const UserData& data) {
  const std::string email = AddressOf(data);
  if (email.empty()) return Refuse(kInvalidValue, "userName must be an e-mail address, or emails must have one");
  TRY(auto found, AccountStore::FindUserByEmail(tx_, email));
  if (!found) return MakeAccount(data, email);
  // Whoever only claims an address must not come by the place that is meant for its owner. An account that was made
  // here for the address is no claim.
  TRY(const auto manager, user_store::FindManager(tx_, found->id));
  if (!found->email_verified && manager != organization_.id) {
    return Taken("an account has this e-mail address and has not confirmed it");
  }
  TRY(const auto role, OrganizationStore::FindRole(tx_, organization_.id, found->id));
  TRY(const auto known, user_store::Find(tx_, organization_.id, found->uuid));
  if (role || known) return Taken("the user is in the organization already");
  return *std::move(found);
}

Result<UserRecord> Change::Create(const UserData& data) {
  TRY_VOID(CheckOrganization(data));
  TRY(const auto same_name, user_store::FindByUserName(tx_, organization_.id, data.user_name));
  if (same_name) return Taken("there is a user of that userName");
  TRY(const Account account, FindOrMakeAccount(data));
  TRY(const auto manager, user_store::FindManager(tx_, account.id));
  TRY_VOID(user_store::Put(tx_, organization_.id, account.id, data, now_, now_));
  if (data.active) TRY_VOID(SwitchOn(account, data, manager == organization_.id));
  return Reread(account.uuid);
}

Result<UserRecord> Change::Reread(std::string_view id) {
  TRY(auto user, user_store::Find(tx_, organization_.id, id));
  if (!user) return NoSuchUser();
  return *std::move(user);
}

Result<Account> Change::AccountOf(const UserRecord& user) {
  TRY(auto account, AccountStore::FindById(tx_, user.account));
  if (!account) return NoSuchUser();
  return *std::move(account);
}

Result<void> Change::SwitchAccount(Account account, bool on) {
  if (!on) TRY_VOID(accounts::SessionStore::DeleteAll(tx_, account.id));
  if (account.is_active == on) return {};
  if (on) {
    TRY(const bool ours, user_store::IsSwitchedOff(tx_, account.id));
    if (!ours) return Fail(ErrorCode::kPermissionDenied, "the server's administrator has switched this account off");
  }
  TRY_VOID(user_store::NoteSwitch(tx_, account.id, !on));
  account.is_active = on;
  account.updated_at = now_;
  TRY_VOID(AccountStore::Update(tx_, account));
  TRY_VOID(LogAccount("user.update", account, R"({"changed":["is_active"]})"));
  tx_.OnCommit([cache = &cache_] { cache->Forget(); });
  return {};
}

Result<void> Change::JoinDockerTeam(const Account& account, const UserData& data) {
  if (data.team.empty()) return {};
  const std::string name = TeamNameOf(data.team, organization_.name);
  TRY(auto team, OrganizationStore::FindTeam(tx_, organization_.id, name));
  if (!team) {
    TRY(team, accounts::MakeTeam(tx_, organization_, name, "", actor_, now_));
  }
  return accounts::JoinTeam(tx_, organization_, *team, account, actor_, now_);
}

// The custom role that the user went away with, unless the identity provider has given more than a member's since.
Result<accounts::GivenRole> Change::RoleOnReturn(const Account& account, const UserData& data) {
  accounts::GivenRole role = RoleOf(data);
  TRY(auto held, user_store::TakeHeldRole(tx_, organization_.id, account.id));
  if (!held || role.base != held->base) return role;
  TRY(const bool possible, limits::HasFeature(tx_, organization_.id, limits::Feature::kCustomRoles));
  return possible ? *std::move(held) : role;
}

Result<void> Change::SwitchOn(const Account& account, const UserData& data, bool is_managed) {
  if (is_managed) TRY_VOID(SwitchAccount(account, true));
  TRY(const auto role, RoleOnReturn(account, data));
  TRY_VOID(accounts::SetMemberRole(tx_, organization_, account, role, actor_, now_));
  TRY(const auto held, user_store::TakeHeldTeams(tx_, organization_.id, account.id));
  for (const TeamId id : held) {
    TRY(const auto team, OrganizationStore::FindTeamById(tx_, organization_.id, id));
    if (team) TRY_VOID(accounts::JoinTeam(tx_, organization_, *team, account, actor_, now_));
  }
  return JoinDockerTeam(account, data);
}

Result<void> Change::SwitchOff(const Account& account, bool is_managed) {
  TRY_VOID(user_store::HoldRole(tx_, organization_.id, account.id));
  TRY_VOID(user_store::HoldTeams(tx_, organization_.id, account.id));
  TRY_VOID(accounts::DropMember(tx_, organization_, account, actor_, now_));
  if (is_managed) TRY_VOID(SwitchAccount(account, false));
  return {};
}

// Address and name of a managed account follow the identity provider; the address when its owner has confirmed it.
Result<void> Change::UpdateAccount(Account account, const UserData& before, const UserData& data) {
  const std::string email = AddressOf(data);
  const std::string full_name = FullNameOf(data).substr(0, 255);
  const bool moved = !email.empty() && email != account.email && email != AddressOf(before);
  bool replaced = false;
  const bool renamed = full_name != FullNameOf(before).substr(0, 255) && full_name != account.full_name;
  if (!moved && !renamed) return {};
  if (moved) {
    TRY_VOID(accounts::CheckEmail(email));
    TRY(const auto other, AccountStore::FindUserByEmail(tx_, email));
    if (other && other->id != account.id) return Taken("another account has this e-mail address");
    // What is proved stays until the new address is, too; what never was is replaced, or a slip could not be mended.
    if (account.email_verified) {
      TRY_VOID(accounts::AccountLinks::SendVerification(tx_, account, email, kConfirmationPage, now_));
    } else {
      account.email = email;
      replaced = true;
      TRY_VOID(Welcome(account));
    }
  }
  if (!replaced && !renamed) return {};
  if (renamed) account.full_name = full_name;
  account.updated_at = now_;
  TRY_VOID(AccountStore::Update(tx_, account));
  TRY_VOID(LogAccount("user.update", account,
                      replaced && renamed ? R"({"changed":["email","full_name"]})"
                      : replaced          ? R"({"changed":["email"]})"
                                          : R"({"changed":["full_name"]})"));
  tx_.OnCommit([cache = &cache_] { cache->Forget(); });
  return {};
}

Result<UserRecord> Change::Update(const UserRecord& before, const UserData& data) {
  if (data == before.data) return before;
  TRY_VOID(CheckOrganization(data));
  TRY(const auto same_name, user_store::FindByUserName(tx_, organization_.id, data.user_name));
  if (same_name && *same_name != before.account) return Taken("there is a user of that userName");
  TRY(const Account account, AccountOf(before));
  TRY_VOID(user_store::Put(tx_, organization_.id, account.id, data, before.created_at, now_));
  if (before.is_managed) TRY_VOID(UpdateAccount(account, before.data, data));
  TRY(const Account present, AccountOf(before));
  if (data.active && !before.data.active) {
    TRY_VOID(SwitchOn(present, data, before.is_managed));
  } else if (!data.active && before.data.active) {
    TRY_VOID(SwitchOff(present, before.is_managed));
  } else if (data.active) {
    // A role that was not spoken of stays, also one that the organization made for itself.
    if (data.role != before.data.role) {
      TRY_VOID(accounts::SetMemberRole(tx_, organization_, present, RoleOf(data), actor_, now_));
    }
    if (data.team != before.data.team) TRY_VOID(JoinDockerTeam(present, data));
  }
  return Reread(before.id);
}

Result<void> Change::Delete(const UserRecord& user) {
  TRY(const Account account, AccountOf(user));
  if (user.data.active) TRY_VOID(accounts::DropMember(tx_, organization_, account, actor_, now_));
  TRY_VOID(user_store::Remove(tx_, organization_.id, account.id));
  if (user.is_managed) TRY_VOID(SwitchAccount(account, false));
  return {};
}

}  // namespace

Result<UserPage> Users::List(AccountId organization, Query& query, int64_t offset, int64_t count) {
  return database_.Read([&](sql::Connection& c) { return user_store::List(c, organization, query, offset, count); });
}

Result<UserRecord> Users::Find(AccountId organization, std::string_view id) {
  TRY(auto user, database_.Read([&](sql::Connection& c) { return user_store::Find(c, organization, id); }));
  if (!user) return NoSuchUser();
  return *std::move(user);
}

Result<UserRecord> Users::Create(const Account& organization, const UserData& data, const events::Actor& actor) {
  return database_.Write(
      [&](sql::Transaction& tx) { return Change(tx, cache_, organization, actor, clock_.Now()).Create(data); });
}

Result<UserRecord> Users::Update(const Account& organization, std::string_view id,
                                 FunctionRef<Result<void>(UserData&)> change, const events::Actor& actor) {
  return database_.Write([&](sql::Transaction& tx) -> Result<UserRecord> {
    TRY(const auto before, user_store::Find(tx, organization.id, id));
    if (!before) return NoSuchUser();
    UserData data = before->data;
    TRY_VOID(change(data));
    return Change(tx, cache_, organization, actor, clock_.Now()).Update(*before, data);
  });
}

Result<void> Users::Delete(const Account& organization, std::string_view id, const events::Actor& actor) {
  return database_.Write([&](sql::Transaction& tx) -> Result<void> {
    TRY(const auto user, user_store::Find(tx, organization.id, id));
    if (!user) return NoSuchUser();
    return Change(tx, cache_, organization, actor, clock_.Now()).Delete(*user);
  });
}

}  // namespace berth::scim
