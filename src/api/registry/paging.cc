#include "api/registry/paging.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/text.h"

namespace berth::api::registry {

Result<PageRequest> ReadPage(const http::Request& request, int64_t max_page) {
  PageRequest page;
  page.size = max_page;
  page.last = request.QueryValue("last").value_or("");
  if (const auto n = request.QueryValue("n"); n && !n->empty()) {
    const auto number = ParseNumber<uint64_t>(*n);
    const bool huge = !number && n->find_first_not_of("0123456789") == std::string::npos;
    if (!number && !huge) return Fail(ErrorCode::kInvalidArgument, "n must be a number", "n");
    page.size = static_cast<int64_t>(std::min<uint64_t>(number.value_or(UINT64_MAX), static_cast<uint64_t>(max_page)));
  }
  return page;
}

void AddNextLink(http::Response& response, const http::Request& request, int64_t size, std::string_view last,
                 std::string_view extra) {
  std::string link = "<";
  link.append(request.path).append("?n=").append(std::to_string(size)).append("&last=").append(PercentEncode(last));
  link.append(extra).append(">; rel=\"next\"");
  response.Add("Link", link);
}

}  // namespace berth::api::registry
