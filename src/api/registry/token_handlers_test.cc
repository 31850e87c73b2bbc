#include "api/registry/token_handlers.h"

#include "accounts/test_accounts.h"
#include "base/encoding.h"
#include "json/value.h"

namespace berth::api::registry {
namespace {

using accounts::Account;
using accounts::CredentialKind;
using accounts::TokenScope;

struct Call {
  http::Method method = http::Method::kGet;
  std::string path = "/token";
  std::string query;
  std::string authorization;
  std::string body;
};

class TokenHandlersTest : public accounts::AccountsTest {
 protected:
  TokenHandlersTest() : alice_(MakeUser("alice")), handlers_(database(), services()) { handlers_.AddRoutes(router_); }

  http::Response Send(const Call& call) {
    const auto match = router_.Find(call.method, call.path);
    const auto* found = std::get_if<http::Match>(&match);
    if (found == nullptr) {
      ADD_FAILURE() << call.path;
      return {};
    }
    const std::vector<http::Header> headers{{"Authorization", call.authorization}, {"User-Agent", "test/1"}};
    http::Request request;
    request.method = call.method;
    request.path = call.path;
    request.query = call.query;
    if (!call.authorization.empty()) request.headers = headers;
    request.body = call.body;
    request.peer = accounts::kTestAddress;
    request.host = "localhost:5000";
    auto response = found->route->handler(request);
    user_ = request.trace.user;
    credential_ = request.trace.token;
    return response;
  }
  static std::string Body(const http::Response& response) { return std::get<std::string>(response.body); }
  static std::string Text(const http::Response& response, std::string_view key) {
    const auto document = json::Document::Parse(Body(response)).value();
    const auto member = document.root().Find(key);
    return member ? std::string(member->AsString().value_or("")) : "";
  }
  std::shared_ptr<const accounts::RegistryAccess> Access(const http::Response& response) {
    EXPECT_EQ(response.status, 200) << Body(response);
    EXPECT_EQ(Text(response, "token"), Text(response, "access_token"));
    return services().registry_tokens.Verify(Text(response, "token")).value();
  }
  static std::string Basic(std::string_view name, std::string_view secret) {
    return "Basic " + Base64Encode(std::string(name) + ":" + std::string(secret));
  }
  http::Response Post(const std::string& form) { return Send({.method = http::Method::kPost, .body = form}); }

  Account alice_;
  TokenHandlers handlers_;
  http::Router router_;
  std::string user_, credential_;
};
INSTANTIATE_TEST_SUITE_P(Backends, TokenHandlersTest, sql::AllBackends(), sql::BackendName);

TEST_P(TokenHandlersTest, AnonymousGetsAnEmptyToken) {
  const auto response = Send({.query = "service=berth&scope=repository:alice/app:pull"});
  const auto access = Access(response);
  EXPECT_TRUE(access->caller.IsAnonymous());
  EXPECT_TRUE(access->access.empty());
  const auto document = json::Document::Parse(Body(response)).value();
  EXPECT_EQ(document.root().Find("expires_in")->AsInt(), 300);
  EXPECT_EQ(ParseRfc3339(Text(response, "issued_at")), clock_.Now());
  EXPECT_FALSE(document.root().Find("refresh_token"));
  EXPECT_NE(response.headers.find("Cache-Control: no-store\r\n"), std::string::npos);
  EXPECT_TRUE(Access(Send({.authorization = "Basic " + Base64Encode(":")}))->caller.IsAnonymous());
}

TEST_P(TokenHandlersTest, SeveralScopesInEitherForm) {
  const auto access =
      Access(Send({.query = "scope=repository:alice/one:pull,push&scope=repository%28plugin%29:alice/two:pull"
                            "+repository:bob/app:pull&account=alice",
                   .authorization = Basic("alice", accounts::kTestPassword)}));
  EXPECT_EQ(user_, "alice");
  ASSERT_EQ(access->access.size(), 2u);
  EXPECT_TRUE(access->Allows("alice/one", "push"));
  EXPECT_EQ(access->access[1].klass, "plugin");
  EXPECT_TRUE(access->Allows("alice/two", "pull"));
  EXPECT_FALSE(access->Allows("alice/two", "push"));
  EXPECT_FALSE(access->Allows("bob/app", "pull"));
}

TEST_P(TokenHandlersTest, AWrongPasswordIsHubsError) {
  const auto response = Send({.authorization = Basic("alice", "wrong")});
  EXPECT_EQ(response.status, 401);
  EXPECT_EQ(Body(response), R"({"details":"incorrect username or password"})");
  EXPECT_EQ(Send({.authorization = Basic("nobody", "wrong")}).status, 401);
  EXPECT_EQ(Send({.authorization = "Digest x"}).status, 401);
  EXPECT_EQ(Send({.authorization = "Basic %%%"}).status, 401);
  http::Response last;
  for (int i = 0; i < 6; ++i) last = Send({.authorization = Basic("alice", "wrong")});
  EXPECT_EQ(last.status, 429);
  EXPECT_NE(last.headers.find("Retry-After: "), std::string::npos);
}

TEST_P(TokenHandlersTest, PersonalAndOrganizationTokensWork) {
  const auto pat = MakePersonalToken(alice_, TokenScope::kRead);
  const auto access =
      Access(Send({.query = "scope=repository:alice/app:pull,push", .authorization = Basic("alice", pat.secret)}));
  EXPECT_EQ(access->caller.kind, CredentialKind::kPersonalToken);
  EXPECT_EQ(credential_, "pat:" + pat.token.uuid);
  EXPECT_TRUE(access->access.empty());  // a reading token makes no repository
  const auto acme = MakeOrganization("acme", alice_);
  const auto oat = MakeOrganizationToken(acme, {});
  EXPECT_EQ(Access(Send({.authorization = Basic("acme", oat.secret)}))->caller.kind,
            CredentialKind::kOrganizationToken);
  EXPECT_EQ(Send({.authorization = Basic("alice", oat.secret)}).status, 401);
}

TEST_P(TokenHandlersTest, ARefreshTokenOnlyWhenAskedFor) {
  const auto login =
      Send({.query = "offline_token=true&client_id=docker", .authorization = Basic("alice", accounts::kTestPassword)});
  const std::string refresh = Text(login, "refresh_token");
  EXPECT_FALSE(refresh.empty());
  EXPECT_EQ(Text(Send({.query = "offline_token=true"}), "refresh_token"), "");  // nobody to refresh for
  const auto again = Post("grant_type=refresh_token&service=berth&client_id=docker&refresh_token=" + refresh +
                          "&scope=repository:alice/a:pull%20repository:alice/b:pull,push");
  const auto access = Access(again);
  EXPECT_EQ(access->caller.name, "alice");
  EXPECT_TRUE(access->Allows("alice/b", "push"));
  EXPECT_EQ(Text(again, "scope"), "repository:alice/a:pull repository:alice/b:pull,push");
  EXPECT_EQ(Text(again, "refresh_token"), refresh);
  EXPECT_EQ(Access(Send({.authorization = Basic("alice", refresh)}))->caller.name, "alice");
  const auto wrong = Post("grant_type=refresh_token&refresh_token=" + refresh + "x");
  EXPECT_EQ(wrong.status, 401);
  EXPECT_EQ(services().sessions.List(alice_.id)->size(), 1u);
}

TEST_P(TokenHandlersTest, ThePasswordGrant) {
  const std::string form =
      "grant_type=password&client_id=containerd-client&service=berth&username=alice&password=correct+horse";
  const auto response = Post(form + "&scope=repository%3Aalice%2Fapp%3Apush");
  EXPECT_TRUE(Access(response)->Allows("alice/app", "push"));
  EXPECT_EQ(Text(response, "refresh_token"), "");
  EXPECT_EQ(Text(response, "scope"), "repository:alice/app:push");
  EXPECT_FALSE(Text(Post(form + "&access_type=offline"), "refresh_token").empty());
  const auto pat = MakePersonalToken(alice_);
  EXPECT_EQ(Access(Post("grant_type=password&username=alice&password=" + pat.secret))->caller.kind,
            CredentialKind::kPersonalToken);
  const auto wrong = Post("grant_type=password&username=alice&password=wrong");
  EXPECT_EQ(wrong.status, 401);
  EXPECT_EQ(Body(wrong), R"({"details":"incorrect username or password"})");
}

TEST_P(TokenHandlersTest, ABadFormIsNamed) {
  EXPECT_EQ(Post("").status, 400);
  EXPECT_EQ(Text(Post(""), "error"), "invalid_request");
  EXPECT_EQ(Text(Post("grant_type=authorization_code&code=x"), "error"), "unsupported_grant_type");
  EXPECT_EQ(Text(Post("grant_type=password&username=alice"), "error"), "invalid_request");
  EXPECT_EQ(Text(Post("grant_type=refresh_token"), "error"), "invalid_request");
}

TEST_P(TokenHandlersTest, MalformedScopesAreLeftOutAndTooManyAreCut) {
  std::string query = "scope=nonsense&scope=repository::pull&scope=%FF:a:b";
  for (int i = 0; i < 200; ++i) query += "&scope=repository:alice/r" + std::to_string(i) + ":pull";
  const auto access = Access(Send({.query = query, .authorization = Basic("alice", accounts::kTestPassword)}));
  EXPECT_EQ(access->access.size(), 61u);
}

TEST_P(TokenHandlersTest, AHubTokenStandsForItsOwner) {
  const auto issued = services().hub_tokens.Issue(SignIn("alice", accounts::kTestPassword).value(), {}).value();
  EXPECT_EQ(Access(Send({.authorization = "Bearer " + issued.token}))->caller.name, "alice");
  EXPECT_EQ(Access(Send({.authorization = Basic("alice", issued.token)}))->caller.name, "alice");
  EXPECT_EQ(Send({.authorization = Basic("bob", issued.token)}).status, 401);
  EXPECT_EQ(Send({.authorization = "Bearer nonsense"}).status, 401);
}

TEST_P(TokenHandlersTest, ThePublicKeysAreServed) {
  const auto kid = services().keys.Current().value()->Jwks();
  for (const auto path : {"/token/jwks.json", "/.well-known/jwks.json"}) {
    const auto response = Send({.path = path});
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(Body(response), kid);
    const auto document = json::Document::Parse(Body(response)).value();
    EXPECT_EQ(document.root().Find("keys")->size(), 1u);
    EXPECT_EQ(Body(response).find("\"d\""), std::string::npos);
  }
}

}  // namespace
}  // namespace berth::api::registry
