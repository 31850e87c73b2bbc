// Queries, forms and header fields: what is found was sent, and nothing that is answered can begin a line of its own.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/encoding.h"
#include "http/types.h"

namespace {

void Require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace berth::http;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Request request;
  request.query = text;
  for (const std::string_view name : {"a", "scope", "n", ""}) {
    const auto one = request.QueryValue(name);
    const auto all = request.QueryValues(name);
    Require(one.has_value() == !all.empty() && (!one || *one == all.front()));
    for (const auto& value : all) Require(value.size() <= size);
  }

  // What is encoded by ourselves is found again, whatever stands before it.
  const std::string mine = std::string(text) + "&mine=" + berth::PercentEncode(text);
  request.query = mine;
  const auto values = request.QueryValues("mine");
  Require(!values.empty() && values.back() == text);

  Response response;
  response.Add("X-First", text).Add("X-Second", "2");
  const auto end = response.headers.find("\r\n");
  Require(response.headers.substr(end) == "\r\nX-Second: 2\r\n");
  Require(response.headers.find('\0') == std::string::npos);
  return 0;
}
