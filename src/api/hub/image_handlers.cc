// Images of a repository by digest: listed, counted, deleted; manifests with a cursor.
#include "access/decision.h"
#include "api/hub/caller_rules.h"
#include "api/hub/cursor.h"
#include "api/hub/hub_api.h"
#include "api/hub/manifest_view.h"
#include "api/hub/page.h"
#include "api/hub/repository_view.h"

namespace berth::api::hub {
namespace {

using access::RepositoryAction;
using catalog::ImageOrder;
using catalog::ManifestKind;
using catalog::ManifestOrder;

struct ListImagesRequest {
  std::string namespace_;
  std::string repository;
  std::string status;
  std::optional<bool> currently_tagged;
  std::string ordering;
  std::optional<Timestamp> active_from;
  std::optional<int64_t> page;
  std::optional<int64_t> page_size;
};
BOOST_DESCRIBE_STRUCT(ListImagesRequest, (),
                      (namespace_, repository, status, currently_tagged, ordering, active_from, page, page_size))

struct SummaryRequest {
  std::string namespace_;
  std::string repository;
  std::optional<Timestamp> active_from;
};
BOOST_DESCRIBE_STRUCT(SummaryRequest, (), (namespace_, repository, active_from))

struct ImageTagsRequest {
  std::string namespace_;
  std::string repository;
  std::string digest;
  std::optional<int64_t> page;
  std::optional<int64_t> page_size;
};
BOOST_DESCRIBE_STRUCT(ImageTagsRequest, (), (namespace_, repository, digest, page, page_size))

struct ListManifestsRequest {
  std::string namespace_;
  std::string repository;
  std::optional<int64_t> page_size;
  std::string last_evaluated_key;
  std::string ordering;
  std::string filter;
};
BOOST_DESCRIBE_STRUCT(ListManifestsRequest, (),
                      (namespace_, repository, page_size, last_evaluated_key, ordering, filter))

struct ImageTagView {
  std::string tag;
  bool is_current = false;
};
BOOST_DESCRIBE_STRUCT(ImageTagView, (), (tag, is_current))

struct RepositoryImageView {
  std::string namespace_;
  std::string repository;
  std::string digest;
  std::vector<ImageTagView> tags;
  Timestamp last_pushed;
  std::optional<Timestamp> last_pulled;
  std::string status;
};
BOOST_DESCRIBE_STRUCT(RepositoryImageView, (), (namespace_, repository, digest, tags, last_pushed, last_pulled, status))

struct StatisticsView {
  int64_t total = 0;
  int64_t active = 0;
  int64_t inactive = 0;
};
BOOST_DESCRIBE_STRUCT(StatisticsView, (), (total, active, inactive))

struct SummaryView {
  Timestamp active_from;
  StatisticsView statistics;
};
BOOST_DESCRIBE_STRUCT(SummaryView, (), (active_from, statistics))

struct ManifestListView {
  std::vector<ManifestSummaryView> manifests;
  std::optional<std::string> last_evaluated_key;
};
BOOST_DESCRIBE_STRUCT(ManifestListView, (), (manifests, last_evaluated_key))

Timestamp ActiveFrom(const HubApi& api, const std::optional<Timestamp>& wanted) {
  return wanted.value_or(api.clock.Now() - std::chrono::hours(24 * 30));
}

std::vector<ImageTagView> MakeTags(const std::vector<catalog::ImageTag>& tags) {
  std::vector<ImageTagView> views;
  for (const auto& tag : tags) views.push_back({tag.name, tag.is_current});
  return views;
}

Result<ImageOrder> ReadImageOrder(const std::string& text) {
  if (text.empty() || text == "-last_activity") return ImageOrder::kActivityDown;
  if (text == "last_activity") return ImageOrder::kActivityUp;
  if (text == "digest") return ImageOrder::kDigestUp;
  if (text == "-digest") return ImageOrder::kDigestDown;
  return Fail(ErrorCode::kInvalidArgument, "must be last_activity or digest, or one of them with a dash before it",
              "ordering");
}

Result<Page<RepositoryImageView>> ListRepositoryImages(const HubApi& api, const Call& call,
                                                       const ListImagesRequest& request) {
  TRY(const PageRange range, MakePageRange(request.page, request.page_size));
  catalog::ImageFilter filter;
  TRY(filter.order, ReadImageOrder(request.ordering));
  if (!request.status.empty() && request.status != "active" && request.status != "inactive") {
    return Fail(ErrorCode::kInvalidArgument, "must be active or inactive", "status");
  }
  if (!request.status.empty()) filter.active = request.status == "active";
  filter.tagged = request.currently_tagged;
  filter.active_from = ActiveFrom(api, request.active_from);
  TRY(const auto info, RequireRepository(api, call, request.namespace_, request.repository, RepositoryAction::kPull));
  filter.repository = info.id;
  return api.database.Read([&](sql::Connection& c) -> Result<Page<RepositoryImageView>> {
    TRY(const int64_t count, catalog::CountImages(c, filter));
    TRY(const auto images, catalog::ListImages(c, filter, range.offset(), range.size));
    std::vector<RepositoryImageView> views;
    for (const auto& image : images) {
      const bool active = image.Activity() >= filter.active_from;
      views.push_back({info.namespace_, info.name, image.digest, MakeTags(image.tags), image.pushed, image.pulled,
                       active ? "active" : "inactive"});
    }
    return MakePage(call.http, range, count, std::move(views));
  });
}

Result<SummaryView> GetImagesSummary(const HubApi& api, const Call& call, const SummaryRequest& request) {
  TRY(const auto info, RequireRepository(api, call, request.namespace_, request.repository, RepositoryAction::kPull));
  SummaryView view;
  view.active_from = ActiveFrom(api, request.active_from);
  TRY(const auto counts,
      api.database.Read([&](sql::Connection& c) { return catalog::SummarizeImages(c, info.id, view.active_from); }));
  view.statistics = {counts.total, counts.active, counts.total - counts.active};
  return view;
}

Result<Page<ImageTagView>> ListImageTags(const HubApi& api, const Call& call, const ImageTagsRequest& request) {
  TRY(const PageRange range, MakePageRange(request.page, request.page_size));
  TRY(const auto info, RequireRepository(api, call, request.namespace_, request.repository, RepositoryAction::kPull));
  return api.database.Read([&](sql::Connection& c) -> Result<Page<ImageTagView>> {
    TRY(const auto image, registry::manifest_store::Find(c, info.id, request.digest));
    if (!image) return Fail(Error(ErrorCode::kNotFound, "httperror 404: object not found").WithDetail(request.digest));
    TRY(const int64_t count, catalog::CountTagsOfImage(c, image->id));
    TRY(const auto tags, catalog::TagsOfImage(c, image->id, range.offset(), range.size));
    return MakePage(call.http, range, count, MakeTags(tags));
  });
}

Result<ManifestOrder> ReadManifestOrder(const std::string& text) {
  if (text.empty() || text == "-last_pushed") return ManifestOrder::kPushedDown;
  if (text == "last_pushed") return ManifestOrder::kPushedUp;
  if (text == "last_pulled") return ManifestOrder::kPulledUp;
  if (text == "-last_pulled") return ManifestOrder::kPulledDown;
  if (text == "size") return ManifestOrder::kSizeUp;
  if (text == "-size") return ManifestOrder::kSizeDown;
  return Fail(ErrorCode::kInvalidArgument,
              "must be last_pushed, last_pulled or size, or one of them with a dash before it", "ordering");
}

Result<ManifestKind> ReadKind(const std::string& text) {
  if (text.empty()) return ManifestKind::kAny;
  if (text == "tagged") return ManifestKind::kTagged;
  if (text == "untagged") return ManifestKind::kUntagged;
  if (text == "index") return ManifestKind::kIndex;
  if (text == "image") return ManifestKind::kImage;
  if (text == "artifact") return ManifestKind::kArtifact;
  if (text == "stale") return ManifestKind::kStale;
  return Fail(ErrorCode::kInvalidArgument, "must be tagged, untagged, index, image, artifact or stale", "filter");
}

Result<ManifestListView> ListRepositoryManifests(const HubApi& api, const Call& call,
                                                 const ListManifestsRequest& request) {
  TRY(const PageRange range, MakePageRange(std::nullopt, request.page_size));
  catalog::ManifestFilter filter;
  TRY(filter.order, ReadManifestOrder(request.ordering));
  TRY(filter.kind, ReadKind(request.filter));
  const Timestamp now = api.clock.Now();
  filter.stale_before = now - std::chrono::hours(24 * 182);
  TRY(const auto position, ReadCursor(request.last_evaluated_key, "last_evaluated_key"));
  std::optional<catalog::ManifestPosition> after;
  if (position) {
    TRY(const int64_t key, CursorNumber(*position, "last_evaluated_key"));
    after = {key, position->id};
  }
  TRY(const auto info, RequireRepository(api, call, request.namespace_, request.repository, RepositoryAction::kPull));
  filter.repository = info.id;
  return api.database.Read([&](sql::Connection& c) -> Result<ManifestListView> {
    TRY(auto manifests, catalog::ListManifests(c, filter, after, range.size + 1));
    ManifestListView view;
    if (static_cast<int64_t>(manifests.size()) > range.size) {
      manifests.pop_back();
      const auto last = catalog::PositionOf(manifests.back(), filter.order);
      view.last_evaluated_key = MakeCursor({std::to_string(last.key), last.id});
    }
    for (const auto& manifest : manifests) view.manifests.push_back(MakeManifestSummary(manifest, now));
    return view;
  });
}

}  // namespace

void AddImageRoutes(OperationTable& table) {
  using http::Method;
  const OperationOptions anybody{.auth = Auth::kOptional};
  const std::string repository = "/v2/namespaces/{namespace}/repositories/{repository}";
  table.Add(Method::kGet, repository + "/images", "ListRepositoryImages", &ListRepositoryImages, anybody);
  table.Add(Method::kGet, repository + "/images-summary", "GetImagesSummary", &GetImagesSummary, anybody);
  table.Add(Method::kGet, repository + "/images/{digest}/tags", "ListImageTags", &ListImageTags, anybody);
  table.Add(Method::kGet, repository + "/manifests", "ListRepositoryManifests", &ListRepositoryManifests, anybody);
}

}  // namespace berth::api::hub
