#include "catalog/search_terms.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/text.h"

namespace berth::catalog {
namespace {

Facet MakeFacet(char kind, const std::vector<std::string>& values) {
  Facet facet;
  for (const std::string& value : values) facet.push_back(kind + HexEncode(value));
  return facet;
}

// A kind and hexadecimal digits.
bool MayBeFacet(std::string_view word) {
  return std::string_view("abcop").find(word.front()) != std::string_view::npos &&
         word.find_first_not_of("0123456789abcdefx", 1) == std::string_view::npos;
}

// Words that most texts have: they tell nothing apart, and to go through all that have them is what would cost most.
bool SaysNothing(std::string_view word) {
  static constexpr std::string_view kWords[] = {"a",  "an", "and", "are", "as", "at", "by",   "for", "from", "in",
                                                "is", "it", "of",  "on",  "or", "to", "that", "the", "this", "with"};
  return std::ranges::find(kWords, word) != std::end(kWords);
}

}  // namespace

std::vector<Facet> FacetsOf(const SearchQuery& query) {
  std::vector<Facet> facets{MakeFacet('b', query.badges), MakeFacet('c', query.categories)};
  if (!query.architectures.empty() && !query.operating_systems.empty()) {
    Facet& platforms = facets.emplace_back();
    for (const std::string& os : query.operating_systems)
      for (const std::string& architecture : query.architectures)
        platforms.push_back("p" + HexEncode(os) + "x" + HexEncode(architecture));
  } else {
    facets.push_back(MakeFacet('a', query.architectures));
    facets.push_back(MakeFacet('o', query.operating_systems));
  }
  std::erase_if(facets, [](const Facet& facet) { return facet.empty(); });
  return facets;
}

bool HasFacets(std::string_view stored, const std::vector<Facet>& wanted) {
  const std::vector<std::string_view> words = Split(stored, ',');
  return std::ranges::all_of(wanted, [&](const Facet& facet) {
    return std::ranges::any_of(facet, [&](const auto& word) { return std::ranges::find(words, word) != words.end(); });
  });
}

std::string JoinWords(const std::vector<std::string>& words, std::string_view before, std::string_view after,
                      std::string_view between) {
  std::string text;
  for (const std::string& word : words) {
    if (!text.empty()) text += between;
    text.append(before).append(word).append(after);
  }
  return text;
}

// Quoted, so that nothing in a word is an operator. The columns are only named where a word could be a facet: sieving
// by column costs half as much again.
std::string FtsExpression(const std::vector<std::string>& words, const std::vector<Facet>& facets) {
  std::string text;
  if (!words.empty()) text = "(" + JoinWords(words, "\"", "\"", " ") + ")";
  if (std::ranges::any_of(words, MayBeFacet)) text = "{name description readme} : " + text;
  for (const Facet& facet : facets)
    text += (text.empty() ? "" : " AND ") + ("facets : (" + JoinWords(facet, "\"", "\"", " OR ")) + ")";
  return text;
}

// Text search takes what is between quotes as it is.
std::string TsFacets(const std::vector<Facet>& facets) {
  std::string text;
  for (const Facet& facet : facets) text += (text.empty() ? "(" : " & (") + JoinWords(facet, "':", "'", " | ") + ")";
  return text;
}

std::string TypedName(std::string_view text) {
  std::string typed = AsciiLower(Trim(text));
  if (typed.starts_with("library/")) typed.erase(0, 8);
  return typed;
}

std::vector<std::string> SearchWords(std::string_view text) {
  constexpr size_t kMaxWords = 16, kMaxText = 500;
  std::string lower = AsciiLower(Trim(text.substr(0, kMaxText)));
  if (lower.starts_with("library/")) lower.erase(0, 8);
  std::vector<std::string> words(1);
  for (const char c : lower) {
    const auto byte = static_cast<unsigned char>(c);
    const bool letter = (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte >= 0x80;
    if (letter) {
      words.back() += c;
    } else if (!words.back().empty()) {
      words.emplace_back();
    }
  }
  if (words.back().empty()) words.pop_back();
  // A character that the cut went through is left out.
  std::erase_if(words, [](const std::string& word) { return !IsValidUtf8(word); });
  if (words.size() > kMaxWords) words.resize(kMaxWords);
  if (!std::ranges::all_of(words, SaysNothing)) std::erase_if(words, SaysNothing);
  return words;
}

}  // namespace berth::catalog
