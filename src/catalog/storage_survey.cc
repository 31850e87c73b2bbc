#include "catalog/storage_survey.h"

#include <algorithm>
#include <unordered_set>

namespace berth::catalog {
namespace {

constexpr int64_t kRepositoriesARead = 2000;
constexpr int64_t kBlobsARead = 2000;
constexpr size_t kRowsAWrite = 500;

constexpr sql::Query kRepositories{
    "survey.repositories",
    "SELECT r.id, r.account_id, r.name, r.is_private, r.last_pushed_at, COALESCE(s.signature, '') FROM repository r "
    "LEFT JOIN storage_repository s ON s.repository_id = r.id WHERE r.id > $1 ORDER BY r.id LIMIT $2"};
constexpr sql::Query kManifests{
    "survey.manifests",
    "SELECT repository_id, COUNT(*), CAST(SUM(size) AS BIGINT), MAX(id), CAST(SUM(id) AS BIGINT) FROM manifest WHERE "
    "repository_id > $1 AND repository_id <= $2 GROUP BY repository_id"};
constexpr sql::Query kTags{
    "survey.tags",
    "SELECT repository_id, COUNT(*), MAX(updated_at), CAST(SUM(manifest_id) AS BIGINT), CAST(SUM(id) AS BIGINT) FROM "
    "tag WHERE repository_id > $1 AND repository_id <= $2 GROUP BY repository_id"};
constexpr sql::Query kLastBlob{"survey.last_blob",
                               "SELECT MAX(id) FROM (SELECT id FROM blob WHERE id > $1 ORDER BY id LIMIT $2) picked"};
constexpr sql::Query kHolders{
    "survey.holders",
    "SELECT h.blob_id, b.size, h.repository_id FROM repository_blob h JOIN blob b ON b.id = h.blob_id WHERE h.blob_id "
    "> $1 AND h.blob_id <= $2 ORDER BY h.blob_id"};
constexpr sql::Query kUnheld{
    "survey.unheld",
    "SELECT COUNT(*), CAST(COALESCE(SUM(CASE WHEN EXISTS (SELECT 1 FROM repository_blob h WHERE h.blob_id = b.id) THEN "
    "0 ELSE b.size END), 0) AS BIGINT) FROM blob b WHERE b.id > $1 AND b.id <= $2"};

constexpr sql::Query kGraphTags{"survey.graph_tags",
                                "SELECT name, manifest_id, updated_at FROM tag WHERE repository_id = $1 ORDER BY name"};
constexpr sql::Query kGraphManifests{"survey.graph_manifests",
                                     "SELECT id, size FROM manifest WHERE repository_id = $1"};
constexpr sql::Query kGraphChildren{"survey.graph_children",
                                    "SELECT c.manifest_id, m.id FROM manifest_child c JOIN manifest m ON "
                                    "m.repository_id = c.repository_id AND m.digest "
                                    "= c.child_digest WHERE c.repository_id = $1"};
constexpr sql::Query kGraphBlobs{
    "survey.graph_blobs",
    "SELECT e.manifest_id, b.id, b.size, CASE WHEN EXISTS (SELECT 1 FROM repository_blob o JOIN repository r ON r.id = "
    "o.repository_id WHERE o.blob_id = b.id AND o.repository_id <> $1 AND (r.account_id = $2 OR r.is_private = 0)) "
    "THEN "
    "1 ELSE 0 END FROM manifest m JOIN manifest_blob e ON e.manifest_id = m.id JOIN blob b ON b.id = e.blob_id WHERE "
    "m.repository_id = $1"};

constexpr sql::Query kPutTag{
    "survey.put_tag",
    "INSERT INTO storage_tag (repository_id, name, own, shared, total, manifests, last_pushed_at, counted_at) SELECT "
    "$1, $2, $3, $4, $5, $6, $7, $8 WHERE EXISTS (SELECT 1 FROM repository WHERE id = $1) ON CONFLICT (repository_id, "
    "name) DO UPDATE SET own = excluded.own, shared = excluded.shared, total = excluded.total, manifests = "
    "excluded.manifests, last_pushed_at = excluded.last_pushed_at, counted_at = excluded.counted_at"};
constexpr sql::Query kDropTags{"survey.drop_tags",
                               "DELETE FROM storage_tag WHERE repository_id = $1 AND counted_at <> $2"};
constexpr sql::Query kPutRepository{
    "survey.put_repository",
    "INSERT INTO storage_repository (repository_id, account_id, name, own, shared, total, tags, manifests, "
    "last_pushed_at, signature) SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10 WHERE EXISTS (SELECT 1 FROM repository "
    "WHERE id = $1) ON CONFLICT (repository_id) DO UPDATE SET account_id = excluded.account_id, name = excluded.name, "
    "own = excluded.own, shared = excluded.shared, total = excluded.total, tags = excluded.tags, manifests = "
    "excluded.manifests, last_pushed_at = excluded.last_pushed_at, signature = excluded.signature"};
constexpr sql::Query kNamespaces{
    "survey.namespaces",
    "SELECT account_id, own, shared, visible_own, visible_shared, repositories, tags, manifests, "
    "COALESCE(last_pushed_at, 0) FROM storage_namespace"};
constexpr sql::Query kPutNamespace{
    "survey.put_namespace",
    "INSERT INTO storage_namespace (account_id, name, own, shared, total, visible_own, visible_shared, repositories, "
    "tags, manifests, last_pushed_at) SELECT a.id, a.name, $2, $3, $4, $5, $6, $7, $8, $9, $10 FROM account a WHERE "
    "a.id = $1 ON CONFLICT (account_id) DO UPDATE SET name = excluded.name, own = excluded.own, shared = "
    "excluded.shared, total = excluded.total, visible_own = excluded.visible_own, visible_shared = "
    "excluded.visible_shared, repositories = excluded.repositories, tags = excluded.tags, manifests = "
    "excluded.manifests, last_pushed_at = excluded.last_pushed_at"};
constexpr sql::Query kDropNamespace{"survey.drop_namespace", "DELETE FROM storage_namespace WHERE account_id = $1"};
constexpr sql::Query kPutReport{
    "survey.put_report",
    "INSERT INTO storage_report (id, computed_at, bytes, tags, manifests, blobs) VALUES (1, $1, $2, $3, $4, $5) ON "
    "CONFLICT (id) DO UPDATE SET computed_at = excluded.computed_at, bytes = excluded.bytes, tags = excluded.tags, "
    "manifests = excluded.manifests, blobs = excluded.blobs"};

struct RepositoryCount {
  int64_t account = 0;
  std::string name;
  bool is_private = false;
  int64_t last_pushed = 0;  // microseconds; 0: never
  std::string signature;    // as the last survey left it
  int64_t own = 0;
  int64_t shared = 0;
  int64_t tags = 0;
  int64_t manifests = 0;
  uint64_t edges = 0;  // what it holds, and what of that is shared
  std::string marks;   // of manifests and tags

  std::string Signature() const {
    return std::to_string(own) + ":" + std::to_string(shared) + ":" + std::to_string(edges) + ":" +
           std::to_string(last_pushed) + marks;
  }
};

struct TagCount {
  int64_t repository = 0;
  std::string name;
  TagBytes bytes;
  Timestamp last_pushed;
};

struct NamespaceCount {
  int64_t own = 0;
  int64_t shared = 0;
  int64_t visible_own = 0;
  int64_t visible_shared = 0;
  int64_t repositories = 0;
  int64_t tags = 0;
  int64_t manifests = 0;
  int64_t last_pushed = 0;
  bool operator==(const NamespaceCount&) const = default;
};

// Spreads the bits, so that sums of many tell one set from another.
uint64_t Mix(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

sql::Value TimeOrNull(int64_t micros) { return micros == 0 ? sql::Value() : sql::Value(micros); }

// One round.
class Round {
 public:
  Round(sql::Database& database, const Clock& clock, const std::stop_token& stop)
      : database_(database), stop_(stop), now_(clock.Now()) {}

  Result<void> Do() {
    TRY_VOID(ReadRepositories());
    TRY_VOID(ReadBlobs());
    for (auto& [id, repository] : repositories_) {
      TRY_VOID(CheckStop());
      Gather(repository);
      if (repository.Signature() != repository.signature) TRY_VOID(CountAnew(id, repository));
    }
    TRY_VOID(WriteCounted());
    return WriteNamespaces();
  }

 private:
  Result<void> CheckStop() const {
    if (stop_.stop_requested()) return Fail(ErrorCode::kUnavailable, "the survey was stopped");
    return {};
  }

  Result<void> ReadRepositories() {
    for (int64_t after = 0;;) {
      TRY_VOID(CheckStop());
      int64_t last = after;
      TRY_VOID(database_.Read([&](sql::Connection& c) -> Result<void> {
        TRY_VOID(c.Each(kRepositories, {after, kRepositoriesARead}, [&](const sql::Row& row) {
          RepositoryCount& repository = repositories_[row.Int(0)];
          repository = {};
          repository.account = row.Int(1);
          repository.name = row.String(2);
          repository.is_private = row.Bool(3);
          repository.last_pushed = row.Int(4);
          repository.signature = row.String(5);
          last = row.Int(0);
        }));
        TRY_VOID(c.Each(kManifests, {after, last}, [&](const sql::Row& row) {
          RepositoryCount& repository = repositories_[row.Int(0)];
          repository.manifests = row.Int(1);
          manifests_ += row.Int(1);
          repository.own = row.Int(2);  // rows of their repository alone
          namespaces_[repository.account].own += row.Int(2);
          namespaces_[repository.account].visible_own += row.Int(2);
          bytes_ += row.Int(2);
          repository.marks += ":m" + row.String(1) + "," + row.String(3) + "," + row.String(4);
        }));
        TRY_VOID(c.Each(kTags, {after, last}, [&](const sql::Row& row) {
          RepositoryCount& repository = repositories_[row.Int(0)];
          repository.tags = row.Int(1);
          tags_ += row.Int(1);
          repository.marks += ":t" + row.String(1) + "," + row.String(2) + "," + row.String(3) + "," + row.String(4);
        }));
        return {};
      }));
      if (last == after) return {};
      after = last;
    }
  }

  Result<void> ReadBlobs() {
    for (int64_t after = 0;;) {
      TRY_VOID(CheckStop());
      int64_t last = 0;
      std::vector<std::pair<int64_t, RepositoryCount*>> holders;
      int64_t blob = 0, size = 0;
      TRY_VOID(database_.Read([&](sql::Connection& c) -> Result<void> {
        TRY_VOID(c.Each(kLastBlob, {after, kBlobsARead}, [&](const sql::Row& row) { last = row.Int(0); }));
        if (last == 0) return {};
        TRY_VOID(c.Each(kHolders, {after, last}, [&](const sql::Row& row) {
          if (row.Int(0) != blob) AddBlob(blob, size, holders);
          blob = row.Int(0);
          size = row.Int(1);
          const auto found = repositories_.find(row.Int(2));
          if (found != repositories_.end()) holders.emplace_back(row.Int(2), &found->second);
        }));
        TRY_VOID(c.Each(kUnheld, {after, last}, [&](const sql::Row& row) {
          blobs_ += row.Int(0);
          bytes_ += row.Int(1);
        }));
        return {};
      }));
      AddBlob(blob, size, holders);
      if (last == 0) return {};
      after = last;
    }
  }

  // Who else has it decides whose it is: of all, and of those that may be told of.
  void AddBlob(int64_t blob, int64_t size, std::vector<std::pair<int64_t, RepositoryCount*>>& holders) {
    if (holders.empty()) return;
    bytes_ += size;
    std::map<int64_t, int64_t> by_account, public_by_account;
    int64_t open = 0;
    for (const auto& [id, repository] : holders) {
      ++by_account[repository->account];
      if (repository->is_private) continue;
      ++open;
      ++public_by_account[repository->account];
    }
    for (const auto& [id, repository] : holders) {
      const bool shared = by_account[repository->account] > 1 || open > (repository->is_private ? 0 : 1);
      (shared ? repository->shared : repository->own) += size;
      repository->edges += Mix(static_cast<uint64_t>(blob) * 2 + (shared ? 1 : 0));
    }
    for (const auto& [account, count] : by_account) {
      NamespaceCount& space = namespaces_[account];
      (by_account.size() > 1 ? space.shared : space.own) += size;
      const auto found = public_by_account.find(account);
      const int64_t others = open - (found == public_by_account.end() ? 0 : found->second);
      (others > 0 ? space.visible_shared : space.visible_own) += size;
    }
    holders.clear();
  }

  // Of a repository that has all its figures.
  void Gather(const RepositoryCount& repository) {
    NamespaceCount& space = namespaces_[repository.account];
    ++space.repositories;
    space.tags += repository.tags;
    space.manifests += repository.manifests;
    space.last_pushed = std::max(space.last_pushed, repository.last_pushed);
  }

  Result<TagGraph> ReadGraph(int64_t id, int64_t account) {
    return database_.Read([&](sql::Connection& c) -> Result<TagGraph> {
      TagGraph graph;
      TRY_VOID(c.Each(kGraphTags, {id},
                      [&](const sql::Row& row) { graph.tags.push_back({row.String(0), row.Int(1), row.Time(2)}); }));
      TRY_VOID(
          c.Each(kGraphManifests, {id}, [&](const sql::Row& row) { graph.manifests[row.Int(0)].size = row.Int(1); }));
      TRY_VOID(c.Each(kGraphChildren, {id},
                      [&](const sql::Row& row) { graph.manifests[row.Int(0)].children.push_back(row.Int(1)); }));
      TRY_VOID(c.Each(kGraphBlobs, {id, account}, [&](const sql::Row& row) {
        graph.manifests[row.Int(0)].blobs.push_back(row.Int(1));
        graph.blobs[row.Int(1)] = {row.Int(1), row.Int(2), row.Bool(3)};
      }));
      return graph;
    });
  }

  Result<void> CountAnew(int64_t id, const RepositoryCount& repository) {
    TRY(const TagGraph graph, ReadGraph(id, repository.account));
    const std::vector<TagBytes> counted = CountTags(graph);
    for (size_t i = 0; i < counted.size(); ++i)
      counted_tags_.push_back({id, graph.tags[i].name, counted[i], graph.tags[i].updated_at});
    counted_.push_back(id);
    return counted_tags_.size() + counted_.size() < kRowsAWrite ? Result<void>() : WriteCounted();
  }

  // Of many repositories at once, for each commit costs a sync and what the readers have in memory. A repository's own
  // row, whose signature says that it was counted, comes after its tags.
  Result<void> WriteCounted() {
    TRY_VOID(InBatches(counted_tags_, [this](sql::Transaction& tx, const TagCount& tag) {
      const TagBytes& b = tag.bytes;
      return tx.Run(kPutTag,
                    {tag.repository, tag.name, b.own, b.shared, b.own + b.shared, b.manifests, tag.last_pushed, now_});
    }));
    TRY_VOID(InBatches(counted_, [this](sql::Transaction& tx, int64_t id) -> Result<int64_t> {
      const RepositoryCount& repository = repositories_[id];
      const std::string signature = repository.Signature();
      TRY_VOID(tx.Run(kDropTags, {id, now_}));
      return tx.Run(kPutRepository, {id, repository.account, repository.name, repository.own, repository.shared,
                                     repository.own + repository.shared, repository.tags, repository.manifests,
                                     TimeOrNull(repository.last_pushed), signature});
    }));
    counted_tags_.clear();
    counted_.clear();
    return {};
  }

  Result<void> WriteNamespaces() {
    std::map<int64_t, NamespaceCount> before;
    TRY_VOID(database_.Read([&](sql::Connection& c) -> Result<void> {
      before.clear();
      TRY_VOID(c.Each(kNamespaces, {}, [&](const sql::Row& row) {
        before[row.Int(0)] = {row.Int(1), row.Int(2), row.Int(3), row.Int(4),
                              row.Int(5), row.Int(6), row.Int(7), row.Int(8)};
      }));
      return {};
    }));
    std::vector<int64_t> gone, changed;
    for (const auto& [id, count] : before) {
      if (!namespaces_.contains(id)) gone.push_back(id);
    }
    for (const auto& [id, count] : namespaces_) {
      const auto found = before.find(id);
      if (found == before.end() || found->second != count) changed.push_back(id);
    }
    TRY_VOID(InBatches(gone, [](sql::Transaction& tx, int64_t id) { return tx.Run(kDropNamespace, {id}); }));
    TRY_VOID(InBatches(changed, [this](sql::Transaction& tx, int64_t id) {
      const NamespaceCount& n = namespaces_[id];
      return tx.Run(kPutNamespace, {id, n.own, n.shared, n.own + n.shared, n.visible_own, n.visible_shared,
                                    n.repositories, n.tags, n.manifests, TimeOrNull(n.last_pushed)});
    }));
    return database_.Write([&](sql::Transaction& tx) -> Result<void> {
      TRY_VOID(tx.Run(kPutReport, {now_, bytes_, tags_, manifests_, blobs_}));
      return {};
    });
  }

  template <typename Item, typename Change>
  Result<void> InBatches(const std::vector<Item>& items, Change&& change) {
    for (size_t done = 0; done < items.size(); done += kRowsAWrite) {
      TRY_VOID(CheckStop());
      TRY_VOID(database_.Write([&](sql::Transaction& tx) -> Result<void> {
        for (size_t i = done; i < std::min(done + kRowsAWrite, items.size()); ++i) TRY_VOID(change(tx, items[i]));
        return {};
      }));
    }
    return {};
  }

  sql::Database& database_;
  const std::stop_token& stop_;
  const Timestamp now_;
  int64_t bytes_ = 0, tags_ = 0, manifests_ = 0, blobs_ = 0;
  std::map<int64_t, RepositoryCount> repositories_;
  std::vector<TagCount> counted_tags_;  // not written yet
  std::vector<int64_t> counted_;        // repositories not written yet
  std::map<int64_t, NamespaceCount> namespaces_;
};

// What each tag leads to, each once.
struct Reach {
  std::vector<int64_t> manifests;
  std::vector<int64_t> blobs;
};

Reach ReachFrom(const TagGraph& graph, int64_t start) {
  Reach reach;
  std::unordered_set<int64_t> seen, blobs;
  std::vector<int64_t> open{start};
  while (!open.empty()) {
    const int64_t id = open.back();
    open.pop_back();
    const auto manifest = graph.manifests.find(id);
    if (manifest == graph.manifests.end() || !seen.insert(id).second) continue;
    reach.manifests.push_back(id);
    for (const int64_t blob : manifest->second.blobs) {
      if (blobs.insert(blob).second) reach.blobs.push_back(blob);
    }
    open.insert(open.end(), manifest->second.children.begin(), manifest->second.children.end());
  }
  return reach;
}

}  // namespace

std::vector<TagBytes> CountTags(const TagGraph& graph) {
  std::vector<Reach> reaches;
  std::unordered_map<int64_t, int64_t> manifest_users, blob_users;
  for (const auto& tag : graph.tags) {
    reaches.push_back(ReachFrom(graph, tag.manifest));
    for (const int64_t id : reaches.back().manifests) ++manifest_users[id];
    for (const int64_t id : reaches.back().blobs) ++blob_users[id];
  }
  // What no tag leads to uses its blobs as well.
  for (const auto& [id, manifest] : graph.manifests) {
    if (manifest_users.contains(id)) continue;
    for (const int64_t blob : manifest.blobs) ++blob_users[blob];
    for (const int64_t child : manifest.children) ++manifest_users[child];
  }
  std::vector<TagBytes> counted(graph.tags.size());
  for (size_t i = 0; i < reaches.size(); ++i) {
    TagBytes& bytes = counted[i];
    bytes.manifests = static_cast<int64_t>(reaches[i].manifests.size());
    for (const int64_t id : reaches[i].manifests) {
      (manifest_users[id] > 1 ? bytes.shared : bytes.own) += graph.manifests.at(id).size;
    }
    for (const int64_t id : reaches[i].blobs) {
      const auto& blob = graph.blobs.at(id);
      (blob.shared || blob_users[id] > 1 ? bytes.shared : bytes.own) += blob.size;
    }
  }
  return counted;
}

Result<void> StorageSurvey::Run(const std::stop_token& stop) { return Round(database_, clock_, stop).Do(); }

}  // namespace berth::catalog
