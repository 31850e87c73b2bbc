#include "accounts/token_service.h"

#include "accounts/test_accounts.h"

namespace berth::accounts {
namespace {

class TokenServiceTest : public AccountsTest {
 protected:
  TokenServiceTest() : alice_(MakeUser("alice")), bob_(MakeUser("bob")), acme_(MakeOrganization("acme", alice_)) {}
  TokenService& tokens() { return services().tokens; }

  Account alice_, bob_, acme_;
};
INSTANTIATE_TEST_SUITE_P(Backends, TokenServiceTest, sql::AllBackends(), sql::BackendName);

constexpr TokenKind kPersonal = TokenKind::kPersonal;
constexpr TokenKind kOrganization = TokenKind::kOrganization;

TEST_P(TokenServiceTest, ASecretIsShownOnceAndKeptAsAHash) {
  const auto expires = clock_.Now() + std::chrono::hours(1);
  const auto made = tokens().Create(alice_, kPersonal,
                                    {.label = "ci",
                                     .scopes = {TokenScope::kRead, TokenScope::kWrite},
                                     .expires_at = expires,
                                     .creator_ip = "192.0.2.7",
                                     .creator_agent = "test/1"},
                                    ActorOf(alice_));
  ASSERT_TRUE(made.has_value()) << made.error().message;
  EXPECT_TRUE(made->secret.starts_with("dckr_pat_"));
  EXPECT_EQ(made->secret.size(), 36u);
  EXPECT_EQ(Events().back(), "user.access_token.create ci by alice");
  const AccessToken found = tokens().Find(alice_.id, kPersonal, made->token.uuid).value();
  EXPECT_EQ(found.label, "ci");
  EXPECT_EQ(found.scopes, (std::vector{TokenScope::kRead, TokenScope::kWrite}));
  EXPECT_EQ(found.expires_at, expires);
  EXPECT_EQ(found.creator_ip, "192.0.2.7");
  EXPECT_EQ(found.creator_agent, "test/1");
  EXPECT_EQ(found.created_by_name, "alice");
  EXPECT_TRUE(found.is_active);
  EXPECT_FALSE(found.last_used_at);
  static constexpr sql::Query kHashes{"test.hashes", "SELECT secret_hash FROM access_token"};
  const auto hashes = database().Read(
      [](sql::Connection& c) { return c.All(kHashes, {}, [](const sql::Row& row) { return row.String(0); }); });
  EXPECT_EQ(hashes.value(), std::vector<std::string>{HashSecret(made->secret)});
}

TEST_P(TokenServiceTest, OnlyTheOwnerReachesAToken) {
  const auto made = MakePersonalToken(alice_);
  EXPECT_EQ(tokens().Find(bob_.id, kPersonal, made.token.uuid).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(tokens().Find(alice_.id, kOrganization, made.token.uuid).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(tokens().Update(bob_, kPersonal, made.token.uuid, {}, {}).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(tokens().Delete(bob_, kPersonal, made.token.uuid, {}).error().code, ErrorCode::kNotFound);
  EXPECT_TRUE(tokens().Find(alice_.id, kPersonal, made.token.uuid).has_value());
}

TEST_P(TokenServiceTest, AChangeIsSeenAtOnce) {
  const auto made = MakePersonalToken(alice_, TokenScope::kRead);
  ASSERT_TRUE(SignIn("alice", made.secret).has_value());
  const AccessToken renamed =
      tokens()
          .Update(alice_, kPersonal, made.token.uuid, {.label = "new", .is_active = false}, ActorOf(alice_))
          .value();
  EXPECT_EQ(renamed.label, "new");
  EXPECT_EQ(renamed.scopes, std::vector{TokenScope::kRead});
  EXPECT_EQ(Events().back(), "user.access_token.update new by alice");
  EXPECT_EQ(SignIn("alice", made.secret).error().code, ErrorCode::kBadCredentials);
  ASSERT_TRUE(tokens().Update(alice_, kPersonal, made.token.uuid, {.is_active = true}, {}).has_value());
  EXPECT_TRUE(SignIn("alice", made.secret).has_value());
  ASSERT_TRUE(tokens().Delete(alice_, kPersonal, made.token.uuid, ActorOf(alice_)).has_value());
  EXPECT_EQ(Events().back(), "user.access_token.delete new by alice");
  EXPECT_EQ(SignIn("alice", made.secret).error().code, ErrorCode::kBadCredentials);
}

TEST_P(TokenServiceTest, BadInputNamesItsField) {
  const auto field = [&](const Account& account, TokenKind kind, const NewToken& token) {
    const auto made = tokens().Create(account, kind, token, {});
    EXPECT_FALSE(made.has_value());
    return made ? "" : made.error().field;
  };
  const std::vector<TokenScope> read{TokenScope::kRead};
  EXPECT_EQ(field(alice_, kPersonal, {.label = "", .scopes = read}), "token_label");
  EXPECT_EQ(field(alice_, kPersonal, {.label = std::string(101, 'x'), .scopes = read}), "token_label");
  EXPECT_EQ(field(alice_, kPersonal, {.label = "x"}), "scopes");
  EXPECT_EQ(field(alice_, kPersonal, {.label = "x", .scopes = read, .expires_at = clock_.Now()}), "expires_at");
  EXPECT_EQ(field(acme_, kOrganization, {.label = ""}), "label");
  const auto resource = [&](TokenResource r) {
    return field(acme_, kOrganization,
                 {.label = "x", .resources = {{"TYPE_ORG", "acme", {"scope-member-read"}}, std::move(r)}});
  };
  EXPECT_EQ(resource({"TYPE_X", "acme/app", {"scope-image-pull"}}), "resources[1].type");
  EXPECT_EQ(resource({"TYPE_REPO", "other/app", {"scope-image-pull"}}), "resources[1].path");
  EXPECT_EQ(resource({"TYPE_REPO", "acmeapp", {"scope-image-pull"}}), "resources[1].path");
  EXPECT_EQ(resource({"TYPE_REPO", "acme/app", {}}), "resources[1].scopes");
  EXPECT_EQ(resource({"TYPE_REPO", "acme/app", {"scope-member-read"}}), "resources[1].scopes");
  EXPECT_EQ(resource({"TYPE_REPO", "*/*/public", {"scope-image-push"}}), "resources[1].scopes");
  EXPECT_EQ(resource({"TYPE_ORG", "alice", {"scope-member-read"}}), "resources[1].path");
  std::vector<TokenResource> many;
  for (int i = 0; i < 51; ++i) many.push_back({"TYPE_REPO", "acme/r" + std::to_string(i), {"repo-pull"}});
  EXPECT_EQ(field(acme_, kOrganization, {.label = "x", .resources = many}), "resources");
  many.pop_back();
  EXPECT_TRUE(tokens().Create(acme_, kOrganization, {.label = "x", .resources = many}, {}).has_value());
  EXPECT_TRUE(tokens().Create(alice_, kPersonal, {.label = std::string(100, 'x'), .scopes = read}, {}).has_value());
}

TEST_P(TokenServiceTest, OrganizationTokensKeepTheirResources) {
  const auto made = MakeOrganizationToken(acme_, {{"TYPE_REPO", "acme/app", {"scope-image-pull", "scope-image-push"}},
                                                  {"TYPE_REPO", "*/*/public", {"scope-image-pull"}}});
  EXPECT_TRUE(made.secret.starts_with("dckr_oat_"));
  auto found = tokens().Find(acme_.id, kOrganization, made.token.uuid).value();
  ASSERT_EQ(found.resources.size(), 2u);
  EXPECT_EQ(found.resources[0].path, "acme/app");
  EXPECT_EQ(found.resources[0].scopes, (std::vector<std::string>{"scope-image-pull", "scope-image-push"}));
  const auto identity = SignIn("acme", made.secret).value();
  EXPECT_EQ(identity.caller.kind, CredentialKind::kOrganizationToken);
  EXPECT_EQ(identity.caller.resources.size(), 2u);
  const std::vector<TokenResource> fewer{{"TYPE_ORG", "acme", {"scope-group-edit"}}};
  ASSERT_TRUE(tokens().Update(acme_, kOrganization, made.token.uuid, {.resources = fewer}, {}).has_value());
  EXPECT_EQ(SignIn("acme", made.secret)->caller.resources.size(), 1u);
}

TEST_P(TokenServiceTest, ListsNewestFirstWithCounts) {
  std::vector<std::string> uuids;
  for (int i = 0; i < 3; ++i) uuids.push_back(MakePersonalToken(alice_).token.uuid);
  MakePersonalToken(bob_);
  ASSERT_TRUE(tokens().Update(alice_, kPersonal, uuids[0], {.is_active = false}, {}).has_value());
  const auto page = tokens().List(alice_.id, kPersonal, 1, 5).value();
  EXPECT_EQ(page.count, 3);
  EXPECT_EQ(page.active_count, 2);
  ASSERT_EQ(page.tokens.size(), 2u);
  EXPECT_EQ(page.tokens[0].uuid, uuids[1]);
  EXPECT_EQ(page.tokens[1].uuid, uuids[0]);
}

TEST_P(TokenServiceTest, FiveGeneratedTokensAreKept) {
  std::vector<CreatedToken> made;
  for (int i = 0; i < 7; ++i) {
    made.push_back(tokens()
                       .Create(alice_, kPersonal,
                               {.label = "desktop", .scopes = {TokenScope::kAdmin}, .is_generated = true},
                               ActorOf(alice_))
                       .value());
  }
  const auto manual = MakePersonalToken(alice_);
  EXPECT_EQ(tokens().List(alice_.id, kPersonal, 0, 100)->count, 6);
  EXPECT_FALSE(SignIn("alice", made[1].secret).has_value());
  EXPECT_TRUE(SignIn("alice", made[2].secret).has_value());
  EXPECT_TRUE(SignIn("alice", manual.secret).has_value());
}

TEST_P(TokenServiceTest, LastUsedIsWrittenBehind) {
  const auto made = MakePersonalToken(alice_);
  ASSERT_TRUE(SignIn("alice", made.secret).has_value());
  const auto used_at = clock_.Now();
  clock_.Advance(std::chrono::seconds(3));
  EXPECT_FALSE(tokens().Find(alice_.id, kPersonal, made.token.uuid)->last_used_at);
  ASSERT_TRUE(tokens().Flush().has_value());
  EXPECT_EQ(tokens().Find(alice_.id, kPersonal, made.token.uuid)->last_used_at, used_at);
  EXPECT_TRUE(tokens().Flush().has_value());
}

}  // namespace
}  // namespace berth::accounts
