#include "scim/test_scim.h"

namespace berth::scim {
namespace {

class ScimUsersTest : public ScimTest {};
INSTANTIATE_TEST_SUITE_P(Backends, ScimUsersTest, sql::AllBackends(), sql::BackendName);

TEST_P(ScimUsersTest, ANewPersonGetsAnAccountAMembershipAndAMail) {
  const auto made = Make(Ann());
  ASSERT_TRUE(made.has_value()) << made.error().message;
  EXPECT_TRUE(made->is_managed && made->is_known && made->data.active);
  EXPECT_EQ(made->data.user_name, "Ann.Lee@corp.example");
  EXPECT_EQ(made->data.role, "member");
  EXPECT_EQ(made->data.emails, Ann().emails);
  const Account account = Reread(made->account);
  EXPECT_EQ(account.name, "annlee");
  EXPECT_EQ(account.full_name, "Ann Lee");
  EXPECT_EQ(account.email, "ann.lee@corp.example");
  EXPECT_TRUE(account.is_active);
  EXPECT_FALSE(account.email_verified) << "nobody has proved the address";
  EXPECT_EQ(RoleOf(account.id), OrganizationRole::kMember);
  const auto events = Events();
  EXPECT_EQ(events[events.size() - 2], "user.create annlee by acme");
  EXPECT_EQ(events.back(), "org.member.add annlee by acme");
  const auto mails =
      database().Read([](sql::Connection& c) { return accounts::MailStore::ListUnsent(c, 0, 10); }).value();
  ASSERT_EQ(mails.size(), 1U);
  EXPECT_EQ(mails[0].to, "ann.lee@corp.example");
  EXPECT_EQ(mails[0].link, kPage);
  // The same person again, and somebody whose name comes out the same.
  EXPECT_EQ(Make(Ann()).error().code, ErrorCode::kAlreadyExists);
  EXPECT_EQ(MakeNamed("annlee@other.example").account_name, "annlee2");
  EXPECT_EQ(MakeNamed("x@other.example").account_name, "x000");
}

TEST_P(ScimUsersTest, AKnownPersonJoinsByAProvedAddressOnly) {
  const Account bob = MakeUser("bob");
  UserData data;
  data.user_name = "BOB@example.com";
  data.role = "editor";
  const auto joined = Make(data);
  ASSERT_TRUE(joined.has_value());
  EXPECT_EQ(joined->account, bob.id);
  EXPECT_FALSE(joined->is_managed);
  EXPECT_EQ(RoleOf(bob.id), OrganizationRole::kEditor);
  EXPECT_EQ(Reread(bob.id).full_name, "");
  ASSERT_TRUE(
      services()
          .accounts.CreateUser({.name = "mallory", .email = "victim@corp.example"}, accounts::NameRule::kSignUp, {})
          .has_value());
  data.user_name = "victim@corp.example";
  EXPECT_EQ(Make(data).error().code, ErrorCode::kAlreadyExists);
  // Members whom the identity provider did not bring are there already.
  data.user_name = "owner@example.com";
  EXPECT_EQ(Make(data).error().code, ErrorCode::kAlreadyExists);
  data.user_name = "no address";
  EXPECT_EQ(Make(data).error().field, kInvalidValue);
}

TEST_P(ScimUsersTest, SwitchedOffAManagedAccountHasNothingLeftAndComesBackAsItWas) {
  const auto ann = Make(Ann());
  ASSERT_TRUE(ann.has_value());
  const auto dev = MakeGroup("Dev", {ann->id});
  const Account account = Reread(ann->account);
  ASSERT_TRUE(Set(ann->id, [](UserData& d) { d.role = "editor"; }).has_value());
  ASSERT_TRUE(services().accounts.SetPassword(account.id, accounts::kTestPassword, {}).has_value());
  const auto token = MakePersonalToken(account);
  const auto identity = SignIn("annlee", accounts::kTestPassword);
  ASSERT_TRUE(identity.has_value());
  const auto jwt = services().hub_tokens.Issue(*identity, {.with_refresh_token = true});
  ASSERT_TRUE(jwt.has_value());
  ASSERT_TRUE(services().hub_tokens.Authenticate("Bearer " + jwt->token, "").has_value());

  const auto off = Switch(ann->id, false);
  ASSERT_TRUE(off.has_value()) << off.error().message;
  EXPECT_FALSE(off->data.active);
  EXPECT_TRUE(off->groups.empty());
  EXPECT_FALSE(RoleOf(account.id).has_value());
  EXPECT_FALSE(Reread(account.id).is_active);
  EXPECT_EQ(services().hub_tokens.Authenticate("Bearer " + jwt->token, "").error().code, ErrorCode::kUnauthenticated);
  EXPECT_FALSE(SignIn("annlee", token.secret).has_value());
  EXPECT_FALSE(SignIn("annlee", jwt->refresh_token).has_value());
  EXPECT_FALSE(SignIn("annlee", accounts::kTestPassword).has_value());
  EXPECT_TRUE(services().sessions.List(account.id)->empty());
  EXPECT_EQ(users().Find(acme_.id, ann->id)->data.role, "editor");

  const auto on = Switch(ann->id, true);
  ASSERT_TRUE(on.has_value()) << on.error().message;
  EXPECT_EQ(RoleOf(account.id), OrganizationRole::kEditor);
  EXPECT_EQ(MembersOf(dev.team.uuid), Names{"Ann.Lee@corp.example"});
  EXPECT_TRUE(SignIn("annlee", token.secret).has_value());
  // The sessions are gone for good.
  EXPECT_FALSE(services().hub_tokens.Authenticate("Bearer " + jwt->token, "").has_value());
}

TEST_P(ScimUsersTest, ACustomRoleComesBack) {
  accounts::CustomRoleService roles(database(), clock_);
  accounts::PermissionSet tags;
  tags.Add(accounts::RolePermission::kManageTags);
  const auto custom = [&](AccountId user) {
    return database()
        .Read([&](sql::Connection& c) { return OrganizationStore::FindGivenRole(c, acme_.id, user); })
        .value()
        .value_or(accounts::GivenRole())
        .custom_name;
  };
  const auto give = [&](const std::string& user, const accounts::CustomRole& role) {
    accounts::GivenRole given;
    given.custom = role.id;
    given.custom_name = role.name;
    ASSERT_TRUE(services().organizations.SetMember(acme_, user, given, {}).has_value());
  };
  const auto tagger = roles.Create(acme_, "tagger", "", tags, {}, {}).value();
  const auto ann = MakeNamed("annlee@corp.example");
  give("annlee", tagger);
  ASSERT_TRUE(Switch(ann.id, false).has_value());
  ASSERT_TRUE(Switch(ann.id, true).has_value());
  EXPECT_EQ(custom(ann.account), "tagger");
  EXPECT_EQ(Events().back(), "org.member.add annlee by acme");
  // Given more than a member's role meanwhile, that counts.
  ASSERT_TRUE(Switch(ann.id, false).has_value());
  ASSERT_TRUE(Set(ann.id, [](UserData& d) {
                d.active = true;
                d.role = "editor";
              }).has_value());
  EXPECT_EQ(RoleOf(ann.account), OrganizationRole::kEditor);
  EXPECT_EQ(custom(ann.account), "");
  // Neither a role that is gone nor one that the plan no longer has is in the way.
  give("annlee", tagger);
  ASSERT_TRUE(Switch(ann.id, false).has_value());
  ASSERT_TRUE(roles.Delete(acme_, "tagger", {}, {}).has_value());
  ASSERT_TRUE(Switch(ann.id, true).has_value());
  EXPECT_EQ(RoleOf(ann.account), OrganizationRole::kMember);
  give("annlee", roles.Create(acme_, "tagger", "", tags, {}, {}).value());
  ASSERT_TRUE(Switch(ann.id, false).has_value());
  acme_ = services().accounts.Update(acme_.id, {.plan = "team"}, {}).value();
  ASSERT_TRUE(Switch(ann.id, true).has_value());
  EXPECT_EQ(custom(ann.account), "");
}

TEST_P(ScimUsersTest, WhatAnAdministratorSwitchedOffStaysOff) {
  const auto switched = [&](AccountId account, bool on) {
    accounts::AccountChange change;
    change.is_active = on;
    return services().accounts.Update(account, change, {}).has_value();
  };
  const auto ann = Make(Ann());
  ASSERT_TRUE(switched(ann->account, false));
  ASSERT_TRUE(Switch(ann->id, false).has_value());
  EXPECT_EQ(Switch(ann->id, true).error().code, ErrorCode::kPermissionDenied);
  EXPECT_FALSE(Reread(ann->account).is_active);
  EXPECT_FALSE(RoleOf(ann->account).has_value());
  // Deleting and making it again is no way round it.
  ASSERT_TRUE(users().Delete(acme_, ann->id, actor_).has_value());
  EXPECT_EQ(Make(Ann()).error().code, ErrorCode::kPermissionDenied);
  ASSERT_TRUE(switched(ann->account, true));
  ASSERT_TRUE(Make(Ann()).has_value());
  // Also when the identity provider was first.
  ASSERT_TRUE(Switch(ann->id, false).has_value());
  ASSERT_TRUE(switched(ann->account, false));
  EXPECT_EQ(Switch(ann->id, true).error().code, ErrorCode::kPermissionDenied);
  EXPECT_FALSE(Reread(ann->account).is_active);
}

TEST_P(ScimUsersTest, SomebodyElsesAccountOnlyLeaves) {
  const Account bob = MakeUser("bob");
  const auto joined = MakeNamed("bob@example.com");
  const auto token = MakePersonalToken(bob);
  ASSERT_TRUE(Switch(joined.id, false).has_value());
  EXPECT_FALSE(RoleOf(bob.id).has_value());
  EXPECT_TRUE(Reread(bob.id).is_active);
  EXPECT_TRUE(SignIn("bob", token.secret).has_value());
  EXPECT_EQ(Events().back(), "org.member.remove bob by acme");
  ASSERT_TRUE(Switch(joined.id, true).has_value());
  EXPECT_EQ(RoleOf(bob.id), OrganizationRole::kMember);
}

TEST_P(ScimUsersTest, AConfirmedAddressStaysUntilTheNewOneIsConfirmed) {
  const auto ann = Make(Ann());
  Account account = Reread(ann->account);
  account.email_verified = true;
  ASSERT_TRUE(database().Write([&](sql::Transaction& tx) { return accounts::AccountStore::Update(tx, account); }));
  const auto events = Events();
  ASSERT_TRUE(Set(ann->id, [](UserData& d) { d.emails = {{"victim@other.example", "", "work", true}}; }).has_value());
  EXPECT_EQ(Reread(ann->account).email, "ann.lee@corp.example");
  EXPECT_EQ(Events(), events);
  const auto mail = LastMail();
  EXPECT_EQ(mail.to, "victim@other.example");
  accounts::AccountLinks links(database(), services().cache, clock_);
  ASSERT_TRUE(links.Verify(mail.link.substr(mail.link.find("token=") + 6)));
  EXPECT_EQ(Reread(ann->account).email, "victim@other.example");
}

TEST_P(ScimUsersTest, AManagedAccountFollowsItsIdentityProvider) {
  const auto ann = Make(Ann());
  MakeUser("bob");
  const auto moved = Set(ann->id, [](UserData& d) {
    d.user_name = "ann@corp.example";
    d.emails = {{"ann@corp.example", "", "work", true}};
    d.display_name = "Ann L.";
  });
  ASSERT_TRUE(moved.has_value()) << moved.error().message;
  const Account account = Reread(ann->account);
  EXPECT_EQ(account.email, "ann@corp.example");
  EXPECT_EQ(account.full_name, "Ann L.");
  EXPECT_EQ(account.name, "annlee");
  EXPECT_FALSE(account.email_verified);
  EXPECT_EQ(LastMail().to, "ann@corp.example");
  EXPECT_EQ(LastMail().link, kPage);
  EXPECT_EQ(Set(ann->id, [](UserData& d) { d.emails = {{"bob@example.com", "", "", true}}; }).error().code,
            ErrorCode::kAlreadyExists);
  const auto eve = MakeNamed("eve@corp.example");
  EXPECT_EQ(Set(eve.id, [](UserData& d) { d.user_name = "ANN@corp.example"; }).error().field, kUniqueness);
  // What changes nothing leaves no trace.
  const auto events = Events();
  const auto before = users().Find(acme_.id, ann->id)->updated_at;
  clock_.Advance(std::chrono::minutes(1));
  ASSERT_TRUE(Set(ann->id, [](UserData&) {}).has_value());
  EXPECT_EQ(users().Find(acme_.id, ann->id)->updated_at, before);
  EXPECT_EQ(Events(), events);
}

TEST_P(ScimUsersTest, TheLastOwnerStays) {
  const auto owner = users().List(acme_.id, *std::make_unique<Query>(acme_.id), 0, 10)->users.at(0);
  EXPECT_FALSE(owner.is_known);
  EXPECT_EQ(owner.data.role, "owner");
  EXPECT_EQ(Switch(owner.id, false).error().code, ErrorCode::kConflict);
  EXPECT_EQ(Set(owner.id, [](UserData& d) { d.role = "member"; }).error().code, ErrorCode::kConflict);
  EXPECT_EQ(users().Delete(acme_, owner.id, actor_).error().code, ErrorCode::kConflict);
  EXPECT_EQ(RoleOf(owner_.id), OrganizationRole::kOwner);
  EXPECT_FALSE(users().Find(acme_.id, owner.id)->is_known);  // nothing of a refused change stays
}

TEST_P(ScimUsersTest, DeletedUsersAreForgottenAndCanComeAgain) {
  const auto ann = Make(Ann());
  ASSERT_TRUE(users().Delete(acme_, ann->id, actor_).has_value());
  EXPECT_EQ(users().Find(acme_.id, ann->id).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(users().Delete(acme_, ann->id, actor_).error().code, ErrorCode::kNotFound);
  EXPECT_FALSE(Reread(ann->account).is_active);
  const auto again = Make(Ann());
  ASSERT_TRUE(again.has_value()) << again.error().message;
  EXPECT_EQ(again->account, ann->account);
  EXPECT_TRUE(Reread(ann->account).is_active);
  EXPECT_TRUE(again->is_managed);
}

TEST_P(ScimUsersTest, ANewUserMayBeginSwitchedOff) {
  UserData data = Ann();
  data.active = false;
  const auto made = Make(data);
  ASSERT_TRUE(made.has_value());
  EXPECT_FALSE(made->data.active);
  EXPECT_FALSE(Reread(made->account).is_active);
  EXPECT_FALSE(RoleOf(made->account).has_value());
  const auto dev = MakeGroup("Dev", {made->id});
  EXPECT_TRUE(MembersOf(dev.team.uuid).empty());
  ASSERT_TRUE(Switch(made->id, true).has_value());
  EXPECT_EQ(MembersOf(dev.team.uuid), Names{"Ann.Lee@corp.example"});
}

TEST_P(ScimUsersTest, DockersExtension) {
  UserData data = Ann();
  data.role = "owner";
  data.organization = "ACME";
  data.team = "acme:Release Crew";
  const auto made = Make(data);
  ASSERT_TRUE(made.has_value()) << made.error().message;
  EXPECT_EQ(RoleOf(made->account), OrganizationRole::kOwner);
  EXPECT_EQ(FoundGroups(R"(displayName eq "release-crew")"), Names{"release-crew"});
  data.user_name = "x@corp.example";
  data.emails.clear();
  data.organization = "other";
  EXPECT_EQ(Make(data).error().field, kInvalidValue);
}

TEST_P(ScimUsersTest, SeatsOfAnAssignedPlanAreKept) {
  ASSERT_TRUE(database()
                  .Write([](sql::Transaction& tx) {
                    return tx.ExecuteDynamic("UPDATE plan SET seats = 2 WHERE name = 'team'", {},
                                             [](const sql::Row&) {});
                  })
                  .has_value());
  acme_ = services().accounts.Update(acme_.id, {.plan = "team"}, {}).value();
  ASSERT_TRUE(Make(Ann()).has_value());
  UserData second;
  second.user_name = "second@corp.example";
  EXPECT_EQ(Make(second).error().code, ErrorCode::kLimitExceeded);
  EXPECT_FALSE(services().accounts.Find("second").has_value());
}

TEST_P(ScimUsersTest, FiltersFindUsers) {
  clock_.Advance(std::chrono::hours(1));
  ASSERT_TRUE(Make(Ann()).has_value());
  const auto bo = MakeNamed("bo@corp.example");
  ASSERT_TRUE(Switch(bo.id, false).has_value());
  const auto dev = MakeGroup("Dev", {Make([] {
                                       UserData d;
                                       d.user_name = "cy@corp.example";
                                       d.emails = {{"cy@work.example", "", "work", true},
                                                   {"cy@home.example", "Home", "home", false}};
                                       return d;
                                     }())
                                         ->id});
  const std::string ann = "Ann.Lee@corp.example", cy = "cy@corp.example", first = "owner@example.com";
  EXPECT_EQ(Found(R"(userName eq "ann.lee@CORP.example")"), Names{ann});
  EXPECT_EQ(Found(R"(userName eq "owner@example.com")"), Names{first});
  EXPECT_EQ(Found(R"(userName eq "nobody")"), Names{});
  EXPECT_EQ(Found(R"(externalId eq "00u1")"), Names{ann});
  EXPECT_EQ(Found(R"(externalId eq "00U1")"), Names{});
  EXPECT_EQ(Found("id eq \"" + bo.id + "\""), Names{"bo@corp.example"});
  EXPECT_EQ(Found(R"(emails.value eq "CY@home.example")"), Names{cy});
  EXPECT_EQ(Found(R"(emails eq "owner@example.com")"), Names{first});
  EXPECT_EQ(Found(R"(emails[type eq "work" and value eq "cy@work.example"])"), Names{cy});
  EXPECT_EQ(Found(R"(emails[type eq "work" and value eq "cy@home.example"])"), Names{});
  EXPECT_EQ(Found(R"(emails[type eq "home" or primary eq false])"), Names{cy});
  EXPECT_EQ(Found(R"(emails[type eq "work"] and emails.value co "@example")"), Names{first});
  EXPECT_EQ(Found(R"(emails.type eq "home")"), Names{cy});
  EXPECT_EQ(Found("not (emails pr)"), Names{"bo@corp.example"});
  EXPECT_EQ(Found(R"(userName sw "ANN" and userName ew ".example" and userName co "lee@")"), Names{ann});
  EXPECT_EQ(Found(R"(userName co "%" or userName co "_")"), Names{});
  EXPECT_EQ(Found("active eq false"), Names{"bo@corp.example"});
  EXPECT_EQ(Found(R"(active eq "True" and not (dockerRole eq "owner"))"), (Names{ann, cy}));
  EXPECT_EQ(Found(R"(name.familyName eq "lee" or name.givenName eq "lee")"), Names{ann});
  EXPECT_EQ(Found(R"(displayName ne "owner" and externalId pr)"), Names{ann});
  EXPECT_EQ(Found(R"(groups.display eq "dev")"), Names{cy});
  EXPECT_EQ(Found("groups[value eq \"" + dev.team.uuid + "\"]"), Names{cy});
  const std::string then = FormatRfc3339(clock_.Now() - std::chrono::minutes(30));
  EXPECT_EQ(Found("meta.created lt \"" + then + "\""), Names{first});
  EXPECT_EQ(Found("meta.lastModified ge \"" + then + "\" and active eq true"), (Names{ann, cy}));
  EXPECT_EQ(Found(R"(urn:ietf:params:scim:schemas:core:2.0:User:userName gt "b")", {"userName", true}),
            (Names{first, cy, "bo@corp.example"}));
  EXPECT_EQ(Found("meta.resourceType eq \"User\"", {"name.familyName", true}).front(), ann);
  for (const auto text : {R"(shoeSize eq "1")", R"(active gt true)", R"(active eq "x")", R"(userName eq 5)",
                          R"(meta.created gt "yesterday")", R"(emails[size eq "x"])", R"(userName[a eq "b"])",
                          R"(name eq "x")", R"(urn:other:userName eq "x")"}) {
    EXPECT_EQ(Found(text), Names{std::string(kInvalidFilter)}) << text;
  }
  EXPECT_EQ(Found("userName pr", {"emails", false}), Names{std::string(kInvalidPath)});
}

TEST_P(ScimUsersTest, UsersOfOthersAreNone) {
  const auto ann = Make(Ann());
  const Account other = MakeOrganization("other", owner_);
  EXPECT_EQ(users().Find(other.id, ann->id).error().code, ErrorCode::kNotFound);
  const auto dev = MakeGroup("Dev");
  EXPECT_EQ(groups().Find(other.id, dev.team.uuid, true).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(groups().Delete(other, dev.team.uuid, actor_).error().code, ErrorCode::kNotFound);
  const Account stranger = MakeUser("stranger");
  EXPECT_EQ(Step(dev, MemberStep::Kind::kAdd, {stranger.uuid}).error().field, kInvalidValue);
  EXPECT_EQ(Step(dev, MemberStep::Kind::kAdd, {acme_.uuid}).error().field, kInvalidValue);
  // Removing whom nobody knows succeeds: identity providers repeat themselves.
  EXPECT_TRUE(Step(dev, MemberStep::Kind::kRemove, {stranger.uuid, "unknown"}).has_value());
}

}  // namespace
}  // namespace berth::scim
