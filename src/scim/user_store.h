// The SQL of provisioned users. Users of an organization are its members, and those whom its identity provider knows
// and who are none at present. Functions of one connection; no rules.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "accounts/account.h"
#include "accounts/organization_store.h"
#include "base/clock.h"
#include "base/result.h"
#include "scim/query.h"
#include "scim/user_data.h"
#include "sql/database.h"

namespace berth::scim {

struct GroupReference {
  std::string id;
  std::string display;
};

struct UserRecord {
  AccountId account;
  std::string id;  // uuid of the account
  std::string account_name;
  UserData data;  // `active` is being a member, `role` the member's or the one it comes back with
  std::vector<GroupReference> groups;
  bool is_known = false;    // the identity provider has said something of it
  bool is_managed = false;  // its account was made here
  Timestamp created_at;
  Timestamp updated_at;
};

struct UserPage {
  int64_t total = 0;
  std::vector<UserRecord> users;
};

namespace user_store {

// With addresses and groups. `count` 0 only counts.
Result<UserPage> List(sql::Connection& connection, AccountId organization, Query& query, int64_t offset, int64_t count);
Result<std::optional<UserRecord>> Find(sql::Connection& connection, AccountId organization, std::string_view id);
// Writes everything but the groups.
Result<void> Put(sql::Transaction& tx, AccountId organization, AccountId account, const UserData& data,
                 Timestamp created_at, Timestamp updated_at);
Result<void> Remove(sql::Transaction& tx, AccountId organization, AccountId account);
// Whose user name it is; no account when it is free.
Result<std::optional<AccountId>> FindByUserName(sql::Connection& connection, AccountId organization,
                                                std::string_view user_name);
Result<int64_t> CountKnown(sql::Connection& connection, AccountId organization);

// The organization that made the account, if one did.
Result<std::optional<AccountId>> FindManager(sql::Connection& connection, AccountId account);
Result<void> PutManager(sql::Transaction& tx, AccountId account, AccountId organization, bool switched_off);
// Whether the organization that made the account has switched it off, and nobody else has spoken since.
Result<bool> IsSwitchedOff(sql::Connection& connection, AccountId account);
Result<void> NoteSwitch(sql::Transaction& tx, AccountId account, bool off);

// The custom role that a member has is kept for later, and given back once, while the organization still has it.
Result<void> HoldRole(sql::Transaction& tx, AccountId organization, AccountId account);
Result<std::optional<accounts::GivenRole>> TakeHeldRole(sql::Transaction& tx, AccountId organization,
                                                        AccountId account);

// Teams of the organization that a user is in are kept for later, and given back as the ids of teams.
Result<void> HoldTeams(sql::Transaction& tx, AccountId organization, AccountId account);
Result<std::vector<TeamId>> TakeHeldTeams(sql::Transaction& tx, AccountId organization, AccountId account);
Result<void> Hold(sql::Transaction& tx, TeamId team, AccountId account);
Result<void> Unhold(sql::Transaction& tx, TeamId team, AccountId account);
// Forgets everybody who is held for the team and is not among `ids`.
Result<void> KeepHeld(sql::Transaction& tx, TeamId team, const std::set<std::string>& ids);

}  // namespace user_store
}  // namespace berth::scim
