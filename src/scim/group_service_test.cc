#include "scim/test_scim.h"

namespace berth::scim {
namespace {

class ScimGroupsTest : public ScimTest {};
INSTANTIATE_TEST_SUITE_P(Backends, ScimGroupsTest, sql::AllBackends(), sql::BackendName);

TEST_P(ScimGroupsTest, GroupsAreTeams) {
  const auto ann = Make(Ann());
  const auto bo = MakeNamed("bo@corp.example");
  const auto group = MakeGroup("Dev Ops (EU)", {ann->id});
  EXPECT_EQ(group.team.name, "dev-ops-eu");
  EXPECT_EQ(group.display_name, "Dev Ops (EU)");
  EXPECT_EQ(MakeGroup("dev_ops/eu").team.name, "dev_ops-eu");
  EXPECT_EQ(MakeGroup("Dev-Ops-EU").team.name, "dev-ops-eu-2");
  EXPECT_EQ(MakeGroup("QA").team.name, "qa-team");
  EXPECT_EQ(MakeGroup("\u00c4\u00d6").team.name, "team");
  GroupChange same;
  same.display_name = "dev ops (eu)";
  EXPECT_EQ(groups().Create(acme_, same, actor_).error().code, ErrorCode::kAlreadyExists);

  ASSERT_TRUE(Step(group, MemberStep::Kind::kAdd, {bo.id, ann->id}).has_value());
  EXPECT_EQ(MembersOf(group.team.uuid), (Names{"Ann.Lee@corp.example", "bo@corp.example"}));
  EXPECT_EQ(Events().back(), "org.team.member.add dev-ops-eu by acme");
  ASSERT_TRUE(Step(group, MemberStep::Kind::kRemove, {ann->id}).has_value());
  EXPECT_EQ(MembersOf(group.team.uuid), Names{"bo@corp.example"});
  ASSERT_TRUE(Step(group, MemberStep::Kind::kReplace, {ann->id}).has_value());
  EXPECT_EQ(MembersOf(group.team.uuid), Names{"Ann.Lee@corp.example"});
  EXPECT_EQ(users().Find(acme_.id, ann->id)->groups.at(0).display, "Dev Ops (EU)");

  GroupChange renamed;
  renamed.display_name = "Platform";
  renamed.external_id = "g-1";
  const auto after = groups().Update(acme_, group.team.uuid, renamed, actor_);
  ASSERT_TRUE(after.has_value());
  EXPECT_EQ(after->team.name, "platform");
  EXPECT_EQ(after->members.size(), 1U);
  EXPECT_EQ(FoundGroups(R"(externalId eq "g-1")"), Names{"Platform"});
  EXPECT_EQ(FoundGroups(R"(displayName eq "PLATFORM")"), Names{"Platform"});
  EXPECT_EQ(FoundGroups("members eq \"" + ann->id + "\""), Names{"Platform"});
  EXPECT_EQ(FoundGroups("id eq \"" + group.team.uuid + "\" and members[value eq \"" + bo.id + "\"]"), Names{});
  EXPECT_EQ(FoundGroups(R"(color eq "red")"), Names{std::string(kInvalidFilter)});
  ASSERT_TRUE(groups().Delete(acme_, group.team.uuid, actor_).has_value());
  EXPECT_EQ(groups().Find(acme_.id, group.team.uuid, true).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(Events().back(), "org.team.delete platform by acme");
}

TEST_P(ScimGroupsTest, TheTeamOfOwnersIsAGroup) {
  const auto ann = Make(Ann());
  Query query(acme_.id);
  ASSERT_TRUE(query.FilterGroups(*ParseFilter(R"(displayName eq "owners")")).has_value());
  const auto owners = groups().List(query, 0, 1, true)->groups.at(0);
  EXPECT_EQ(owners.members.size(), 1U);
  ASSERT_TRUE(Step(owners, MemberStep::Kind::kAdd, {ann->id}).has_value());
  EXPECT_EQ(RoleOf(ann->account), OrganizationRole::kOwner);
  // Nobody is left for a moment when one owner takes another's place.
  ASSERT_TRUE(Step(owners, MemberStep::Kind::kReplace, {ann->id}).has_value());
  EXPECT_EQ(RoleOf(owner_.id), OrganizationRole::kMember);
  EXPECT_EQ(Step(owners, MemberStep::Kind::kReplace, {}).error().code, ErrorCode::kConflict);
  EXPECT_EQ(groups().Delete(acme_, owners.team.uuid, actor_).error().code, ErrorCode::kConflict);
  GroupChange renamed;
  renamed.display_name = "Bosses";
  EXPECT_EQ(groups().Update(acme_, owners.team.uuid, renamed, actor_).error().code, ErrorCode::kConflict);
}

TEST_P(ScimGroupsTest, ATokenSpeaksForItsOrganization) {
  Connections connections(database(), clock_);
  EXPECT_FALSE(connections.State(acme_.id)->enabled);
  const auto first = connections.CreateToken(acme_, ActorOf(owner_));
  ASSERT_TRUE(first.has_value());
  EXPECT_TRUE(first->token.starts_with(kTokenPrefix));
  EXPECT_EQ(connections.Authenticate("Bearer " + first->token)->id, acme_.id);
  EXPECT_EQ(connections.State(acme_.id)->token_last_used_at, clock_.Now());
  for (const std::string& wrong : {std::string(), std::string("Bearer x"), "Basic " + first->token,
                                   "Bearer " + first->token + "x", std::string("Bearer dckr_scim_")}) {
    EXPECT_EQ(connections.Authenticate(wrong).error().code, ErrorCode::kUnauthenticated) << wrong;
  }
  EXPECT_EQ(database()
                .Read([&](sql::Connection& c) -> Result<int64_t> {
                  int64_t plain = 0;
                  TRY_VOID(c.ExecuteDynamic("SELECT secret_hash FROM scim_connection", {}, [&](const sql::Row& row) {
                    plain += row.Text(0).find(first->token.substr(10)) != std::string_view::npos ? 1 : 0;
                  }));
                  return plain;
                })
                .value(),
            0);
  const auto second = connections.CreateToken(acme_, ActorOf(owner_));
  EXPECT_FALSE(connections.Authenticate("Bearer " + first->token).has_value());
  EXPECT_TRUE(connections.Authenticate("Bearer " + second->token).has_value());
  ASSERT_TRUE(Make(Ann()).has_value());
  EXPECT_EQ(connections.State(acme_.id)->users, 1);
  ASSERT_TRUE(connections.Disable(acme_, ActorOf(owner_)).has_value());
  EXPECT_FALSE(connections.Authenticate("Bearer " + second->token).has_value());
  EXPECT_EQ(Events().back(), "enterprise.sso.connection.scim_toggle acme by owner");
  const auto events = Events();
  ASSERT_TRUE(connections.Disable(acme_, ActorOf(owner_)).has_value());
  EXPECT_EQ(Events(), events);
  EXPECT_EQ(RoleOf(users().Find(acme_.id, services().accounts.Find("annlee")->uuid)->account),
            OrganizationRole::kMember);
}

TEST_P(ScimGroupsTest, APlanWithoutScimRefuses) {
  Connections connections(database(), clock_);
  const auto token = connections.CreateToken(acme_, {});
  acme_ = services().accounts.Update(acme_.id, {.plan = "team"}, {}).value();
  EXPECT_EQ(connections.CreateToken(acme_, {}).error().code, ErrorCode::kLimitExceeded);
  EXPECT_EQ(connections.Authenticate("Bearer " + token->token).error().code, ErrorCode::kPermissionDenied);
  acme_ = services().accounts.Update(acme_.id, {.plan = "business"}, {}).value();
  EXPECT_TRUE(connections.Authenticate("Bearer " + token->token).has_value());
}

TEST_P(ScimGroupsTest, ResourcesShowWhatIsAskedFor) {
  const auto ann = Make(Ann());
  const std::string whole = UserJson(*ann, "acme", "https://hub.example/v2/scim/2.0");
  const auto document = json::Document::Parse(whole).value();
  EXPECT_EQ(document.root().Find("meta")->Find("location")->AsString(),
            "https://hub.example/v2/scim/2.0/Users/" + ann->id);
  const auto shown = [&](std::string_view attributes, std::string_view excluded) {
    const auto projected = json::Document::Parse(Projection::Parse(attributes, excluded)->Apply(whole)).value();
    std::string names;
    projected.root().EachMember([&](std::string_view key, json::Value) { names += std::string(key) + " "; });
    return names;
  };
  EXPECT_EQ(shown("userName", ""), "schemas id userName ");
  EXPECT_EQ(shown("USERNAME,urn:ietf:params:scim:schemas:core:2.0:User:active", ""), "schemas id userName active ");
  EXPECT_EQ(shown("urn:ietf:params:scim:schemas:extension:docker:2.0:User:dockerRole", ""),
            "schemas id " + std::string(kDockerSchema) + " ");
  EXPECT_EQ(shown("", "groups,emails,name,meta,id,displayName,externalId," + std::string(kDockerSchema)),
            "schemas id userName active ");
  const std::string part = Projection::Parse("emails.value", "")->Apply(whole);
  EXPECT_NE(part.find(R"("emails":[{"value":"ann.lee@corp.example"}])"), std::string::npos) << part;
  const std::string rest = Projection::Parse("", "emails.value,name.givenName")->Apply(whole);
  EXPECT_NE(rest.find(R"("emails":[{"type":"work","primary":true}])"), std::string::npos) << rest;
  EXPECT_EQ(rest.find("givenName"), std::string::npos);
  EXPECT_FALSE(Projection::Parse("", "members")->Wants("members"));
  EXPECT_TRUE(Projection::Parse("members.value", "")->Wants("members"));
  EXPECT_FALSE(Projection::Parse("id", "x").has_value());
}

}  // namespace
}  // namespace berth::scim
