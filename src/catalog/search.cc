#include "catalog/search.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <unordered_set>

#include "access/badge.h"
#include "base/text.h"
#include "catalog/clause.h"

namespace berth::catalog {
namespace {

constexpr int64_t kMaxNamed = 300;  // candidates by the beginning of their name

// What ranking needs of a repository.
struct Candidate {
  int64_t id = 0;
  std::string namespace_;
  std::string name;
  std::string badge;
  int64_t stars = 0;
  int64_t pulls = 0;
  int64_t updated = 0;
  double fit = 0;  // how well the text fits; greater is better
  double score = 0;
};

constexpr std::string_view kCandidateColumns =
    "r.id, r.namespace, r.name, r.badge, r.star_count, r.pull_count, r.updated_at, a.badge";

// Where names are read in their order. The sign keeps SQLite from an index by privacy, which would read every public
// repository there is.
constexpr std::string_view kPublic = "+r.is_private = 0";

// As answers say it.
std::string BadgeWord(std::string_view own, std::string_view name_space, std::string_view owners) {
  const std::string_view badge = access::ShownBadge(own, name_space, owners);
  return std::string(badge.empty() ? "none" : badge);
}

Candidate ReadCandidate(const sql::Row& row) {
  Candidate candidate;
  candidate.id = row.Int(0);
  candidate.namespace_ = row.String(1);
  candidate.name = row.String(2);
  candidate.badge = BadgeWord(row.Text(3), candidate.namespace_, row.Text(7));
  candidate.stars = row.Int(4);
  candidate.pulls = row.Int(5);
  candidate.updated = row.Int(6);
  return candidate;
}

// Every word must be there. Quoted, so that nothing in it is an operator.
std::string FtsExpression(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "\"" : " \"") + word + "\"";
  return text;
}

// The first string that does not begin with `prefix` any more.
std::string PrefixEnd(std::string prefix) {
  while (!prefix.empty()) {
    auto& last = reinterpret_cast<unsigned char&>(prefix.back());
    if (last < 0x7f) {
      ++last;
      return prefix;
    }
    prefix.pop_back();
  }
  return "\x7f";
}

std::string AnyOf(Clause& clause, std::string_view column, const std::vector<std::string>& values) {
  return std::string(column) + " IN (" + clause.Params(values) + ")";
}

void AddFilters(Clause& clause, const SearchQuery& query) {
  if (!query.badges.empty()) {
    clause.text +=
        " AND " +
        AnyOf(
            clause,
            "CASE WHEN r.badge <> '' THEN r.badge WHEN r.namespace = 'library' THEN 'official' WHEN a.badge = '' THEN "
            "'none' ELSE a.badge END",
            query.badges);
  }
  if (!query.categories.empty()) {
    clause.text += " AND EXISTS (SELECT 1 FROM repository_category g WHERE g.repository_id = r.id AND " +
                   AnyOf(clause, "g.slug", query.categories) + ")";
  }
  if (query.architectures.empty() && query.operating_systems.empty()) return;
  clause.text += " AND EXISTS (SELECT 1 FROM repository_platform p WHERE p.repository_id = r.id";
  if (!query.architectures.empty()) clause.text += " AND " + AnyOf(clause, "p.architecture", query.architectures);
  if (!query.operating_systems.empty()) clause.text += " AND " + AnyOf(clause, "p.os", query.operating_systems);
  clause.text += ")";
}

bool HasFilters(const SearchQuery& query) {
  return !query.badges.empty() || !query.categories.empty() || !query.architectures.empty() ||
         !query.operating_systems.empty();
}

// One search, on one snapshot.
class Run {
 public:
  Run(sql::Connection& connection, bool sqlite, const SearchQuery& query)
      : connection_(connection),
        sqlite_(sqlite),
        query_(query),
        words_(SearchWords(query.text)),
        expression_(FtsExpression(words_)) {
    for (const std::string& word : words_) plain_ += (plain_.empty() ? "" : " ") + word;
  }

  Result<SearchResults> Do() {
    if (words_.empty() && !query_.text.empty()) return SearchResults();
    if (words_.empty()) {
      TRY_VOID(Browse());
    } else {
      TRY(matches_, CountMatches());
      TRY_VOID(matches_ > 0 ? FindMatches() : Result<void>());
      TRY_VOID(FindNamed());
    }
    Sort();
    SearchResults results;
    results.total = std::max<int64_t>(static_cast<int64_t>(candidates_.size()), HasFilters(query_) ? 0 : matches_);
    TRY(results.hits, Details());
    return results;
  }

 private:
  Result<int64_t> Number(const Clause& clause) {
    int64_t number = 0;
    TRY_VOID(connection_.ExecuteDynamic(clause.text, clause.values, [&](const sql::Row& row) { number = row.Int(0); }));
    return number;
  }

  Result<int64_t> CountMatches() {
    Clause clause;
    if (sqlite_) {
      clause.text = "SELECT COUNT(*) FROM (SELECT rowid FROM search_index WHERE search_index MATCH " +
                    clause.Param(expression_) + " LIMIT " + clause.Param(kMaxTotal) + ")";
    } else {
      clause.text =
          "SELECT COUNT(*) FROM (SELECT 1 FROM search_entry s JOIN repository r ON r.id = s.repository_id WHERE "
          "r.is_private = 0 "
          "AND s.words @@ plainto_tsquery('simple', " +
          clause.Param(plain_) + ") LIMIT " + clause.Param(kMaxTotal) + ") found";
    }
    return Number(clause);
  }

  // The most popular matches. How well the text fits is worth asking only when there are few: the index walks all
  // matches for it.
  Result<void> FindMatches() {
    const bool few = matches_ <= kMaxRanked;
    Clause clause;
    clause.text = "SELECT " + std::string(kCandidateColumns);
    if (sqlite_) {
      const std::string fit = few ? "-bm25(search_index, 10.0, 4.0, 1.0)" : "0";
      clause.text += ", CAST(1000 * f.fit AS INTEGER) FROM (SELECT rowid & 1099511627775 AS id, " + fit +
                     " AS fit FROM search_index WHERE search_index MATCH " + clause.Param(expression_) +
                     " ORDER BY rowid LIMIT " + clause.Param(kMaxRanked) +
                     ") f JOIN repository r INDEXED BY repository_for_search ON r.id = f.id "
                     "JOIN account a ON a.id = r.account_id WHERE r.is_private = 0";
    } else {
      const std::string query = "plainto_tsquery('simple', " + clause.Param(plain_) + ")";
      clause.text += ", CAST(1000 * " + std::string(few ? "ts_rank(s.words, " + query + ")" : "0") +
                     " AS BIGINT) FROM search_entry s JOIN repository r ON r.id = s.repository_id JOIN account a ON "
                     "a.id = r.account_id "
                     "WHERE r.is_private = 0 AND s.words @@ " +
                     query;
    }
    AddFilters(clause, query_);
    if (!sqlite_) clause.text += " ORDER BY r.pull_count DESC, r.id LIMIT " + clause.Param(kMaxRanked);
    return Collect(clause, true);
  }

  // Whole words are what the index knows; a name is found by its beginning too.
  Result<void> FindNamed() {
    std::string typed = AsciiLower(Trim(query_.text));
    if (typed.starts_with("library/")) typed.erase(0, 8);
    const auto slash = typed.find('/');
    const std::string name = slash == std::string::npos ? typed : typed.substr(slash + 1);
    if (name.empty()) return {};
    const std::string end = PrefixEnd(name), space = slash == std::string::npos ? "" : typed.substr(0, slash);
    Clause clause;
    clause.text = "SELECT " + std::string(kCandidateColumns) +
                  ", 0 FROM repository r JOIN account a ON a.id = r.account_id WHERE r.name >= " + clause.Param(name) +
                  " AND r.name < " + clause.Param(end) + " AND " + std::string(kPublic);
    if (!space.empty()) clause.text += " AND r.namespace = " + clause.Param(space);
    AddFilters(clause, query_);
    clause.text += " ORDER BY r.name, r.id LIMIT " + clause.Param(kMaxNamed);
    return Collect(clause, false);
  }

  Result<void> Browse() {
    const bool by_time = query_.order == SearchOrder::kNewestFirst || query_.order == SearchOrder::kOldestFirst;
    const bool up = query_.order == SearchOrder::kOldestFirst || query_.order == SearchOrder::kLeastPulled;
    Clause clause;
    clause.text = "SELECT " + std::string(kCandidateColumns) +
                  ", 0 FROM repository r JOIN account a ON a.id = r.account_id WHERE r.is_private = 0";
    AddFilters(clause, query_);
    clause.text += std::string(" ORDER BY ") + (by_time ? "r.updated_at" : "r.pull_count") +
                   (up ? ", r.id" : " DESC, r.id DESC") + " LIMIT " + clause.Param(kMaxRanked);
    TRY_VOID(Collect(clause, false));
    Clause count;
    count.text = "SELECT COUNT(*) FROM (SELECT 1 FROM repository WHERE is_private = 0 LIMIT " + count.Param(kMaxTotal) +
                 ") found";
    TRY(matches_, Number(count));
    return {};
  }

  Result<void> Collect(const Clause& clause, bool with_fit) {
    TRY_VOID(connection_.ExecuteDynamic(clause.text, clause.values, [&](const sql::Row& row) {
      if (!seen_.insert(row.Int(0)).second) return;
      Candidate candidate = ReadCandidate(row);
      if (with_fit) candidate.fit = static_cast<double>(row.Int(8)) / 1000;
      candidates_.push_back(std::move(candidate));
    }));
    return {};
  }

  // An exact name beats everything; then what the name begins with, trust, and how much it is used.
  void Score(Candidate& candidate, const std::string& typed) const {
    const std::string full = candidate.namespace_ + "/" + candidate.name;
    double score = candidate.fit + std::log10(1.0 + static_cast<double>(candidate.pulls)) * 2 +
                   std::log10(1.0 + static_cast<double>(candidate.stars)) * 3;
    if (candidate.name == typed || full == typed) score += 40;
    if (candidate.name.starts_with(typed)) score += 8;
    if (std::ranges::all_of(words_, [&](const auto& word) { return full.find(word) != std::string::npos; })) score += 8;
    if (candidate.badge == "official") score += 20;
    if (candidate.badge == "verified_publisher") score += 5;
    if (candidate.badge == "open_source") score += 4;
    candidate.score = score;
  }

  void Sort() {
    std::string typed = AsciiLower(Trim(query_.text));
    if (typed.starts_with("library/")) typed.erase(0, 8);
    const auto by = [&](auto key) {
      std::ranges::sort(candidates_, [&](const Candidate& a, const Candidate& b) {
        const auto x = key(a), y = key(b);
        return x != y ? x > y : a.id < b.id;
      });
    };
    switch (query_.order) {
      case SearchOrder::kBestMatch:
        for (Candidate& candidate : candidates_) Score(candidate, typed);
        return by([](const Candidate& c) { return c.score; });
      case SearchOrder::kMostPulled:
        return by([](const Candidate& c) { return c.pulls; });
      case SearchOrder::kLeastPulled:
        return by([](const Candidate& c) { return -c.pulls; });
      case SearchOrder::kMostStarred:
        return by([](const Candidate& c) { return c.stars; });
      case SearchOrder::kLeastStarred:
        return by([](const Candidate& c) { return -c.stars; });
      case SearchOrder::kNewestFirst:
        return by([](const Candidate& c) { return c.updated; });
      case SearchOrder::kOldestFirst:
        return by([](const Candidate& c) { return -c.updated; });
    }
  }

  Result<std::vector<SearchHit>> Details() {
    std::vector<int64_t> ids;
    const int64_t end = std::min<int64_t>(static_cast<int64_t>(candidates_.size()), query_.offset + query_.limit);
    for (int64_t i = query_.offset; i < end; ++i) ids.push_back(candidates_[static_cast<size_t>(i)].id);
    return LoadHits(connection_, ids);
  }

 public:
  // The repositories in the order of `ids`.
  static Result<std::vector<SearchHit>> LoadHits(sql::Connection& connection, const std::vector<int64_t>& ids) {
    std::vector<SearchHit> hits(ids.size());
    if (ids.empty()) return hits;
    std::unordered_map<int64_t, SearchHit*> by_id;
    for (size_t i = 0; i < ids.size(); ++i) by_id[ids[i]] = &hits[i];
    const auto each = [&](std::string text, std::string_view tail, sql::RowHandler read) {
      Clause clause;
      clause.text = std::move(text) + " IN (" + clause.Params(ids) + ")" + std::string(tail);
      return connection.ExecuteDynamic(clause.text, clause.values, read);
    };
    TRY_VOID(each(
        "SELECT r.id, r.namespace, r.name, a.uuid, a.full_name, a.badge, r.description, r.is_archived, "
        "r.star_count, r.pull_count, "
        "r.created_at, r.updated_at, CASE WHEN l.repository_id IS NULL THEN 0 ELSE 1 END, r.badge FROM repository r "
        "JOIN account a ON a.id = r.account_id LEFT JOIN repository_logo l ON l.repository_id = r.id WHERE r.id",
        "", [&](const sql::Row& row) { ReadHit(row, *by_id[row.Int(0)]); }));
    TRY_VOID(each("SELECT repository_id, slug FROM repository_category WHERE repository_id",
                  " ORDER BY repository_id, position",
                  [&](const sql::Row& row) { by_id[row.Int(0)]->categories.push_back(row.String(1)); }));
    TRY_VOID(each("SELECT repository_id, os, architecture FROM repository_platform WHERE repository_id",
                  " ORDER BY repository_id, os, architecture", [&](const sql::Row& row) {
                    SearchHit& hit = *by_id[row.Int(0)];
                    AddOnce(hit.operating_systems, row.String(1));
                    AddOnce(hit.architectures, row.String(2));
                  }));
    return hits;
  }

 private:
  static void AddOnce(std::vector<std::string>& list, std::string text) {
    if (std::ranges::find(list, text) == list.end()) list.push_back(std::move(text));
  }
  static void ReadHit(const sql::Row& row, SearchHit& hit) {
    hit.id = row.IdAt<RepositoryId>(0);
    hit.namespace_ = row.String(1);
    hit.name = row.String(2);
    hit.owner_uuid = row.String(3);
    hit.owner_full_name = row.String(4);
    hit.badge = BadgeWord(row.Text(13), hit.namespace_, row.Text(5));
    hit.description = row.String(6);
    hit.is_archived = row.Bool(7);
    hit.star_count = row.Int(8);
    hit.pull_count = row.Int(9);
    hit.created_at = row.Time(10);
    hit.updated_at = row.Time(11);
    hit.has_logo = row.Bool(12);
  }

  sql::Connection& connection_;
  const bool sqlite_;
  const SearchQuery& query_;
  const std::vector<std::string> words_;
  const std::string expression_;
  std::string plain_;
  int64_t matches_ = 0;
  std::vector<Candidate> candidates_;
  std::unordered_set<int64_t> seen_;
};

}  // namespace

std::vector<std::string> SearchWords(std::string_view text) {
  constexpr size_t kMaxWords = 16, kMaxText = 500;
  std::string lower = AsciiLower(Trim(text.substr(0, kMaxText)));
  if (lower.starts_with("library/")) lower.erase(0, 8);
  std::vector<std::string> words(1);
  for (const char c : lower) {
    const auto byte = static_cast<unsigned char>(c);
    const bool letter = (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte >= 0x80;
    if (letter) {
      words.back() += c;
    } else if (!words.back().empty()) {
      words.emplace_back();
    }
  }
  if (words.back().empty()) words.pop_back();
  // A character that the cut went through is left out.
  std::erase_if(words, [](const std::string& word) { return !IsValidUtf8(word); });
  if (words.size() > kMaxWords) words.resize(kMaxWords);
  return words;
}

Result<SearchResults> Search::Find(const SearchQuery& query) {
  const bool sqlite = database_.dialect() == sql::Dialect::kSqlite;
  return database_.Read([&](sql::Connection& connection) { return Run(connection, sqlite, query).Do(); });
}

Result<std::vector<SearchHit>> Search::Suggest(std::string_view prefix, int64_t limit) {
  const std::string typed = AsciiLower(Trim(prefix));
  if (typed.empty() || typed.size() > 255) return std::vector<SearchHit>();
  const auto slash = typed.find('/');
  const std::string name = slash == std::string::npos ? typed : typed.substr(slash + 1), end = PrefixEnd(name);
  const std::string space = slash == std::string::npos ? "" : typed.substr(0, slash);
  return database_.Read([&](sql::Connection& connection) -> Result<std::vector<SearchHit>> {
    Clause clause;
    clause.text = "SELECT id FROM (SELECT r.id, r.namespace, r.star_count, r.pull_count FROM repository r WHERE " +
                  std::string(kPublic);
    if (!name.empty()) clause.text += " AND r.name >= " + clause.Param(name) + " AND r.name < " + clause.Param(end);
    if (!space.empty())
      clause.text += " AND r.full_name >= " + clause.Param(typed) + " AND r.namespace = " + clause.Param(space);
    clause.text += " ORDER BY r.name, r.id LIMIT " + clause.Param(kMaxNamed) +
                   ") found ORDER BY CASE WHEN namespace = 'library' THEN 0 ELSE 1 END, star_count DESC, pull_count "
                   "DESC, id LIMIT " +
                   clause.Param(limit);
    std::vector<int64_t> ids;
    TRY_VOID(
        connection.ExecuteDynamic(clause.text, clause.values, [&](const sql::Row& row) { ids.push_back(row.Int(0)); }));
    return Run::LoadHits(connection, ids);
  });
}

Result<std::vector<AccountHit>> Search::SuggestAccounts(std::string_view prefix, int64_t limit) {
  constexpr static sql::Query kByName{
      "search.accounts",
      "SELECT name, full_name, CASE WHEN badge = '' THEN 'none' ELSE badge END, kind FROM account "
      "WHERE name >= $1 AND name < $2 AND is_active = 1 ORDER BY name LIMIT $3"};
  const std::string typed = AsciiLower(Trim(prefix)), end = PrefixEnd(typed);
  if (typed.empty()) return std::vector<AccountHit>();
  return database_.Read([&](sql::Connection& connection) {
    return connection.All(kByName, {typed, end, limit}, [](const sql::Row& row) {
      return AccountHit{row.String(0), row.String(1), row.String(2), row.Text(3) == "organization"};
    });
  });
}

Result<std::vector<SearchHit>> Search::Load(sql::Connection& connection, const std::vector<int64_t>& ids) {
  return Run::LoadHits(connection, ids);
}

}  // namespace berth::catalog
