#include "accounts/account_service.h"

#include "accounts/account_store.h"
#include "accounts/test_accounts.h"

namespace berth::accounts {
namespace {

class AccountServiceTest : public AccountsTest {};
INSTANTIATE_TEST_SUITE_P(Backends, AccountServiceTest, sql::AllBackends(), sql::BackendName);

TEST_P(AccountServiceTest, AUserHasWhatItWasMadeWith) {
  const Account made = services()
                           .accounts
                           .CreateUser({.name = "alice",
                                        .password = "password1",
                                        .email = "Alice@Example.com",
                                        .full_name = "Alice \xc3\x84",
                                        .is_admin = true,
                                        .email_verified = true},
                                       NameRule::kSignUp, {.id = AccountId(3), .name = "root"})
                           .value();
  const Account found = services().accounts.Find("alice").value();
  EXPECT_EQ(found.id, made.id);
  EXPECT_EQ(found.uuid.size(), 36u);
  EXPECT_EQ(found.email, "alice@example.com");
  EXPECT_EQ(found.full_name, "Alice \xc3\x84");
  EXPECT_TRUE(found.is_admin);
  EXPECT_TRUE(found.email_verified);
  EXPECT_TRUE(found.is_active);
  EXPECT_TRUE(found.IsUser());
  EXPECT_EQ(found.created_at, clock_.Now());
  EXPECT_EQ(services().accounts.FindById(made.id)->name, "alice");
  EXPECT_EQ(Events(), std::vector<std::string>{"user.create alice by root"});
  EXPECT_EQ(services().accounts.Find("bob").error().code, ErrorCode::kNotFound);
}

TEST_P(AccountServiceTest, BadInputNamesItsFieldAndChangesNothing) {
  const auto refusal = [&](const NewUser& user) {
    const auto made = services().accounts.CreateUser(user, NameRule::kSignUp, {});
    EXPECT_FALSE(made.has_value());
    return made ? "" : made.error().field;
  };
  EXPECT_EQ(refusal({.name = "Alice", .password = "password1"}), "name");
  EXPECT_EQ(refusal({.name = "library", .password = "password1"}), "name");
  EXPECT_EQ(refusal({.name = "alice", .password = "short"}), "password");
  EXPECT_EQ(refusal({.name = "alice", .password = std::string(257, 'x')}), "password");
  EXPECT_EQ(refusal({.name = "alice", .password = "dckr_pat_abcdefgh"}), "password");
  EXPECT_EQ(refusal({.name = "alice", .password = "password1", .email = "nobody"}), "email");
  EXPECT_EQ(refusal({.name = "alice", .password = "password1", .email = "a@b, c@d"}), "email");
  EXPECT_EQ(refusal({.name = "alice", .password = "password1", .full_name = "\xff"}), "full_name");
  EXPECT_TRUE(Events().empty());
  EXPECT_FALSE(services().accounts.Find("alice").has_value());
}

TEST_P(AccountServiceTest, NamesAndAddressesAreTakenOnce) {
  const Account alice = MakeUser("alice");
  MakeOrganization("team", alice);
  for (const auto name : {"alice", "team"}) {
    const auto again = services().accounts.CreateUser({.name = name}, NameRule::kAdministrator, {});
    ASSERT_FALSE(again.has_value());
    EXPECT_EQ(again.error().code, ErrorCode::kAlreadyExists);
    EXPECT_EQ(again.error().field, "name");
  }
  const auto same_mail =
      services().accounts.CreateUser({.name = "bobby", .email = "ALICE@example.com"}, NameRule::kSignUp, {});
  ASSERT_FALSE(same_mail.has_value());
  EXPECT_EQ(same_mail.error().field, "email");
}

TEST_P(AccountServiceTest, AnUpdateChangesWhatItNames) {
  const Account alice = MakeUser("alice");
  clock_.Advance(std::chrono::seconds(5));
  AccountChange change;
  change.company = "Berth";
  change.default_private = true;
  const Account updated = services().accounts.Update(alice.id, change, ActorOf(alice)).value();
  const Account found = services().accounts.Find("alice").value();
  EXPECT_EQ(found.company, "Berth");
  EXPECT_TRUE(found.default_private);
  EXPECT_TRUE(found.email_verified);
  EXPECT_EQ(found.email, alice.email);
  EXPECT_EQ(found.updated_at, clock_.Now());
  EXPECT_EQ(updated.updated_at, found.updated_at);
  EXPECT_EQ(Events().back(), "user.update alice by alice");

  // Another address is unverified until somebody reads its mail.
  change = {};
  change.email = "new@example.com";
  EXPECT_FALSE(services().accounts.Update(alice.id, change, ActorOf(alice)).value().email_verified);
  MakeUser("bobby");
  change.email = "bobby@example.com";
  EXPECT_EQ(services().accounts.Update(alice.id, change, ActorOf(alice)).error().code, ErrorCode::kAlreadyExists);
  EXPECT_EQ(services().accounts.Update(AccountId(999), change, {}).error().code, ErrorCode::kNotFound);
}

TEST_P(AccountServiceTest, ANewPasswordEndsTheOldOneAndItsSessions) {
  const Account alice = MakeUser("alice");
  auto& sessions = services().sessions;
  const auto kept = sessions.Create({.account = alice.id, .lifetime = std::chrono::hours(1)}).value();
  const auto ended =
      sessions.Create({.account = alice.id, .lifetime = std::chrono::hours(1), .with_refresh_token = true}).value();
  const auto token = MakePersonalToken(alice);
  const auto by_token =
      sessions.Create({.account = alice.id, .token_uuid = token.token.uuid, .lifetime = std::chrono::hours(1)}).value();
  // In the cache before the change.
  ASSERT_TRUE(sessions.LookUp(ended.uuid).value());
  ASSERT_TRUE(sessions.LookUpRefreshToken(ended.refresh_token).value());

  ASSERT_TRUE(services().accounts.SetPassword(alice.id, "another password", ActorOf(alice), kept.uuid).has_value());
  EXPECT_EQ(SignIn("alice", kTestPassword).error().code, ErrorCode::kBadCredentials);
  EXPECT_TRUE(SignIn("alice", "another password").has_value());
  EXPECT_TRUE(sessions.LookUp(kept.uuid).value());
  EXPECT_FALSE(sessions.LookUp(ended.uuid).value());
  EXPECT_FALSE(sessions.LookUpRefreshToken(ended.refresh_token).value());
  EXPECT_TRUE(sessions.LookUp(by_token.uuid).value());
  EXPECT_EQ(Events().back(), "user.password.update alice by alice");

  EXPECT_EQ(services().accounts.SetPassword(alice.id, "short", {}).error().field, "password");
  const Account team = MakeOrganization("team", alice);
  EXPECT_EQ(services().accounts.SetPassword(team.id, "another password", {}).error().code, ErrorCode::kNotFound);
}

TEST_P(AccountServiceTest, StoreFindsByUuidAndByTheOneAddress) {
  const Account alice = MakeUser("alice");
  database()
      .Write([&](sql::Transaction& tx) -> Result<void> {
        TRY_VOID(AccountStore::SetLastLogin(tx, alice.id, FromMicros(77)));
        // Two users of one address, as an import may bring them.
        for (const auto name : {"twin1", "twin2"}) {
          Account twin = alice;
          twin.uuid = std::string("uuid-") + name;
          twin.name = name;
          twin.email = "twin@example.com";
          TRY_VOID(AccountStore::Insert(tx, twin));
        }
        return {};
      })
      .value();
  database()
      .Read([&](sql::Connection& c) -> Result<void> {
        EXPECT_EQ(AccountStore::FindByUuid(c, alice.uuid).value()->last_login_at, FromMicros(77));
        EXPECT_FALSE(AccountStore::FindByUuid(c, "none").value());
        EXPECT_EQ(AccountStore::FindUserByEmail(c, "alice@example.com").value()->name, "alice");
        EXPECT_FALSE(AccountStore::FindUserByEmail(c, "twin@example.com").value());
        EXPECT_FALSE(AccountStore::FindUserByEmail(c, "").value());
        return {};
      })
      .value();
}

}  // namespace
}  // namespace berth::accounts
