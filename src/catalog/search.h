// Search over public repositories. SQLite: FTS5, PostgreSQL: tsvector; the one place where the SQL of the two differs.
//
// Cost does not grow with what is stored: matches are ranked (name, badge, stars, pulls and, when there are few, how
// well the text fits) in tiers of kMaxRanked, the most popular first, a page asks for one or two of them, and no more
// than kMaxTotal are counted, as on Docker Hub. Thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "base/result.h"
#include "sql/database.h"

namespace berth::catalog {

enum class SearchOrder {
  kBestMatch,
  kMostPulled,
  kLeastPulled,
  kMostStarred,
  kLeastStarred,
  kNewestFirst,
  kOldestFirst
};

struct SearchQuery {
  std::string text;                            // empty: everything
  std::vector<std::string> badges;             // "official", "verified_publisher", "open_source", "none"; any of them
  std::vector<std::string> categories;         // slugs; any of them
  std::vector<std::string> architectures;      // any of them
  std::vector<std::string> operating_systems;  // any of them
  SearchOrder order = SearchOrder::kBestMatch;
  int64_t offset = 0;
  int64_t limit = 25;
};

struct SearchHit {
  RepositoryId id;
  std::string namespace_;
  std::string name;
  std::string owner_uuid;
  std::string owner_full_name;
  std::string badge;  // "none" or what the administrator gave it or its namespace; "official" in library
  std::string description;
  bool is_archived = false;
  bool has_logo = false;
  int64_t star_count = 0;
  int64_t pull_count = 0;
  Timestamp created_at;
  Timestamp updated_at;
  std::vector<std::string> categories;  // slugs
  std::vector<std::string> architectures;
  std::vector<std::string> operating_systems;

  // As people write it: official images without their namespace.
  std::string ShownName() const { return namespace_ == "library" ? name : namespace_ + "/" + name; }
};

struct AccountHit {
  std::string name;
  std::string full_name;
  std::string badge;  // "none" or what the administrator gave
  bool is_organization = false;
};

struct SearchResults {
  int64_t total = 0;
  std::vector<SearchHit> hits;
};

inline constexpr int64_t kMaxRanked = 500;
inline constexpr int64_t kMaxTotal = 10'000;

// The words that are looked for: lower case, without a leading "library/" and without "the", "for" and their like where
// others are left; 16 at most.
std::vector<std::string> SearchWords(std::string_view text);

class Search {
 public:
  explicit Search(sql::Database& database) : database_(database) {}

  Result<SearchResults> Find(const SearchQuery& query);
  // Public repositories whose name begins with `prefix`, the most popular first.
  Result<std::vector<SearchHit>> Suggest(std::string_view prefix, int64_t limit);
  // Users and organizations whose name begins with `prefix`.
  Result<std::vector<AccountHit>> SuggestAccounts(std::string_view prefix, int64_t limit);
  // The repositories `ids`, in this order; they must be there.
  static Result<std::vector<SearchHit>> Load(sql::Connection& connection, const std::vector<int64_t>& ids);

 private:
  sql::Database& database_;
};

}  // namespace berth::catalog
