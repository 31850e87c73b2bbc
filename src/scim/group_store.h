// The SQL of groups: teams, with what the identity provider says of them. Functions of one connection; no rules.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "accounts/organization_store.h"
#include "base/clock.h"
#include "base/result.h"
#include "scim/query.h"
#include "sql/database.h"

namespace berth::scim {

struct GroupMember {
  AccountId account;
  std::string id;  // uuid of the account
  std::string display;
};

struct GroupRecord {
  accounts::Team team;
  std::string display_name;
  std::string external_id;
  std::vector<GroupMember> members;
  bool is_known = false;
  Timestamp updated_at;
};

struct GroupPage {
  int64_t total = 0;
  std::vector<GroupRecord> groups;
};

namespace group_store {

Result<GroupPage> List(sql::Connection& connection, Query& query, int64_t offset, int64_t count, bool with_members);
Result<std::optional<GroupRecord>> Find(sql::Connection& connection, AccountId organization, std::string_view id,
                                        bool with_members);
// The group of that name, in any case.
Result<std::optional<GroupRecord>> FindByName(sql::Connection& connection, AccountId organization,
                                              std::string_view display_name);
Result<void> Put(sql::Transaction& tx, TeamId team, std::string_view display_name, std::string_view external_id,
                 Timestamp now);
Result<int64_t> CountKnown(sql::Connection& connection, AccountId organization);

}  // namespace group_store
}  // namespace berth::scim
