// What a search looks for, in the words of the index (migrations 0008 and 0015).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "catalog/search.h"

namespace berth::catalog {

// Words of the index, one of which a repository must have: the values of one filter.
using Facet = std::vector<std::string>;

std::vector<Facet> FacetsOf(const SearchQuery& query);
// Whether `stored`, words with commas between, has one of each.
bool HasFacets(std::string_view stored, const std::vector<Facet>& wanted);

// What FTS5 matches: every word in name, description or readme, and of every facet one.
std::string FtsExpression(const std::vector<std::string>& words, const std::vector<Facet>& facets);
// A tsquery of PostgreSQL for the facets alone.
std::string TsFacets(const std::vector<Facet>& facets);

// What was typed, as names are looked for by their beginning.
std::string TypedName(std::string_view text);
std::string JoinWords(const std::vector<std::string>& words, std::string_view before, std::string_view after,
                      std::string_view between);

}  // namespace berth::catalog
