// Any path: no crash, and what matches gives every parameter its pattern names.
#include <cstdint>
#include <cstdlib>

#include "http/router.h"

namespace {

berth::http::Router MakeRouter() {
  berth::http::Router router;
  for (const char* pattern :
       {"/", "/v2", "/v2/{name+}/tags/list", "/v2/{name+}/manifests/{reference}", "/v2/{name+}/blobs/uploads",
        "/v2/{name+}/blobs/uploads/{id}", "/v2/repositories/{a}/{b}", "/x/{path+}"}) {
    berth::http::Route route;
    route.pattern = pattern;
    route.handler = [](const berth::http::Request&) { return berth::http::Response(); };
    router.Add(std::move(route));
  }
  return router;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const berth::http::Router router = MakeRouter();
  const std::string_view path(reinterpret_cast<const char*>(data), size);
  const auto result = router.Find(berth::http::Method::kGet, path);
  if (const auto* match = std::get_if<berth::http::Match>(&result)) {
    const auto& pattern = match->route->pattern;
    size_t names = 0;
    for (const char c : pattern) names += c == '{';
    if (match->params.size() != names) std::abort();
    for (const auto& param : match->params) {
      if (param.value.empty() || param.value.find('\0') != std::string_view::npos) std::abort();
    }
  }
  return 0;
}
