// Walks every role × credential × object × action, and compares with the table of Docker Hub's rules written out below.
#include "access/decision.h"

#include <array>
#include <map>

#include "access/repository_facts.h"
#include "accounts/access_management.h"
#include "accounts/custom_role_service.h"
#include "accounts/test_accounts.h"

namespace berth::access {
namespace {

using accounts::Account;
using accounts::Caller;
using accounts::CredentialKind;
using accounts::OrganizationRole;
using accounts::TokenResource;
using accounts::TokenScope;

constexpr auto kRepositoryActions = {RepositoryAction::kPull,      RepositoryAction::kPush,
                                     RepositoryAction::kDeleteTag, RepositoryAction::kEdit,
                                     RepositoryAction::kDelete,    RepositoryAction::kManageAccess};
constexpr auto kTagActions = {RepositoryAction::kPullImage, RepositoryAction::kSetTag, RepositoryAction::kEditTagRules};
constexpr auto kNamespaceActions = {NamespaceAction::kList,        NamespaceAction::kCreateRepository,
                                    NamespaceAction::kViewMembers, NamespaceAction::kManageMembers,
                                    NamespaceAction::kManageTeams, NamespaceAction::kManageSettings,
                                    NamespaceAction::kViewAudit,   NamespaceAction::kManageTokens};
constexpr auto kMoreNamespaceActions = {NamespaceAction::kExportMembers,     NamespaceAction::kViewInvitations,
                                        NamespaceAction::kManageInvitations, NamespaceAction::kViewTeams,
                                        NamespaceAction::kViewSettings,      NamespaceAction::kViewUsage,
                                        NamespaceAction::kManageRoles,       NamespaceAction::kOwn};

char Letter(Verdict verdict) {
  switch (verdict) {
    case Verdict::kAllowed:
      return '+';
    case Verdict::kDenied:
      return '-';
    case Verdict::kHidden:
      return '.';
  }
  return '?';
}

class DecisionTest : public accounts::AccountsTest {
 protected:
  DecisionTest() {
    admin_ = MakeUser("root", true);
    alice_ = MakeUser("alice");
    acme_ = MakeOrganization("acme", MakeUser("owner"));
    other_ = MakeOrganization("other", MakeUser("stranger"));
    for (const auto& [name, role] : std::map<std::string, OrganizationRole>{{"editor", OrganizationRole::kEditor},
                                                                            {"member", OrganizationRole::kMember},
                                                                            {"reader", OrganizationRole::kMember},
                                                                            {"writer", OrganizationRole::kMember},
                                                                            {"manager", OrganizationRole::kMember}}) {
      MakeUser(name);
      services().organizations.SetMember(acme_, name, role, {}).value();
    }
    MakeUser("helper");
    for (const auto name : {"acme/public", "acme/private", "acme/archived", "alice/public", "alice/private"})
      MakeRepository(name);
    Permit("readers", "reader", "read");
    Permit("writers", "writer", "write");
    Permit("managers", "manager", "admin");
    Run("INSERT INTO collaborator (repository_id, account_id, created_at) SELECT r.id, a.id, 0 FROM repository r, "
        "account a "
        "WHERE r.namespace = 'alice' AND a.name = 'helper'");
    // Must count for nothing: a collaborator of an organization's repository, and a former member who is still in a
    // team.
    Run("INSERT INTO collaborator (repository_id, account_id, created_at) SELECT r.id, a.id, 0 FROM repository r, "
        "account a "
        "WHERE r.namespace = 'acme' AND a.name = 'helper'");
    MakeUser("former");
    Run("INSERT INTO team_member (team_id, account_id, created_at) SELECT t.id, a.id, 0 FROM team t, account a "
        "WHERE t.name = 'managers' AND a.name = 'former'");
  }

  void Run(const std::string& sql) {
    database()
        .Write([&](sql::Transaction& tx) -> Result<void> {
          TRY_VOID(tx.ExecuteDynamic(sql, {}, [](const sql::Row&) {}));
          return {};
        })
        .value();
  }
  void MakeRepository(const std::string& full_name) {
    const auto slash = full_name.find('/');
    const std::string space = full_name.substr(0, slash), name = full_name.substr(slash + 1);
    Run("INSERT INTO repository (account_id, namespace, name, full_name, is_private, is_archived, created_at, "
        "updated_at) "
        "SELECT id, '" +
        space + "', '" + name + "', '" + full_name + "', " + (name == "private" ? "1" : "0") + ", " +
        (name == "archived" ? "1" : "0") + ", 0, 0 FROM account WHERE name = '" + space + "'");
  }
  void SetBadge(const std::string& full_name, const std::string& badge) {
    Run("UPDATE repository SET badge = '" + badge + "' WHERE full_name = '" + full_name + "'");
  }
  void Permit(const std::string& team, const std::string& user, const std::string& permission) {
    services().organizations.CreateTeam(acme_, team, "", {}).value();
    services().organizations.AddTeamMember(acme_, team, user, {}).value();
    Run("INSERT INTO team_repository (team_id, repository_id, permission, created_at) SELECT t.id, r.id, '" +
        permission + "', 0 FROM team t, repository r WHERE t.name = '" + team + "' AND r.namespace = 'acme'");
  }

  Caller As(const std::string& name) {
    return SignIn(name, accounts::kTestPassword, "192.0.2." + std::to_string(++calls_)).value().caller;
  }
  Caller With(Caller caller, TokenScope scope) {
    caller.kind = CredentialKind::kPersonalToken;
    caller.scope = scope;
    return caller;
  }
  Caller Unverified(Caller caller) {
    caller.email_verified = false;
    return caller;
  }
  Caller OrganizationToken(std::vector<TokenResource> resources) {
    Caller caller;
    caller.kind = CredentialKind::kOrganizationToken;
    caller.account = acme_.id;
    caller.name = "acme";
    caller.resources = std::move(resources);
    return caller;
  }

  // One letter an action: pull push delete-tag edit delete manage-access.
  std::string On(const std::string& repository, const Caller& caller,
                 std::initializer_list<RepositoryAction> actions = kRepositoryActions) {
    return database()
        .Read([&](sql::Connection& c) -> Result<std::string> {
          TRY(const auto facts, FindRepositoryFacts(c, repository));
          std::string letters;
          for (const auto action : actions) {
            TRY(const auto verdict, DecideRepository(c, caller, facts.value(), action));
            letters.push_back(Letter(verdict));
          }
          return letters;
        })
        .value();
  }
  // One letter an action: list create view-members manage-members manage-teams settings audit tokens.
  std::string In(const Account& account, const Caller& caller,
                 std::initializer_list<NamespaceAction> actions = kNamespaceActions) {
    return database()
        .Read([&](sql::Connection& c) -> Result<std::string> {
          std::string letters;
          for (const auto action : actions) {
            TRY(const auto verdict, DecideNamespace(c, caller, account.id, account.name, action));
            letters.push_back(Letter(verdict));
          }
          return letters;
        })
        .value();
  }

  // Gives `user` a custom role of acme that allows just `permissions`.
  void GiveCustomRole(const std::string& user, std::initializer_list<accounts::RolePermission> permissions) {
    accounts::PermissionSet set;
    for (const auto permission : permissions) set.Add(permission);
    const auto role =
        accounts::CustomRoleService(database(), clock_).Create(acme_, "of " + user, "", set, {}, {}).value();
    accounts::GivenRole given;
    given.custom = role.id;
    given.custom_name = role.name;
    services().organizations.SetMember(acme_, user, given, {}).value();
  }
  accounts::GrantLimit LimitOf(const Caller& caller) {
    return database().Read([&](sql::Connection& c) { return FindGrantLimit(c, caller, acme_.id); }).value();
  }

  int calls_ = 0;
  Account admin_, alice_, acme_, other_;
};
INSTANTIATE_TEST_SUITE_P(Backends, DecisionTest, sql::AllBackends(), sql::BackendName);

TEST_P(DecisionTest, RepositoriesByRole) {
  struct Line {
    std::string who;
    std::string acme_public, acme_private, acme_archived, alice_public, alice_private;
  };
  // pull push delete-tag edit delete manage-access: + allowed, - denied, . hidden
  const std::vector<Line> table = {
      {"root", "++++++", "++++++", "+--+++", "++++++", "++++++"},
      {"owner", "++++++", "++++++", "+--+++", "+-----", "......"},
      {"editor", "++++++", "++++++", "+--+++", "+-----", "......"},
      {"member", "+-----", "+-----", "+-----", "+-----", "......"},
      {"reader", "+-----", "+-----", "+-----", "+-----", "......"},
      {"writer", "++----", "++----", "+-----", "+-----", "......"},
      {"manager", "++++++", "++++++", "+--+++", "+-----", "......"},
      {"former", "+-----", "......", "+-----", "+-----", "......"},
      {"alice", "+-----", "......", "+-----", "++++++", "++++++"},
      {"helper", "+-----", "......", "+-----", "++----", "++----"},
      {"stranger", "+-----", "......", "+-----", "+-----", "......"},
  };
  for (const Line& line : table) {
    const Caller caller = As(line.who);
    EXPECT_EQ(On("acme/public", caller), line.acme_public) << line.who;
    EXPECT_EQ(On("acme/private", caller), line.acme_private) << line.who;
    EXPECT_EQ(On("acme/archived", caller), line.acme_archived) << line.who;
    EXPECT_EQ(On("alice/public", caller), line.alice_public) << line.who;
    EXPECT_EQ(On("alice/private", caller), line.alice_private) << line.who;
  }
  const Caller anonymous;
  EXPECT_EQ(On("acme/public", anonymous), "+-----");
  EXPECT_EQ(On("acme/private", anonymous), "......");
  Caller system;
  system.kind = CredentialKind::kSystem;
  EXPECT_EQ(On("acme/private", system), "++++++");
}

TEST_P(DecisionTest, ACredentialNeverOutranksItsScope) {
  struct Line {
    TokenScope scope;
    std::string on_public, on_private, of_a_member, of_a_stranger;
  };
  const std::vector<Line> table = {
      {TokenScope::kPublicRead, "+-----", "......", "......", "......"},
      {TokenScope::kRead, "+-----", "+-----", "+-----", "......"},
      {TokenScope::kWrite, "++----", "++----", "+-----", "......"},
      {TokenScope::kAdmin, "++++++", "++++++", "+-----", "......"},
  };
  for (const Line& line : table) {
    for (const auto who : {"owner", "editor", "manager", "root"}) {
      const Caller caller = With(As(who), line.scope);
      EXPECT_EQ(On("acme/public", caller), line.on_public) << who << static_cast<int>(line.scope);
      EXPECT_EQ(On("acme/private", caller), line.on_private) << who << static_cast<int>(line.scope);
    }
    EXPECT_EQ(On("acme/private", With(As("member"), line.scope)), line.of_a_member);
    EXPECT_EQ(On("acme/private", With(As("stranger"), line.scope)), line.of_a_stranger);
    EXPECT_EQ(On("acme/public", With(As("stranger"), line.scope)), "+-----");
  }
}

TEST_P(DecisionTest, WithoutAVerifiedAddressAUserOnlyReads) {
  for (const auto who : {"root", "owner", "editor", "manager", "writer", "member"}) {
    EXPECT_EQ(On("acme/private", Unverified(As(who))), "+-----") << who;
    EXPECT_EQ(On("acme/public", Unverified(As(who))), "+-----") << who;
  }
  EXPECT_EQ(On("alice/private", Unverified(As("alice"))), "+-----");
  EXPECT_EQ(On("alice/private", Unverified(As("helper"))), "+-----");
  EXPECT_EQ(In(acme_, Unverified(As("owner"))), "+-+---+-");
  EXPECT_EQ(In(alice_, Unverified(As("alice"))), "+-+---+-");
}

TEST_P(DecisionTest, AnOrganizationTokenHasItsResourcesAlone) {
  EXPECT_EQ(On("acme/public", OrganizationToken({})), "------");
  EXPECT_EQ(On("acme/private", OrganizationToken({})), "......");
  const Caller pulls = OrganizationToken({{"TYPE_REPO", "acme/private", {"scope-image-pull"}}});
  EXPECT_EQ(On("acme/private", pulls), "+-----");
  EXPECT_EQ(On("acme/public", pulls), "------");
  const Caller pushes = OrganizationToken(
      {{"TYPE_REPO", "acme/private", {"scope-image-push"}}, {"TYPE_REPO", "acme/archived", {"repo-push"}}});
  EXPECT_EQ(On("acme/private", pushes), "++----");
  EXPECT_EQ(On("acme/archived", pushes), "+-----");
  const Caller reads_public = OrganizationToken({{"TYPE_REPO", "*/*/public", {"scope-image-pull"}}});
  EXPECT_EQ(On("acme/public", reads_public), "+-----");
  EXPECT_EQ(On("alice/public", reads_public), "+-----");
  EXPECT_EQ(On("acme/private", reads_public), "......");
  // What names another namespace counts for nothing, however it came into the row.
  EXPECT_EQ(On("alice/private", OrganizationToken({{"TYPE_REPO", "alice/private", {"scope-image-push"}}})), "......");
  EXPECT_EQ(On("acme/private", OrganizationToken({{"TYPE_ORG", "acme", {"scope-member-edit"}}})), "......");
}

TEST_P(DecisionTest, NamespacesByRole) {
  struct Line {
    std::string who;
    std::string acme, other, alice;
  };
  // list create view-members manage-members manage-teams settings audit tokens
  const std::vector<Line> table = {
      {"root", "++++++++", "++++++++", "++++++++"},    {"owner", "++++++++", "--------", "--------"},
      {"editor", "+++-----", "--------", "--------"},  {"member", "+-+-----", "--------", "--------"},
      {"manager", "+-+-----", "--------", "--------"}, {"former", "--------", "--------", "--------"},
      {"alice", "--------", "--------", "++++++++"},   {"helper", "--------", "--------", "--------"},
  };
  for (const Line& line : table) {
    const Caller caller = As(line.who);
    EXPECT_EQ(In(acme_, caller), line.acme) << line.who;
    EXPECT_EQ(In(other_, caller), line.other) << line.who;
    EXPECT_EQ(In(alice_, caller), line.alice) << line.who;
  }
  EXPECT_EQ(In(acme_, Caller{}), "--------");
}

TEST_P(DecisionTest, NamespacesByToken) {
  EXPECT_EQ(In(acme_, With(As("owner"), TokenScope::kPublicRead)), "--------");
  EXPECT_EQ(In(acme_, With(As("owner"), TokenScope::kRead)), "+-+-----");
  EXPECT_EQ(In(acme_, With(As("owner"), TokenScope::kWrite)), "+++-----");
  EXPECT_EQ(In(acme_, With(As("owner"), TokenScope::kAdmin)), "+++++++-");  // tokens don't beget tokens
  EXPECT_EQ(In(alice_, With(As("alice"), TokenScope::kAdmin)), "+++++++-");
  EXPECT_EQ(In(acme_, With(As("root"), TokenScope::kRead)), "+-+-----");
  EXPECT_EQ(In(acme_, OrganizationToken({})), "+-------");
  EXPECT_EQ(In(acme_, OrganizationToken({{"TYPE_ORG", "acme", {"scope-member-read"}}})), "+-+-----");
  EXPECT_EQ(In(acme_, OrganizationToken({{"TYPE_ORG", "acme", {"scope-member-edit", "scope-group-edit"}}})),
            "+-+++---");
  EXPECT_EQ(In(other_, OrganizationToken({{"TYPE_ORG", "other", {"scope-member-edit"}}})), "--------");
}

TEST_P(DecisionTest, WhereASecondFactorIsRequiredMembershipAloneIsNothing) {
  const Caller owner = As("owner"), editor = As("editor"), manager = As("manager"), outsider = As("alice");
  Run("INSERT INTO namespace_policy (account_id, require_second_factor) SELECT id, 1 FROM account WHERE name = 'acme'");
  Run("INSERT INTO second_factor (account_id, secret, is_confirmed, created_at) SELECT id, '', "
      "CASE WHEN name = 'owner' THEN 1 ELSE 0 END, 0 FROM account WHERE name IN ('owner', 'editor')");
  EXPECT_EQ(On("acme/private", owner), "++++++");
  for (const Caller& caller : {editor, manager, outsider}) {
    EXPECT_EQ(On("acme/private", caller), "......") << caller.name;
    EXPECT_EQ(On("acme/public", caller), "+-----") << caller.name;
    EXPECT_EQ(In(acme_, caller), "--------") << caller.name;
  }
  Run("UPDATE second_factor SET is_confirmed = 1");
  EXPECT_EQ(On("acme/private", editor), "++++++");
}

TEST_P(DecisionTest, TagsAndTheirRulesByRole) {
  // pull-image set-tag edit-tag-rules
  const std::map<std::string, std::array<std::string, 3>> table = {
      {"root", {"+++", "+++", "+-+"}},   {"owner", {"+++", "+++", "+-+"}},  {"editor", {"+++", "+++", "+-+"}},
      {"member", {"+--", "+--", "+--"}}, {"writer", {"++-", "++-", "+--"}}, {"manager", {"+++", "+++", "+-+"}},
      {"alice", {"+--", "...", "+--"}},
  };
  for (const auto& [who, expected] : table) {
    EXPECT_EQ(On("acme/public", As(who), kTagActions), expected[0]) << who;
    EXPECT_EQ(On("acme/private", As(who), kTagActions), expected[1]) << who;
    EXPECT_EQ(On("acme/archived", As(who), kTagActions), expected[2]) << who;
  }
}

TEST_P(DecisionTest, MoreOfNamespacesByRoleAndToken) {
  // export-members view-invitations manage-invitations view-teams view-settings view-usage manage-roles own
  const std::map<std::string, std::string> table = {{"root", "++++++++"},   {"owner", "++++++++"},
                                                    {"editor", "---++---"}, {"member", "---++---"},
                                                    {"former", "--------"}, {"alice", "--------"}};
  for (const auto& [who, expected] : table) EXPECT_EQ(In(acme_, As(who), kMoreNamespaceActions), expected) << who;
  EXPECT_EQ(In(acme_, Caller{}, kMoreNamespaceActions), "--------");
  EXPECT_EQ(In(acme_, Unverified(As("owner")), kMoreNamespaceActions), "++-+++--");
  EXPECT_EQ(In(acme_, With(As("owner"), TokenScope::kRead), kMoreNamespaceActions), "---++---");
  const auto organization_token = [&](const std::string& scope) {
    return In(acme_, OrganizationToken({{"TYPE_ORG", "acme", {scope}}}), kMoreNamespaceActions);
  };
  EXPECT_EQ(organization_token("scope-member-read"), "+-------");
  EXPECT_EQ(organization_token("scope-invite-read"), "-+------");
  EXPECT_EQ(organization_token("scope-invite-edit"), "-++-----");
  EXPECT_EQ(organization_token("scope-group-read"), "---+----");
}

// Each permission opens its own action and no other.
TEST_P(DecisionTest, ACustomRoleAddsWhatItAllowsToAMember) {
  using accounts::RolePermission;
  struct Line {
    RolePermission permission;
    std::string on_private, tags, in, more;
  };
  const std::vector<Line> table = {
      {RolePermission::kCreateRepository, "+-----", "+--", "+++-----", "---++---"},
      {RolePermission::kEditRepository, "+--+--", "+--", "+-+-----", "---++---"},
      {RolePermission::kDeleteRepository, "+---+-", "+--", "+-+-----", "---++---"},
      {RolePermission::kManageTags, "+-+---", "+++", "+-+-----", "---++---"},
      {RolePermission::kManageRepositoryAccess, "+----+", "+--", "+-+-----", "---++---"},
      {RolePermission::kManageTeams, "+-----", "+--", "+-+-+---", "---++---"},
      {RolePermission::kExportMembers, "+-----", "+--", "+-+-----", "+--++---"},
      {RolePermission::kManageMembers, "+-----", "+--", "+-++----", "---++---"},
      {RolePermission::kManageInvitations, "+-----", "+--", "+-+-----", "-++++---"},
      {RolePermission::kEditSettings, "+-----", "+--", "+-+--+--", "---++---"},
      {RolePermission::kManageTokens, "+-----", "+--", "+-+----+", "---++---"},
      {RolePermission::kViewAudit, "+-----", "+--", "+-+---+-", "---++---"},
      {RolePermission::kViewUsage, "+-----", "+--", "+-+-----", "---+++--"},
      {RolePermission::kManageRoles, "+-----", "+--", "+-+-----", "---++-+-"},
  };
  ASSERT_EQ(table.size(), accounts::AllRolePermissions().size());
  for (const Line& line : table) {
    const std::string who = "user" + std::to_string(static_cast<int>(line.permission));
    MakeUser(who);
    GiveCustomRole(who, {line.permission});
    const Caller caller = As(who);
    EXPECT_EQ(On("acme/private", caller), line.on_private) << ToString(line.permission);
    EXPECT_EQ(On("acme/private", caller, kTagActions), line.tags) << ToString(line.permission);
    EXPECT_EQ(In(acme_, caller), line.in) << ToString(line.permission);
    EXPECT_EQ(In(acme_, caller, kMoreNamespaceActions), line.more) << ToString(line.permission);
    EXPECT_EQ(On("alice/private", caller), "......");
    EXPECT_EQ(In(other_, caller), "--------");
    // A credential takes away from a custom role as well.
    EXPECT_EQ(On("acme/private", With(caller, TokenScope::kRead)), "+-----");
    EXPECT_EQ(On("acme/private", Unverified(caller)), "+-----");
    EXPECT_EQ(In(acme_, With(caller, TokenScope::kRead)), "+-+-----");
  }
}

TEST_P(DecisionTest, NobodyHandsOnMoreThanHeMay) {
  using accounts::RolePermission;
  EXPECT_TRUE(LimitOf(As("root")).unlimited);
  EXPECT_TRUE(LimitOf(As("owner")).unlimited);
  EXPECT_EQ(LimitOf(As("editor")).permissions, accounts::PermissionsOf(OrganizationRole::kEditor));
  MakeUser("carol");
  GiveCustomRole("carol", {RolePermission::kManageMembers});
  const auto limit = LimitOf(As("carol"));
  EXPECT_FALSE(limit.unlimited);
  EXPECT_TRUE(limit.permissions.Has(RolePermission::kManageMembers));
  EXPECT_FALSE(limit.permissions.Has(RolePermission::kManageTags));
  const auto of_token = LimitOf(OrganizationToken({}));
  EXPECT_FALSE(of_token.Covers(OrganizationRole::kOwner, {}));
  EXPECT_TRUE(of_token.Covers(OrganizationRole::kEditor, {}));
  EXPECT_TRUE(LimitOf(As("stranger")).permissions.IsEmpty());
  EXPECT_FALSE(LimitOf(As("stranger")).unlimited);
}

TEST_P(DecisionTest, ImageAccessManagementKeepsMembersToTrustedImages) {
  accounts::AccessManagement management(database(), clock_);
  database()
      .Write([&](sql::Transaction& tx) {
        return accounts::CreateOrganization(tx, "library", "", admin_.id, "root", {}, clock_.Now());
      })
      .value();
  const Account vendor = MakeOrganization("vendor", MakeUser("seller"));
  accounts::AccountChange verified;
  verified.badge = "verified_publisher";
  services().accounts.Update(vendor.id, verified, {}).value();
  for (const auto name : {"library/public", "vendor/public", "other/public", "member/public"}) MakeRepository(name);
  const auto pulls = [&](const Caller& caller) {
    std::string letters;
    for (const auto name : {"acme/private", "library/public", "vendor/public", "other/public", "member/public"})
      letters += On(name, caller, {RepositoryAction::kPullImage});
    return letters;
  };
  EXPECT_EQ(pulls(As("member")), "+++++");
  management.SetImages(acme_, {true, true, true}, {}).value();
  EXPECT_EQ(pulls(As("member")), "+++-+");  // one's own, too
  EXPECT_EQ(pulls(As("owner")), "+++--");
  EXPECT_EQ(pulls(With(As("member"), TokenScope::kRead)), "+++-+");
  EXPECT_EQ(pulls(As("alice")), ".++++");
  EXPECT_EQ(pulls(Caller{}), ".++++");
  EXPECT_EQ(pulls(OrganizationToken({{"TYPE_REPO", "*/*/public", {"scope-image-pull"}}})), ".++++");
  EXPECT_EQ(On("other/public", As("member")), "+-----");  // its pages stay open
  management.SetImages(acme_, {true, false, true}, {}).value();
  EXPECT_EQ(pulls(As("member")), "+-+-+");
  management.SetImages(acme_, {true, true, false}, {}).value();
  EXPECT_EQ(pulls(As("member")), "++--+");
  // A repository's own badge goes before its namespace's.
  SetBadge("other/public", "official");
  SetBadge("library/public", "verified_publisher");
  EXPECT_EQ(pulls(As("member")), "+--++");
  management.SetImages(acme_, {true, false, true}, {}).value();
  SetBadge("vendor/public", "open_source");
  EXPECT_EQ(pulls(As("member")), "++--+");
  for (const auto name : {"other/public", "library/public", "vendor/public"}) SetBadge(name, "");
  management.SetImages(acme_, {true, true, false}, {}).value();
  // Another of one's organizations is no community, and the strictest of them decides.
  services().organizations.SetMember(other_, "member", OrganizationRole::kMember, {}).value();
  EXPECT_EQ(pulls(As("member")), "++-++");
  management.SetImages(other_, {true, false, true}, {}).value();
  EXPECT_EQ(pulls(As("member")), "+--++");
  management.SetImages(acme_, {false, true, true}, {}).value();
  EXPECT_EQ(pulls(As("member")), "+-+++");
}

TEST_P(DecisionTest, FactsAreFoundByFullName) {
  EXPECT_EQ(FullRepositoryName("nginx"), "library/nginx");
  EXPECT_EQ(FullRepositoryName("a/b/c"), "a/b/c");
  EXPECT_EQ(NamespaceOf("a/b/c"), "a");
  database()
      .Read([&](sql::Connection& c) -> Result<void> {
        EXPECT_FALSE(FindRepositoryFacts(c, "acme/missing").value());
        const auto facts = FindRepositoryFacts(c, "acme/private").value().value();
        EXPECT_TRUE(facts.is_private);
        EXPECT_FALSE(facts.is_archived);
        EXPECT_EQ(facts.owner, acme_.id);
        EXPECT_EQ(facts.full_name, "acme/private");
        return {};
      })
      .value();
}

}  // namespace
}  // namespace berth::access
