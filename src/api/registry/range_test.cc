#include "api/registry/range.h"

#include <gtest/gtest.h>

namespace berth::api::registry {
namespace {

using Range = std::variant<WholeBody, ByteRange, Unsatisfiable>;

TEST(Range, TakesOneRangeAndCutsItToTheEnd) {
  EXPECT_EQ(ParseRange("bytes=500-1499", 4096), Range(ByteRange{500, 1499}));
  EXPECT_EQ(ParseRange("bytes=500-", 4096), Range(ByteRange{500, 4095}));
  EXPECT_EQ(ParseRange("bytes=-500", 4096), Range(ByteRange{3596, 4095}));
  EXPECT_EQ(ParseRange("bytes=2000-5000", 4096), Range(ByteRange{2000, 4095}));
  EXPECT_EQ(ParseRange("bytes=0-0", 1), Range(ByteRange{0, 0}));
  EXPECT_EQ(ParseRange("bytes=-9999", 10), Range(ByteRange{0, 9}));
  EXPECT_EQ(ParseRange(" BYTES=1-2 ", 10), Range(ByteRange{1, 2}));
}

TEST(Range, RefusesWhatIsOutside) {
  for (const char* text : {"bytes=500-0", "bytes=5000-10000", "bytes=4096-", "bytes=-0"}) {
    EXPECT_EQ(ParseRange(text, 4096), Range(Unsatisfiable())) << text;
  }
  EXPECT_EQ(ParseRange("bytes=0-", 0), Range(Unsatisfiable()));
  EXPECT_EQ(ParseRange("bytes=-1", 0), Range(Unsatisfiable()));
}

TEST(Range, IgnoresWhatItDoesNotKnow) {
  for (const char* text : {"", "bytes", "bytes=", "bytes=a-b", "bytes=1", "items=0-1", "bytes=0-1,3-4", "bytes=--1",
                           "bytes=+1-2", "bytes=1-2x", "bytes=18446744073709551616-", "bytes= 1 - 2"}) {
    EXPECT_EQ(ParseRange(text, 4096), Range(WholeBody())) << text;
  }
}

TEST(Range, LargeNumbersDoNotWrap) {
  EXPECT_EQ(ParseRange("bytes=0-18446744073709551615", 10), Range(ByteRange{0, 9}));
  EXPECT_EQ(ParseRange("bytes=-18446744073709551615", 10), Range(ByteRange{0, 9}));
}

TEST(ContentRange, TakesTheRegistryFormAndTheRfcForm) {
  EXPECT_EQ(ParseContentRange("0-99"), (ByteRange{0, 99}));
  EXPECT_EQ(ParseContentRange("bytes 100-199/1000"), (ByteRange{100, 199}));
  EXPECT_EQ(ParseContentRange("100-199/*"), (ByteRange{100, 199}));
  for (const char* text :
       {"", "a-b", "5", "9-1", "-5", "5-", "0-18446744073709551615", "0-18446744073709551616", "0--1"}) {
    EXPECT_FALSE(ParseContentRange(text)) << text;
  }
}

}  // namespace
}  // namespace berth::api::registry
