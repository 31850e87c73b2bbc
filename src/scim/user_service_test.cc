#include <gtest/gtest.h>

#include "accounts/account_links.h"
#include "accounts/account_store.h"
#include "accounts/custom_role_service.h"
#include "accounts/test_accounts.h"
#include "scim/connection.h"
#include "scim/group_service.h"
#include "scim/resource.h"
#include "scim/user_service.h"

namespace berth::scim {
namespace {

using accounts::Account;
using accounts::OrganizationRole;
using accounts::OrganizationStore;

constexpr std::string_view kPage = "/reset-password";

class ScimTest : public accounts::AccountsTest {
 protected:
  ScimTest() : owner_(MakeUser("owner")), acme_(MakeOrganization("acme", owner_)) {}

  Users users() { return {database(), services().cache, clock_}; }
  Groups groups() { return {database(), clock_}; }

  static UserData Ann() {
    UserData data;
    data.user_name = "Ann.Lee@corp.example";
    data.external_id = "00u1";
    data.given_name = "Ann";
    data.family_name = "Lee";
    data.emails.push_back({"ann.lee@corp.example", "", "work", true});
    return data;
  }
  Result<UserRecord> Make(const UserData& data) { return users().Create(acme_, data, actor_); }
  UserRecord MakeNamed(const std::string& user_name) {
    UserData data;
    data.user_name = user_name;
    return Make(data).value();
  }
  Result<UserRecord> Set(const std::string& id, const std::function<void(UserData&)>& change) {
    return users().Update(
        acme_, id,
        [&](UserData& data) -> Result<void> {
          change(data);
          return {};
        },
        actor_);
  }
  Result<UserRecord> Switch(const std::string& id, bool on) {
    return Set(id, [on](UserData& data) { data.active = on; });
  }
  std::optional<OrganizationRole> RoleOf(AccountId user) {
    return database().Read([&](sql::Connection& c) { return OrganizationStore::FindRole(c, acme_.id, user); }).value();
  }
  Account Reread(AccountId id) { return services().accounts.FindById(id).value(); }
  std::vector<std::string> MembersOf(const std::string& group) {
    std::vector<std::string> names;
    const auto found = groups().Find(acme_.id, group, true);
    for (const auto& member : found->members) names.push_back(member.display);
    return names;
  }
  GroupRecord MakeGroup(const std::string& name, std::vector<std::string> members = {}) {
    GroupChange change;
    change.display_name = name;
    change.steps.push_back({MemberStep::Kind::kReplace, std::move(members)});
    return groups().Create(acme_, change, actor_).value();
  }
  Result<GroupRecord> Step(const GroupRecord& group, MemberStep::Kind kind, std::vector<std::string> ids) {
    GroupChange change;
    change.steps.push_back({kind, std::move(ids)});
    return groups().Update(acme_, group.team.uuid, change, actor_);
  }
  // User names that a filter finds, in order; or the type of the refusal.
  std::vector<std::string> Found(const std::string& filter, const Order& order = {}) {
    Query query(acme_.id);
    const auto parsed = ParseFilter(filter);
    EXPECT_TRUE(parsed.has_value()) << filter;
    if (const auto compiled = query.FilterUsers(*parsed); !compiled) return {compiled.error().field};
    if (const auto ordered = query.OrderUsers(order); !ordered) return {ordered.error().field};
    const auto page = users().List(acme_.id, query, 0, 100);
    EXPECT_TRUE(page.has_value()) << page.error().message << " for " << filter;
    std::vector<std::string> names;
    for (const auto& user : page->users) names.push_back(user.data.user_name);
    EXPECT_EQ(static_cast<int64_t>(names.size()), page->total);
    return names;
  }
  std::vector<std::string> FoundGroups(const std::string& filter) {
    Query query(acme_.id);
    if (const auto compiled = query.FilterGroups(*ParseFilter(filter)); !compiled) return {compiled.error().field};
    const auto page = groups().List(query, 0, 100, false);
    EXPECT_TRUE(page.has_value()) << page.error().message << " for " << filter;
    std::vector<std::string> names;
    for (const auto& group : page->groups) names.push_back(group.display_name);
    return names;
  }

  accounts::HeldMail LastMail() {
    return database().Read([](sql::Connection& c) { return accounts::MailStore::ListUnsent(c, 0, 100); })->back();
  }

  Account owner_, acme_;
  events::Actor actor_{.id = {}, .name = "acme", .credential = "scim", .address = {}};
};
INSTANTIATE_TEST_SUITE_P(Backends, ScimTest, sql::AllBackends(), sql::BackendName);

using Names = std::vector<std::string>;

TEST_P(ScimTest, ANewPersonGetsAnAccountAMembershipAndAMail) {
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

TEST_P(ScimTest, AKnownPersonJoinsByAProvedAddressOnly) {
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

TEST_P(ScimTest, SwitchedOffAManagedAccountHasNothingLeftAndComesBackAsItWas) {
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

TEST_P(ScimTest, ACustomRoleComesBack) {
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

TEST_P(ScimTest, WhatAnAdministratorSwitchedOffStaysOff) {
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

TEST_P(ScimTest, SomebodyElsesAccountOnlyLeaves) {
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

TEST_P(ScimTest, AConfirmedAddressStaysUntilTheNewOneIsConfirmed) {
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

TEST_P(ScimTest, AManagedAccountFollowsItsIdentityProvider) {
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

TEST_P(ScimTest, TheLastOwnerStays) {
  const auto owner = users().List(acme_.id, *std::make_unique<Query>(acme_.id), 0, 10)->users.at(0);
  EXPECT_FALSE(owner.is_known);
  EXPECT_EQ(owner.data.role, "owner");
  EXPECT_EQ(Switch(owner.id, false).error().code, ErrorCode::kConflict);
  EXPECT_EQ(Set(owner.id, [](UserData& d) { d.role = "member"; }).error().code, ErrorCode::kConflict);
  EXPECT_EQ(users().Delete(acme_, owner.id, actor_).error().code, ErrorCode::kConflict);
  EXPECT_EQ(RoleOf(owner_.id), OrganizationRole::kOwner);
  EXPECT_FALSE(users().Find(acme_.id, owner.id)->is_known);  // nothing of a refused change stays
}

TEST_P(ScimTest, DeletedUsersAreForgottenAndCanComeAgain) {
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

TEST_P(ScimTest, ANewUserMayBeginSwitchedOff) {
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

TEST_P(ScimTest, DockersExtension) {
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

TEST_P(ScimTest, SeatsOfAnAssignedPlanAreKept) {
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

TEST_P(ScimTest, FiltersFindUsers) {
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

TEST_P(ScimTest, UsersOfOthersAreNone) {
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

TEST_P(ScimTest, GroupsAreTeams) {
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

TEST_P(ScimTest, TheTeamOfOwnersIsAGroup) {
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

TEST_P(ScimTest, ATokenSpeaksForItsOrganization) {
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

TEST_P(ScimTest, APlanWithoutScimRefuses) {
  Connections connections(database(), clock_);
  const auto token = connections.CreateToken(acme_, {});
  acme_ = services().accounts.Update(acme_.id, {.plan = "team"}, {}).value();
  EXPECT_EQ(connections.CreateToken(acme_, {}).error().code, ErrorCode::kLimitExceeded);
  EXPECT_EQ(connections.Authenticate("Bearer " + token->token).error().code, ErrorCode::kPermissionDenied);
  acme_ = services().accounts.Update(acme_.id, {.plan = "business"}, {}).value();
  EXPECT_TRUE(connections.Authenticate("Bearer " + token->token).has_value());
}

TEST_P(ScimTest, ResourcesShowWhatIsAskedFor) {
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
