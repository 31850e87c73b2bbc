// Lists whose body, as Docker Hub has it, says nothing of pages: they take page and page_size like others, a Link
// header (RFC 8288) names the next page, and a client that knows of no pages gets kUnpagedSize rows.
#pragma once

#include <vector>

#include "api/hub/page.h"

namespace berth::api::hub {

inline constexpr int64_t kUnpagedSize = 10'000;

// `rows` were read up to one beyond the page, which tells whether there is more; `encode` makes the body of those that
// belong to it. kNotFound for a page beyond the last.
template <typename T, typename Encode>
Result<http::Response> MakeUnpagedList(const http::Request& request, const PageRange& range, std::vector<T> rows,
                                       Encode&& encode) {
  if (rows.empty() && range.page > 1) return Fail(ErrorCode::kNotFound, "httperror 404: object not found", "page");
  const auto read = static_cast<int64_t>(rows.size());
  if (read > range.size) rows.pop_back();
  auto response = http::Response::Json(200, encode(rows));
  const auto next = NextPageUrl(request, range, range.offset() + read);
  if (next) response.Add("Link", "<" + *next + ">; rel=\"next\"");
  return response;
}

}  // namespace berth::api::hub
