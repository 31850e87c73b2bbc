#include "api/hub/search_view.h"

#include <array>

#include "base/encoding.h"

namespace berth::api::hub {
namespace {

struct Label {
  std::string_view name;
  std::string_view label;
};
constexpr std::array<Label, 8> kArchitectureLabels{{{"amd64", "x86-64"},
                                                    {"386", "x86"},
                                                    {"arm", "ARM"},
                                                    {"arm64", "ARM 64"},
                                                    {"ppc64le", "PowerPC 64 LE"},
                                                    {"ppc", "IBM POWER"},
                                                    {"s390x", "IBM Z"},
                                                    {"riscv64", "RISC-V 64"}}};
constexpr std::array<Label, 2> kSystemLabels{{{"linux", "Linux"}, {"windows", "Windows"}}};

template <typename Labels>
std::vector<LabelView> Labelled(const std::vector<std::string>& names, const Labels& labels) {
  std::vector<LabelView> views;
  for (const std::string& name : names) {
    std::string label = name;
    for (const Label& known : labels) {
      if (known.name == name) label = known.label;
    }
    views.push_back({name, label});
  }
  return views;
}

std::string SlugOf(const catalog::SearchHit& hit) {
  return hit.namespace_ == "library" ? hit.name : hit.namespace_ + "-" + hit.name;
}

std::string SourceOf(const std::string& badge) {
  if (badge == "official") return "store";
  return badge == "none" ? "community" : badge;
}

PublisherView PublisherOf(const catalog::SearchHit& hit) {
  return {hit.owner_uuid, hit.owner_full_name.empty() ? hit.namespace_ : hit.owner_full_name};
}

LogoUrlView LogoOf(const http::Request& request, const catalog::SearchHit& hit) {
  return hit.has_logo ? MakeLogoUrl(request, hit.namespace_ + "/" + hit.name) : LogoUrlView();
}

std::vector<CategoryView> CategoriesOf(const catalog::SearchHit& hit) {
  std::vector<CategoryView> views;
  for (const std::string& slug : hit.categories) {
    if (const auto* category = catalog::FindCategory(slug)) views.push_back({std::string(category->name), slug});
  }
  return views;
}

void Fill(const http::Request& request, const catalog::SearchHit& hit, SearchResultView& view) {
  view.id = std::to_string(hit.id.value);
  view.name = hit.ShownName();
  view.slug = SlugOf(hit);
  view.publisher = PublisherOf(hit);
  view.created_at = hit.created_at;
  view.updated_at = hit.updated_at;
  view.short_description = hit.description;
  view.badge = hit.badge;
  view.star_count = hit.star_count;
  view.logo_url = LogoOf(request, hit);
  view.categories = CategoriesOf(hit);
  view.archived = hit.is_archived;
}

}  // namespace

std::string RoundedCount(int64_t count) {
  struct Unit {
    int64_t size;
    std::string_view letter;
  };
  constexpr std::array<Unit, 3> kUnits{{{1'000'000'000, "B+"}, {1'000'000, "M+"}, {1'000, "K+"}}};
  for (const auto& unit : kUnits) {
    if (count < unit.size) continue;
    // 1, 5, 10, 50, 100, 500: the greatest that is not more.
    const int64_t units = count / unit.size;
    int64_t rounded = 1;
    for (const int64_t step : {5, 10, 50, 100, 500}) {
      if (units >= step) rounded = step;
    }
    return std::to_string(rounded) + std::string(unit.letter);
  }
  return std::to_string(count);
}

CatalogResultView MakeCatalogResult(const http::Request& request, const catalog::SearchHit& hit) {
  CatalogResultView view;
  Fill(request, hit, view);
  view.source = SourceOf(hit.badge);
  RatePlanView plan;
  plan.repositories.push_back({hit.name, hit.description, RoundedCount(hit.pull_count)});
  plan.architectures = Labelled(hit.architectures, kArchitectureLabels);
  plan.operating_systems = Labelled(hit.operating_systems, kSystemLabels);
  view.rate_plans.push_back(std::move(plan));
  return view;
}

SearchV4View MakeSearchV4Result(const http::Request& request, const catalog::SearchHit& hit) {
  SearchV4View view;
  Fill(request, hit, view);
  view.pull_count = RoundedCount(hit.pull_count);
  view.architectures = Labelled(hit.architectures, kArchitectureLabels);
  view.operating_systems = Labelled(hit.operating_systems, kSystemLabels);
  return view;
}

ProductView MakeProduct(const http::Request& request, const catalog::SearchHit& hit) {
  ProductView view;
  view.name = hit.ShownName();
  view.slug = SlugOf(hit);
  view.publisher = PublisherOf(hit);
  view.created_at = hit.created_at;
  view.updated_at = hit.updated_at;
  view.short_description = hit.description;
  view.source = SourceOf(hit.badge);
  view.star_count = hit.star_count;
  view.pull_count = RoundedCount(hit.pull_count);
  view.filter_type = SourceOf(hit.badge);
  view.logo_url = LogoOf(request, hit);
  for (const auto& category : CategoriesOf(hit)) view.categories.push_back({category.slug, category.name});
  view.architectures = Labelled(hit.architectures, kArchitectureLabels);
  view.operating_systems = Labelled(hit.operating_systems, kSystemLabels);
  return view;
}

}  // namespace berth::api::hub
