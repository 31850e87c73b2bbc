#include "notifications/notifier.h"

#include <chrono>
#include <thread>

#include "accounts/device_sign_in.h"
#include "accounts/test_accounts.h"
#include "limits/plan.h"
#include "notifications/notification_store.h"

namespace berth::notifications {
namespace {

using accounts::Account;
using accounts::OrganizationRole;
using accounts::TokenKind;

class NotifierTest : public accounts::AccountsTest {
 protected:
  NotifierTest() : owner_(MakeUser("owner")), bob_(MakeUser("bob")), acme_(MakeOrganization("acme", owner_)) {
    AwaitEvents();
    EXPECT_TRUE(notifier_.ReadLog().has_value());
  }

  void Write(const std::string& sql) {
    const auto done = database().Write([&](sql::Transaction& tx) -> Result<void> {
      TRY_VOID(tx.ExecuteDynamic(sql, {}, [](const sql::Row&) {}));
      return {};
    });
    ASSERT_TRUE(done.has_value()) << done.error().message;
  }
  void Append(std::string_view type, const Account& account, std::string_view name, std::string_view data) {
    events::Event event{type, account.id, account.name, {}, name, data};
    const auto done = database().Write(
        [&](sql::Transaction& tx) { return events::Append(tx, ActorOf(owner_), event, clock_.Now()); });
    ASSERT_TRUE(done.has_value());
  }
  std::vector<Notification> Of(const Account& account) {
    return database().Read([&](sql::Connection& c) { return List(c, account.id, 0, 100); }).value();
  }
  // Other tests' transactions on the same PostgreSQL server can hold events back for a moment.
  void AwaitEvents() {
    static constexpr sql::Query kWaiting{"test.waiting",
                                         "SELECT (SELECT COUNT(*) FROM event) - (SELECT COUNT(*) FROM settled_event)"};
    for (int i = 0; i < 15'000; ++i) {
      const auto waiting = database().Read(
          [](sql::Connection& c) { return c.One(kWaiting, {}, [](const sql::Row& row) { return row.Int(0); }); });
      ASSERT_TRUE(waiting.has_value()) << waiting.error().message;
      if (**waiting == 0) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    FAIL() << "events are held back for good";
  }
  // "kind: title -> link", newest first.
  std::vector<std::string> Told(const Account& account) {
    AwaitEvents();
    const auto read = notifier_.ReadLog();
    EXPECT_TRUE(read.has_value()) << read.error().message;
    std::vector<std::string> told;
    for (const auto& n : Of(account)) told.push_back(n.kind + ": " + n.title + " -> " + n.link);
    return told;
  }
  int64_t Unread(const Account& account) {
    return database().Read([&](sql::Connection& c) { return CountUnread(c, account.id); }).value();
  }
  void SetMember(std::string_view user, OrganizationRole role) {
    ASSERT_TRUE(services().organizations.SetMember(acme_, user, role, ActorOf(owner_)).has_value());
  }

  Notifier notifier_{database(), clock_};
  Account owner_, bob_, acme_;
};
INSTANTIATE_TEST_SUITE_P(Backends, NotifierTest, sql::AllBackends(), sql::BackendName);

using Lines = std::vector<std::string>;

TEST_P(NotifierTest, MembersHearOfTheirRoles) {
  SetMember("bob", OrganizationRole::kMember);
  SetMember("bob", OrganizationRole::kOwner);
  EXPECT_EQ(Told(bob_), (Lines{"role_changed: You are now an owner of acme -> /orgs/acme",
                               "role_changed: You are a member of acme now -> /orgs/acme"}));
  EXPECT_EQ(Of(bob_)[0].body, "owner changed your role.");
  // Who did it knows, and nothing is told twice.
  EXPECT_EQ(Told(owner_), Lines{});
  EXPECT_EQ(Told(bob_).size(), 2U);
}

TEST_P(NotifierTest, InvitedPeopleAreFoundByNameOrProvedAddress) {
  Append("org.member.invite.send", acme_, "bob", R"({"invitee":"bob"})");
  EXPECT_EQ(Told(bob_), Lines{"invitation: You are invited to acme -> /notifications"});
  Append("org.member.invite.send", acme_, "bob@example.com", R"({"invitee":"bob@example.com"})");
  EXPECT_EQ(Told(bob_).size(), 2U);
  Write("UPDATE account SET email_verified = 0 WHERE name = 'bob'");
  Append("org.member.invite.send", acme_, "bob@example.com", R"({"invitee":"bob@example.com"})");
  Append("org.member.invite.send", acme_, "nobody", R"({"invitee":"nobody"})");
  EXPECT_EQ(Told(bob_).size(), 2U);
}

TEST_P(NotifierTest, CollaboratorsAndDevices) {
  Append("repo.update", owner_, "owner/app", R"({"collaborator_added":"bob"})");
  Append("repo.update", owner_, "owner/app", R"({"logo":"set"})");
  EXPECT_EQ(Told(bob_), Lines{"role_changed: You can push to owner/app -> /r/owner/app"});
  accounts::DeviceSignInService devices(database(), clock_);
  const auto started = devices.Start("docker-cli", "openid", "203.0.113.9", "Docker-Client");
  ASSERT_TRUE(devices.Decide(started->user_code, bob_.id, true).has_value());
  EXPECT_EQ(Told(bob_)[0], "device_request: A device signed in with your account -> /account/sessions");
  EXPECT_EQ(Of(bob_)[0].body, "The request came from 203.0.113.9.");
  const auto denied = devices.Start("docker-cli", "openid", "203.0.113.9", "Docker-Client");
  ASSERT_TRUE(devices.Decide(denied->user_code, bob_.id, false).has_value());
  EXPECT_EQ(Told(bob_).size(), 2U);
}

TEST_P(NotifierTest, HeadsHearWhenAnAssignedPlanIsUsedUp) {
  const auto add = [&](const std::string& name) {
    Write(
        "INSERT INTO repository (account_id, namespace, name, full_name, is_private, created_at, updated_at) SELECT "
        "id, "
        "name, '" +
        name + "', 'acme/" + name + "', 1, 0, 0 FROM account WHERE name = 'acme'");
    Append("repo.create", acme_, "acme/" + name, R"({"is_private":true})");
  };
  add("one");
  EXPECT_EQ(Told(owner_), Lines{});  // no plan was assigned
  Write("UPDATE plan SET private_repositories = 2 WHERE name = 'team'");
  Write("UPDATE account SET plan = 'team' WHERE name = 'acme'");
  add("two");
  EXPECT_EQ(Told(owner_), Lines{"plan_limit: acme has used up its private repositories -> /orgs/acme/usage"});
  Append("repo.change_privacy", acme_, "acme/two", R"({"is_private":true})");
  EXPECT_EQ(Told(owner_).size(), 1U);
}

TEST_P(NotifierTest, TokensThatEndSoonAreNamedOnce) {
  const auto personal = services().tokens.Create(
      bob_, TokenKind::kPersonal,
      {.label = "ci", .scopes = {accounts::TokenScope::kRead}, .expires_at = clock_.Now() + std::chrono::days(6)}, {});
  const auto later = services().tokens.Create(
      bob_, TokenKind::kPersonal,
      {.label = "later", .scopes = {accounts::TokenScope::kRead}, .expires_at = clock_.Now() + std::chrono::days(20)},
      {});
  const auto shared = services().tokens.Create(acme_, TokenKind::kOrganization,
                                               {.label = "deploy",
                                                .resources = {{"TYPE_REPO", "acme/app", {"scope-image-pull"}}},
                                                .expires_at = clock_.Now() + std::chrono::days(1)},
                                               {});
  ASSERT_TRUE(personal.has_value() && later.has_value() && shared.has_value());
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(notifier_.LookAround().has_value());
  EXPECT_EQ(Told(bob_), Lines{"token_expiring: The token ci expires soon -> /account/tokens"});
  EXPECT_EQ(Told(owner_), Lines{"token_expiring: The token deploy of acme expires soon -> /orgs/acme/tokens"});
}

TEST_P(NotifierTest, AdministratorsHearOfDeadJobsAtEachDeath) {
  const Account admin = MakeUser("root", true);
  Write(
      "INSERT INTO job (kind, state, claims, run_after, last_error, created_at) VALUES "
      "('sweep', 'dead', 12, 0, 'disk full', 0), ('mail', 'ready', 0, 0, '', 0)");
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(notifier_.LookAround().has_value());
  EXPECT_EQ(Told(admin), Lines{"job_failed: The job sweep was given up -> /admin/jobs"});
  EXPECT_EQ(Of(admin)[0].body, "disk full");
  EXPECT_EQ(Told(bob_), Lines{});
  Write("UPDATE job SET claims = 24 WHERE kind = 'sweep'");
  ASSERT_TRUE(notifier_.LookAround().has_value());
  EXPECT_EQ(Told(admin).size(), 2U);
}

TEST_P(NotifierTest, AreReadByTheirOwnerAndForgottenInTheEnd) {
  SetMember("bob", OrganizationRole::kMember);
  SetMember("bob", OrganizationRole::kEditor);
  ASSERT_EQ(Told(bob_).size(), 2U);
  EXPECT_EQ(Unread(bob_), 2);
  const int64_t newest = Of(bob_)[0].id;
  const auto mark = [&](const Account& account, std::vector<int64_t> ids) {
    ASSERT_TRUE(database()
                    .Write([&](sql::Transaction& tx) { return MarkRead(tx, account.id, ids, clock_.Now()); })
                    .has_value());
  };
  mark(owner_, {newest});
  EXPECT_EQ(Unread(bob_), 2);
  mark(bob_, {newest, 999'999});
  EXPECT_EQ(Unread(bob_), 1);
  EXPECT_TRUE(Of(bob_)[0].read);
  const auto rest = database().Read([&](sql::Connection& c) { return List(c, bob_.id, newest, 10); });
  ASSERT_EQ(rest->size(), 1U);
  EXPECT_FALSE((*rest)[0].read);
  ASSERT_TRUE(
      database().Write([&](sql::Transaction& tx) { return MarkAllRead(tx, bob_.id, clock_.Now()); }).has_value());
  EXPECT_EQ(Unread(bob_), 0);
  clock_.Advance(Notifier::kRetention + std::chrono::hours(1));
  ASSERT_TRUE(notifier_.LookAround().has_value());
  EXPECT_TRUE(Of(bob_).empty());
}

}  // namespace
}  // namespace berth::notifications
