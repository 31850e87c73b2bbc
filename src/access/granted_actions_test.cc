#include "access/granted_actions.h"

#include "accounts/test_accounts.h"

namespace berth::access {
namespace {

using accounts::Account;
using accounts::Caller;
using accounts::OrganizationRole;
using Actions = std::vector<std::string>;

TEST(ParseScope, TakesTypeClassNameAndActions) {
  const auto plain = ParseScope("repository:acme/app:pull,push").value();
  EXPECT_EQ(plain.type, "repository");
  EXPECT_EQ(plain.klass, "");
  EXPECT_EQ(plain.name, "acme/app");
  EXPECT_EQ(plain.actions, (Actions{"pull", "push"}));
  const auto plugin = ParseScope("repository(plugin):acme/app:pull").value();
  EXPECT_EQ(plugin.type, "repository");
  EXPECT_EQ(plugin.klass, "plugin");
  EXPECT_EQ(ParseScope("registry:catalog:*")->actions, Actions{"*"});
  EXPECT_EQ(ParseScope("repository:host:5000/acme/app:pull")->name, "host:5000/acme/app");
  EXPECT_TRUE(ParseScope("repository:acme/app:")->actions.empty());
  for (const auto bad :
       {"", "repository", "repository:acme", ":acme/app:pull", "repository::pull", "(x):a:pull", "a(b:c:pull"}) {
    EXPECT_FALSE(ParseScope(bad)) << bad;
  }
  EXPECT_FALSE(ParseScope("repository:" + std::string(2000, 'a') + ":pull"));
}

class GrantedActionsTest : public accounts::AccountsTest {
 protected:
  GrantedActionsTest() : root_(MakeUser("root", true)), alice_(MakeUser("alice")), bob_(MakeUser("bob")) {
    acme_ = MakeOrganization("acme", alice_);
    services().organizations.SetMember(acme_, "bob", OrganizationRole::kMember, {}).value();
    MakeRepository(alice_, "alice/private", true);
    MakeRepository(alice_, "alice/public", false);
  }
  void MakeRepository(const Account& owner, const std::string& full_name, bool is_private) {
    static constexpr sql::Query kInsert{
        "test.repository",
        "INSERT INTO repository (account_id, namespace, name, full_name, is_private, created_at, "
        "updated_at) VALUES ($1, $2, $3, $4, $5, 0, 0)"};
    database()
        .Write([&](sql::Transaction& tx) -> Result<void> {
          TRY_VOID(tx.Run(kInsert,
                          {owner.id, owner.name, full_name.substr(full_name.find('/') + 1), full_name, is_private}));
          return {};
        })
        .value();
  }
  Caller As(const Account& account) { return SignIn(account.name, accounts::kTestPassword)->caller; }
  Actions Granted(const Caller& caller, std::string_view scope) {
    return database()
        .Read([&](sql::Connection& c) { return GrantedActions(c, caller, ParseScope(scope).value()); })
        .value();
  }
  Account root_, alice_, bob_, acme_;
};
INSTANTIATE_TEST_SUITE_P(Backends, GrantedActionsTest, sql::AllBackends(), sql::BackendName);

TEST_P(GrantedActionsTest, MissingRightsAreLeftOut) {
  EXPECT_EQ(Granted(As(alice_), "repository:alice/private:pull,push,delete"), (Actions{"pull", "push", "delete"}));
  EXPECT_EQ(Granted(As(alice_), "repository:alice/private:push,pull"), (Actions{"push", "pull"}));
  EXPECT_EQ(Granted(As(bob_), "repository:alice/public:pull,push"), Actions{"pull"});
  EXPECT_EQ(Granted(As(bob_), "repository:alice/private:pull,push"), Actions{});
  EXPECT_EQ(Granted(Caller{}, "repository:alice/public:pull,push"), Actions{"pull"});
  EXPECT_EQ(Granted(Caller{}, "repository:alice/private:pull"), Actions{});
  EXPECT_EQ(Granted(As(alice_), "repository:alice/private:fly"), Actions{});
}

TEST_P(GrantedActionsTest, TheWildcardIsWhatItStandsFor) {
  EXPECT_EQ(Granted(As(alice_), "repository:alice/private:*"), (Actions{"pull", "push", "delete"}));
  EXPECT_EQ(Granted(As(bob_), "repository:alice/public:*"), Actions{"pull"});
  EXPECT_EQ(Granted(As(alice_), "repository:alice/public:pull,*"), (Actions{"pull", "push", "delete"}));
}

TEST_P(GrantedActionsTest, ARepositoryToComeIsForThoseWhoMayMakeIt) {
  EXPECT_EQ(Granted(As(alice_), "repository:alice/new:pull,push"), (Actions{"pull", "push"}));
  EXPECT_EQ(Granted(As(alice_), "repository:acme/new:pull,push"), (Actions{"pull", "push"}));
  EXPECT_EQ(Granted(As(bob_), "repository:acme/new:pull,push"), Actions{});  // a member makes none
  EXPECT_EQ(Granted(As(bob_), "repository:alice/new:pull,push"), Actions{});
  EXPECT_EQ(Granted(As(bob_), "repository:nobody/new:pull,push"), Actions{});
  EXPECT_EQ(Granted(Caller{}, "repository:alice/new:pull,push"), Actions{});
  for (const auto bad : {"alice/", "alice/NEW", "alice//new", "alice/../root", "alice/new:5"}) {
    EXPECT_EQ(Granted(As(alice_), "repository:" + std::string(bad) + ":push"), Actions{}) << bad;
  }
  auto reader = As(alice_);
  reader.kind = accounts::CredentialKind::kPersonalToken;
  reader.scope = accounts::TokenScope::kRead;
  EXPECT_EQ(Granted(reader, "repository:alice/new:pull,push"), Actions{});
}

TEST_P(GrantedActionsTest, ANameWithoutNamespaceIsOfficial) {
  database()
      .Write([&](sql::Transaction& tx) {
        return accounts::CreateOrganization(tx, "library", "", root_.id, "root", {}, clock_.Now());
      })
      .value();
  EXPECT_EQ(Granted(As(root_), "repository:nginx:pull,push"), (Actions{"pull", "push"}));
  EXPECT_EQ(Granted(As(bob_), "repository:nginx:pull,push"), Actions{});
  MakeRepository(services().accounts.Find("library").value(), "library/nginx", false);
  EXPECT_EQ(Granted(As(bob_), "repository:nginx:pull,push"), Actions{"pull"});
  EXPECT_EQ(Granted(Caller{}, "repository:library/nginx:pull"), Actions{"pull"});
}

TEST_P(GrantedActionsTest, TheCatalogIsForTheSiteAdministrator) {
  EXPECT_EQ(Granted(As(root_), "registry:catalog:*"), Actions{"*"});
  EXPECT_EQ(Granted(As(root_), "registry:catalog:search"), Actions{});
  EXPECT_EQ(Granted(As(alice_), "registry:catalog:*"), Actions{});
  EXPECT_EQ(Granted(Caller{}, "registry:catalog:*"), Actions{});
  EXPECT_EQ(Granted(As(root_), "registry:other:*"), Actions{});
  EXPECT_EQ(Granted(As(root_), "galaxy:far:away"), Actions{});
}

}  // namespace
}  // namespace berth::access
