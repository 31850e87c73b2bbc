#include "accounts/account_lifecycle.h"

#include <gmock/gmock.h>

#include "accounts/test_accounts.h"

namespace berth::accounts {
namespace {

class AccountLifecycleTest : public AccountsTest {
 protected:
  AccountLifecycleTest() : alice_(MakeUser("alice")), bob_(MakeUser("bob")) {}

  void Run(const std::string& sql) {
    database()
        .Write([&](sql::Transaction& tx) -> Result<void> {
          TRY_VOID(tx.ExecuteDynamic(sql, {}, [](const sql::Row&) {}));
          return {};
        })
        .value();
  }
  int64_t Number(const std::string& sql) {
    int64_t number = -1;
    database()
        .Read([&](sql::Connection& c) -> Result<void> {
          TRY_VOID(c.ExecuteDynamic(sql, {}, [&](const sql::Row& row) { number = row.Int(0); }));
          return {};
        })
        .value();
    return number;
  }
  void MakeRepository(const std::string& owner) {
    Run("INSERT INTO repository (account_id, namespace, name, full_name, star_count, created_at, updated_at) SELECT "
        "id, "
        "'" +
        owner + "', 'app', '" + owner + "/app', 0, 0, 0 FROM account WHERE name = '" + owner + "'");
  }
  void Star(const std::string& user, const std::string& repository) {
    Run("INSERT INTO star (account_id, repository_id, created_at) SELECT a.id, r.id, 0 FROM account a, repository r "
        "WHERE a.name = '" +
        user + "' AND r.full_name = '" + repository + "'");
    Run("UPDATE repository SET star_count = star_count + 1 WHERE full_name = '" + repository + "'");
  }

  AccountLifecycle lifecycle_{database(), services().cache, clock_};
  Account alice_, bob_;
};
INSTANTIATE_TEST_SUITE_P(Backends, AccountLifecycleTest, sql::AllBackends(), sql::BackendName);

TEST_P(AccountLifecycleTest, DeletingEndsEverythingOfTheAccount) {
  const Account acme = MakeOrganization("acme", bob_);
  services().organizations.SetMember(acme, "alice", OrganizationRole::kEditor, {}).value();
  MakeRepository("bob");
  Star("alice", "bob/app");
  const auto token = MakePersonalToken(alice_);
  ASSERT_TRUE(SignIn("alice", token.secret));
  ASSERT_TRUE(lifecycle_.Delete(alice_.id, ActorOf(alice_)));
  EXPECT_FALSE(SignIn("alice", token.secret));
  EXPECT_FALSE(SignIn("alice", kTestPassword));
  EXPECT_EQ(services().accounts.Find("alice").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(Number("SELECT star_count FROM repository"), 0);
  EXPECT_EQ(Number("SELECT COUNT(*) FROM organization_member WHERE role = 'editor'"), 0);
  const auto events = Events();
  EXPECT_EQ(events[events.size() - 2], "org.member.remove alice by alice");
  EXPECT_EQ(events.back(), "user.delete alice by alice");
}

TEST_P(AccountLifecycleTest, WhatOthersNeedIsNotDeleted) {
  MakeRepository("alice");
  EXPECT_EQ(lifecycle_.Delete(alice_.id, {}).error().code, ErrorCode::kConflict);
  const Account acme = MakeOrganization("acme", bob_);
  EXPECT_EQ(lifecycle_.Delete(bob_.id, {}).error().code, ErrorCode::kConflict);
  services().organizations.SetMember(acme, "alice", OrganizationRole::kOwner, {}).value();
  EXPECT_TRUE(lifecycle_.Delete(bob_.id, {}));
  const Account root = MakeUser("root", true);
  EXPECT_EQ(lifecycle_.Delete(root.id, {}).error().code, ErrorCode::kConflict);
  MakeUser("second", true);
  EXPECT_TRUE(lifecycle_.Delete(root.id, {}));
  EXPECT_EQ(lifecycle_.Delete(acme.id, {}).error().code, ErrorCode::kNotFound);
}

TEST_P(AccountLifecycleTest, ConvertingKeepsNameAndRepositoriesAndEndsThePerson) {
  MakeRepository("alice");
  MakeRepository("bob");
  Star("alice", "bob/app");
  Star("bob", "alice/app");
  Run("INSERT INTO collaborator (repository_id, account_id, created_at) SELECT r.id, a.id, 0 FROM repository r, "
      "account "
      "a WHERE r.full_name = 'alice/app' AND a.name = 'bob'");
  const auto token = MakePersonalToken(alice_);
  ASSERT_TRUE(SignIn("alice", token.secret));
  const auto converted = lifecycle_.Convert(alice_.id, "bob", ActorOf(alice_));
  ASSERT_TRUE(converted) << converted.error().message;
  EXPECT_EQ(converted->id, alice_.id);
  EXPECT_EQ(converted->uuid, alice_.uuid);
  EXPECT_EQ(converted->name, "alice");
  EXPECT_FALSE(converted->IsUser());
  EXPECT_EQ(converted->email, "");
  EXPECT_EQ(Events().back(), "org.create alice by alice");
  EXPECT_FALSE(SignIn("alice", token.secret));
  EXPECT_FALSE(SignIn("alice", kTestPassword));
  database()
      .Read([&](sql::Connection& c) -> Result<void> {
        EXPECT_EQ(OrganizationStore::FindRole(c, alice_.id, bob_.id).value(), OrganizationRole::kOwner);
        EXPECT_EQ(OrganizationStore::FindTeam(c, alice_.id, "owners").value()->member_count, 1);
        return {};
      })
      .value();
  EXPECT_EQ(Number("SELECT star_count FROM repository WHERE namespace = 'bob'"), 0);
  EXPECT_EQ(Number("SELECT star_count FROM repository WHERE namespace = 'alice'"), 1);
  EXPECT_EQ(Number("SELECT COUNT(*) FROM collaborator"), 0);
  EXPECT_EQ(Number("SELECT COUNT(*) FROM session"), 0);
  // It is an organization now, and stays one.
  EXPECT_EQ(lifecycle_.Convert(alice_.id, "bob", {}).error().code, ErrorCode::kNotFound);
}

TEST_P(AccountLifecycleTest, ConvertingNeedsAnotherOwnerAndAFreePerson) {
  for (const auto owner : {"alice", "nobody", ""}) {
    const auto refused = lifecycle_.Convert(alice_.id, owner, {});
    ASSERT_FALSE(refused) << owner;
    EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
    EXPECT_EQ(refused.error().field, "owner");
  }
  const Account acme = MakeOrganization("acme", alice_);
  EXPECT_EQ(lifecycle_.Convert(bob_.id, "acme", {}).error().field, "owner");
  EXPECT_EQ(lifecycle_.Convert(alice_.id, "bob", {}).error().code, ErrorCode::kConflict);
  EXPECT_EQ(lifecycle_.Convert(MakeUser("root", true).id, "bob", {}).error().code, ErrorCode::kConflict);
  EXPECT_TRUE(SignIn("alice", kTestPassword));
}

}  // namespace
}  // namespace berth::accounts
