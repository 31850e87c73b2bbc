#include "registry/names.h"

#include <gtest/gtest.h>

namespace berth::registry {
namespace {

TEST(RepositoryName, TakesTheSpecificationsGrammar) {
  for (const char* text :
       {"a/b", "ns/repo", "ns/a.b", "ns/a_b", "ns/a__b", "ns/a-b", "ns/a---b", "0/1", "a/b/c/d", "ns/manifests"}) {
    const auto name = RepositoryName::Parse(text);
    ASSERT_TRUE(name) << text;
    EXPECT_EQ(name->full, text);
  }
}

TEST(RepositoryName, RefusesEverythingElse) {
  for (const char* text : {"",        "/",        "a/",          "/a",       "a//b",   "A/b",   "a/B",     "ns/.",
                           "ns/..",   "../a",     "ns/a..b",     "ns/a___b", "ns/-a",  "ns/a-", "ns/a._b", "ns/a b",
                           "ns/a\nb", "ns/a%2fb", "ns/\xc3\xa4", "ns/a:b",   "ns/a@b", "ns\\a"}) {
    const auto name = RepositoryName::Parse(text);
    ASSERT_FALSE(name) << text;
    EXPECT_EQ(name.error().code, ErrorCode::kNameInvalid);
  }
}

TEST(RepositoryName, OneSegmentIsOfTheLibrary) {
  const auto name = RepositoryName::Parse("nginx");
  ASSERT_TRUE(name);
  EXPECT_EQ(name->full, "library/nginx");
  EXPECT_EQ(name->namespace_, "library");
  EXPECT_EQ(name->name, "nginx");
}

TEST(RepositoryName, SplitsAtTheFirstSlash) {
  const auto name = RepositoryName::Parse("ns/a/b");
  ASSERT_TRUE(name);
  EXPECT_EQ(name->namespace_, "ns");
  EXPECT_EQ(name->name, "a/b");
}

TEST(RepositoryName, HasAtMost255Characters) {
  EXPECT_TRUE(RepositoryName::Parse("ns/" + std::string(252, 'a')));
  EXPECT_FALSE(RepositoryName::Parse("ns/" + std::string(253, 'a')));
  EXPECT_TRUE(RepositoryName::Parse(std::string(247, 'a')));
  EXPECT_FALSE(RepositoryName::Parse(std::string(248, 'a'))) << "with library/ it is too long";
}

TEST(Tag, TakesTheSpecificationsGrammar) {
  for (const char* text : {"latest", "v1.0", "_x", "A-b.C_d", "1", "sha256-abc"}) EXPECT_TRUE(IsTag(text)) << text;
  for (const char* text : {"", ".a", "-a", "a/b", "a:b", "a b", "a\n", "\xc3\xa4"}) EXPECT_FALSE(IsTag(text)) << text;
  EXPECT_TRUE(IsTag(std::string(128, 'a')));
  EXPECT_FALSE(IsTag(std::string(129, 'a')));
}

}  // namespace
}  // namespace berth::registry
