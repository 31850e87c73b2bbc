#include "accounts/authenticator.h"

#include "accounts/account_store.h"
#include "accounts/test_accounts.h"
#include "base/encoding.h"

namespace berth::accounts {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

class AuthenticatorTest : public AccountsTest {
 protected:
  AuthenticatorTest() : alice_(MakeUser("alice", true)), bob_(MakeUser("bob")), acme_(MakeOrganization("acme", bob_)) {}
  ErrorCode Refusal(std::string_view name, std::string_view secret, std::string_view address = kTestAddress) {
    const auto identity = SignIn(name, secret, address);
    EXPECT_FALSE(identity.has_value()) << name;
    return identity ? ErrorCode::kInternal : identity.error().code;
  }
  void SwitchOff(const Account& account) {
    AccountChange change;
    change.is_active = false;
    ASSERT_TRUE(services().accounts.Update(account.id, change, {}).has_value());
  }

  Account alice_, bob_, acme_;
};
INSTANTIATE_TEST_SUITE_P(Backends, AuthenticatorTest, sql::AllBackends(), sql::BackendName);

TEST_P(AuthenticatorTest, ByPassword) {
  const auto identity = SignIn("alice", kTestPassword);
  ASSERT_TRUE(identity.has_value());
  const Caller& caller = identity->caller;
  EXPECT_EQ(caller.kind, CredentialKind::kPassword);
  EXPECT_EQ(caller.account, alice_.id);
  EXPECT_EQ(caller.uuid, alice_.uuid);
  EXPECT_EQ(caller.name, "alice");
  EXPECT_EQ(caller.scope, TokenScope::kAdmin);
  EXPECT_TRUE(caller.is_site_admin);
  EXPECT_TRUE(caller.email_verified);
  EXPECT_EQ(caller.address, kTestAddress);
  EXPECT_EQ(caller.AsActor().credential, "");
  EXPECT_FALSE(SignIn("bob", kTestPassword)->caller.is_site_admin);
  EXPECT_EQ(SignIn("Alice", kTestPassword)->caller.name, "alice");
  EXPECT_EQ(SignIn("alice@example.com", kTestPassword)->caller.name, "alice");
}

TEST_P(AuthenticatorTest, RefusalsAllLookTheSame) {
  const auto wrong = SignIn("alice", "wrong").error();
  for (const auto& [name, secret] :
       std::vector<std::pair<std::string, std::string>>{{"nobody", std::string(kTestPassword)},
                                                        {"acme", std::string(kTestPassword)},
                                                        {"", ""},
                                                        {"alice", ""},
                                                        {"bob@", "x"},
                                                        {"alice", "dckr_pat_unknown"},
                                                        {"alice", "dckr_rt_unknown"},
                                                        {"alice", std::string(5000, 'x')}}) {
    const auto error = SignIn(name, secret, "198.51.100." + std::to_string(name.size())).error();
    EXPECT_EQ(error.code, ErrorCode::kBadCredentials) << name;
    EXPECT_EQ(error.message, wrong.message) << name;
  }
  SwitchOff(bob_);
  EXPECT_EQ(SignIn("bob", kTestPassword).error().message, wrong.message);
}

TEST_P(AuthenticatorTest, ByPersonalToken) {
  const auto token = MakePersonalToken(bob_, TokenScope::kWrite);
  const auto identity = SignIn("bob", token.secret);
  ASSERT_TRUE(identity.has_value());
  EXPECT_EQ(identity->caller.kind, CredentialKind::kPersonalToken);
  EXPECT_EQ(identity->caller.scope, TokenScope::kWrite);
  EXPECT_EQ(identity->caller.credential_id, token.token.uuid);
  EXPECT_EQ(identity->caller.AsActor().credential, "pat:" + token.token.uuid);
  EXPECT_EQ(Refusal("alice", token.secret), ErrorCode::kBadCredentials);  // somebody else's
  EXPECT_EQ(Refusal("bob", token.secret + "x"), ErrorCode::kBadCredentials);
  SwitchOff(bob_);
  EXPECT_EQ(Refusal("bob", token.secret), ErrorCode::kBadCredentials);
}

TEST_P(AuthenticatorTest, TokensEndAtTheirTime) {
  const auto made = services().tokens.Create(
      bob_, TokenKind::kPersonal,
      {.label = "x", .scopes = {TokenScope::kRead}, .expires_at = clock_.Now() + seconds(2)}, {});
  EXPECT_TRUE(SignIn("bob", made->secret).has_value());
  clock_.Advance(seconds(2));
  EXPECT_EQ(Refusal("bob", made->secret), ErrorCode::kBadCredentials);
}

TEST_P(AuthenticatorTest, ByOrganizationToken) {
  const auto token = MakeOrganizationToken(acme_, {{"TYPE_REPO", "acme/app", {"repo-pull"}}});
  const auto identity = SignIn("acme", token.secret);
  ASSERT_TRUE(identity.has_value());
  EXPECT_EQ(identity->caller.kind, CredentialKind::kOrganizationToken);
  EXPECT_EQ(identity->caller.account, acme_.id);
  EXPECT_FALSE(identity->caller.is_site_admin);
  EXPECT_EQ(identity->caller.AsActor().credential, "oat:" + token.token.uuid);
  EXPECT_EQ(Refusal("bob", token.secret), ErrorCode::kBadCredentials);
}

TEST_P(AuthenticatorTest, GuessingIsSlowedAndTheRightPasswordToo) {
  for (int i = 0; i < 5; ++i) EXPECT_EQ(Refusal("bob", "guess"), ErrorCode::kBadCredentials);
  EXPECT_EQ(Refusal("bob", "guess"), ErrorCode::kTooManyRequests);
  EXPECT_EQ(Refusal("bob", kTestPassword), ErrorCode::kTooManyRequests);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(Refusal("nobody", "guess"), ErrorCode::kBadCredentials);
  EXPECT_EQ(Refusal("nobody", "guess"), ErrorCode::kTooManyRequests);
  clock_.Advance(seconds(2));
  EXPECT_TRUE(SignIn("bob", kTestPassword).has_value());
}

TEST_P(AuthenticatorTest, AGoodTokenIsNeverSlowed) {
  const auto token = MakePersonalToken(bob_);
  for (int i = 0; i < 40; ++i) (void)SignIn("bob", "guess");
  for (int i = 0; i < 40; ++i) (void)SignIn("bob", "dckr_pat_guess");
  EXPECT_EQ(Refusal("bob", "dckr_pat_guess"), ErrorCode::kTooManyRequests);
  EXPECT_TRUE(SignIn("bob", token.secret).has_value());
}

TEST_P(AuthenticatorTest, RefreshTokensStandForTheirSession) {
  auto& sessions = services().sessions;
  const auto session = sessions
                           .Create({.account = bob_.id,
                                    .kind = SessionKind::kRegistry,
                                    .client_id = "docker",
                                    .lifetime = hours(1),
                                    .with_refresh_token = true})
                           .value();
  EXPECT_TRUE(session.refresh_token.starts_with("dckr_rt_"));
  const auto identity = services().authenticator.ByRefreshToken(session.refresh_token, kTestAddress);
  ASSERT_TRUE(identity.has_value());
  EXPECT_EQ(identity->caller.kind, CredentialKind::kSession);
  EXPECT_EQ(identity->caller.credential_id, session.uuid);
  EXPECT_EQ(identity->caller.AsActor().credential, "session:" + session.uuid);
  EXPECT_TRUE(SignIn("bob", session.refresh_token).has_value());
  EXPECT_TRUE(SignIn("<token>", session.refresh_token).has_value());
  EXPECT_EQ(Refusal("alice", session.refresh_token), ErrorCode::kBadCredentials);
  const auto listed = sessions.List(bob_.id).value();
  ASSERT_EQ(listed.size(), 1u);
  EXPECT_EQ(listed[0].client_id, "docker");
  EXPECT_EQ(listed[0].kind, SessionKind::kRegistry);
  EXPECT_TRUE(listed[0].last_used_at);
  ASSERT_TRUE(sessions.EndByRefreshToken(session.refresh_token).has_value());
  EXPECT_TRUE(sessions.EndByRefreshToken(session.refresh_token).has_value());
  EXPECT_EQ(Refusal("bob", session.refresh_token), ErrorCode::kBadCredentials);
}

TEST_P(AuthenticatorTest, ASessionBegunWithATokenEndsWithIt) {
  const auto token = MakePersonalToken(bob_, TokenScope::kRead);
  auto& sessions = services().sessions;
  const NewSession wanted{
      .account = bob_.id, .token_uuid = token.token.uuid, .lifetime = hours(1), .with_refresh_token = true};
  const auto session = sessions.Create(wanted).value();
  const auto identity = services().authenticator.ByRefreshToken(session.refresh_token, kTestAddress);
  ASSERT_TRUE(identity.has_value());
  EXPECT_EQ(identity->caller.kind, CredentialKind::kPersonalToken);
  EXPECT_EQ(identity->caller.scope, TokenScope::kRead);  // no more than the token
  ASSERT_TRUE(
      services().tokens.Update(bob_, TokenKind::kPersonal, token.token.uuid, {.is_active = false}, {}).has_value());
  EXPECT_EQ(services().authenticator.ByRefreshToken(session.refresh_token, kTestAddress).error().code,
            ErrorCode::kBadCredentials);
  EXPECT_EQ(services().authenticator.BySession(session.uuid, kTestAddress).error().code, ErrorCode::kUnauthenticated);
  ASSERT_TRUE(services().tokens.Delete(bob_, TokenKind::kPersonal, token.token.uuid, {}).has_value());
  EXPECT_EQ(services().authenticator.BySession(session.uuid, kTestAddress).error().code, ErrorCode::kUnauthenticated);
  EXPECT_TRUE(sessions.List(bob_.id)->empty());
  EXPECT_EQ(sessions.Create(wanted).error().code, ErrorCode::kConflict);
}

TEST_P(AuthenticatorTest, SessionsEndAndAreSweptAway) {
  auto& sessions = services().sessions;
  const auto session = sessions.Create({.account = bob_.id, .lifetime = hours(1)}).value();
  EXPECT_EQ(services().accounts.Find("bob")->last_login_at, clock_.Now());
  EXPECT_TRUE(services().authenticator.BySession(session.uuid, kTestAddress).has_value());
  EXPECT_EQ(sessions.End(alice_.id, session.uuid).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(sessions.DeleteExpired(10).value(), 0);
  clock_.Advance(hours(1));
  EXPECT_EQ(services().authenticator.BySession(session.uuid, kTestAddress).error().code, ErrorCode::kUnauthenticated);
  EXPECT_EQ(sessions.DeleteExpired(10).value(), 1);
  const auto other = sessions.Create({.account = bob_.id, .lifetime = hours(1)}).value();
  ASSERT_TRUE(services().authenticator.BySession(other.uuid, kTestAddress).has_value());
  ASSERT_TRUE(sessions.End(bob_.id, other.uuid).has_value());
  EXPECT_EQ(services().authenticator.BySession(other.uuid, kTestAddress).error().code, ErrorCode::kUnauthenticated);
}

TEST_P(AuthenticatorTest, HashesAreRenewedWhenTheParametersChange) {
  const auto hash = [&] {
    return database()
        .Read([&](sql::Connection& c) { return AccountStore::FindPasswordHash(c, bob_.id); })
        .value()
        .value();
  };
  const std::string before = hash();
  ASSERT_TRUE(SignIn("bob", kTestPassword).has_value());
  EXPECT_EQ(hash(), before);
  AccountsOptions options = Options();
  options.password.passes = 2;
  Start(options);
  ASSERT_TRUE(SignIn("bob", kTestPassword).has_value());
  EXPECT_NE(hash(), before);
  EXPECT_TRUE(SignIn("bob", kTestPassword).has_value());
}

TEST(Authorization, BasicIsTakenApart) {
  const auto good = ParseBasic("bAsIc  " + Base64Encode("alice:pass:word"));
  ASSERT_TRUE(good.has_value());
  EXPECT_EQ(good->name, "alice");
  EXPECT_EQ(good->secret, "pass:word");
  for (const auto& bad :
       {std::string(""), std::string("Basic"), std::string("Basic !!"), "Basic " + Base64Encode("alice"),
        "Bearer " + Base64Encode("a:b"), "Basic " + Base64Encode(std::string("a:\0b", 4))}) {
    EXPECT_EQ(ParseBasic(bad).error().code, ErrorCode::kUnauthenticated) << bad;
  }
}

TEST(Authorization, BearerAndJwtAreTheSame) {
  EXPECT_EQ(ParseBearer("Bearer abc"), "abc");
  EXPECT_EQ(ParseBearer("JWT abc"), "abc");
  EXPECT_EQ(ParseBearer("bearer  abc "), "abc");
  EXPECT_EQ(ParseBearer("Basic abc"), "");
  EXPECT_EQ(ParseBearer("abc"), "");
}

}  // namespace
}  // namespace berth::accounts
