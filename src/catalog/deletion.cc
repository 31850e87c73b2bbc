#include "catalog/deletion.h"

#include <algorithm>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "catalog/clause.h"
#include "crypto/digest.h"
#include "registry/immutable_tags.h"

namespace berth::catalog {
namespace {

constexpr size_t kMaxSelected = 1000;
constexpr size_t kMaxManifests = 10'000;

constexpr sql::Query kTag{
    "catalog.tag_digest",
    "SELECT m.digest FROM tag t JOIN manifest m ON m.id = t.manifest_id WHERE t.repository_id = $1 AND t.name = $2"};
constexpr sql::Query kManifest{"catalog.manifest_id",
                               "SELECT id FROM manifest WHERE repository_id = $1 AND digest = $2"};
constexpr sql::Query kTags{"catalog.tags_of_manifest", "SELECT name FROM tag WHERE manifest_id = $1 ORDER BY name"};
constexpr sql::Query kParents{"catalog.parents",
                              "SELECT DISTINCT p.digest FROM manifest_child c JOIN manifest p ON p.id = c.manifest_id "
                              "WHERE c.repository_id = $1 AND c.child_digest = $2"};
constexpr sql::Query kChildren{"catalog.children",
                               "SELECT DISTINCT child_digest FROM manifest_child WHERE manifest_id = $1"};
constexpr sql::Query kReferrers{"catalog.referrers_of",
                                "SELECT digest FROM manifest WHERE repository_id = $1 AND subject_digest = $2"};

std::string FirstText(const sql::Row& row) { return row.String(0); }

// Grows the set of what goes from what was selected.
class Planner {
 public:
  Planner(sql::Connection& connection, const registry::Repository& repository)
      : connection_(connection), repository_(repository) {}

  Result<void> SelectTags(const std::vector<std::string>& tags) {
    for (const std::string& tag : tags) {
      TRY(const auto digest, connection_.One(kTag, {repository_.id, tag}, FirstText));
      if (!digest) {
        plan_.kept.push_back({tag, "not_found"});
      } else if (registry::IsImmutable(repository_, tag)) {
        plan_.kept.push_back({tag, "immutable"});
      } else if (tags_.insert(tag).second) {
        tagged_.push_back(*digest);
      }
    }
    return {};
  }
  // With all their tags, unless one of those is immutable.
  Result<void> SelectManifests(const std::vector<std::string>& digests) {
    for (const std::string& digest : digests) {
      TRY(const auto id, FindId(digest));
      if (!id) continue;
      TRY(const auto tags, connection_.All(kTags, {*id}, FirstText));
      bool held = false;
      for (const std::string& tag : tags) {
        if (!registry::IsImmutable(repository_, tag)) continue;
        plan_.kept.push_back({tag, "immutable"});
        held = true;
      }
      if (held) continue;
      tags_.insert(tags.begin(), tags.end());
      TRY_VOID(Add(digest));
    }
    return {};
  }
  Result<DeletionPlan> Finish() {
    for (const std::string& digest : tagged_) TRY_VOID(AddIfFree(digest));
    // The list grows while it is walked: what goes may set others free.
    for (size_t i = 0; i < order_.size(); ++i) TRY_VOID(Follow(order_[i]));
    plan_.tags.assign(tags_.begin(), tags_.end());
    TRY_VOID(Describe());
    TRY(plan_.freed, Freed());
    return std::move(plan_);
  }

 private:
  Result<std::optional<int64_t>> FindId(const std::string& digest) {
    return connection_.One(kManifest, {repository_.id, digest}, [](const sql::Row& row) { return row.Int(0); });
  }
  Result<void> Add(const std::string& digest) {
    if (going_.contains(digest)) return {};
    TRY(const auto id, FindId(digest));
    if (!id) return {};
    if (going_.size() >= kMaxManifests)
      return Fail(ErrorCode::kInvalidArgument, "more than 10000 manifests would go", "digests");
    going_[digest] = *id;
    order_.push_back(digest);
    return {};
  }
  // Unless a tag or an index that stays leads to it.
  Result<bool> AddIfFree(const std::string& digest) {
    if (going_.contains(digest)) return false;
    TRY(const auto id, FindId(digest));
    if (!id) return false;
    TRY(const auto tags, connection_.All(kTags, {*id}, FirstText));
    if (std::ranges::any_of(tags, [&](const auto& tag) { return !tags_.contains(tag); })) return false;
    TRY(const auto parents, connection_.All(kParents, {repository_.id, digest}, FirstText));
    if (std::ranges::any_of(parents, [&](const auto& parent) { return !going_.contains(parent); })) return false;
    TRY_VOID(Add(digest));
    return true;
  }
  Result<void> Follow(const std::string digest) {  // a copy: the list it stands in grows
    TRY(const auto children, connection_.All(kChildren, {going_[digest]}, FirstText));
    for (const auto& child : children) TRY_VOID(AddIfFree(child));
    TRY(const auto referrers, connection_.All(kReferrers, {repository_.id, digest}, FirstText));
    for (const auto& referrer : referrers) {
      TRY(const bool added, AddIfFree(referrer));
      if (added) plan_.referrers.push_back(referrer);
    }
    return {};
  }
  Result<void> Describe() {
    std::unordered_map<std::string, size_t> place;
    for (size_t i = 0; i < order_.size(); ++i) place[order_[i]] = i;
    for (size_t at = 0; at < order_.size(); at += kMaxSelected) {
      const std::vector<std::string> part(
          order_.begin() + static_cast<ptrdiff_t>(at),
          order_.begin() + static_cast<ptrdiff_t>(std::min(order_.size(), at + kMaxSelected)));
      TRY(auto found, FindManifests(connection_, repository_.id, part));
      std::ranges::move(found, std::back_inserter(plan_.manifests));
    }
    std::ranges::sort(plan_.manifests, {}, [&](const ImageInfo& image) { return place[image.digest]; });
    return {};
  }
  // Blobs whose every edge, wherever, starts at a manifest that goes.
  Result<int64_t> Freed() {
    if (going_.empty()) return int64_t{0};
    std::vector<int64_t> ids;
    for (const auto& [digest, id] : going_) ids.push_back(id);
    Clause clause;
    const std::string list = clause.Params(ids);
    clause.text =
        "SELECT CAST(COALESCE(SUM(b.size), 0) AS BIGINT) FROM blob b WHERE b.id IN (SELECT blob_id FROM manifest_blob "
        "WHERE manifest_id IN (" +
        list +
        ")) AND NOT EXISTS (SELECT 1 FROM manifest_blob e WHERE e.blob_id = b.id "
        "AND e.manifest_id NOT IN (" +
        list + "))";
    int64_t freed = 0;
    TRY_VOID(connection_.ExecuteDynamic(clause.text, clause.values, [&](const sql::Row& row) { freed = row.Int(0); }));
    return freed;
  }

  sql::Connection& connection_;
  const registry::Repository& repository_;
  DeletionPlan plan_;
  std::set<std::string> tags_;
  std::vector<std::string> tagged_;  // digests of selected tags
  std::unordered_map<std::string, int64_t> going_;
  std::vector<std::string> order_;
};

bool IsGone(const Result<void>& done) { return !done && done.error().code == ErrorCode::kManifestUnknown; }

}  // namespace

std::string DeletionPlan::Fingerprint() const {
  std::string text;
  for (const auto& tag : tags) text += "t" + tag + "\n";
  std::vector<std::string> digests;
  for (const auto& manifest : manifests) digests.push_back(manifest.digest);
  std::ranges::sort(digests);
  for (const auto& digest : digests) text += "m" + digest + "\n";
  return std::string(DigestOf(text).hex());
}

Result<DeletionPlan> ImageDeletion::Plan(const registry::Repository& repository, const Selection& selection) {
  if (selection.tags.size() > kMaxSelected)
    return Fail(ErrorCode::kInvalidArgument, "may name at most 1000 tags", "tags");
  if (selection.digests.size() > kMaxSelected)
    return Fail(ErrorCode::kInvalidArgument, "may name at most 1000 digests", "digests");
  return database_.Read([&](sql::Connection& connection) -> Result<DeletionPlan> {
    Planner planner(connection, repository);
    TRY_VOID(planner.SelectTags(selection.tags));
    TRY_VOID(planner.SelectManifests(selection.digests));
    return planner.Finish();
  });
}

Result<DeletionOutcome> ImageDeletion::Run(const accounts::Caller& caller, const registry::Repository& repository,
                                           const DeletionPlan& plan) {
  DeletionOutcome outcome;
  for (const std::string& tag : plan.tags) {
    const auto done = manifests_.DeleteTag(caller, repository, tag);
    if (IsGone(done)) continue;
    TRY_VOID(done);
    ++outcome.tags;
  }
  for (const ImageInfo& manifest : plan.manifests) {
    TRY(const Digest digest, Digest::Parse(manifest.digest));
    const auto done = manifests_.DeleteManifest(caller, repository, digest);
    if (IsGone(done)) continue;
    TRY_VOID(done);
    ++outcome.manifests;
  }
  return outcome;
}

}  // namespace berth::catalog
