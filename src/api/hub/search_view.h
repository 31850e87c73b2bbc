// Search results as the clients of each version read them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/hub/repository_view.h"
#include "catalog/search.h"

namespace berth::api::hub {

struct PublisherView {
  std::string id;
  std::string name;
};
BOOST_DESCRIBE_STRUCT(PublisherView, (), (id, name))

struct LabelView {
  std::string name;
  std::string label;
};
BOOST_DESCRIBE_STRUCT(LabelView, (), (name, label))

struct SearchResultView {
  std::string id;
  std::string name;
  std::string slug;
  std::string type = "image";
  PublisherView publisher;
  Timestamp created_at;
  Timestamp updated_at;
  std::string short_description;
  std::string badge;
  int64_t star_count = 0;
  LogoUrlView logo_url;
  std::vector<CategoryView> categories;
  bool archived = false;
};
BOOST_DESCRIBE_STRUCT(SearchResultView, (),
                      (id, name, slug, type, publisher, created_at, updated_at, short_description, badge, star_count,
                       logo_url, categories, archived))

struct RatePlanRepositoryView {
  std::string name;
  std::string description;
  std::string pull_count;
};
BOOST_DESCRIBE_STRUCT(RatePlanRepositoryView, (), (name, description, pull_count))

struct RatePlanView {
  std::vector<RatePlanRepositoryView> repositories;
  std::vector<LabelView> architectures;
  std::vector<LabelView> operating_systems;
};
BOOST_DESCRIBE_STRUCT(RatePlanView, (), (repositories, architectures, operating_systems))

struct CatalogResultView : SearchResultView {
  std::string source;
  std::vector<RatePlanView> rate_plans;
};
BOOST_DESCRIBE_STRUCT(CatalogResultView, (SearchResultView), (source, rate_plans))

struct SearchV4View : SearchResultView {
  std::string pull_count;
  std::vector<LabelView> operating_systems;
  std::vector<LabelView> architectures;
  bool extension_reviewed = false;
};
BOOST_DESCRIBE_STRUCT(SearchV4View, (SearchResultView),
                      (pull_count, operating_systems, architectures, extension_reviewed))

struct ProductView {
  std::string name;
  std::string slug;
  std::string type = "image";
  PublisherView publisher;
  Timestamp created_at;
  Timestamp updated_at;
  std::string short_description;
  std::string source;
  int64_t star_count = 0;
  std::string pull_count;
  std::string filter_type;
  LogoUrlView logo_url;
  std::vector<LabelView> categories;
  std::vector<LabelView> operating_systems;
  std::vector<LabelView> architectures;
};
BOOST_DESCRIBE_STRUCT(ProductView, (),
                      (name, slug, type, publisher, created_at, updated_at, short_description, source, star_count,
                       pull_count, filter_type, logo_url, categories, operating_systems, architectures))

struct ProductDetailsView : ProductView {
  std::string full_description;
};
BOOST_DESCRIBE_STRUCT(ProductDetailsView, (ProductView), (full_description))

// "10M+": as Docker Hub rounds; exact below a thousand.
std::string RoundedCount(int64_t count);

CatalogResultView MakeCatalogResult(const http::Request& request, const catalog::SearchHit& hit);
SearchV4View MakeSearchV4Result(const http::Request& request, const catalog::SearchHit& hit);
ProductView MakeProduct(const http::Request& request, const catalog::SearchHit& hit);

}  // namespace berth::api::hub
