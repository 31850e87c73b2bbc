// What the web interface's repository pages need beyond Docker Hub's API: tags with a cursor, retagging, previewed
// deletion, pulls over time.
#include <algorithm>

#include "api/hub/cursor.h"
#include "api/hub/hub_api.h"
#include "api/hub/manifest_view.h"
#include "api/hub/repository_view.h"
#include "api/hub/tag_view.h"
#include "base/text.h"
#include "catalog/deletion.h"
#include "catalog/pull_statistics.h"
#include "registry/immutable_tags.h"

namespace berth::api::hub {
namespace {

using access::RepositoryAction;
using catalog::TagOrder;

struct TagRowsRequest {
  std::string namespace_;
  std::string repository;
  std::optional<int64_t> limit;
  std::string cursor;
  std::string name;
  std::string sort;
  std::string architecture;
  std::string os;
};
BOOST_DESCRIBE_STRUCT(TagRowsRequest, (), (namespace_, repository, limit, cursor, name, sort, architecture, os))

struct PlatformView {
  std::string os;
  std::string architecture;
  std::string variant;
  std::string os_version;
};
BOOST_DESCRIBE_STRUCT(PlatformView, (), (os, architecture, variant, os_version))

struct TagRowView {
  std::string name;
  std::string digest;
  std::string media_type;
  std::string content_type;
  int64_t size = 0;
  std::vector<PlatformView> platforms;
  Timestamp pushed_at;
  std::string pushed_by;
  std::optional<Timestamp> pulled_at;
  bool immutable = false;
  bool stale = false;
};
BOOST_DESCRIBE_STRUCT(TagRowView, (),
                      (name, digest, media_type, content_type, size, platforms, pushed_at, pushed_by, pulled_at,
                       immutable, stale))

struct TagRowsView {
  std::vector<TagRowView> items;
  std::optional<std::string> next;
  int64_t total = 0;
};
BOOST_DESCRIBE_STRUCT(TagRowsView, (), (items, next, total))

struct SetTagRequest {
  std::string namespace_;
  std::string repository;
  std::string tag;
  json::Required<std::string> source;
};
BOOST_DESCRIBE_STRUCT(SetTagRequest, (), (namespace_, repository, tag, source))

struct TagChangeView {
  std::string tag;
  std::string digest;
  std::optional<std::string> previous_digest;
};
BOOST_DESCRIBE_STRUCT(TagChangeView, (), (tag, digest, previous_digest))

struct PreviewRequest {
  std::string namespace_;
  std::string repository;
  std::vector<std::string> tags;
  std::vector<std::string> digests;
};
BOOST_DESCRIBE_STRUCT(PreviewRequest, (), (namespace_, repository, tags, digests))

struct DeleteRequest : PreviewRequest {
  json::Required<std::string> plan;
};
BOOST_DESCRIBE_STRUCT(DeleteRequest, (PreviewRequest), (plan))

struct KeptTagView {
  std::string tag;
  std::string reason;
};
BOOST_DESCRIBE_STRUCT(KeptTagView, (), (tag, reason))

struct PreviewView {
  std::string plan;
  std::vector<std::string> tags;
  std::vector<KeptTagView> kept;
  std::vector<ManifestSummaryView> manifests;
  std::vector<std::string> referrers;
  int64_t freed = 0;
  Timestamp expires_at;
};
BOOST_DESCRIBE_STRUCT(PreviewView, (), (plan, tags, kept, manifests, referrers, freed, expires_at))

struct DeletedView {
  int32_t deleted_tags = 0;
  int32_t deleted_manifests = 0;
  int64_t freed = 0;
};
BOOST_DESCRIBE_STRUCT(DeletedView, (), (deleted_tags, deleted_manifests, freed))

struct PullsRequest {
  std::string namespace_;
  std::string repository;
  std::optional<Timestamp> from;
  std::optional<Timestamp> to;
  std::string interval;
  std::string tag;
};
BOOST_DESCRIBE_STRUCT(PullsRequest, (), (namespace_, repository, from, to, interval, tag))

struct PullPointView {
  Timestamp at;
  int64_t pulls = 0;
  int64_t version_checks = 0;
};
BOOST_DESCRIBE_STRUCT(PullPointView, (), (at, pulls, version_checks))

struct PullSeriesView {
  Timestamp from;
  Timestamp to;
  std::string interval;
  int64_t total_pulls = 0;
  int64_t total_version_checks = 0;
  std::vector<PullPointView> points;
};
BOOST_DESCRIBE_STRUCT(PullSeriesView, (), (from, to, interval, total_pulls, total_version_checks, points))

Result<TagOrder> ReadSort(const std::string& text) {
  if (text.empty() || text == "-pushed") return TagOrder::kNewestFirst;
  if (text == "pushed") return TagOrder::kOldestFirst;
  if (text == "name") return TagOrder::kNameUp;
  if (text == "-name") return TagOrder::kNameDown;
  if (text == "pulled") return TagOrder::kEarliestPulled;
  if (text == "-pulled") return TagOrder::kLatestPulled;
  if (text == "size") return TagOrder::kSmallest;
  if (text == "-size") return TagOrder::kLargest;
  return Fail(ErrorCode::kInvalidArgument, "must be pushed, pulled, name or size, or one of them with a dash before it",
              "sort");
}

TagRowView MakeTagRow(const catalog::TagInfo& tag, const registry::Repository& repository, Timestamp now) {
  TagRowView row;
  row.name = tag.name;
  row.digest = tag.digest;
  row.media_type = tag.media_type;
  row.content_type = ContentTypeOf(tag);
  row.size = tag.full_size;
  for (const auto& image : tag.images) {
    // Attestations beside the images of an index run nowhere.
    if (image.os.empty() || image.os == "unknown") continue;
    row.platforms.push_back({image.os, image.architecture, image.variant, image.os_version});
  }
  row.pushed_at = tag.updated_at;
  row.pushed_by = tag.pushed_by_name;
  row.pulled_at = tag.last_pulled;
  row.immutable = registry::IsImmutable(repository, tag.name);
  row.stale = catalog::IsStale(now, tag.updated_at, tag.last_pulled);
  return row;
}

Result<TagRowsView> ListTagRows(const HubApi& api, const Call& call, const TagRowsRequest& request) {
  TRY(const TagOrder order, ReadSort(request.sort));
  TRY(const auto cursor, ReadCursor(request.cursor, "cursor"));
  const int64_t limit = std::clamp<int64_t>(request.limit.value_or(100), 1, 1000);
  TRY(const auto info, RequireRepository(api, call, request.namespace_, request.repository, RepositoryAction::kPull));
  TRY(const auto repository, api.registry.repositories().Find(info.full_name));
  const catalog::TagFilter filter{info.id, request.name, request.architecture, request.os, order};
  std::optional<catalog::TagPosition> after;
  if (cursor) after = {cursor->key, cursor->id};
  return api.database.Read([&](sql::Connection& c) -> Result<TagRowsView> {
    TagRowsView view;
    TRY(view.total, catalog::CountTags(c, filter));
    TRY(auto tags, catalog::ListTagsAfter(c, filter, after, limit + 1));
    if (static_cast<int64_t>(tags.size()) > limit) {
      tags.pop_back();
      const auto last = catalog::PositionOf(tags.back(), order);
      view.next = MakeCursor({last.key, last.id});
    }
    for (const auto& tag : tags) view.items.push_back(MakeTagRow(tag, repository, api.clock.Now()));
    return view;
  });
}

Result<TagChangeView> SetTag(const HubApi& api, const Call& call, const SetTagRequest& request) {
  TRY(const auto info, RequireRepository(api, call, request.namespace_, request.repository, RepositoryAction::kSetTag));
  TRY(const auto repository, api.registry.repositories().Find(info.full_name));
  TRY(const auto retagged, api.registry.manifests().Retag(call.caller, repository, request.tag, *request.source));
  TagChangeView view{request.tag, retagged.digest, std::nullopt};
  if (!retagged.previous.empty()) view.previous_digest = retagged.previous;
  return view;
}

Result<registry::Repository> RequireDeletable(const HubApi& api, const Call& call, const PreviewRequest& request) {
  TRY(const auto info,
      RequireRepository(api, call, request.namespace_, request.repository, RepositoryAction::kDeleteTag));
  return api.registry.repositories().Find(info.full_name);
}

// The moment it ends, and what it covers: the same selection must come to the same again.
std::string PlanText(Timestamp expires_at, const catalog::DeletionPlan& plan) {
  return std::to_string(ToMicros(expires_at)) + "-" + plan.Fingerprint();
}

Result<PreviewView> PreviewDelete(const HubApi& api, const Call& call, const PreviewRequest& request) {
  TRY(const auto repository, RequireDeletable(api, call, request));
  TRY(const auto plan, api.deletion.Plan(repository, {request.tags, request.digests}));
  PreviewView view;
  view.expires_at = api.clock.Now() + std::chrono::minutes(10);
  view.plan = PlanText(view.expires_at, plan);
  view.tags = plan.tags;
  for (const auto& kept : plan.kept) view.kept.push_back({kept.tag, kept.reason});
  for (const auto& manifest : plan.manifests) view.manifests.push_back(MakeManifestSummary(manifest, api.clock.Now()));
  view.referrers = plan.referrers;
  view.freed = plan.freed;
  return view;
}

Result<DeletedView> DeleteSelection(const HubApi& api, const Call& call, const DeleteRequest& request) {
  TRY(const auto repository, RequireDeletable(api, call, request));
  TRY_VOID(registry::RepositoryService::CheckWritable(repository));
  const std::string_view text = *request.plan;
  const auto micros = ParseNumber<int64_t>(text.substr(0, text.find('-')));
  if (!micros) return Fail(ErrorCode::kInvalidArgument, "is no plan of a preview", "plan");
  const Timestamp expires_at = FromMicros(*micros);
  TRY(const auto plan, api.deletion.Plan(repository, {request.tags, request.digests}));
  if (expires_at < api.clock.Now() || PlanText(expires_at, plan) != text) {
    return Fail(ErrorCode::kConflict,
                "the repository has changed since the preview, or the preview is too old; nothing was deleted", "plan");
  }
  TRY(const auto outcome, api.deletion.Run(call.caller, repository, plan));
  return DeletedView{outcome.tags, outcome.manifests, plan.freed};
}

Result<catalog::PullInterval> ReadInterval(const std::string& text) {
  if (text.empty() || text == "day") return catalog::PullInterval::kDay;
  if (text == "hour") return catalog::PullInterval::kHour;
  if (text == "week") return catalog::PullInterval::kWeek;
  if (text == "month") return catalog::PullInterval::kMonth;
  return Fail(ErrorCode::kInvalidArgument, "must be hour, day, week or month", "interval");
}

Result<PullSeriesView> GetPullStatistics(const HubApi& api, const Call& call, const PullsRequest& request) {
  TRY(const auto interval, ReadInterval(request.interval));
  TRY(const auto info, RequireRepository(api, call, request.namespace_, request.repository, RepositoryAction::kPull));
  PullSeriesView view;
  view.interval = request.interval.empty() ? "day" : request.interval;
  view.to = request.to.value_or(api.clock.Now());
  view.from = request.from.value_or(view.to - std::chrono::hours(24 * 30));
  if (view.from > view.to) return Fail(ErrorCode::kInvalidArgument, "must not come after to", "from");
  TRY(const auto points, api.database.Read([&](sql::Connection& c) {
    return catalog::PullSeries(c, info.id, request.tag, view.from, view.to, interval);
  }));
  for (const auto& point : points) {
    view.points.push_back({point.at, point.pulls, point.version_checks});
    view.total_pulls += point.pulls;
    view.total_version_checks += point.version_checks;
  }
  return view;
}

}  // namespace

void AddRepositoryPageRoutes(OperationTable& table) {
  using http::Method;
  const OperationOptions anybody{.auth = Auth::kOptional};
  const std::string repository = "/api/berth/v1/repositories/{namespace}/{repository}";
  table.Add(Method::kGet, repository + "/tags", "ListTagRows", &ListTagRows, anybody);
  table.Add(Method::kPut, repository + "/tags/{tag}", "SetTag", &SetTag);
  table.Add(Method::kPost, repository + "/delete-preview", "PreviewDelete", &PreviewDelete);
  table.Add(Method::kPost, repository + "/delete", "DeleteSelection", &DeleteSelection);
  table.Add(Method::kGet, repository + "/statistics/pulls", "GetPullStatistics", &GetPullStatistics, anybody);
}

}  // namespace berth::api::hub
