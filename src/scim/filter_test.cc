#include "scim/filter.h"

#include <gtest/gtest.h>

namespace berth::scim {
namespace {

std::string Parsed(std::string_view text) {
  const auto filter = ParseFilter(text);
  if (!filter) return std::string(filter.error().field) + ": " + filter.error().message;
  return ToText(*filter);
}
std::string Refused(std::string_view text) {
  const auto filter = ParseFilter(text);
  return filter ? "parsed as " + ToText(*filter) : filter.error().field;
}

// The examples of RFC 7644 section 3.4.2.2.
TEST(ScimFilter, ReadsTheExamplesOfTheStandard) {
  EXPECT_EQ(Parsed(R"(userName eq "bjensen")"), R"(username eq "bjensen")");
  EXPECT_EQ(Parsed(R"(name.familyName co "O'Malley")"), R"(name.familyname co "O'Malley")");
  EXPECT_EQ(Parsed(R"(urn:ietf:params:scim:schemas:core:2.0:User:userName sw "J")"),
            R"(urn:ietf:params:scim:schemas:core:2.0:user:username sw "J")");
  EXPECT_EQ(Parsed("title pr"), "title pr");
  EXPECT_EQ(Parsed(R"(meta.lastModified gt "2011-05-13T04:42:34Z")"), R"(meta.lastmodified gt "2011-05-13T04:42:34Z")");
  EXPECT_EQ(Parsed(R"(title pr and userType eq "Employee")"), R"((title pr) and (usertype eq "Employee"))");
  EXPECT_EQ(Parsed(R"(userType eq "Employee" and (emails co "example.com" or emails.value co "example.org"))"),
            R"((usertype eq "Employee") and ((emails co "example.com") or (emails.value co "example.org")))");
  EXPECT_EQ(Parsed(R"(userType ne "Employee" and not (emails co "example.com" or emails.value co "example.org"))"),
            R"((usertype ne "Employee") and (not ((emails co "example.com") or (emails.value co "example.org"))))");
  EXPECT_EQ(Parsed(R"(emails[type eq "work" and value co "@example.com"] or ims[type eq "xmpp"])"),
            R"((emails[(type eq "work") and (value co "@example.com")]) or (ims[type eq "xmpp"]))");
}

TEST(ScimFilter, AndBindsTighterThanOrAndWordsHaveAnyCase) {
  EXPECT_EQ(Parsed("a pr OR b PR And c pr"), "(a pr) or ((b pr) and (c pr))");
  EXPECT_EQ(Parsed(R"(Active EQ True)"), "active eq true");
  EXPECT_EQ(Parsed("count gt 5"), "count gt 5");
  EXPECT_EQ(Parsed("x eq -1.5e3"), "x eq -1.5e3");
  EXPECT_EQ(Parsed("x eq null"), "x eq null");
  EXPECT_EQ(Parsed("not (a pr)"), "not (a pr)");
  EXPECT_EQ(Parsed("not pr"), "not pr");  // an attribute of that name
  EXPECT_EQ(Parsed(R"(x eq "a\"b\\c\u00e9")"), "x eq \"a\\\"b\\\\c\u00e9\"");
}

TEST(ScimFilter, RefusesWhatIsNone) {
  for (const auto text : {"",
                          " ",
                          "userName",
                          "userName eq",
                          R"(userName "x")",
                          R"(userName is "x")",
                          R"(userName eq "x)",
                          R"(userName eq 'x')",
                          "userName eq x",
                          R"(eq "x")",
                          "(a pr",
                          "a pr)",
                          "a pr and",
                          "and a pr",
                          "a pr b pr",
                          R"(emails[type eq "work")",
                          "emails[]",
                          "not a pr",
                          R"(a. eq "x")",
                          R"(.a eq "x")",
                          R"(a.b.c eq "x")",
                          R"(urn:x: eq "x")",
                          R"(a eq "\u0000")",
                          "a eq [1]",
                          "a eq {}"}) {
    EXPECT_EQ(Refused(text), kInvalidFilter) << text;
  }
}

TEST(ScimFilter, IsBounded) {
  std::string many = "a pr";
  for (int i = 1; i < 50; ++i) many += " or a pr";
  EXPECT_TRUE(ParseFilter(many).has_value());
  EXPECT_EQ(Refused(many + " or a pr"), kInvalidFilter);
  EXPECT_TRUE(ParseFilter(std::string(20, '(') + "a pr" + std::string(20, ')')).has_value());
  EXPECT_EQ(Refused(std::string(21, '(') + "a pr" + std::string(21, ')')), kInvalidFilter);
  EXPECT_EQ(Refused("a eq \"" + std::string(5000, 'x') + "\""), kInvalidFilter);
}

TEST(ScimPath, NamesAttributesAndTheirValues) {
  const auto plain = ParsePath("name.givenName");
  ASSERT_TRUE(plain.has_value());
  EXPECT_EQ(plain->attribute, (AttributePath{"", "name", "givenname"}));
  EXPECT_FALSE(plain->selected.has_value());
  const auto chosen = ParsePath(R"(emails[type eq "work"].value)");
  ASSERT_TRUE(chosen.has_value());
  EXPECT_EQ(chosen->attribute, (AttributePath{"", "emails", "value"}));
  EXPECT_EQ(ToText(*chosen->selected), R"(type eq "work")");
  const auto extension = ParsePath("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value");
  ASSERT_TRUE(extension.has_value());
  EXPECT_EQ(extension->attribute,
            (AttributePath{"urn:ietf:params:scim:schemas:extension:enterprise:2.0:user", "manager", "value"}));
  for (const auto text : {"", "1a", "a[", R"(a[b eq "c")", "a b", "a.b.c", R"(a.b[c eq "d"].e)", "a[b pr]x"}) {
    const auto path = ParsePath(text);
    ASSERT_FALSE(path.has_value()) << text;
    EXPECT_EQ(path.error().field, kInvalidPath) << text;
  }
}

}  // namespace
}  // namespace berth::scim
