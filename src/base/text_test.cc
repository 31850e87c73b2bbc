#include "base/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace berth {
namespace {

using ::testing::ElementsAre;

TEST(Text, Case) {
  EXPECT_EQ(AsciiLower("Content-TYPE É"), "content-type É");
  EXPECT_TRUE(EqualsIgnoreCase("ETag", "etag"));
  EXPECT_FALSE(EqualsIgnoreCase("ETag", "etags"));
  EXPECT_FALSE(EqualsIgnoreCase("[", "{"));
}

TEST(Text, TrimAndSplit) {
  EXPECT_EQ(Trim(" \t a b\t "), "a b");
  EXPECT_EQ(Trim(" \t"), "");
  EXPECT_THAT(Split("a,,b,", ','), ElementsAre("a", "", "b", ""));
  EXPECT_THAT(Split("", ','), ElementsAre(""));
}

TEST(Text, Numbers) {
  EXPECT_EQ(ParseNumber<int>("-12"), -12);
  EXPECT_EQ(ParseNumber<uint64_t>("18446744073709551615"), 18446744073709551615U);
  EXPECT_EQ(ParseNumber<uint64_t>("18446744073709551616"), std::nullopt);
  for (const char* bad : {"", " 1", "1 ", "+1", "-1", "0x1", "1.0"})
    EXPECT_EQ(ParseNumber<unsigned>(bad), std::nullopt) << bad;
}

TEST(Text, Utf8) {
  for (const char* good :
       {"", "ascii only, longer than eight", "é", "日本語", "\xF0\x9F\x90\xB3", "\xEF\xBF\xBF", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_TRUE(IsValidUtf8(good)) << good;
  }
  for (const char* bad :
       {"\x80", "\xC3", "\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xF0\x8F\xBF\xBF",
        "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "12345678\xC3(", "\xE6\x97"}) {
    EXPECT_FALSE(IsValidUtf8(bad)) << testing::PrintToString(std::string(bad));
  }
}

TEST(Text, Durations) {
  EXPECT_EQ(ParseDurationMicros("250ms"), 250'000);
  EXPECT_EQ(ParseDurationMicros("10"), 10'000'000);
  EXPECT_EQ(ParseDurationMicros("10s"), 10'000'000);
  EXPECT_EQ(ParseDurationMicros("5m"), 300'000'000);
  EXPECT_EQ(ParseDurationMicros("24h"), 86'400'000'000);
  EXPECT_EQ(ParseDurationMicros("7d"), 604'800'000'000);
  for (const char* bad : {"", "s", "-1s", "1.5s", "1 s", "1w", "99999999999999999999s", "9223372036854775807s"}) {
    EXPECT_EQ(ParseDurationMicros(bad), std::nullopt) << bad;
  }
}

TEST(Text, ByteSizes) {
  EXPECT_EQ(ParseByteSize("512"), 512U);
  EXPECT_EQ(ParseByteSize("512k"), 512U << 10);
  EXPECT_EQ(ParseByteSize("4MiB"), 4U << 20);
  EXPECT_EQ(ParseByteSize("4mb"), 4U << 20);
  EXPECT_EQ(ParseByteSize("1G"), 1U << 30);
  EXPECT_EQ(ParseByteSize("2T"), uint64_t{2} << 40);
  for (const char* bad : {"", "k", "1x", "1kk", "-1", "1.5G", "16777216T", "1bi"})
    EXPECT_EQ(ParseByteSize(bad), std::nullopt) << bad;
}

}  // namespace
}  // namespace berth
