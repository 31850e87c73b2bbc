// Hub API tokens, registry tokens and the keys behind both.
#include <thread>

#include "accounts/hub_token.h"
#include "accounts/registry_token.h"
#include "accounts/signing_keys.h"
#include "accounts/test_accounts.h"
#include "crypto/jwt.h"
#include "json/value.h"

namespace berth::accounts {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

class SignedTokensTest : public AccountsTest {
 protected:
  SignedTokensTest() : alice_(MakeUser("alice")) {}

  std::string HubToken(const Identity& identity, const HubSignIn& sign_in = {}) {
    return services().hub_tokens.Issue(identity, sign_in).value().token;
  }
  // The claims as any client reads them.
  json::Document ClaimsOf(std::string_view token, std::string_view issuer, std::string_view audience) {
    const auto keys = services().keys.Current().value();
    auto verified = keys->Verify(token, {.issuer = issuer, .audience = audience, .now = clock_.Now()});
    EXPECT_TRUE(verified.has_value());
    return std::move(verified->claims);
  }
  ErrorCode HubRefusal(const std::string& header) {
    const auto caller = services().hub_tokens.Authenticate(header, kTestAddress);
    EXPECT_FALSE(caller.has_value());
    return caller ? ErrorCode::kInternal : caller.error().code;
  }
  static std::string TextAt(const json::Value& value, std::string_view key) {
    return std::string(value.Find(key)->AsString().value());
  }

  Account alice_;
};
INSTANTIATE_TEST_SUITE_P(Backends, SignedTokensTest, sql::AllBackends(), sql::BackendName);

TEST_P(SignedTokensTest, HubClaimsAreDockerHubs) {
  const auto pat = MakePersonalToken(alice_, TokenScope::kPublicRead);
  const std::string token = HubToken(SignIn("alice", pat.secret).value(), {.client_id = "cli"});
  const auto document = ClaimsOf(token, "https://api.docker.com/", "https://hub.docker.com");
  const json::Value claims = document.root();
  EXPECT_EQ(TextAt(claims, "sub"), alice_.uuid);
  EXPECT_EQ(TextAt(claims, "scope"), "repo:public_read");
  EXPECT_EQ(claims.Find("exp")->AsInt().value() - claims.Find("iat")->AsInt().value(), 600);
  const json::Value hub = *claims.Find("https://hub.docker.com");
  EXPECT_EQ(TextAt(hub, "uuid"), alice_.uuid);
  EXPECT_EQ(TextAt(hub, "username"), "alice");
  EXPECT_EQ(TextAt(hub, "email"), "alice@example.com");
  EXPECT_EQ(TextAt(hub, "source"), "docker_pat|" + pat.token.uuid);
  EXPECT_EQ(TextAt(hub, "client_id"), "cli");
  EXPECT_TRUE(hub.Find("roles")->IsArray());
  EXPECT_EQ(TextAt(*claims.Find("source"), "type"), "pat");
  EXPECT_EQ(TextAt(*claims.Find("source"), "id"), pat.token.uuid);
}

TEST_P(SignedTokensTest, AHubTokenMakesItsCaller) {
  const std::string token = HubToken(SignIn("alice", kTestPassword).value());
  for (const std::string scheme : {"Bearer ", "JWT ", "bearer "}) {
    const auto caller = services().hub_tokens.Authenticate(scheme + token, kTestAddress);
    ASSERT_TRUE(caller.has_value());
    EXPECT_EQ(caller->kind, CredentialKind::kSession);
    EXPECT_EQ(caller->name, "alice");
    EXPECT_EQ(caller->scope, TokenScope::kAdmin);
    EXPECT_EQ(caller->address, kTestAddress);
  }
  const auto pat = MakePersonalToken(alice_, TokenScope::kRead);
  const auto by_pat =
      services().hub_tokens.Authenticate("Bearer " + HubToken(SignIn("alice", pat.secret).value()), kTestAddress);
  EXPECT_EQ(by_pat->kind, CredentialKind::kPersonalToken);
  EXPECT_EQ(by_pat->scope, TokenScope::kRead);
  EXPECT_EQ(by_pat->credential_id, pat.token.uuid);
  const auto anonymous = services().hub_tokens.Authenticate("", kTestAddress);
  EXPECT_TRUE(anonymous->IsAnonymous());
}

TEST_P(SignedTokensTest, RawSecretsAreNoHubTokens) {
  const auto pat = MakePersonalToken(alice_);
  EXPECT_EQ(HubRefusal("Bearer " + pat.secret), ErrorCode::kUnauthenticated);
  EXPECT_EQ(HubRefusal("Bearer nothing"), ErrorCode::kUnauthenticated);
  EXPECT_EQ(HubRefusal("Basic YTpi"), ErrorCode::kUnauthenticated);
  EXPECT_EQ(HubRefusal("Bearer"), ErrorCode::kUnauthenticated);
}

TEST_P(SignedTokensTest, RevocationWorksBeforeATokenIsOver) {
  const auto session = SignIn("alice", kTestPassword).value();
  const std::string by_password = HubToken(session);
  const auto pat = MakePersonalToken(alice_);
  const std::string by_pat = HubToken(SignIn("alice", pat.secret).value());
  ASSERT_TRUE(services().hub_tokens.Verify(by_password, kTestAddress).has_value());
  ASSERT_TRUE(services().hub_tokens.Verify(by_pat, kTestAddress).has_value());
  const std::string uuid = services().hub_tokens.Verify(by_password, kTestAddress)->caller.credential_id;
  ASSERT_TRUE(services().sessions.End(alice_.id, uuid).has_value());
  EXPECT_EQ(HubRefusal("Bearer " + by_password), ErrorCode::kUnauthenticated);
  ASSERT_TRUE(services().tokens.Delete(alice_, TokenKind::kPersonal, pat.token.uuid, {}).has_value());
  EXPECT_EQ(HubRefusal("Bearer " + by_pat), ErrorCode::kUnauthenticated);
  const std::string another = HubToken(SignIn("alice", kTestPassword).value());
  AccountChange change;
  change.is_active = false;
  ASSERT_TRUE(services().accounts.Update(alice_.id, change, {}).has_value());
  EXPECT_EQ(HubRefusal("Bearer " + another), ErrorCode::kUnauthenticated);
}

TEST_P(SignedTokensTest, HubTokensExpireAndAreRefreshed) {
  const auto issued =
      services().hub_tokens.Issue(SignIn("alice", kTestPassword).value(), {.with_refresh_token = true}).value();
  EXPECT_FALSE(issued.refresh_token.empty());
  clock_.Advance(seconds(606));
  EXPECT_EQ(HubRefusal("Bearer " + issued.token), ErrorCode::kTokenExpired);
  const auto again = services().authenticator.ByRefreshToken(issued.refresh_token, kTestAddress).value();
  const auto fresh = services().hub_tokens.Issue(again, {}).value();
  EXPECT_TRUE(services().hub_tokens.Verify(fresh.token, kTestAddress).has_value());
  EXPECT_EQ(services().sessions.List(alice_.id)->size(), 1u);  // the same session
}

TEST_P(SignedTokensTest, ARegistryTokenCarriesItsCallerAndAccess) {
  const auto oat = MakeOrganizationToken(MakeOrganization("acme", alice_), {{"TYPE_REPO", "acme/app", {"repo-pull"}}});
  const Caller caller = SignIn("acme", oat.secret)->caller;
  const std::vector<AccessEntry> access{{"repository", "", "acme/app", {"pull", "push"}},
                                        {"repository", "plugin", "nginx", {"pull"}},
                                        {"registry", "", "catalog", {"*"}}};
  const auto issued = services().registry_tokens.Issue(caller, access).value();
  EXPECT_EQ(issued.expires - issued.issued, seconds(300));
  const auto verified = services().registry_tokens.Verify(issued.token).value();
  EXPECT_EQ(verified->caller.kind, CredentialKind::kOrganizationToken);
  EXPECT_EQ(verified->caller.account, caller.account);
  EXPECT_EQ(verified->caller.uuid, caller.uuid);
  EXPECT_EQ(verified->caller.name, "acme");
  EXPECT_EQ(verified->caller.credential_id, oat.token.uuid);
  EXPECT_EQ(verified->caller.scope, caller.scope);
  EXPECT_TRUE(verified->caller.email_verified);
  ASSERT_EQ(verified->caller.resources.size(), 1u);
  EXPECT_EQ(verified->caller.resources[0].scopes, std::vector<std::string>{"repo-pull"});
  EXPECT_TRUE(verified->Allows("acme/app", "push"));
  EXPECT_FALSE(verified->Allows("acme/app", "delete"));
  EXPECT_FALSE(verified->Allows("acme/app2", "pull"));
  EXPECT_TRUE(verified->Allows("library/nginx", "pull"));
  EXPECT_TRUE(verified->Allows("nginx", "pull"));
  EXPECT_FALSE(verified->Allows("catalog", "*"));
  EXPECT_TRUE(verified->AllowsCatalog());

  const auto document = ClaimsOf(issued.token, "berth", "berth");
  const json::Value claims = document.root();
  EXPECT_EQ(TextAt(claims, "sub"), "acme");
  EXPECT_EQ(TextAt(claims, "aud"), "berth");
  for (const auto key : {"exp", "nbf", "iat"}) EXPECT_TRUE(claims.Find(key)->AsInt()) << key;
  EXPECT_FALSE(TextAt(claims, "jti").empty());
  EXPECT_EQ(claims.Find("access")->Serialize(),
            R"([{"type":"repository","name":"acme/app","actions":["pull","push"]},)"
            R"({"type":"repository","class":"plugin","name":"nginx","actions":["pull"]},)"
            R"({"type":"registry","name":"catalog","actions":["*"]}])");
}

TEST_P(SignedTokensTest, ARememberedRegistryTokenStillExpires) {
  const auto issued = services().registry_tokens.Issue(Caller{}, {}).value();
  const auto first = services().registry_tokens.Verify(issued.token).value();
  EXPECT_TRUE(first->caller.IsAnonymous());
  EXPECT_EQ(services().registry_tokens.Verify(issued.token).value(), first);
  std::shared_ptr<const RegistryAccess> elsewhere;
  std::thread([&] { elsewhere = services().registry_tokens.Verify(issued.token).value(); }).join();
  EXPECT_EQ(elsewhere, first);  // one signature check for all threads
  std::string changed = issued.token;
  changed[changed.find('.') + 3] ^= 1;  // another payload before the same signature
  EXPECT_EQ(services().registry_tokens.Verify(changed).error().code, ErrorCode::kUnauthenticated);
  clock_.Advance(seconds(300));
  EXPECT_EQ(services().registry_tokens.Verify(issued.token).error().code, ErrorCode::kTokenExpired);
}

TEST_P(SignedTokensTest, TheTwoKindsAreNotTakenForEachOther) {
  const std::string hub = HubToken(SignIn("alice", kTestPassword).value());
  EXPECT_EQ(services().registry_tokens.Verify(hub).error().code, ErrorCode::kUnauthenticated);
  const auto registry = services().registry_tokens.Issue(SignIn("alice", kTestPassword)->caller, {}).value();
  EXPECT_EQ(HubRefusal("Bearer " + registry.token), ErrorCode::kUnauthenticated);
  AccountsOptions options = Options();
  options.registry_token.service = "other";
  Start(options);
  EXPECT_EQ(services().registry_tokens.Verify(registry.token).error().code, ErrorCode::kUnauthenticated);
}

TEST_P(SignedTokensTest, CopiesAndRestartsShareTheKeys) {
  const auto issued = services().registry_tokens.Issue(Caller{}, {}).value();
  Accounts copy(database(), box_, clock_, Options());
  EXPECT_TRUE(copy.registry_tokens.Verify(issued.token).has_value());
  Reopen();
  Start();
  EXPECT_TRUE(services().registry_tokens.Verify(issued.token).has_value());
}

TEST_P(SignedTokensTest, ARotatedKeySignsAndTheOldOneVerifiesUntilItsTokensAreOver) {
  const auto before = services().registry_tokens.Issue(Caller{}, {}).value();
  Accounts copy(database(), box_, clock_, Options());
  ASSERT_TRUE(copy.keys.Current().has_value());
  clock_.Advance(seconds(2));
  ASSERT_TRUE(services().keys.Rotate().has_value());
  const auto after = services().registry_tokens.Issue(Caller{}, {}).value();
  EXPECT_NE(crypto::PeekKid(before.token).value(), crypto::PeekKid(after.token).value());
  EXPECT_TRUE(services().registry_tokens.Verify(before.token).has_value());
  // The copy learns of the new key by meeting it.
  EXPECT_TRUE(copy.registry_tokens.Verify(after.token).has_value());

  const std::string old_kid = crypto::PeekKid(before.token).value();
  clock_.Advance(hours(24 * 30));
  ASSERT_TRUE(services().keys.Rotate().has_value());
  EXPECT_TRUE(services().keys.Current().value()->Holds(old_kid));
  clock_.Advance(hours(24 * 2));
  ASSERT_TRUE(services().keys.Rotate().has_value());
  EXPECT_FALSE(services().keys.Current().value()->Holds(old_kid));
}

TEST_P(SignedTokensTest, AnotherSecretKeyOpensNothing) {
  ASSERT_TRUE(services().keys.Current().has_value());
  const auto other = crypto::SecretBox::FromText(std::string(64, 'b')).value();
  SigningKeys keys(database(), other, clock_);
  EXPECT_EQ(keys.Current().error().code, ErrorCode::kPreconditionFailed);
}

TEST_P(SignedTokensTest, ManyThreadsMakeOneFirstKey) {
  std::vector<std::thread> threads;
  std::vector<std::string> kids(6);
  for (auto& kid : kids) {
    threads.emplace_back([&] {
      SigningKeys keys(database(), box_, clock_);
      kid = keys.Current().value()->Sign("{}");
      kid = crypto::PeekKid(kid).value();
    });
  }
  for (auto& thread : threads) thread.join();
  for (const auto& kid : kids) EXPECT_EQ(kid, kids[0]);
}

TEST(BearerChallenge, SaysRealmAndServiceFirst) {
  EXPECT_EQ(BearerChallenge("https://hub/token", "berth"), R"(Bearer realm="https://hub/token",service="berth")");
  EXPECT_EQ(
      BearerChallenge("https://hub/token", "berth", "repository:a/b:pull,push", "insufficient_scope"),
      R"(Bearer realm="https://hub/token",service="berth",scope="repository:a/b:pull,push",error="insufficient_scope")");
  EXPECT_EQ(BearerChallenge("r", "s", "x\",realm=\"evil\r\n\\"),
            R"(Bearer realm="r",service="s",scope="x,realm=evil")");
}

}  // namespace
}  // namespace berth::accounts
