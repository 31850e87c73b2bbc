// The rules of groups: each is a team of the organization. A member who is switched off at present is noted and joins
// when switched on. The team `owners` is a group, too: whoever is put into it becomes an owner. Each change is one
// transaction with its events. Thread-safe.
#pragma once

#include <string_view>

#include "accounts/account.h"
#include "base/clock.h"
#include "base/result.h"
#include "events/event_log.h"
#include "scim/group_data.h"
#include "scim/group_store.h"
#include "sql/database.h"

namespace berth::scim {

class Groups {
 public:
  Groups(sql::Database& database, const Clock& clock) : database_(database), clock_(clock) {}

  Result<GroupPage> List(Query& query, int64_t offset, int64_t count, bool with_members);
  Result<GroupRecord> Find(AccountId organization, std::string_view id, bool with_members);  // kNotFound

  // `change` from ReadGroup. kAlreadyExists: a group of that name; kInvalidArgument: a member that is no user here.
  Result<GroupRecord> Create(const accounts::Account& organization, const GroupChange& change,
                             const events::Actor& actor);
  // kNotFound; kConflict: the last owner, or another name for `owners`.
  Result<GroupRecord> Update(const accounts::Account& organization, std::string_view id, const GroupChange& change,
                             const events::Actor& actor);
  Result<void> Delete(const accounts::Account& organization, std::string_view id, const events::Actor& actor);

 private:
  sql::Database& database_;
  const Clock& clock_;
};

}  // namespace berth::scim
