#include "http_server/forwarded.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

#include "base/text.h"

namespace berth::http_server {
namespace {

constexpr std::array<uint8_t, 12> kMappedPrefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

// "192.0.2.1:80" and "[2001:db8::1]:80" without brackets and port.
std::string_view WithoutPort(std::string_view hop) {
  if (hop.starts_with('[')) {
    const size_t end = hop.find(']');
    return end == std::string_view::npos ? std::string_view() : hop.substr(1, end - 1);
  }
  const size_t colon = hop.find(':');
  const bool one_colon = colon != std::string_view::npos && hop.find(':', colon + 1) == std::string_view::npos;
  return one_colon ? hop.substr(0, colon) : hop;
}

std::string_view LastElement(std::string_view list) {
  const size_t comma = list.rfind(',');
  return Trim(comma == std::string_view::npos ? list : list.substr(comma + 1));
}

}  // namespace

std::optional<Address> Address::Parse(std::string_view text) {
  char copy[INET6_ADDRSTRLEN];
  if (text.empty() || text.size() >= sizeof copy) return std::nullopt;
  std::memcpy(copy, text.data(), text.size());
  copy[text.size()] = '\0';
  std::array<uint8_t, 16> bytes;
  if (inet_pton(AF_INET, copy, bytes.data()) == 1) return FromBytes(std::span(bytes).first(4));
  if (inet_pton(AF_INET6, copy, bytes.data()) == 1) return FromBytes(bytes);
  return std::nullopt;
}

Address Address::FromBytes(std::span<const uint8_t> bytes) {
  Address address;
  auto out = address.bytes_.begin();
  if (bytes.size() == 4) out = std::copy(kMappedPrefix.begin(), kMappedPrefix.end(), out);
  std::copy(bytes.begin(), bytes.end(), out);
  return address;
}

bool Address::IsV4() const { return std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), bytes_.begin()); }

bool Address::IsLoopback() const {
  static constexpr std::array<uint8_t, 16> kV6{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  return bytes_ == kV6 || (IsV4() && bytes_[12] == 127);
}

std::string Address::ToString() const {
  char text[INET6_ADDRSTRLEN] = "";
  if (IsV4()) {
    inet_ntop(AF_INET, bytes_.data() + 12, text, sizeof text);
  } else {
    inet_ntop(AF_INET6, bytes_.data(), text, sizeof text);
  }
  return text;
}

Result<TrustedProxies> TrustedProxies::Parse(const std::vector<std::string>& entries) {
  TrustedProxies proxies;
  for (const std::string& entry : entries) {
    const std::string_view text = entry;
    const size_t slash = text.find('/');
    const auto base = Address::Parse(text.substr(0, slash));
    if (!base) return Fail(ErrorCode::kInvalidArgument, "not an address or network: " + entry);
    int bits = 128;
    if (slash != std::string_view::npos) {
      const int most = base->IsV4() ? 32 : 128;
      const auto given = ParseNumber<int>(text.substr(slash + 1));
      if (!given || *given < 0 || *given > most)
        return Fail(ErrorCode::kInvalidArgument, "not an address or network: " + entry);
      bits = *given + 128 - most;
    }
    proxies.networks_.push_back({*base, bits});
  }
  return proxies;
}

bool TrustedProxies::Contains(const Address& address) const {
  return std::any_of(networks_.begin(), networks_.end(), [&](const Network& network) {
    const size_t whole = static_cast<size_t>(network.bits / 8);
    const auto& a = address.bytes();
    const auto& b = network.base.bytes();
    if (!std::equal(a.begin(), a.begin() + static_cast<ptrdiff_t>(whole), b.begin())) return false;
    const int rest = network.bits % 8;
    return rest == 0 || ((a[whole] ^ b[whole]) >> (8 - rest)) == 0;
  });
}

Forwarded ReadForwarded(std::span<const http::Header> headers, const TrustedProxies& trusted) {
  Forwarded result;
  bool searching = true;
  // From the last line and its end backwards: each proxy appends.
  for (auto field = headers.rbegin(); field != headers.rend(); ++field) {
    if (field->name.size() < 15 || field->name.size() > 17) continue;
    if (EqualsIgnoreCase(field->name, "x-forwarded-proto") && result.proto.empty())
      result.proto = LastElement(field->value);
    if (EqualsIgnoreCase(field->name, "x-forwarded-host") && result.host.empty())
      result.host = LastElement(field->value);
    if (!EqualsIgnoreCase(field->name, "x-forwarded-for")) continue;
    std::string_view list = field->value;
    while (searching && !list.empty()) {
      const std::string_view hop = WithoutPort(LastElement(list));
      const size_t comma = list.rfind(',');
      list = comma == std::string_view::npos ? std::string_view() : list.substr(0, comma);
      const auto address = Address::Parse(hop);
      if (address) result.client = hop;
      searching = address.has_value() && trusted.Contains(*address);
    }
  }
  return result;
}

}  // namespace berth::http_server
