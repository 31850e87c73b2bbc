// Pages of names: OCI distribution-spec "Listing Tags" (`n`, `last`, RFC 8288 Link).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/types.h"

namespace berth::api::registry {

struct PageRequest {
  int64_t size = 0;  // clamped to the largest page; that is also the default
  std::string last;
};

// kInvalidArgument when `n` is no number or negative.
Result<PageRequest> ReadPage(const http::Request& request, int64_t max_page);

// Link to the page after `last`; `extra` are further query parameters, encoded, each with a leading '&'.
void AddNextLink(http::Response& response, const http::Request& request, int64_t size, std::string_view last,
                 std::string_view extra = {});

}  // namespace berth::api::registry
