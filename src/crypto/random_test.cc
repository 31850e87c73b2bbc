#include "crypto/random.h"

#include <gtest/gtest.h>

#include <map>
#include <regex>
#include <set>

namespace berth::crypto {
namespace {

TEST(Random, UuidsAreVersionFourAndDiffer) {
  const std::regex shape("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
  std::set<std::string> seen;
  for (int i = 0; i < 200; ++i) {
    const std::string uuid = NewUuid();
    EXPECT_TRUE(std::regex_match(uuid, shape)) << uuid;
    EXPECT_TRUE(seen.insert(uuid).second);
  }
}

TEST(Random, TextUsesTheWholeAlphabetEvenly) {
  const std::string text = RandomText(62 * 1000);
  ASSERT_EQ(text.size(), 62'000u);
  std::map<char, int> counts;
  for (const char c : text) ++counts[c];
  ASSERT_EQ(counts.size(), 62u);
  for (const auto& [c, n] : counts) {
    EXPECT_TRUE(isalnum(static_cast<unsigned char>(c)));
    EXPECT_GT(n, 750) << c;  // eight standard deviations
    EXPECT_LT(n, 1250) << c;
  }
}

TEST(Random, BytesHaveTheLengthAskedFor) {
  EXPECT_EQ(RandomBytes(0).size(), 0u);
  EXPECT_EQ(RandomBytes(33).size(), 33u);
  EXPECT_NE(RandomBytes(32), RandomBytes(32));
}

TEST(Random, ConstantTimeEquals) {
  EXPECT_TRUE(ConstantTimeEquals("", ""));
  EXPECT_TRUE(ConstantTimeEquals("secret", "secret"));
  EXPECT_FALSE(ConstantTimeEquals("secret", "secreT"));
  EXPECT_FALSE(ConstantTimeEquals("secret", "secret "));
}

}  // namespace
}  // namespace berth::crypto
