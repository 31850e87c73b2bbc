// Search, in the shape of each client that asks: docker search, the older API, the web site's catalogues.
#include <algorithm>

#include "api/hub/hub_api.h"
#include "api/hub/page.h"
#include "api/hub/search_view.h"
#include "catalog/search.h"

namespace berth::api::hub {
namespace {

using catalog::SearchHit;
using catalog::SearchOrder;
using catalog::SearchQuery;

struct V1Request {
  json::Required<std::string> q;
  std::optional<int64_t> n;
  std::optional<int64_t> page;
};
BOOST_DESCRIBE_STRUCT(V1Request, (), (q, n, page))

struct V1Result {
  std::string name;
  std::string description;
  int64_t star_count = 0;
  bool is_official = false;
  bool is_automated = false;
  bool is_trusted = false;
};
BOOST_DESCRIBE_STRUCT(V1Result, (), (name, description, star_count, is_official, is_automated, is_trusted))

struct V1Answer {
  std::string query;
  int64_t num_results = 0;
  int64_t num_pages = 0;
  int64_t page = 1;
  int64_t page_size = 25;
  std::vector<V1Result> results;
};
BOOST_DESCRIBE_STRUCT(V1Answer, (), (query, num_results, num_pages, page, page_size, results))

struct RepositoriesRequest {
  json::Required<std::string> query;
  std::optional<int64_t> page;
  std::optional<int64_t> page_size;
  std::optional<bool> is_official;
  std::optional<bool> is_automated;
  std::string ordering;
};
BOOST_DESCRIBE_STRUCT(RepositoriesRequest, (), (query, page, page_size, is_official, is_automated, ordering))

struct RepositoryResult {
  std::string repo_name;
  std::string short_description;
  int64_t star_count = 0;
  int64_t pull_count = 0;
  std::string repo_owner;
  bool is_automated = false;
  bool is_official = false;
};
BOOST_DESCRIBE_STRUCT(RepositoryResult, (),
                      (repo_name, short_description, star_count, pull_count, repo_owner, is_automated, is_official))

struct CatalogRequest {
  std::string query;
  std::optional<int64_t> from;
  std::optional<int64_t> size;
  std::vector<std::string> type;
  std::vector<std::string> badges;
  std::vector<std::string> categories;
  std::vector<std::string> architectures;
  std::vector<std::string> operating_systems;
  std::optional<bool> official;
  std::optional<bool> open_source;
  std::vector<std::string> source;
  std::vector<std::string> images;
  std::optional<bool> extension_reviewed;
  std::string sort;
  std::string order;
};
BOOST_DESCRIBE_STRUCT(CatalogRequest, (),
                      (query, from, size, type, badges, categories, architectures, operating_systems, official,
                       open_source, source, images, extension_reviewed, sort, order))

template <typename Result>
struct Results {
  int64_t total = 0;
  std::vector<Result> results;
  BOOST_DESCRIBE_CLASS(Results, (), (total, results), (), ())
};

struct ProductsRequest {
  std::string q;
  std::vector<std::string> type;
  std::vector<std::string> source;
  std::optional<int64_t> page;
  std::optional<int64_t> page_size;
  std::vector<std::string> image_filter;
  std::vector<std::string> architecture;
  std::vector<std::string> operating_system;
  std::vector<std::string> category;
};
BOOST_DESCRIBE_STRUCT(ProductsRequest, (),
                      (q, type, source, page, page_size, image_filter, architecture, operating_system, category))

struct ProductsAnswer {
  int64_t count = 0;
  int64_t page = 1;
  int64_t page_size = 25;
  std::string next;
  std::string previous;
  std::vector<ProductView> summaries;
};
BOOST_DESCRIBE_STRUCT(ProductsAnswer, (), (count, page, page_size, next, previous, summaries))

struct ProductRequest {
  std::string slug;
};
BOOST_DESCRIBE_STRUCT(ProductRequest, (), (slug))

struct SuggestRequest {
  json::Required<std::string> query;
  std::optional<int64_t> limit;
};
BOOST_DESCRIBE_STRUCT(SuggestRequest, (), (query, limit))

struct Suggestion {
  std::string kind;
  std::string name;
  std::string description;
  std::string badge;
  int64_t star_count = 0;
};
BOOST_DESCRIBE_STRUCT(Suggestion, (), (kind, name, description, badge, star_count))

struct Suggestions {
  std::vector<Suggestion> items;
};
BOOST_DESCRIBE_STRUCT(Suggestions, (), (items))

// docker asks this of hosts that are not Docker Hub; true makes it send credentials, which search does not need but
// accepts.
Result<http::Response> PingV1(const HubApi&, const Call&, const NoRequest&) {
  auto response = http::Response::Json(200, R"({"standalone":true})");
  response.Add("X-Docker-Registry-Standalone", "true");
  return response;
}

Result<V1Answer> SearchV1(const HubApi& api, const Call&, const V1Request& request) {
  TRY(const PageRange range, MakePageRange(request.page, request.n, 25, 100));
  SearchQuery query;
  query.text = *request.q;
  query.offset = range.offset();
  query.limit = range.size;
  TRY(const auto found, api.search.Find(query));
  V1Answer answer;
  answer.query = *request.q;
  answer.num_results = found.total;
  answer.num_pages = (found.total + range.size - 1) / range.size;
  answer.page = range.page;
  answer.page_size = range.size;
  for (const SearchHit& hit : found.hits) {
    answer.results.push_back({hit.ShownName(), hit.description, hit.star_count, hit.badge == "official"});
  }
  return answer;
}

Result<SearchOrder> ReadOrdering(const std::string& text) {
  if (text.empty()) return SearchOrder::kBestMatch;
  if (text == "star_count") return SearchOrder::kLeastStarred;
  if (text == "-star_count") return SearchOrder::kMostStarred;
  if (text == "pull_count") return SearchOrder::kLeastPulled;
  if (text == "-pull_count") return SearchOrder::kMostPulled;
  return Fail(ErrorCode::kInvalidArgument, "must be star_count or pull_count, or one of them with a dash before it",
              "ordering");
}

Result<Page<RepositoryResult>> SearchRepositories(const HubApi& api, const Call& call,
                                                  const RepositoriesRequest& request) {
  TRY(const PageRange range, MakePageRange(request.page, request.page_size, 25, 100));
  SearchQuery query;
  TRY(query.order, ReadOrdering(request.ordering));
  query.text = *request.query;
  query.offset = range.offset();
  query.limit = range.size;
  if (request.is_official == true) query.badges = {"official"};
  if (request.is_official == false) query.badges = {"none", "verified_publisher", "open_source"};
  catalog::SearchResults found;
  // Nothing is built here.
  if (request.is_automated != true) {
    TRY(found, api.search.Find(query));
  }
  std::vector<RepositoryResult> views;
  for (const SearchHit& hit : found.hits) {
    views.push_back(
        {hit.ShownName(), hit.description, hit.star_count, hit.pull_count, "", false, hit.badge == "official"});
  }
  return MakePage(call.http, range, found.total, std::move(views));
}

// Plugins and extensions are kinds of product that Berth has none of.
bool WantsImages(const std::vector<std::string>& types) {
  return types.empty() || std::ranges::find(types, "image") != types.end();
}

// Each value is looked up on its own, and those of platforms in pairs.
Result<void> CheckFilters(std::initializer_list<std::pair<std::string_view, const std::vector<std::string>*>> filters) {
  constexpr size_t kMaxValues = 20, kMaxLength = 255;
  for (const auto& [field, values] : filters) {
    if (values->size() > kMaxValues)
      return Fail(ErrorCode::kInvalidArgument, "may have at most 20 values", std::string(field));
    for (const std::string& value : *values) {
      if (value.size() > kMaxLength)
        return Fail(ErrorCode::kInvalidArgument, "a value may have at most 255 bytes", std::string(field));
    }
  }
  return {};
}

void AddBadges(const std::vector<std::string>& wanted, SearchQuery& query) {
  for (const std::string& badge : wanted) {
    if (badge == "community") {
      query.badges.emplace_back("none");
    } else if (badge == "store") {
      query.badges.insert(query.badges.end(), {"official", "verified_publisher"});
    } else {
      query.badges.push_back(badge);
    }
  }
}

Result<SearchQuery> CatalogQuery(const CatalogRequest& request) {
  TRY_VOID(CheckFilters({{"badges", &request.badges},
                         {"images", &request.images},
                         {"source", &request.source},
                         {"categories", &request.categories},
                         {"architectures", &request.architectures},
                         {"operating_systems", &request.operating_systems}}));
  SearchQuery query;
  query.text = request.query;
  query.offset = request.from.value_or(0);
  if (query.offset < 0 || query.offset > 1'000'000'000)
    return Fail(ErrorCode::kInvalidArgument, "must be between 0 and 1000000000", "from");
  query.limit = std::clamp<int64_t>(request.size.value_or(25), 1, 100);
  AddBadges(request.badges, query);
  AddBadges(request.images, query);
  AddBadges(request.source, query);
  if (request.official == true) query.badges.emplace_back("official");
  if (request.open_source == true) query.badges.emplace_back("open_source");
  query.categories = request.categories;
  query.architectures = request.architectures;
  query.operating_systems = request.operating_systems;
  if (!request.order.empty() && request.order != "asc" && request.order != "desc") {
    return Fail(ErrorCode::kInvalidArgument, "must be asc or desc", "order");
  }
  const bool up = request.order == "asc";
  if (request.sort == "pull_count") {
    query.order = up ? SearchOrder::kLeastPulled : SearchOrder::kMostPulled;
  } else if (request.sort == "updated_at") {
    query.order = up ? SearchOrder::kOldestFirst : SearchOrder::kNewestFirst;
  } else if (!request.sort.empty()) {
    return Fail(ErrorCode::kInvalidArgument, "must be pull_count or updated_at", "sort");
  }
  return query;
}

Result<catalog::SearchResults> SearchCatalog(const HubApi& api, const CatalogRequest& request) {
  TRY(const SearchQuery query, CatalogQuery(request));
  if (!WantsImages(request.type)) return catalog::SearchResults();
  return api.search.Find(query);
}

Result<Results<CatalogResultView>> SearchCatalogV3(const HubApi& api, const Call& call, const CatalogRequest& request) {
  TRY(const auto found, SearchCatalog(api, request));
  Results<CatalogResultView> answer;
  answer.total = found.total;
  for (const SearchHit& hit : found.hits) answer.results.push_back(MakeCatalogResult(call.http, hit));
  return answer;
}

Result<Results<SearchV4View>> SearchV4(const HubApi& api, const Call& call, const CatalogRequest& request) {
  TRY(const auto found, SearchCatalog(api, request));
  Results<SearchV4View> answer;
  answer.total = found.total;
  for (const SearchHit& hit : found.hits) answer.results.push_back(MakeSearchV4Result(call.http, hit));
  return answer;
}

Result<ProductsAnswer> SearchProducts(const HubApi& api, const Call& call, const ProductsRequest& request) {
  TRY(const PageRange range, MakePageRange(request.page, request.page_size, 25, 100));
  TRY_VOID(CheckFilters({{"source", &request.source},
                         {"image_filter", &request.image_filter},
                         {"category", &request.category},
                         {"architecture", &request.architecture},
                         {"operating_system", &request.operating_system}}));
  SearchQuery query;
  query.text = request.q;
  query.offset = range.offset();
  query.limit = range.size;
  AddBadges(request.source, query);
  AddBadges(request.image_filter, query);
  query.categories = request.category;
  query.architectures = request.architecture;
  query.operating_systems = request.operating_system;
  catalog::SearchResults found;
  if (WantsImages(request.type)) {
    TRY(found, api.search.Find(query));
  }
  ProductsAnswer answer;
  answer.count = found.total;
  answer.page = range.page;
  answer.page_size = range.size;
  answer.next = NextPageUrl(call.http, range, found.total).value_or("");
  answer.previous = PreviousPageUrl(call.http, range).value_or("");
  for (const SearchHit& hit : found.hits) answer.summaries.push_back(MakeProduct(call.http, hit));
  return answer;
}

// A slug is the name of an official image, or namespace and name joined by a dash: every dash may be the joint.
Result<ProductDetailsView> GetProduct(const HubApi& api, const Call& call, const ProductRequest& request) {
  std::vector<std::string> names{"library/" + request.slug};
  for (size_t at = request.slug.find('-'); at != std::string::npos && names.size() < 32;
       at = request.slug.find('-', at + 1)) {
    names.push_back(request.slug.substr(0, at) + "/" + request.slug.substr(at + 1));
  }
  return api.database.Read([&](sql::Connection& c) -> Result<ProductDetailsView> {
    for (const std::string& name : names) {
      TRY(const auto info, catalog::RepositoryInfoService::Find(c, name));
      if (!info || info->is_private) continue;
      TRY(const auto hits, catalog::Search::Load(c, {info->id.value}));
      ProductDetailsView view;
      static_cast<ProductView&>(view) = MakeProduct(call.http, hits.front());
      view.full_description = info->full_description;
      return view;
    }
    return Fail(Error(ErrorCode::kNotFound, "httperror 404: object not found").WithDetail(request.slug));
  });
}

Result<Suggestions> SuggestSearch(const HubApi& api, const Call&, const SuggestRequest& request) {
  const int64_t limit = std::clamp<int64_t>(request.limit.value_or(8), 1, 20);
  TRY(const auto hits, api.search.Suggest(*request.query, limit));
  Suggestions answer;
  for (const SearchHit& hit : hits)
    answer.items.push_back({"repository", hit.ShownName(), hit.description, hit.badge, hit.star_count});
  TRY(const auto accounts, api.search.SuggestAccounts(*request.query, limit));
  for (const auto& account : accounts) {
    if (static_cast<int64_t>(answer.items.size()) >= limit) break;
    answer.items.push_back(
        {account.is_organization ? "organization" : "user", account.name, account.full_name, account.badge, 0});
  }
  return answer;
}

}  // namespace

void AddSearchRoutes(OperationTable& table) {
  using http::Method;
  // docker search sends whatever credentials it has; what anybody may see needs none.
  const OperationOptions anybody{.auth = Auth::kNone};
  table.Add(Method::kGet, "/v1/search", "SearchV1", &SearchV1, anybody);
  table.Add(Method::kGet, "/v1/_ping", "PingV1", &PingV1, anybody);
  table.Add(Method::kGet, "/v2/search/repositories", "SearchRepositories", &SearchRepositories, anybody);
  table.Add(Method::kGet, "/api/search/v3/catalog/search", "SearchCatalogV3", &SearchCatalogV3, anybody);
  table.Add(Method::kGet, "/api/search/v4", "SearchV4", &SearchV4, anybody);
  table.Add(Method::kGet, "/api/content/v1/products/search", "SearchProducts", &SearchProducts, anybody);
  table.Add(Method::kGet, "/api/content/v1/products/images/{slug}", "GetProduct", &GetProduct, anybody);
  table.Add(Method::kGet, "/api/berth/v1/search/suggest", "SuggestSearch", &SuggestSearch, anybody);
}

}  // namespace berth::api::hub
