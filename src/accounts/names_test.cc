#include "accounts/names.h"

#include <gtest/gtest.h>

#include <string>

namespace berth::accounts {
namespace {

bool Good(std::string_view name, NameRule rule) { return CheckAccountName(name, rule).has_value(); }

TEST(Names, SignUpTakesDockerIdsOnly) {
  for (const auto name : {"abcd", "alice", "a1b2", "1234"}) EXPECT_TRUE(Good(name, NameRule::kSignUp)) << name;
  EXPECT_TRUE(Good(std::string(30, 'a'), NameRule::kSignUp));
  for (const auto name : {"", "abc", "Alice", "al-ice", "al_ice", "ali ce", "\xc3\xa4lice", "ali/ce", "al..ce"}) {
    EXPECT_FALSE(Good(name, NameRule::kSignUp)) << name;
  }
  EXPECT_FALSE(Good(std::string(31, 'a'), NameRule::kSignUp));
}

TEST(Names, TheAdministratorMayUseSingleInnerSeparators) {
  for (const auto name : {"ab", "a-b", "a.b_c-d", "ci"}) EXPECT_TRUE(Good(name, NameRule::kAdministrator)) << name;
  for (const auto name : {"a", "-ab", "ab-", "a--b", "a._b", "Ab", "a b", "..", "a/b"}) {
    EXPECT_FALSE(Good(name, NameRule::kAdministrator)) << name;
  }
}

TEST(Names, FirstSegmentsOfTheApiAreReserved) {
  for (const auto name :
       {"repositories", "users", "user", "orgs", "namespaces", "access-tokens", "api_tokens", "auth", "invites", "scim",
        "auditlogs", "search", "categories", "logout", "plans", "billing", "_catalog", "library"}) {
    EXPECT_TRUE(IsReservedName(name)) << name;
    const auto checked = CheckAccountName(name, NameRule::kAdministrator);
    ASSERT_FALSE(checked.has_value()) << name;
    EXPECT_EQ(checked.error().code, ErrorCode::kInvalidArgument);
    EXPECT_EQ(checked.error().field, "name");
  }
  EXPECT_FALSE(IsReservedName("alice"));
}

}  // namespace
}  // namespace berth::accounts
