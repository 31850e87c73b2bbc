// Addresses, networks and X-Forwarded-* fields: an untrusted hop never hides behind a trusted one, and what is said of
// the client is an address.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/text.h"
#include "http_server/forwarded.h"

namespace {

void Require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace berth;
  using namespace berth::http_server;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto address = Address::Parse(text)) {
    const auto again = Address::Parse(address->ToString());
    Require(again && again->bytes() == address->bytes());
  }
  std::vector<std::string> entries;
  for (const auto part : Split(text, ',')) entries.emplace_back(part);
  if (const auto own = TrustedProxies::Parse(entries)) (void)own->Contains(*Address::Parse("192.0.2.1"));

  static const TrustedProxies trusted = *TrustedProxies::Parse({"10.0.0.0/8", "fd00::/8"});
  const size_t half = size / 2;
  const std::array<http::Header, 4> headers{{{"X-Forwarded-For", text.substr(0, half)},
                                             {"x-forwarded-for", text.substr(half)},
                                             {"X-Forwarded-Proto", text},
                                             {"X-Forwarded-Host", text}}};
  const Forwarded said = ReadForwarded(headers, trusted);
  if (!said.client.empty()) Require(Address::Parse(said.client).has_value());
  Require(said.host.find(',') == std::string_view::npos && said.proto.find(',') == std::string_view::npos);

  // Whatever the client wrote before it, the hop that a trusted proxy added is the one that counts.
  const std::string appended = std::string(text) + ", 198.51.100.7, 10.1.2.3";
  const std::array<http::Header, 1> chain{{{"X-Forwarded-For", appended}}};
  Require(ReadForwarded(chain, trusted).client == "198.51.100.7");
  return 0;
}
