#include "base/clock.h"

#include <gtest/gtest.h>

namespace berth {
namespace {

TEST(Clock, FormatsAndParses) {
  const Timestamp t = FromMicros(1'795'424'887'123'456);
  EXPECT_EQ(FormatRfc3339(t), "2026-11-23T09:08:07.123456Z");
  EXPECT_EQ(FormatHttpDate(t), "Mon, 23 Nov 2026 09:08:07 GMT");
  EXPECT_EQ(ParseRfc3339(FormatRfc3339(t)), t);
  EXPECT_EQ(ParseRfc3339("2026-11-23T10:08:07.123456789+01:00"), t);
  EXPECT_EQ(ParseRfc3339("1970-01-01T00:00:00Z"), FromMicros(0));
  EXPECT_EQ(FormatRfc3339(FromMicros(-1)), "1969-12-31T23:59:59.999999Z");
}

TEST(Clock, RefusesWhatIsNoDateTime) {
  for (const char* bad :
       {"", "2026-11-23", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-11-23T24:00:00Z", "2026-11-23T09:08:07",
        "2026-11-23T09:08:07.Z", "2026-11-23T09:08:07Zx", "2026-11-23T09:08:07+1:00"}) {
    EXPECT_EQ(ParseRfc3339(bad), std::nullopt) << bad;
  }
}

TEST(Clock, ManualClockStandsStill) {
  ManualClock clock;
  const Timestamp start = clock.Now();
  EXPECT_EQ(clock.Now(), start);
  clock.Advance(std::chrono::seconds(2));
  EXPECT_EQ(clock.Now() - start, std::chrono::seconds(2));
}

}  // namespace
}  // namespace berth
