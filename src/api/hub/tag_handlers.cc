// Tags of a repository, in both path families and by the one-segment name of an official image.
#include "api/hub/hub_api.h"
#include "api/hub/page.h"
#include "api/hub/repository_view.h"
#include "api/hub/tag_view.h"

namespace berth::api::hub {
namespace {

using access::RepositoryAction;
using catalog::TagOrder;

struct ListTagsRequest {
  std::string namespace_;
  std::string repository;
  std::optional<int64_t> page;
  std::optional<int64_t> page_size;
  std::string name;
  std::string ordering;
  std::string architecture;
  std::string os;
};
BOOST_DESCRIBE_STRUCT(ListTagsRequest, (), (namespace_, repository, page, page_size, name, ordering, architecture, os))

struct TagRequest {
  std::string namespace_;
  std::string repository;
  std::string tag;
};
BOOST_DESCRIBE_STRUCT(TagRequest, (), (namespace_, repository, tag))

// The sign is Docker Hub's, not its document's: clients stop paging at the first old tag. See docs/hub-api.md.
Result<TagOrder> ReadOrder(const std::string& text) {
  if (text.empty() || text == "last_updated") return TagOrder::kNewestFirst;
  if (text == "-last_updated") return TagOrder::kOldestFirst;
  if (text == "name") return TagOrder::kNameDown;
  if (text == "-name") return TagOrder::kNameUp;
  return Fail(ErrorCode::kInvalidArgument, "must be name or last_updated, or one of them with a dash before it",
              "ordering");
}

Result<Page<TagView>> ListRepositoryTags(const HubApi& api, const Call& call, const ListTagsRequest& request) {
  TRY(const PageRange range, MakePageRange(request.page, request.page_size));
  TRY(const TagOrder order, ReadOrder(request.ordering));
  TRY(const auto info, RequireRepository(api, call, request.namespace_, request.repository, RepositoryAction::kPull));
  catalog::TagFilter filter{info.id, request.name, request.architecture, request.os, order};
  return api.database.Read([&](sql::Connection& c) -> Result<Page<TagView>> {
    TRY(const int64_t count, catalog::CountTags(c, filter));
    TRY(const auto tags, catalog::ListTags(c, filter, range.offset(), range.size));
    std::vector<TagView> views;
    for (const auto& tag : tags) views.push_back(MakeTagView(tag, info.id, api.clock.Now()));
    return MakePage(call.http, range, count, std::move(views));
  });
}

Result<catalog::TagInfo> RequireTag(const HubApi& api, const catalog::RepositoryInfo& info, const std::string& name) {
  return api.database.Read([&](sql::Connection& c) -> Result<catalog::TagInfo> {
    TRY(auto tag, catalog::FindTag(c, info.id, name));
    if (!tag)
      return Fail(Error(ErrorCode::kNameUnknown, "httperror 404: tag '" + name + "' not found")
                      .WithDetail(info.full_name + ":" + name));
    return *std::move(tag);
  });
}

Result<TagView> GetRepositoryTag(const HubApi& api, const Call& call, const TagRequest& request) {
  TRY(const auto info, RequireRepository(api, call, request.namespace_, request.repository, RepositoryAction::kPull));
  TRY(const auto tag, RequireTag(api, info, request.tag));
  return MakeTagView(tag, info.id, api.clock.Now());
}

Result<NoContent> DeleteRepositoryTag(const HubApi& api, const Call& call, const TagRequest& request) {
  TRY(const auto info,
      RequireRepository(api, call, request.namespace_, request.repository, RepositoryAction::kDeleteTag));
  TRY_VOID(RequireTag(api, info, request.tag));
  TRY(const auto repository, api.registry.repositories().Find(info.full_name));
  TRY_VOID(api.registry.manifests().DeleteTag(call.caller, repository, request.tag));
  return NoContent{};
}

Result<std::vector<TagImageDetailsView>> ListTagImages(const HubApi& api, const Call& call, const TagRequest& request) {
  TRY(const auto info, RequireRepository(api, call, request.namespace_, request.repository, RepositoryAction::kPull));
  TRY(const auto tag, RequireTag(api, info, request.tag));
  std::vector<TagImageDetailsView> views;
  for (const auto& image : tag.images) {
    TagImageDetailsView view;
    static_cast<TagImageView&>(view) = MakeTagImageView(image, api.clock.Now());
    if (image.present) {
      TRY(view.layers, MakeTagLayers(api, info.full_name, image.digest));
    }
    views.push_back(std::move(view));
  }
  return views;
}

// hub-tool names an official image by one segment.
template <typename Request>
Request Official(const Request& request) {
  Request official = request;
  official.repository = request.namespace_;
  official.namespace_ = "library";
  return official;
}
Result<Page<TagView>> ListOfficialTags(const HubApi& api, const Call& call, const ListTagsRequest& request) {
  return ListRepositoryTags(api, call, Official(request));
}
Result<TagView> GetOfficialTag(const HubApi& api, const Call& call, const TagRequest& request) {
  return GetRepositoryTag(api, call, Official(request));
}
Result<NoContent> DeleteOfficialTag(const HubApi& api, const Call& call, const TagRequest& request) {
  return DeleteRepositoryTag(api, call, Official(request));
}
Result<std::vector<TagImageDetailsView>> ListOfficialTagImages(const HubApi& api, const Call& call,
                                                               const TagRequest& request) {
  return ListTagImages(api, call, Official(request));
}

void AddFamily(OperationTable& table, const std::string& tags, const std::array<std::string_view, 6>& names) {
  using http::Method;
  const OperationOptions anybody{.auth = Auth::kOptional};
  table.Add(Method::kGet, tags, names[0], &ListRepositoryTags, anybody);
  // HEAD tells the length that GET would send (RFC 9110 §8.6), so it does the same work.
  table.Add(Method::kHead, tags, names[1], &ListRepositoryTags, anybody);
  table.Add(Method::kGet, tags + "/{tag}", names[2], &GetRepositoryTag, anybody);
  table.Add(Method::kHead, tags + "/{tag}", names[3], &GetRepositoryTag, anybody);
  table.Add(Method::kDelete, tags + "/{tag}", names[4], &DeleteRepositoryTag, {.success = 204});
  table.Add(Method::kGet, tags + "/{tag}/images", names[5], &ListTagImages, anybody);
}

}  // namespace

void AddTagRoutes(OperationTable& table) {
  using http::Method;
  const OperationOptions anybody{.auth = Auth::kOptional};
  AddFamily(table, "/v2/namespaces/{namespace}/repositories/{repository}/tags",
            {"ListRepositoryTags", "CheckRepositoryTags", "GetRepositoryTag", "CheckRepositoryTag",
             "DeleteRepositoryTag", "ListTagImages"});
  AddFamily(table, "/v2/repositories/{namespace}/{repository}/tags",
            {"ListRepositoryTagsAlias", "CheckRepositoryTagsAlias", "GetRepositoryTagAlias", "CheckRepositoryTagAlias",
             "DeleteRepositoryTagAlias", "ListTagImagesAlias"});
  table.Add(Method::kGet, "/v2/repositories/{namespace}/tags", "ListOfficialRepositoryTags", &ListOfficialTags,
            anybody);
  table.Add(Method::kGet, "/v2/repositories/{namespace}/tags/{tag}", "GetOfficialRepositoryTag", &GetOfficialTag,
            anybody);
  table.Add(Method::kDelete, "/v2/repositories/{namespace}/tags/{tag}", "DeleteOfficialRepositoryTag",
            &DeleteOfficialTag, {.success = 204});
  table.Add(Method::kGet, "/v2/repositories/{namespace}/tags/{tag}/images", "ListOfficialTagImages",
            &ListOfficialTagImages, anybody);
  table.Add(Method::kGet, "/api/content/v1/repositories/public/{namespace}/{repository}/tags",
            "ListPublicRepositoryTags", &ListRepositoryTags, anybody);
}

}  // namespace berth::api::hub
