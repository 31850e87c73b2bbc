#include "api/hub/page.h"

#include "base/text.h"

namespace berth::api::hub {
namespace {

// The request's URL with `page` set to `number`; other parameters stay as they were sent.
std::string PageUrl(const http::Request& request, int64_t number) {
  std::string url = request.BaseUrl() + std::string(request.path) + "?";
  for (const std::string_view pair : Split(request.query, '&')) {
    if (pair.empty() || pair == "page" || pair.starts_with("page=")) continue;
    url += std::string(pair) + "&";
  }
  return url + "page=" + std::to_string(number);
}

}  // namespace

std::string ContainsPattern(std::string_view text) {
  std::string pattern = "%";
  for (const char c : text) {
    if (c == '%' || c == '_' || c == '\\') pattern += '\\';
    pattern += c;
  }
  return pattern + "%";
}

Result<PageRange> MakePageRange(std::optional<int64_t> page, std::optional<int64_t> page_size, int64_t default_size,
                                int64_t max_size) {
  PageRange range;
  range.page = page.value_or(1);
  // A page number this far out can hold nothing, and page * size must not overflow.
  if (range.page < 1 || range.page > 1'000'000'000)
    return Fail(ErrorCode::kInvalidArgument, "must be between 1 and 1000000000", "page");
  range.size = std::clamp<int64_t>(page_size.value_or(default_size), 1, max_size);
  return range;
}

std::optional<std::string> NextPageUrl(const http::Request& request, const PageRange& range, int64_t count) {
  if (range.offset() + range.size >= count) return std::nullopt;
  return PageUrl(request, range.page + 1);
}

std::optional<std::string> PreviousPageUrl(const http::Request& request, const PageRange& range) {
  if (range.page <= 1) return std::nullopt;
  return PageUrl(request, range.page - 1);
}

}  // namespace berth::api::hub
