// Bodies as Okta and Microsoft Entra ID send them (their SCIM guides show these requests).
#include <gtest/gtest.h>

#include "scim/filter.h"
#include "scim/group_data.h"
#include "scim/user_data.h"

namespace berth::scim {
namespace {

constexpr std::string_view kOktaUser = R"({
  "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
  "userName": "test.user@okta.local",
  "name": {"givenName": "Test", "familyName": "User"},
  "emails": [{"primary": true, "value": "test.user@okta.local", "type": "work"}],
  "displayName": "Test User",
  "locale": "en-US",
  "externalId": "00ujl29u0le5T6Aj10h7",
  "groups": [],
  "password": "1mz050nq",
  "active": true})";

constexpr std::string_view kEntraUser = R"({
  "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User",
              "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
  "externalId": "0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef",
  "userName": "Test_User_ab6490ee-1e48-479e-a20b-2d77186b5dd1",
  "active": true,
  "emails": [{"primary": true, "type": "work", "value": "Test_User_fd0ea19b@testuser.com"}],
  "meta": {"resourceType": "User"},
  "name": {"formatted": "givenName familyName", "familyName": "familyName", "givenName": "givenName"},
  "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "bob"},
  "roles": []})";

UserData Read(std::string_view body, UserData user = {}) {
  const auto document = json::Document::Parse(body).value();
  const auto done = ReadUser(document.root(), user);
  EXPECT_TRUE(done.has_value()) << done.error().message;
  return user;
}
std::string ReadRefused(std::string_view body) {
  const auto document = json::Document::Parse(body).value();
  UserData user;
  const auto done = ReadUser(document.root(), user);
  return done ? "read" : done.error().field;
}

// `operations` is the array.
UserData Patched(UserData user, const std::string& operations) {
  const auto document =
      json::Document::Parse(R"({"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":)" +
                            operations + "}")
          .value();
  const auto done = PatchUser(document.root(), user);
  EXPECT_TRUE(done.has_value()) << done.error().message << " for " << operations;
  return user;
}
std::string PatchRefused(const std::string& operations) {
  UserData user = Read(kOktaUser);
  const auto document = json::Document::Parse(R"({"Operations":)" + operations + "}").value();
  const auto done = PatchUser(document.root(), user);
  return done ? "patched" : done.error().field;
}

TEST(ScimUserData, OktaUser) {
  const UserData user = Read(kOktaUser);
  EXPECT_EQ(user.user_name, "test.user@okta.local");
  EXPECT_EQ(user.external_id, "00ujl29u0le5T6Aj10h7");
  EXPECT_EQ(user.given_name, "Test");
  EXPECT_EQ(user.family_name, "User");
  EXPECT_EQ(user.display_name, "Test User");
  EXPECT_TRUE(user.active);
  EXPECT_EQ(user.emails, (std::vector<Email>{{"test.user@okta.local", "", "work", true}}));
  EXPECT_EQ(AddressOf(user), "test.user@okta.local");
  EXPECT_EQ(FullNameOf(user), "Test User");
}

TEST(ScimUserData, EntraUser) {
  const UserData user = Read(kEntraUser);
  EXPECT_EQ(AddressOf(user), "test_user_fd0ea19b@testuser.com");
  EXPECT_EQ(FullNameOf(user), "givenName familyName");
  EXPECT_TRUE(user.role.empty());
}

TEST(ScimUserData, DockersExtensionAndItsOlderSpelling) {
  const UserData user = Read(R"({"userName":"a@b.c","enabled":false,
    "urn:ietf:params:scim:schemas:extension:docker:2.0:User":{"dockerRole":"Editor","dockerOrg":"acme","dockerTeam":"dev"}})");
  EXPECT_FALSE(user.active);
  EXPECT_EQ(user.role, "editor");
  EXPECT_EQ(user.organization, "acme");
  EXPECT_EQ(user.team, "dev");
  // What a replacement leaves out: the switch, the user name and the addresses stay.
  const UserData replaced = Read(R"({"schemas":[],"name":{"givenName":"A"}})", user);
  EXPECT_EQ(replaced.user_name, "a@b.c");
  EXPECT_FALSE(replaced.active);
  EXPECT_EQ(replaced.given_name, "A");
  EXPECT_EQ(Read(R"({"USERNAME":"x@y.z","ACTIVE":"True"})", user).active, true);
}

TEST(ScimUserData, BadBodiesAreNamed) {
  EXPECT_EQ(ReadRefused("[]"), kInvalidSyntax);
  EXPECT_EQ(ReadRefused("{}"), kInvalidValue);
  EXPECT_EQ(ReadRefused(R"({"userName":5})"), kInvalidValue);
  EXPECT_EQ(ReadRefused(R"({"userName":"a@b.c","active":"maybe"})"), kInvalidValue);
  EXPECT_EQ(ReadRefused(R"({"userName":"a@b.c","name":"x"})"), kInvalidValue);
  EXPECT_EQ(ReadRefused(R"({"userName":"a@b.c","emails":[{"type":"work"}]})"), kInvalidValue);
  EXPECT_EQ(ReadRefused(R"({"userName":"a@b.c","emails":[7]})"), kInvalidValue);
  EXPECT_EQ(
      ReadRefused(
          R"({"userName":"a@b.c","urn:ietf:params:scim:schemas:extension:docker:2.0:User":{"dockerRole":"king"}})"),
      kInvalidValue);
}

TEST(ScimPatch, OktaSwitchesOffWithoutAPath) {
  EXPECT_FALSE(Patched(Read(kOktaUser), R"([{"op":"replace","value":{"active":false}}])").active);
}

TEST(ScimPatch, EntraCapitalizesAndWritesBooleansAsText) {
  EXPECT_FALSE(Patched(Read(kEntraUser), R"([{"op":"Replace","path":"active","value":"False"}])").active);
  EXPECT_FALSE(Patched(Read(kEntraUser), R"([{"op":"Replace","path":"active","value":false}])").active);
  const UserData user = Patched(Read(kEntraUser), R"([
    {"op":"Replace","path":"emails[type eq \"work\"].value","value":"updatedEmail@microsoft.com"},
    {"op":"Replace","path":"name.familyName","value":"updatedFamilyName"},
    {"op":"Add","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department","value":"IT"},
    {"op":"Add","path":"phoneNumbers[type eq \"mobile\"].value","value":"555"},
    {"op":"Replace","path":"title","value":"Boss"}])");
  EXPECT_EQ(user.emails, (std::vector<Email>{{"updatedEmail@microsoft.com", "", "work", true}}));
  EXPECT_EQ(user.family_name, "updatedFamilyName");
}

TEST(ScimPatch, EntraNamesPathsInsideAValue) {
  const UserData user = Patched(Read(kEntraUser), R"([{"op":"Add","value":{
    "name.givenName":"Ann","displayName":"Ann Lee","active":"True",
    "emails[type eq \"home\"].value":"ann@home.example",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager":"7",
    "urn:ietf:params:scim:schemas:extension:docker:2.0:User:dockerRole":"owner"}}])");
  EXPECT_EQ(user.given_name, "Ann");
  EXPECT_EQ(user.display_name, "Ann Lee");
  EXPECT_EQ(user.role, "owner");
  ASSERT_EQ(user.emails.size(), 2U);
  EXPECT_EQ(user.emails[1], (Email{"ann@home.example", "", "home", false}));
}

TEST(ScimPatch, ObjectsAndWholeExtensions) {
  const UserData user = Patched(Read(kOktaUser), R"([{"op":"replace","value":{
    "name":{"givenName":"X","familyName":"Y"},
    "urn:ietf:params:scim:schemas:extension:docker:2.0:User":{"dockerTeam":"ops"},
    "id":"ignored","emails":[{"value":"x@y.z","primary":"true"}]}}])");
  EXPECT_EQ(user.given_name, "X");
  EXPECT_EQ(user.family_name, "Y");
  EXPECT_EQ(user.team, "ops");
  EXPECT_EQ(user.emails, (std::vector<Email>{{"x@y.z", "", "", true}}));
}

TEST(ScimPatch, AddressesAreAddedChosenAndRemoved) {
  UserData user = Patched(Read(kOktaUser), R"([{"op":"add","path":"emails","value":[
    {"value":"second@okta.local","type":"home","primary":true},{"value":"TEST.user@okta.local","type":"work"}]}])");
  ASSERT_EQ(user.emails.size(), 2U);
  EXPECT_EQ(AddressOf(user), "second@okta.local");  // one is primary
  user = Patched(user, R"([{"op":"remove","path":"emails[type eq \"home\" and primary eq true]"}])");
  ASSERT_EQ(user.emails.size(), 1U);
  EXPECT_EQ(user.emails[0].type, "work");
  user = Patched(user, R"([{"op":"replace","path":"emails[value sw \"test\"]","value":{"value":"new@okta.local"}}])");
  EXPECT_EQ(user.emails, (std::vector<Email>{{"new@okta.local", "", "", false}}));
  user = Patched(user, R"([{"op":"remove","path":"emails[type eq \"nothing\"].value"}])");
  EXPECT_EQ(user.emails.size(), 1U);
  user = Patched(user, R"([{"op":"remove","path":"emails"}])");
  EXPECT_TRUE(user.emails.empty());
  EXPECT_EQ(AddressOf(user), "test.user@okta.local");
}

TEST(ScimPatch, TextsAreRemoved) {
  const UserData user = Patched(Read(kOktaUser), R"([{"op":"remove","path":"displayName"},
    {"op":"Remove","path":"name.givenName"},{"op":"remove","path":"externalId"}])");
  EXPECT_EQ(FullNameOf(user), "User");
  EXPECT_TRUE(user.external_id.empty());
}

TEST(ScimPatch, RefusalsHaveTheirType) {
  EXPECT_EQ(PatchRefused(R"([{"op":"move","path":"active","value":true}])"), kInvalidSyntax);
  EXPECT_EQ(PatchRefused(R"({"op":"add"})"), kInvalidSyntax);
  EXPECT_EQ(PatchRefused(R"([{"op":"replace","value":true}])"), kInvalidSyntax);
  EXPECT_EQ(PatchRefused(R"([{"op":"remove"}])"), kNoTarget);
  EXPECT_EQ(PatchRefused(R"([{"op":"replace","path":"emails[type eq","value":"x"}])"), kInvalidPath);
  EXPECT_EQ(PatchRefused(R"([{"op":"replace","path":"shoeSize","value":"42"}])"), kInvalidPath);
  EXPECT_EQ(PatchRefused(R"([{"op":"replace","path":"emails.size","value":"42"}])"), kInvalidPath);
  EXPECT_EQ(PatchRefused(R"([{"op":"replace","path":"emails[size eq \"1\"].value","value":"42"}])"), kInvalidFilter);
  EXPECT_EQ(PatchRefused(R"([{"op":"replace","path":"id","value":"42"}])"), kMutability);
  EXPECT_EQ(PatchRefused(R"([{"op":"remove","path":"userName"}])"), kMutability);
  EXPECT_EQ(PatchRefused(R"([{"op":"remove","path":"active"}])"), kMutability);
  EXPECT_EQ(PatchRefused(R"([{"op":"replace","path":"active","value":"perhaps"}])"), kInvalidValue);
  EXPECT_EQ(PatchRefused(R"([{"op":"replace","path":"name","value":"Ann"}])"), kInvalidValue);
}

// ---- Groups

GroupChange Group(std::string_view body, bool patch) {
  const auto document = json::Document::Parse(body).value();
  auto change = patch ? PatchGroup(document.root()) : ReadGroup(document.root());
  EXPECT_TRUE(change.has_value()) << change.error().message << " for " << body;
  return change.value_or(GroupChange());
}
std::string GroupRefused(std::string_view body, bool patch) {
  const auto document = json::Document::Parse(body).value();
  const auto change = patch ? PatchGroup(document.root()) : ReadGroup(document.root());
  return change ? "read" : change.error().field;
}

using Kind = MemberStep::Kind;
using Steps = std::vector<MemberStep>;

TEST(ScimGroupData, Bodies) {
  const auto okta = Group(
      R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"Test SCIMv2","members":[]})", false);
  EXPECT_EQ(okta.display_name, "Test SCIMv2");
  EXPECT_EQ(okta.steps, (Steps{{Kind::kReplace, {}}}));
  const auto entra = Group(R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group",
    "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"],
    "externalId":"8aa1a0c0-c4c3-4bc0-b4a5-2ef676900159","displayName":"displayName","meta":{"resourceType":"Group"},
    "members":[{"value":"f648"},{"value":"g759","display":"x"}]})",
                           false);
  EXPECT_EQ(entra.external_id, "8aa1a0c0-c4c3-4bc0-b4a5-2ef676900159");
  EXPECT_EQ(entra.steps, (Steps{{Kind::kReplace, {"f648", "g759"}}}));
  EXPECT_EQ(GroupRefused("{}", false), kInvalidValue);
  EXPECT_EQ(GroupRefused(R"({"displayName":" "})", false), kInvalidValue);
  EXPECT_EQ(GroupRefused(R"({"displayName":"x","members":[{"display":"y"}]})", false), kInvalidValue);
}

TEST(ScimGroupData, OktaPatches) {
  const auto members = Group(R"({"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[
    {"op":"remove","path":"members[value eq \"89bb1940\"]"},
    {"op":"add","path":"members","value":[{"value":"23a35c27","display":"test.user@okta.local"}]}]})",
                             true);
  EXPECT_EQ(members.steps, (Steps{{Kind::kRemove, {"89bb1940"}}, {Kind::kAdd, {"23a35c27"}}}));
  const auto named =
      Group(R"({"Operations":[{"op":"replace","value":{"id":"abf4dd94","displayName":"Test SCIMv2"}}]})", true);
  EXPECT_EQ(named.display_name, "Test SCIMv2");
  EXPECT_TRUE(named.steps.empty());
  const auto all =
      Group(R"({"Operations":[{"op":"replace","path":"members","value":[{"value":"a"},{"value":"b"}]}]})", true);
  EXPECT_EQ(all.steps, (Steps{{Kind::kReplace, {"a", "b"}}}));
}

TEST(ScimGroupData, EntraPatches) {
  const auto members = Group(R"({"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[
    {"op":"Add","path":"members","value":[{"$ref":null,"value":"f648f8d5"}]},
    {"op":"Remove","path":"members","value":[{"$ref":null,"value":"a1"},{"value":"a2"}]},
    {"op":"Remove","path":"members[value eq \"x\" or value eq \"y\"]"},
    {"op":"Remove","path":"members"},
    {"op":"Replace","path":"displayName","value":"1879db59-3bdf-4490-ad68-ab880a269474updatedDisplayName"}]})",
                             true);
  EXPECT_EQ(members.steps, (Steps{{Kind::kAdd, {"f648f8d5"}},
                                  {Kind::kRemove, {"a1", "a2"}},
                                  {Kind::kRemove, {"x", "y"}},
                                  {Kind::kReplace, {}}}));
  EXPECT_EQ(members.display_name, "1879db59-3bdf-4490-ad68-ab880a269474updatedDisplayName");
}

TEST(ScimGroupData, RefusalsHaveTheirType) {
  EXPECT_EQ(GroupRefused(R"({"Operations":[{"op":"replace","path":"color","value":"red"}]})", true), kInvalidPath);
  EXPECT_EQ(GroupRefused(R"({"Operations":[{"op":"remove","path":"members[display eq \"x\"]"}]})", true),
            kInvalidFilter);
  EXPECT_EQ(GroupRefused(R"({"Operations":[{"op":"remove","path":"displayName"}]})", true), kMutability);
  EXPECT_EQ(GroupRefused(R"({"Operations":[{"op":"replace","path":"id","value":"x"}]})", true), kMutability);
  EXPECT_EQ(GroupRefused(R"({"Operations":[{"op":"add","path":"members","value":[{}]}]})", true), kInvalidValue);
  EXPECT_EQ(GroupRefused(R"({"Operations":[{"op":"remove"}]})", true), kNoTarget);
}

}  // namespace
}  // namespace berth::scim
