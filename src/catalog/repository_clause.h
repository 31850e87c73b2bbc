// Which repositories a filter means, as SQL: what their lists and counts share.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "catalog/clause.h"
#include "catalog/repository_info.h"

namespace berth::catalog {

// From FROM to the end of WHERE, the repository being `r`, a star `s`. `pattern` is ContainsPattern of the filter's
// name; it and the filter must outlive the clause.
Clause MakeRepositoryClause(const RepositoryFilter& filter, const std::string& pattern);
// What follows ORDER BY.
std::string_view RepositoryOrderText(const RepositoryFilter& filter);
// Names without their namespace, from A to Z; the filter names the owner.
Result<std::vector<std::string>> ListRepositoryNames(sql::Connection& connection, const RepositoryFilter& filter,
                                                     int64_t offset, int64_t limit);

}  // namespace berth::catalog
