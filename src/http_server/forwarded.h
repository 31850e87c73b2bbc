// Who the client is when proxies stand in between: X-Forwarded-* is believed only from the configured addresses.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/types.h"

namespace berth::http_server {

// An IPv4 or IPv6 address; IPv4 is kept as ::ffff:a.b.c.d, so a mapped address equals the plain one.
class Address {
 public:
  static std::optional<Address> Parse(std::string_view text);
  static Address FromBytes(std::span<const uint8_t> bytes);  // 4 or 16
  std::string ToString() const;
  const std::array<uint8_t, 16>& bytes() const { return bytes_; }
  bool IsV4() const;
  bool IsLoopback() const;  // 127.0.0.0/8 or ::1

 private:
  std::array<uint8_t, 16> bytes_{};
};

class TrustedProxies {
 public:
  // "10.0.0.0/8", "::1", "192.0.2.7"; kInvalidArgument names the entry that is none.
  static Result<TrustedProxies> Parse(const std::vector<std::string>& entries);
  bool Contains(const Address& address) const;

 private:
  struct Network {
    Address base;
    int bits = 128;
  };
  std::vector<Network> networks_;
};

// What the headers of a trusted peer say. Views point into the headers.
struct Forwarded {
  std::string_view client;  // the right-most hop that is not trusted; empty: none named
  std::string_view proto;
  std::string_view host;
};
Forwarded ReadForwarded(std::span<const http::Header> headers, const TrustedProxies& trusted);

}  // namespace berth::http_server
