// Pages of the Hub API: ?page=1&page_size=10, answered as {count, next, previous, results} with absolute links.
// page_size is clamped, never refused; a page beyond the last answers 404, as Docker Hub does.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "http/types.h"
#include "json/describe.h"

namespace berth::api::hub {

struct PageRange {
  int64_t page = 1;
  int64_t size = 10;
  int64_t offset() const { return (page - 1) * size; }
};

// kInvalidArgument for page < 1.
Result<PageRange> MakePageRange(std::optional<int64_t> page, std::optional<int64_t> page_size,
                                int64_t default_size = 10, int64_t max_size = 100);

// The request's own URL with another page number; empty when there is none.
std::optional<std::string> NextPageUrl(const http::Request& request, const PageRange& range, int64_t count);
std::optional<std::string> PreviousPageUrl(const http::Request& request, const PageRange& range);

// A LIKE pattern (ESCAPE '\\') for what contains `text`.
std::string ContainsPattern(std::string_view text);

template <typename T>
struct Page {
  int64_t count = 0;
  std::optional<std::string> next;
  std::optional<std::string> previous;
  std::vector<T> results;
  BOOST_DESCRIBE_CLASS(Page, (), (count, next, previous, results), (), ())
};

template <typename T>
Result<Page<T>> MakePage(const http::Request& request, const PageRange& range, int64_t count, std::vector<T> results) {
  if (range.page > 1 && range.offset() >= count)
    return Fail(ErrorCode::kNotFound, "httperror 404: object not found", "page");
  Page<T> page;
  page.count = count;
  page.next = NextPageUrl(request, range, count);
  page.previous = PreviousPageUrl(request, range);
  page.results = std::move(results);
  return page;
}

}  // namespace berth::api::hub
