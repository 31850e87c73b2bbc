#include <algorithm>

#include "accounts/account_store.h"
#include "accounts/organization_store.h"
#include "crypto/password.h"
#include "seed.h"

namespace berth::seed {
namespace {

using accounts::Account;
using accounts::AccountKind;
using accounts::AccountStore;
using accounts::OrganizationRole;
using accounts::OrganizationStore;

constexpr int64_t kBatch = 2000;

std::string UuidFrom(Random& random) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string uuid = "xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx";
  for (char& c : uuid) {
    if (c == 'x') c = kHex[random() % 16];
  }
  return uuid;
}

Account Invent(const Options& options, Random& random, std::string name, AccountKind kind) {
  Account account;
  account.uuid = UuidFrom(random);
  account.name = std::move(name);
  account.kind = kind;
  account.full_name = FullName(random, account.name, kind == AccountKind::kOrganization);
  account.created_at = account.updated_at = options.now - std::chrono::hours(24 * Between(random, 30, 1500));
  account.email_verified = true;
  if (kind == AccountKind::kUser) account.email = account.name + "@example.org";
  return account;
}

// Some organizations are trusted, so that badges can be seen.
std::string BadgeOf(int64_t index) {
  if (index % 10 == 1) return "verified_publisher";
  return index % 10 == 2 ? "open_source" : "";
}

Result<AccountId> FindOrInsert(sql::Transaction& tx, const Account& account) {
  TRY(const auto there, AccountStore::FindByName(tx, account.name));
  if (there) return there->id;
  TRY(const AccountId id, AccountStore::Insert(tx, account));
  if (account.badge.empty()) return id;
  Account whole = account;
  whole.id = id;
  TRY_VOID(AccountStore::Update(tx, whole));
  return id;
}

Result<Person> MakeUser(sql::Transaction& tx, const Options& options, int64_t index, const std::string& hash) {
  Random random = RandomFor(options, "user", index);
  const std::string name = UserName(random, index);
  const Account account = Invent(options, random, name, AccountKind::kUser);
  TRY(const AccountId id, FindOrInsert(tx, account));
  TRY_VOID(AccountStore::SetPasswordHash(tx, id, hash, options.now));
  return Person{id, name, false};
}

Result<Person> MakeOrganization(sql::Transaction& tx, const Options& options, int64_t index,
                                const std::vector<Person>& users) {
  Random random = RandomFor(options, "organization", index);
  const std::string name = OrganizationName(random, index);
  Account account = Invent(options, random, name, AccountKind::kOrganization);
  account.badge = BadgeOf(index);
  TRY(const AccountId id, FindOrInsert(tx, account));
  const Person made{id, name, true};
  if (users.empty()) return made;
  TRY_VOID(OrganizationStore::PutMember(tx, id, users[static_cast<size_t>(index) % users.size()].id,
                                        OrganizationRole::kOwner, options.now));
  for (int64_t i = Between(random, 1, 12); i > 0; --i) {
    const Person& member = users[random() % users.size()];
    TRY(const auto role, OrganizationStore::FindRole(tx, id, member.id));
    if (!role) TRY_VOID(OrganizationStore::PutMember(tx, id, member.id, OrganizationRole::kMember, options.now));
  }
  TRY(const auto there, OrganizationStore::FindTeam(tx, id, "developers"));
  if (there) return made;
  accounts::Team team;
  team.uuid = UuidFrom(random);
  team.organization = id;
  team.name = "developers";
  team.description = "Builds and ships what " + account.full_name + " runs";
  team.created_at = account.created_at;
  TRY_VOID(OrganizationStore::InsertTeam(tx, team));
  return made;
}

template <typename Make>
Result<void> InBatches(sql::Database& database, int64_t count, std::vector<Person>& people, Make&& make) {
  for (int64_t at = 0; at < count; at += kBatch) {
    TRY(const auto made, database.Write([&](sql::Transaction& tx) -> Result<std::vector<Person>> {
      std::vector<Person> batch;
      for (int64_t i = at; i < std::min(count, at + kBatch); ++i) {
        TRY(Person person, make(tx, i));
        batch.push_back(std::move(person));
      }
      return batch;
    }));
    people.insert(people.end(), made.begin(), made.end());
  }
  return {};
}

}  // namespace

Result<std::vector<Person>> MakePeople(sql::Database& database, const Options& options) {
  // One hash for all: hashing is slow on purpose.
  const crypto::PasswordHasher hasher;
  TRY(const std::string hash, hasher.Hash(options.password));
  std::vector<Person> users, people;
  TRY_VOID(InBatches(database, options.users, users,
                     [&](sql::Transaction& tx, int64_t i) { return MakeUser(tx, options, i, hash); }));
  people = users;
  TRY_VOID(InBatches(database, options.organizations, people,
                     [&](sql::Transaction& tx, int64_t i) { return MakeOrganization(tx, options, i, users); }));
  return people;
}

}  // namespace berth::seed
