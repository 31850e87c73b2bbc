// The registry's catalogue: names of the repositories that the caller may pull, in byte order. Thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "accounts/caller.h"
#include "base/result.h"
#include "registry/options.h"
#include "sql/database.h"

namespace berth::registry {

struct CatalogPage {
  std::vector<std::string> names;
  bool more = false;
};

class CatalogService {
 public:
  CatalogService(sql::Database& database, const Options& options) : database_(database), options_(options) {}

  // Names after `after`, `limit` at most (clamped to the largest page).
  Result<CatalogPage> List(const accounts::Caller& caller, std::string_view after, int64_t limit);

 private:
  sql::Database& database_;
  const Options& options_;
};

}  // namespace berth::registry
