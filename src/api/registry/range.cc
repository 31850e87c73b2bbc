#include "api/registry/range.h"

#include <algorithm>

#include "base/text.h"

namespace berth::api::registry {
namespace {

std::optional<uint64_t> Number(std::string_view text) {
  // from_chars takes no sign for unsigned types; spaces are no digits either.
  return ParseNumber<uint64_t>(text);
}

}  // namespace

std::variant<WholeBody, ByteRange, Unsatisfiable> ParseRange(std::string_view header, uint64_t size) {
  header = Trim(header);
  const size_t equals = header.find('=');
  if (equals == std::string_view::npos || !EqualsIgnoreCase(header.substr(0, equals), "bytes")) return WholeBody();
  const std::string_view set = Trim(header.substr(equals + 1));
  const size_t dash = set.find('-');
  if (set.find(',') != std::string_view::npos || dash == std::string_view::npos) return WholeBody();
  const std::string_view first_text = set.substr(0, dash);
  const std::string_view last_text = set.substr(dash + 1);
  if (first_text.empty()) {
    const auto suffix = Number(last_text);
    if (!suffix) return WholeBody();
    if (*suffix == 0 || size == 0) return Unsatisfiable();
    return ByteRange{size - std::min(*suffix, size), size - 1};
  }
  const auto first = Number(first_text);
  if (!first) return WholeBody();
  if (last_text.empty()) {
    if (*first >= size) return Unsatisfiable();
    return ByteRange{*first, size - 1};
  }
  const auto last = Number(last_text);
  if (!last) return WholeBody();
  if (*last < *first || *first >= size) return Unsatisfiable();
  return ByteRange{*first, std::min(*last, size - 1)};
}

std::optional<ByteRange> ParseContentRange(std::string_view header) {
  header = Trim(header);
  if (header.size() > 6 && EqualsIgnoreCase(header.substr(0, 6), "bytes ")) header = Trim(header.substr(6));
  header = header.substr(0, header.find('/'));
  const size_t dash = header.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto first = Number(header.substr(0, dash));
  const auto last = Number(header.substr(dash + 1));
  if (!first || !last || *last < *first || *last == UINT64_MAX) return std::nullopt;
  return ByteRange{*first, *last};
}

}  // namespace berth::api::registry
