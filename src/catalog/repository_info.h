// Repositories as the Hub shows them: listed, read, described, made private, archived. Each change writes its event.
// The caller's right is the surface's business (access::DecideRepository). Thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/decision.h"
#include "accounts/caller.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/result.h"
#include "sql/database.h"

namespace berth::catalog {

struct RepositoryInfo {
  RepositoryId id;
  AccountId owner;
  std::string namespace_;
  std::string name;
  std::string full_name;
  bool owner_is_organization = false;
  std::string badge;  // its own or else the namespace's: "", "official", "verified_publisher", "open_source"
  bool is_private = false;
  bool is_archived = false;
  std::string description;
  std::string full_description;  // empty in listings
  std::string immutable_mode;    // "none", "all", "rules"
  std::string immutable_rules;   // JSON array of RE2 patterns
  int64_t star_count = 0;
  int64_t pull_count = 0;
  int64_t storage_size = 0;  // bytes
  Timestamp created_at;
  Timestamp updated_at;  // of what is written about it
  std::optional<Timestamp> last_pushed_at;
  std::optional<Timestamp> last_pulled_at;

  access::RepositoryFacts Facts() const { return {id, owner, full_name, is_private, is_archived}; }
};

enum class RepositoryOrder { kNewestFirst, kOldestFirst, kNameUp, kNameDown, kMostPulled, kLeastPulled };

struct RepositoryFilter {
  AccountId owner;       // 0: of all namespaces; then name `starred_by`
  AccountId starred_by;  // 0, or: only what this user has starred, the latest star first with kNewestFirst
  TeamId team;           // 0, or: only what this team has a permission on
  std::string name_contains;
  RepositoryOrder order = RepositoryOrder::kNewestFirst;
  // Which private ones are among them: all, those that teams or collaboration open to `viewer`, and those named.
  bool with_private = false;
  AccountId viewer;                // 0: nobody
  std::vector<std::string> named;  // full names
};

struct RepositoryChange {
  std::optional<std::string> description;
  std::optional<std::string> full_description;
  std::optional<bool> is_private;
  std::optional<bool> is_archived;
  std::optional<std::string> immutable_mode;
  std::optional<std::vector<std::string>> immutable_rules;
};

// Of what is archived texts, categories and logo stay as they are. kRepositoryArchived.
Result<void> CheckEditable(const RepositoryInfo& repository);
// What Change would refuse in the texts and rules. kInvalidArgument with the field.
Result<void> CheckTexts(const RepositoryChange& change);

inline constexpr size_t kMaxDescription = 100;         // characters
inline constexpr size_t kMaxFullDescription = 25'000;  // characters

class RepositoryInfoService {
 public:
  RepositoryInfoService(sql::Database& database, const Clock& clock) : database_(database), clock_(clock) {}

  static Result<std::optional<RepositoryInfo>> Find(sql::Connection& connection, std::string_view full_name);
  static Result<int64_t> Count(sql::Connection& connection, const RepositoryFilter& filter);
  static Result<std::vector<RepositoryInfo>> List(sql::Connection& connection, const RepositoryFilter& filter,
                                                  int64_t offset, int64_t limit);
  // Media types of the newest manifests: {manifest, configuration}.
  static Result<std::vector<std::pair<std::string, std::string>>> MediaTypes(sql::Connection& connection,
                                                                             RepositoryId id);

  // kInvalidArgument with the field; kLimitExceeded when the plan holds no more private repositories; kNameUnknown.
  Result<RepositoryInfo> Change(const accounts::Caller& caller, RepositoryId id, const RepositoryChange& change);
  // Gives a repository that `tx` has just made its texts, which its making has told of already: no event of their own.
  static Result<RepositoryInfo> DescribeNew(sql::Transaction& tx, RepositoryId id, const RepositoryChange& texts);
  // "official", "verified_publisher", "open_source", or "" to leave the repository with its namespace's badge.
  // kInvalidArgument, field `badge`; kNameUnknown.
  Result<void> SetBadge(const accounts::Caller& caller, RepositoryId id, std::string_view badge);

 private:
  Result<void> Apply(sql::Transaction& tx, const accounts::Caller& caller, RepositoryInfo& info,
                     const RepositoryChange& change);

  sql::Database& database_;
  const Clock& clock_;
};

}  // namespace berth::catalog
