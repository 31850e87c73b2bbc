#include "accounts/invitation_service.h"

#include <gmock/gmock.h>

#include "accounts/account_links.h"
#include "accounts/custom_role_service.h"
#include "accounts/member_list.h"
#include "accounts/test_accounts.h"
#include "limits/plan.h"

namespace berth::accounts {
namespace {

using ::testing::ElementsAre;

class InvitationServiceTest : public AccountsTest {
 protected:
  InvitationServiceTest() : owner_(MakeUser("owner")), bob_(MakeUser("bob")), acme_(MakeOrganization("acme", owner_)) {}

  Result<std::vector<InviteOutcome>> Invite(const std::vector<std::string>& names, InviteRequest request = {},
                                            const GrantLimit& limit = {}) {
    for (const auto& name : names) request.invitees.push_back({.text = name});
    request.link_page = "/invitations/";
    return invitations_.Invite(acme_, request, limit, ActorOf(owner_));
  }
  std::vector<std::string> Statuses(const std::vector<std::string>& names, const InviteRequest& request = {}) {
    std::vector<std::string> statuses;
    const auto outcomes = Invite(names, request);
    EXPECT_TRUE(outcomes) << outcomes.error().message;
    for (const auto& outcome : outcomes.value()) statuses.emplace_back(ToString(outcome.status));
    return statuses;
  }
  std::vector<Invitation> Open() {
    return database().Read([&](sql::Connection& c) { return InvitationStore::List(c, acme_.id, 0, 100); }).value();
  }
  std::vector<HeldMail> Mails() {
    return database().Read([](sql::Connection& c) { return MailStore::ListUnsent(c, 0, 100); }).value();
  }
  std::string LastToken() {
    const std::string link = Mails().back().link;
    return link.substr(link.rfind('/') + 1);
  }
  std::vector<std::string> InboxOf(const Account& user) {
    std::vector<std::string> ids;
    const auto list = database().Read([&](sql::Connection& c) {
      return InvitationStore::ListFor(c, user.id, user.email_verified ? user.email : "", 0, 100);
    });
    for (const auto& invitation : list.value()) ids.push_back(invitation.uuid);
    return ids;
  }
  std::string RoleOf(const Account& user) {
    const auto role =
        database()
            .Read([&](sql::Connection& c) { return OrganizationStore::FindGivenRole(c, acme_.id, user.id); })
            .value();
    return role ? std::string(role->name()) : "";
  }
  void LimitSeats(int64_t seats) {
    database()
        .Write([&](sql::Transaction& tx) -> Result<void> {
          limits::Plan plan;
          plan.name = plan.title = "small";
          plan.seats = seats;
          return limits::PlanStore::Save(tx, plan);
        })
        .value();
    AccountChange change;
    change.plan = "small";
    services().accounts.Update(acme_.id, change, {}).value();
  }

  InvitationService invitations_{database(), clock_};
  Account owner_, bob_, acme_;
};
INSTANTIATE_TEST_SUITE_P(Backends, InvitationServiceTest, sql::AllBackends(), sql::BackendName);

TEST_P(InvitationServiceTest, EveryInviteeGetsItsOutcome) {
  EXPECT_THAT(Statuses({"bob", "New@Example.com", "owner", "nobody", "no@", "", "BOB", "new@example.com",
                        "bob@example.com", "acme"}),
              ElementsAre("invited", "invited", "exists", "invalid", "invalid", "invalid", "duplicate", "duplicate",
                          "duplicate", "invalid"));
  EXPECT_THAT(Statuses({"bob", "bob@example.com", "new@example.com", "owner@example.com"}),
              ElementsAre("duplicate", "duplicate", "duplicate", "exists"));
  const auto open = Open();
  ASSERT_EQ(open.size(), 2u);
  EXPECT_EQ(open[0].invitee, "bob");
  EXPECT_EQ(open[0].account, bob_.id);
  EXPECT_EQ(open[0].inviter, "owner");
  EXPECT_EQ(open[0].organization.name, "acme");
  EXPECT_EQ(open[0].expires_at, clock_.Now() + std::chrono::hours(14 * 24));
  EXPECT_EQ(open[1].invitee, "new@example.com");
  EXPECT_EQ(open[1].email, "new@example.com");
  const auto events = Events();
  EXPECT_EQ(events[events.size() - 2], "org.member.invite.send bob by owner");
  EXPECT_EQ(events.back(), "org.member.invite.send new@example.com by owner");
  const auto mails = Mails();
  ASSERT_EQ(mails.size(), 2u);
  EXPECT_EQ(mails[0].to, "bob@example.com");
  EXPECT_EQ(mails[1].to, "new@example.com");
  EXPECT_TRUE(mails[1].link.starts_with("/invitations/"));
  EXPECT_NE(mails[1].body.find(mails[1].link), std::string::npos);
}

TEST_P(InvitationServiceTest, ADryRunOnlySaysWhatWouldHappen) {
  const size_t events = Events().size();
  EXPECT_THAT(Statuses({"bob", "bob@example.com", "nobody"}, {.dry_run = true}),
              ElementsAre("invited", "duplicate", "invalid"));
  EXPECT_TRUE(Open().empty());
  EXPECT_TRUE(Mails().empty());
  EXPECT_EQ(Events().size(), events);
}

TEST_P(InvitationServiceTest, AWrongRequestInvitesNobody) {
  const auto field = [&](InviteRequest request) {
    const auto outcome = Invite({"bob"}, std::move(request));
    return outcome ? "" : outcome.error().field;
  };
  EXPECT_EQ(field({.role = "king"}), "role");
  EXPECT_EQ(field({.team = "nowhere"}), "team");
  EXPECT_EQ(field({.invitees = {{.text = "new@example.com", .role = "king", .place = "row[3]"}}}), "row[3].role");
  EXPECT_EQ(Invite({}).error().field, "invitees");
  EXPECT_EQ(Invite(std::vector<std::string>(1001, "bob")).error().field, "invitees");
  const GrantLimit members{.unlimited = false, .permissions = {}};
  EXPECT_EQ(Invite({"bob"}, {.role = "editor"}, members).error().code, ErrorCode::kPermissionDenied);
  EXPECT_EQ(Invite({"bob"}, {.team = "owners"}, members).error().code, ErrorCode::kPermissionDenied);
  EXPECT_TRUE(Open().empty());
  EXPECT_TRUE(Invite({"bob"}, {}, members));
}

TEST_P(InvitationServiceTest, AcceptingJoinsOrganizationAndTeam) {
  services().organizations.CreateTeam(acme_, "builders", "", {}).value();
  ASSERT_TRUE(Invite({"bob"}, {.role = "Editor", .team = "builders"}));
  ASSERT_EQ(InboxOf(bob_).size(), 1u);
  const auto joined = invitations_.Accept(InboxOf(bob_)[0], bob_, ActorOf(bob_));
  ASSERT_TRUE(joined) << joined.error().message;
  EXPECT_EQ(joined->organization.name, "acme");
  EXPECT_EQ(RoleOf(bob_), "editor");
  const auto events = Events();
  EXPECT_EQ(events[events.size() - 2], "org.member.add bob by bob");
  EXPECT_EQ(events.back(), "org.team.member.add builders by bob");
  EXPECT_TRUE(Open().empty());
}

TEST_P(InvitationServiceTest, ACustomRoleIsPromisedAndKept) {
  PermissionSet tags;
  tags.Add(RolePermission::kManageTags);
  CustomRoleService roles(database(), clock_);
  ASSERT_TRUE(roles.Create(acme_, "tagger", "", tags, {}, {}));
  ASSERT_TRUE(Invite({"bob"}, {.role = "tagger"}));
  EXPECT_EQ(roles.Delete(acme_, "tagger", {}, {}).error().code, ErrorCode::kConflict);
  ASSERT_TRUE(invitations_.Accept(InboxOf(bob_)[0], bob_, ActorOf(bob_)));
  EXPECT_EQ(RoleOf(bob_), "tagger");
}

TEST_P(InvitationServiceTest, OnlyWhomItIsForMayAnswer) {
  const Account eve = MakeUser("eve");
  ASSERT_TRUE(Invite({"bob"}));
  const std::string id = Open()[0].uuid;
  EXPECT_TRUE(InboxOf(eve).empty());
  EXPECT_EQ(invitations_.Accept(id, eve, {}).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(invitations_.Decline(id, eve).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(invitations_.AcceptByToken(LastToken(), eve, {}).error().code, ErrorCode::kNotFound);
  ASSERT_TRUE(invitations_.Decline(id, bob_));
  EXPECT_TRUE(Open().empty());
  EXPECT_EQ(invitations_.Accept(id, bob_, {}).error().code, ErrorCode::kNotFound);
}

TEST_P(InvitationServiceTest, AnAddressReachesWhoeverConfirmedItOrHasItsLink) {
  ASSERT_TRUE(Invite({"late@example.com", "other@example.com"}));
  const Account eve = MakeUser("eve");
  Account late =
      services()
          .accounts
          .CreateUser({.name = "late", .password = "password1", .email = "late@example.com"}, NameRule::kSignUp, {})
          .value();
  EXPECT_TRUE(InboxOf(late).empty());  // not confirmed yet
  EXPECT_EQ(invitations_.Accept(Open()[0].uuid, late, {}).error().code, ErrorCode::kNotFound);
  late.email_verified = true;
  EXPECT_EQ(InboxOf(late).size(), 1u);
  ASSERT_TRUE(invitations_.Accept(Open()[0].uuid, late, ActorOf(late)));
  ASSERT_TRUE(invitations_.AcceptByToken(LastToken(), eve, ActorOf(eve)));
  EXPECT_EQ(RoleOf(late), "member");
  EXPECT_EQ(RoleOf(eve), "member");
}

TEST_P(InvitationServiceTest, TheLinkEndsAfterFourteenDaysAndTheInvitationStays) {
  ASSERT_TRUE(Invite({"bob"}));
  const std::string old = LastToken(), id = Open()[0].uuid;
  clock_.Advance(std::chrono::hours(14 * 24));
  EXPECT_EQ(invitations_.AcceptByToken(old, bob_, {}).error().code, ErrorCode::kNotFound);
  ASSERT_TRUE(invitations_.Resend(id, "/invitations/", ActorOf(owner_)));
  EXPECT_EQ(Events().back(), "org.member.invite.send bob by owner");
  EXPECT_EQ(Open()[0].expires_at, clock_.Now() + std::chrono::hours(14 * 24));
  const std::string token = LastToken();
  EXPECT_NE(token, old);
  clock_.Advance(std::chrono::hours(15 * 24));
  EXPECT_EQ(InboxOf(bob_).size(), 1u);
  EXPECT_TRUE(invitations_.Accept(id, bob_, ActorOf(bob_)));  // from the notifications
  EXPECT_EQ(invitations_.Resend(id, "", {}).error().code, ErrorCode::kNotFound);
}

TEST_P(InvitationServiceTest, ANewLinkReplacesTheOldOne) {
  ASSERT_TRUE(Invite({"bob"}));
  const std::string old = LastToken();
  ASSERT_TRUE(invitations_.Resend(Open()[0].uuid, "/invitations/", {}));
  EXPECT_EQ(invitations_.AcceptByToken(old, bob_, {}).error().code, ErrorCode::kNotFound);
  EXPECT_TRUE(invitations_.AcceptByToken(LastToken(), bob_, {}));
}

TEST_P(InvitationServiceTest, CancelledOnesAreGone) {
  ASSERT_TRUE(Invite({"bob"}));
  const std::string id = Open()[0].uuid;
  ASSERT_TRUE(invitations_.Cancel(id));
  EXPECT_EQ(invitations_.Cancel(id).error().code, ErrorCode::kNotFound);
  EXPECT_TRUE(InboxOf(bob_).empty());
}

TEST_P(InvitationServiceTest, BecomingAMemberOtherwiseAnswersIt) {
  ASSERT_TRUE(Invite({"bob"}));
  ASSERT_TRUE(services().organizations.SetMember(acme_, "bob", OrganizationRole::kEditor, {}));
  EXPECT_TRUE(Open().empty());
}

TEST_P(InvitationServiceTest, OpenInvitationsTakeSeats) {
  LimitSeats(3);
  const Account eve = MakeUser("eve");
  EXPECT_THAT(Statuses({"bob", "one@example.com", "two@example.com"}, {.dry_run = true}),
              ElementsAre("invited", "invited", "no_seat"));
  EXPECT_THAT(Statuses({"bob", "one@example.com", "two@example.com"}), ElementsAre("invited", "invited", "no_seat"));
  const auto full = services().organizations.SetMember(acme_, "eve", OrganizationRole::kMember, {});
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().code, ErrorCode::kLimitExceeded);
  // Whoever was invited has a seat already.
  EXPECT_TRUE(services().organizations.SetMember(acme_, "bob", OrganizationRole::kMember, {}));
  EXPECT_TRUE(invitations_.AcceptByToken(LastToken(), eve, ActorOf(eve)));
}

TEST_P(InvitationServiceTest, MembersAndInvitedPeopleAreOneListByName) {
  ASSERT_TRUE(Invite({"bob", "ann@example.com"}, {.role = "editor"}));
  const auto list = [&](MemberFilter filter, int64_t offset = 0, int64_t limit = 10) {
    std::string names;
    database()
        .Read([&](sql::Connection& c) -> Result<void> {
          TRY(const auto entries, ListMemberEntries(c, acme_.id, filter, offset, limit));
          TRY(const int64_t count, CountMemberEntries(c, acme_.id, filter));
          for (const auto& e : entries)
            names += (e.is_invited ? "?" + e.invitee : e.account->name) + ":" + std::string(e.role.name()) + " ";
          names += std::to_string(count);
          return {};
        })
        .value();
    return names;
  };
  EXPECT_EQ(list({}), "owner:owner 1");
  EXPECT_EQ(list({.invited = true}), "?ann@example.com:editor ?bob:editor owner:owner 3");
  EXPECT_EQ(list({.invited = true}, 1, 1), "?bob:editor 3");
  EXPECT_EQ(list({.members = false, .invited = true}), "?ann@example.com:editor ?bob:editor 2");
  EXPECT_EQ(list({.search = "bo", .pattern = "%bo%", .invited = true}), "?bob:editor 1");
  EXPECT_EQ(list({.role = "owner", .invited = true}), "owner:owner 1");
}

}  // namespace
}  // namespace berth::accounts
