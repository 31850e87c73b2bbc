// Rows of `repository`, and what creating one needs of its namespace. Functions of one connection; no rules.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "access/decision.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/result.h"
#include "registry/names.h"
#include "sql/database.h"

namespace berth::registry {

struct Repository {
  RepositoryId id;
  AccountId account;  // the namespace's
  std::string namespace_;
  std::string name;
  std::string full_name;
  bool is_private = false;
  bool is_archived = false;
  std::string immutable_mode;   // "none", "all", "rules"
  std::string immutable_rules;  // JSON array of RE2 patterns
  int64_t storage_size = 0;     // bytes

  // Views into this repository.
  access::RepositoryFacts Facts() const { return {id, account, full_name, is_private, is_archived}; }
};

struct NamespaceRow {
  AccountId account;
  bool default_private = false;
};

namespace repository_store {

Result<std::optional<Repository>> Find(sql::Connection& connection, std::string_view full_name);
Result<std::optional<Repository>> FindById(sql::Connection& connection, RepositoryId id);
Result<std::optional<NamespaceRow>> FindNamespace(sql::Connection& connection, std::string_view name);
// kAlreadyExists when the name is taken.
Result<RepositoryId> Insert(sql::Transaction& tx, const RepositoryName& name, AccountId account, bool is_private,
                            Timestamp now);
Result<void> AddStorage(sql::Transaction& tx, RepositoryId id, int64_t bytes);
Result<void> MarkPushed(sql::Transaction& tx, RepositoryId id, Timestamp now);
Result<void> Remove(sql::Transaction& tx, RepositoryId id);

}  // namespace repository_store
}  // namespace berth::registry
