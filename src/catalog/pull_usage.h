// Pulls of a whole namespace by hour, for export: what src/registry's PullCounter has recorded. Functions of one
// connection; a namespace is read repository by repository, so that memory does not grow with it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "base/result.h"
#include "sql/database.h"

namespace berth::catalog {

struct PullUsageRow {
  Timestamp hour;   // its beginning
  std::string tag;  // empty: fetched by digest
  int64_t pulls = 0;
  int64_t version_checks = 0;
};

struct UsedRepository {
  RepositoryId id;
  std::string name;
  std::string full_name;
  bool is_private = false;
};

// The namespace's repository whose name comes next after `after`.
Result<std::optional<UsedRepository>> NextRepository(sql::Connection& connection, AccountId account,
                                                     std::string_view after);
// By hour, then tag. The rows of an hour add up to what the repository counted, or more where an index was fetched by
// its tag and nothing of it by digest.
Result<std::vector<PullUsageRow>> PullUsage(sql::Connection& connection, RepositoryId repository, Timestamp from,
                                            Timestamp to);

}  // namespace berth::catalog
