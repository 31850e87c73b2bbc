#include "catalog/search.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "access/badge.h"
#include "base/text.h"
#include "catalog/clause.h"
#include "catalog/search_terms.h"

namespace berth::catalog {
namespace {

constexpr size_t kMaxNamed = 300;  // candidates by the beginning of their name
constexpr int64_t kWindow = 500;   // rows of an index that are looked through for what a filter lets pass

// What ranking needs of a repository.
struct Candidate {
  int64_t id = 0;
  std::string namespace_;
  std::string name;
  std::string badge;
  int64_t stars = 0;
  int64_t pulls = 0;
  int64_t updated = 0;
  bool described = false;  // name and description say all that is looked for
  double score = 0;
};

constexpr std::string_view kCandidateColumns =
    "r.id, r.namespace, r.name, r.badge, r.star_count, r.pull_count, r.updated_at, a.badge";

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

// The ids of up to `limit` repositories whose name, or "namespace/name" when there is a slash, begins with `typed`. Not
// only public ones where the namespace is named. `end` must outlive the clause.
std::string NamedIds(Clause& clause, const std::string& typed, const std::string& end, int64_t limit) {
  const std::string range = clause.Param(typed) + " AND ", below = clause.Param(end), most = clause.Param(limit);
  if (typed.find('/') != std::string::npos)
    return "SELECT id FROM repository WHERE full_name >= " + range + "full_name < " + below +
           " ORDER BY full_name LIMIT " + most;
  return "SELECT id FROM repository WHERE is_private = 0 AND name >= " + range + "name < " + below +
         " ORDER BY name, id LIMIT " + most;
}

// One search, on one snapshot.
class Run {
 public:
  Run(sql::Connection& connection, bool sqlite, const SearchQuery& query)
      : connection_(connection),
        sqlite_(sqlite),
        query_(query),
        words_(SearchWords(query.text)),
        facets_(FacetsOf(query)),
        expression_(sqlite ? FtsExpression(words_, facets_) : TsFacets(facets_)),
        plain_(JoinWords(words_, "", "", " ")) {}

  Result<SearchResults> Do() {
    if (words_.empty() && !query_.text.empty()) return SearchResults();
    TRY_VOID(FindMatches());
    if (!Browsing()) TRY_VOID(words_.empty() ? LookThroughOrder() : FindNamed());
    Sort(candidates_);
    SearchResults results;
    results.total = static_cast<int64_t>(std::max(seen_.size(), matches_.size()));
    TRY_VOID(GoOn());
    TRY(results.hits, Details());
    return results;
  }

 private:
  bool Browsing() const { return words_.empty() && facets_.empty(); }

  // PostgreSQL's condition on search_entry.
  std::string TsQuery(Clause& clause) const {
    std::string text;
    if (!words_.empty()) text = "plainto_tsquery('simple', " + clause.Param(plain_) + ")";
    if (!facets_.empty())
      text += (text.empty() ? "" : " && ") + ("CAST(CAST(" + clause.Param(expression_)) + " AS TEXT) AS TSQUERY)";
    return "s.words @@ (" + text + ")";
  }

  // The matches, the most popular first; with nothing looked for, everything in the wanted order.
  std::string MatchesText(Clause& clause) const {
    std::string ids;
    if (Browsing())
      ids = "SELECT id FROM repository WHERE is_private = 0" + OrderText();
    else if (sqlite_)
      ids = "SELECT rowid & 1099511627775 FROM search_index WHERE search_index MATCH " + clause.Param(expression_) +
            " ORDER BY rowid";
    else
      ids = "SELECT s.repository_id FROM search_entry s WHERE " + TsQuery(clause) + " ORDER BY s.place";
    return ids + " LIMIT " + clause.Param(kMaxTotal);
  }

  // All matches, and of them the first tier.
  Result<void> FindMatches() {
    Clause clause;
    clause.text = MatchesText(clause);
    TRY_VOID(connection_.ExecuteDynamic(clause.text, clause.values,
                                        [&](const sql::Row& row) { matches_.push_back(row.Int(0)); }));
    if (!FarBehind()) return LoadTier(matches_, 0);
    seen_.insert(matches_.begin(), matches_.begin() + std::min(kMaxRanked, std::ssize(matches_)));
    return {};
  }

  // Whether the page cannot show anything of the first tier, which then only has to be counted.
  bool FarBehind() const { return HasTiers() && query_.offset >= kMaxRanked + kWindow; }
  // In an order that no index has there is one tier.
  bool HasTiers() const { return Browsing() || query_.order == SearchOrder::kBestMatch; }

  // The tiers behind the first that the page lies in. What the first has beyond its matches does not come again.
  Result<void> GoOn() {
    const auto first = static_cast<int64_t>(seen_.size());
    const int64_t end = std::min(query_.offset + query_.limit, kMaxTotal);
    if (end <= first || std::ssize(matches_) <= kMaxRanked || !HasTiers()) return {};
    const int64_t from = std::max<int64_t>(query_.offset - first, 0) / kMaxRanked * kMaxRanked;
    std::erase_if(matches_, [&](int64_t id) { return seen_.contains(id); });
    if (from > 0 || FarBehind()) {
      candidates_.clear();
      skipped_ = first + from;
    }
    for (int64_t at = from; at < std::min(end - first, std::ssize(matches_)); at += kMaxRanked)
      TRY_VOID(LoadTier(matches_, at));
    return {};
  }

  // Puts those of `ids` that begin at `at` behind the candidates, sorted.
  Result<void> LoadTier(std::span<const int64_t> ids, int64_t at) {
    ids = ids.subspan(static_cast<size_t>(at));
    ids = ids.first(std::min(ids.size(), static_cast<size_t>(kMaxRanked)));
    if (ids.empty()) return {};
    const std::vector<Candidate> before = std::exchange(candidates_, {});
    Clause clause;
    const std::string list = clause.Params(std::vector<int64_t>(ids.begin(), ids.end()));
    TRY_VOID(Collect(std::move(clause), "", " AND r.id IN (" + list + ")", false));
    Sort(candidates_);
    candidates_.insert(candidates_.begin(), before.begin(), before.end());
    return {};
  }

  // Whole words are what the index knows; a name is found by its beginning too.
  Result<void> FindNamed() {
    const std::string typed = TypedName(query_.text), end = PrefixEnd(typed);
    if (typed.empty() || typed.ends_with('/')) return {};
    const bool sieved = !facets_.empty() || typed.find('/') != std::string::npos;
    Clause clause;
    const std::string ids = NamedIds(clause, typed, end, sieved ? kWindow : static_cast<int64_t>(kMaxNamed));
    return LookThrough(std::move(clause), ids);
  }

  // A filter that lets much pass leaves out of the most popular what was changed last, or is pulled least: the rows at
  // the beginning of the wanted order are looked through too.
  Result<void> LookThroughOrder() {
    const bool by_stars = query_.order == SearchOrder::kMostStarred || query_.order == SearchOrder::kLeastStarred;
    if (std::ssize(matches_) <= kMaxRanked || query_.order == SearchOrder::kBestMatch || by_stars) return {};
    Clause clause;
    const std::string ids =
        "SELECT id FROM repository WHERE is_private = 0" + OrderText() + " LIMIT " + clause.Param(kWindow);
    return LookThrough(std::move(clause), ids);
  }

  Result<void> LookThrough(Clause clause, const std::string& ids) {
    return Collect(std::move(clause), "(" + ids + ") f JOIN ", "", !facets_.empty());
  }

  // Adds those to the candidates that are public and, with `sieve`, pass the filters.
  Result<void> Collect(Clause clause, const std::string& from, const std::string& where, bool sieve) {
    // Few enough that their descriptions, which the index does not have, can be looked at.
    const bool few = !words_.empty() && std::ssize(matches_) <= kMaxRanked;
    clause.text = "SELECT " + std::string(kCandidateColumns) + (few ? ", r.description" : ", ''") +
                  (sieve ? ", e.facets" : "") + " FROM " + from + "repository r " +
                  (sqlite_ ? "INDEXED BY repository_for_search " : "") + (from.empty() ? "" : "ON r.id = f.id ") +
                  "JOIN account a ON a.id = r.account_id";
    if (sieve) clause.text += " JOIN search_entry e ON e.repository_id = r.id";
    clause.text += " WHERE r.is_private = 0" + where;
    TRY_VOID(connection_.ExecuteDynamic(clause.text, clause.values, [&](const sql::Row& row) {
      if (sieve && !HasFacets(row.Text(9), facets_)) return;
      if (!seen_.insert(row.Int(0)).second) return;
      Candidate& candidate = candidates_.emplace_back(ReadCandidate(row));
      if (few) candidate.described = SaysAll(candidate.name + " " + AsciiLower(row.Text(8)));
    }));
    return {};
  }

  // Of the index that browsing reads.
  std::string OrderText() const {
    const bool by_time = query_.order == SearchOrder::kNewestFirst || query_.order == SearchOrder::kOldestFirst;
    const bool up = query_.order == SearchOrder::kOldestFirst || query_.order == SearchOrder::kLeastPulled;
    const std::string column = by_time ? "updated_at" : "pull_count";
    return " ORDER BY " + column + (up ? ", id" : " DESC, id DESC");
  }

  bool SaysAll(std::string_view text) const {
    return std::ranges::all_of(words_, [&](const auto& word) { return text.find(word) != std::string::npos; });
  }

  // An exact name beats everything; then what the name begins with, trust, and how much it is used.
  void Score(Candidate& candidate, const std::string& typed) const {
    const std::string full = candidate.namespace_ + "/" + candidate.name;
    double score = std::log10(1.0 + static_cast<double>(candidate.pulls)) * 2 +
                   std::log10(1.0 + static_cast<double>(candidate.stars)) * 3;
    if (candidate.name == typed || full == typed) score += 40;
    if (candidate.name.starts_with(typed)) score += 8;
    if (SaysAll(full)) score += 8;
    if (candidate.described) score += 4;
    if (candidate.badge == "official") score += 20;
    if (candidate.badge == "verified_publisher") score += 5;
    if (candidate.badge == "open_source") score += 4;
    candidate.score = score;
  }

  void Sort(std::vector<Candidate>& candidates) const {
    const std::string typed = TypedName(query_.text);
    const auto by = [&](auto key) {
      std::ranges::sort(candidates, [&](const Candidate& a, const Candidate& b) {
        const auto x = key(a), y = key(b);
        return x != y ? x > y : a.id < b.id;
      });
    };
    switch (query_.order) {
      case SearchOrder::kBestMatch:
        for (Candidate& candidate : candidates) Score(candidate, typed);
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
    const int64_t begin = query_.offset - skipped_;
    const int64_t end = std::min<int64_t>(static_cast<int64_t>(candidates_.size()), begin + query_.limit);
    for (int64_t i = begin; i < end; ++i) ids.push_back(candidates_[static_cast<size_t>(i)].id);
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
  const std::vector<Facet> facets_;
  const std::string expression_;  // SQLite: of words and facets, PostgreSQL: of facets
  const std::string plain_;
  std::vector<int64_t> matches_;       // ids, at most kMaxTotal
  std::vector<Candidate> candidates_;  // in the order of the answer, once sorted
  int64_t skipped_ = 0;                // places before the first of them
  std::unordered_set<int64_t> seen_;
};

}  // namespace

Result<SearchResults> Search::Find(const SearchQuery& query) {
  const bool sqlite = database_.dialect() == sql::Dialect::kSqlite;
  return database_.Read([&](sql::Connection& connection) { return Run(connection, sqlite, query).Do(); });
}

Result<std::vector<SearchHit>> Search::Suggest(std::string_view prefix, int64_t limit) {
  const std::string typed = AsciiLower(Trim(prefix));
  if (typed.empty() || typed.size() > 255) return std::vector<SearchHit>();
  const bool sqlite = database_.dialect() == sql::Dialect::kSqlite;
  const std::string end = PrefixEnd(typed);
  return database_.Read([&](sql::Connection& connection) -> Result<std::vector<SearchHit>> {
    Clause clause;
    const int64_t most = typed.find('/') == std::string::npos ? static_cast<int64_t>(kMaxNamed) : kWindow;
    clause.text = "SELECT r.id FROM (" + NamedIds(clause, typed, end, most) + ") f JOIN repository r " +
                  (sqlite ? "INDEXED BY repository_for_search " : "") + "ON r.id = f.id WHERE r.is_private = 0";
    clause.text +=
        " ORDER BY CASE WHEN r.namespace = 'library' THEN 0 ELSE 1 END, r.star_count DESC, r.pull_count "
        "DESC, r.id LIMIT " +
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
