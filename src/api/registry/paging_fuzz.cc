// Pages and conditions of the registry API: a page is never larger than the largest, and its link stays one line.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "api/registry/handlers.h"
#include "api/registry/paging.h"
#include "base/encoding.h"

namespace {

void Require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace berth;
  constexpr int64_t kLargest = 1000;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string number = "n=" + berth::PercentEncode(text) + "&last=" + berth::PercentEncode(text);
  for (const std::string_view query : {text, std::string_view(number)}) {
    http::Request request;
    request.query = query;
    request.path = "/v2/_catalog";
    const auto page = api::registry::ReadPage(request, kLargest);
    if (!page) continue;
    Require(page->size >= 0 && page->size <= kLargest);
    http::Response response;
    api::registry::AddNextLink(response, request, page->size, page->last);
    Require(response.headers.find("\r\n") + 2 == response.headers.size());
    Require(response.headers.find('>') == response.headers.rfind('>'));
  }
  const std::array<http::Header, 1> headers{{{"If-None-Match", text}}};
  http::Request request;
  request.headers = headers;
  if (api::registry::NoneMatchHas(request, "\"sha256:a\"")) {
    Require(text.find("\"sha256:a\"") != text.npos || text.find('*') != text.npos);
  }
  return 0;
}
