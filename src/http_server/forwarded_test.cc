#include "http_server/forwarded.h"

#include <gtest/gtest.h>

namespace berth::http_server {
namespace {

TrustedProxies Trusting(const std::vector<std::string>& entries) {
  auto parsed = TrustedProxies::Parse(entries);
  EXPECT_TRUE(parsed.has_value());
  return parsed ? *parsed : TrustedProxies();
}

bool Contains(const TrustedProxies& proxies, std::string_view text) { return proxies.Contains(*Address::Parse(text)); }

TEST(TrustedProxiesTest, Networks) {
  const auto proxies = Trusting({"10.0.0.0/8", "192.0.2.7", "2001:db8::/33", "::1"});
  EXPECT_TRUE(Contains(proxies, "10.255.0.1"));
  EXPECT_TRUE(Contains(proxies, "::ffff:10.1.1.1"));
  EXPECT_FALSE(Contains(proxies, "11.0.0.1"));
  EXPECT_TRUE(Contains(proxies, "192.0.2.7"));
  EXPECT_FALSE(Contains(proxies, "192.0.2.8"));
  EXPECT_TRUE(Contains(proxies, "2001:db8:7fff::1"));
  EXPECT_FALSE(Contains(proxies, "2001:db8:8000::1"));
  EXPECT_TRUE(Contains(proxies, "::1"));
  EXPECT_FALSE(Contains(Trusting({}), "127.0.0.1"));
  EXPECT_TRUE(Contains(Trusting({"0.0.0.0/0"}), "198.51.100.1"));
  EXPECT_FALSE(Contains(Trusting({"0.0.0.0/0"}), "2001:db8::1"));
  for (const char* bad : {"", "x", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "::/129", "10.0.0"}) {
    EXPECT_FALSE(TrustedProxies::Parse({bad}).has_value()) << bad;
  }
}

TEST(AddressTest, Loopback) {
  for (const char* text : {"127.0.0.1", "127.255.255.254", "::1", "::ffff:127.0.0.1"}) {
    EXPECT_TRUE(Address::Parse(text)->IsLoopback()) << text;
  }
  for (const char* text : {"126.0.0.1", "128.0.0.1", "::", "::2", "::127.0.0.1", "2001:db8::1", "fe80::1"}) {
    EXPECT_FALSE(Address::Parse(text)->IsLoopback()) << text;
  }
}

TEST(ForwardedTest, RightMostUntrustedHop) {
  const auto trusted = Trusting({"10.0.0.0/8", "::1"});
  const auto client = [&](std::vector<http::Header> headers) { return ReadForwarded(headers, trusted).client; };
  EXPECT_EQ(client({{"X-Forwarded-For", "198.51.100.1"}}), "198.51.100.1");
  EXPECT_EQ(client({{"x-forwarded-for", "203.0.113.9, 198.51.100.1, 10.0.0.2"}}), "198.51.100.1");
  EXPECT_EQ(client({{"X-Forwarded-For", "203.0.113.9"}, {"X-Forwarded-For", "10.0.0.2"}}), "203.0.113.9");
  EXPECT_EQ(client({{"X-Forwarded-For", "10.0.0.1, 10.0.0.2"}}), "10.0.0.1");
  EXPECT_EQ(client({{"X-Forwarded-For", "203.0.113.9, unknown, 10.0.0.2"}}), "10.0.0.2");
  EXPECT_EQ(client({{"X-Forwarded-For", "[2001:db8::1]:4711, 10.0.0.3:80"}}), "2001:db8::1");
  EXPECT_EQ(client({}), "");
}

TEST(ForwardedTest, ProtoAndHostOfTheNearestProxy) {
  const http::Header headers[] = {{"X-Forwarded-Proto", "http, https"},
                                  {"X-Forwarded-Host", "evil.example, hub.example"}};
  const Forwarded forwarded = ReadForwarded(headers, Trusting({"::1"}));
  EXPECT_EQ(forwarded.proto, "https");
  EXPECT_EQ(forwarded.host, "hub.example");
}

}  // namespace
}  // namespace berth::http_server
