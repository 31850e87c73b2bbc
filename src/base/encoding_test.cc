#include "base/encoding.h"

#include <gtest/gtest.h>

namespace berth {
namespace {

std::string AllBytes() {
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  return all;
}

TEST(Hex, RoundTrip) {
  EXPECT_EQ(HexEncode(std::string_view("\x00\xff\x1a", 3)), "00ff1a");
  EXPECT_EQ(HexDecode(HexEncode(AllBytes())), AllBytes());
}

TEST(Hex, RefusesWhatTheEncoderNeverMakes) {
  for (const char* bad : {"0", "0g", "FF", " 0", "0x"}) EXPECT_EQ(HexDecode(bad), std::nullopt) << bad;
}

TEST(Base64, KnownAnswers) {  // RFC 4648 §10
  EXPECT_EQ(Base64Encode(""), "");
  EXPECT_EQ(Base64Encode("f"), "Zg==");
  EXPECT_EQ(Base64Encode("fo"), "Zm8=");
  EXPECT_EQ(Base64Encode("foo"), "Zm9v");
  EXPECT_EQ(Base64Encode("foobar"), "Zm9vYmFy");
  EXPECT_EQ(Base64UrlEncode("\xfb\xff"), "-_8");
}

TEST(Base64, RoundTripOfEveryLength) {
  const std::string all = AllBytes();
  for (size_t n = 0; n <= all.size(); ++n) {
    const std::string part = all.substr(all.size() - n);
    ASSERT_EQ(Base64Decode(Base64Encode(part)), part);
    ASSERT_EQ(Base64UrlDecode(Base64UrlEncode(part)), part);
  }
}

TEST(Base64, Strict) {
  for (const char* bad : {"Zg", "Zg=", "Zg===", "Zh==", "Z===", "====", "Zm9v\n", "Zm 9", "-_8=", "=Zg="}) {
    EXPECT_EQ(Base64Decode(bad), std::nullopt) << bad;
  }
  EXPECT_EQ(Base64UrlDecode("Zg"), "f");
  EXPECT_EQ(Base64UrlDecode("Zg=="), "f");
  for (const char* bad : {"Zg=", "Zh", "A", "+/8"}) EXPECT_EQ(Base64UrlDecode(bad), std::nullopt) << bad;
}

TEST(Percent, RoundTrip) {
  EXPECT_EQ(PercentEncode("a b/c~%é"), "a%20b%2Fc~%25%C3%A9");
  EXPECT_EQ(PercentDecode(PercentEncode(AllBytes())), AllBytes());
}

TEST(Percent, Decode) {
  EXPECT_EQ(PercentDecode("a+b%2f%2F"), "a+b//");
  EXPECT_EQ(PercentDecode("a+b%2B", true), "a b+");
  for (const char* bad : {"%", "%2", "%zz", "a%2g"}) EXPECT_EQ(PercentDecode(bad), std::nullopt) << bad;
}

}  // namespace
}  // namespace berth
