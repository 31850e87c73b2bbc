#include "accounts/custom_role_service.h"

#include "accounts/test_accounts.h"

namespace berth::accounts {
namespace {

PermissionSet Set(std::initializer_list<RolePermission> permissions) {
  PermissionSet set;
  for (const auto permission : permissions) set.Add(permission);
  return set;
}

GrantLimit AtMost(PermissionSet permissions) { return {.unlimited = false, .permissions = permissions}; }

class CustomRoleServiceTest : public AccountsTest {
 protected:
  CustomRoleServiceTest() : owner_(MakeUser("owner")), bob_(MakeUser("bob")), acme_(MakeOrganization("acme", owner_)) {}

  Result<CustomRole> Create(const std::string& name, PermissionSet permissions, const GrantLimit& limit = {}) {
    return roles_.Create(acme_, name, "what it is for", permissions, limit, ActorOf(owner_));
  }
  std::optional<CustomRole> Find(const std::string& name) {
    return database().Read([&](sql::Connection& c) { return CustomRoleStore::Find(c, acme_.id, name); }).value();
  }
  GivenRole Resolve(const std::string& name) {
    return database()
        .Read([&](sql::Connection& c) { return CustomRoleStore::Resolve(c, acme_.id, name); })
        .value()
        .value();
  }
  GivenRole RoleOf(const Account& user) {
    return database()
        .Read([&](sql::Connection& c) { return OrganizationStore::FindGivenRole(c, acme_.id, user.id); })
        .value()
        .value();
  }

  CustomRoleService roles_{database(), clock_};
  Account owner_, bob_, acme_;
};
INSTANTIATE_TEST_SUITE_P(Backends, CustomRoleServiceTest, sql::AllBackends(), sql::BackendName);

TEST(RolePermissions, HaveTheNamesOfTheContractInOrder) {
  std::string names;
  for (const auto& info : AllRolePermissions()) {
    EXPECT_EQ(ToString(info.permission), info.name);
    EXPECT_EQ(ParseRolePermission(info.name), info.permission);
    EXPECT_FALSE(info.label.empty() || info.description.empty()) << info.name;
    names.append(info.name).append(" ");
  }
  EXPECT_EQ(names,
            "repo:create repo:edit repo:delete repo:tags repo:permissions team:manage member:view member:manage "
            "invite:manage settings:edit token:manage audit:view usage:view customrole:manage ");
  EXPECT_EQ(ParseRolePermission("repo:fly"), std::nullopt);
}

TEST(GrantLimits, NobodyHandsOnMoreThanHisOwn) {
  EXPECT_TRUE(GrantLimit{}.Covers(OrganizationRole::kOwner, {}));
  const auto editor = AtMost(PermissionsOf(OrganizationRole::kEditor));
  EXPECT_TRUE(editor.Covers(OrganizationRole::kMember, {}));
  EXPECT_TRUE(editor.Covers(OrganizationRole::kEditor, Set({RolePermission::kManageTags})));
  EXPECT_FALSE(editor.Covers(OrganizationRole::kMember, Set({RolePermission::kManageTeams})));
  const auto all = AtMost(PermissionsOf(OrganizationRole::kOwner));
  EXPECT_TRUE(all.Covers(OrganizationRole::kEditor, Set({RolePermission::kManageRoles})));
  EXPECT_FALSE(all.Covers(OrganizationRole::kOwner, {}));
}

TEST_P(CustomRoleServiceTest, ARoleKeepsWhatItWasMadeWith) {
  clock_.Advance(std::chrono::seconds(5));
  const auto made = Create("Release manager", Set({RolePermission::kManageTags, RolePermission::kViewAudit}));
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(Events().back(), "org.customrole.create Release manager by owner");
  const auto found = Find("Release manager");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->description, "what it is for");
  EXPECT_EQ(found->permissions, Set({RolePermission::kManageTags, RolePermission::kViewAudit}));
  EXPECT_EQ(found->created_at, clock_.Now());
  EXPECT_EQ(found->member_count, 0);
  EXPECT_EQ(Create("Release manager", {}).error().code, ErrorCode::kAlreadyExists);
  EXPECT_EQ(Create("Release manager", {}).error().field, "name");
}

TEST_P(CustomRoleServiceTest, NamesOfBuiltInRolesAndBadNamesAreRefused) {
  for (const auto name :
       {"", "x", "Owner", "editor", "MEMBER", "invitee", "a/b", "a,b", " ab", "ab ", "a\nb", "\xff\xff"}) {
    const auto refused = Create(name, {});
    ASSERT_FALSE(refused) << name;
    EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument) << name;
    EXPECT_EQ(refused.error().field, "name");
  }
  EXPECT_EQ(Create(std::string(65, 'a'), {}).error().field, "name");
  EXPECT_TRUE(Create(std::string(64, 'a'), {}));
  EXPECT_EQ(roles_.Create(acme_, "good", std::string(501, 'a'), {}, {}, {}).error().field, "description");
}

TEST_P(CustomRoleServiceTest, AMemberHasOneUntilItChanges) {
  ASSERT_TRUE(Create("tagger", Set({RolePermission::kManageTags})));
  ASSERT_TRUE(services().organizations.SetMember(acme_, "bob", Resolve("tagger"), ActorOf(owner_)));
  EXPECT_EQ(RoleOf(bob_).name(), "tagger");
  EXPECT_EQ(RoleOf(bob_).base, OrganizationRole::kMember);
  EXPECT_EQ(Find("tagger")->member_count, 1);
  EXPECT_EQ(roles_.Delete(acme_, "tagger", {}, {}).error().code, ErrorCode::kConflict);
  ASSERT_TRUE(services().organizations.SetMember(acme_, "bob", OrganizationRole::kMember, ActorOf(owner_)));
  EXPECT_EQ(Events().back(), "org.member.role.change bob by owner");
  EXPECT_EQ(RoleOf(bob_), GivenRole(OrganizationRole::kMember));
  ASSERT_TRUE(roles_.Delete(acme_, "tagger", {}, ActorOf(owner_)));
  EXPECT_EQ(Events().back(), "org.customrole.delete tagger by owner");
  EXPECT_EQ(roles_.Delete(acme_, "tagger", {}, {}).error().code, ErrorCode::kNotFound);
}

TEST_P(CustomRoleServiceTest, AnUpdateThatChangesNothingWritesNothing) {
  ASSERT_TRUE(Create("tagger", Set({RolePermission::kManageTags})));
  const size_t events = Events().size();
  ASSERT_TRUE(roles_.Update(acme_, "tagger", {.description = "what it is for"}, {}, ActorOf(owner_)));
  EXPECT_EQ(Events().size(), events);
  const auto updated =
      roles_.Update(acme_, "tagger", {.permissions = Set({RolePermission::kViewUsage})}, {}, ActorOf(owner_));
  ASSERT_TRUE(updated);
  EXPECT_EQ(Find("tagger")->permissions, Set({RolePermission::kViewUsage}));
  EXPECT_EQ(Events().back(), "org.customrole.update tagger by owner");
  EXPECT_EQ(roles_.Update(acme_, "nobody", {}, {}, {}).error().code, ErrorCode::kNotFound);
}

TEST_P(CustomRoleServiceTest, NobodyMakesARoleLargerThanHisOwn) {
  const auto limit = AtMost(Set({RolePermission::kManageRoles, RolePermission::kManageTags}));
  EXPECT_EQ(Create("big", Set({RolePermission::kManageMembers}), limit).error().code, ErrorCode::kPermissionDenied);
  ASSERT_TRUE(Create("small", Set({RolePermission::kManageTags}), limit));
  EXPECT_EQ(
      roles_.Update(acme_, "small", {.permissions = Set({RolePermission::kManageMembers})}, limit, {}).error().code,
      ErrorCode::kPermissionDenied);
  ASSERT_TRUE(Create("big", Set({RolePermission::kManageMembers})));
  EXPECT_EQ(roles_.Update(acme_, "big", {.description = "x"}, limit, {}).error().code, ErrorCode::kPermissionDenied);
  EXPECT_EQ(roles_.Delete(acme_, "big", limit, {}).error().code, ErrorCode::kPermissionDenied);
}

TEST_P(CustomRoleServiceTest, RolesAreGivenAndTakenWithinTheLimitOnly) {
  const auto limit = AtMost(Set({RolePermission::kManageMembers}));
  auto& organizations = services().organizations;
  const auto code = [](const auto& result) { return result ? std::optional<ErrorCode>() : result.error().code; };
  for (const auto role : {OrganizationRole::kOwner, OrganizationRole::kEditor})
    EXPECT_EQ(code(organizations.SetMember(acme_, "bob", role, {}, limit)), ErrorCode::kPermissionDenied);
  EXPECT_EQ(code(organizations.AddTeamMember(acme_, "owners", "bob", {}, limit)), ErrorCode::kPermissionDenied);
  EXPECT_EQ(code(organizations.SetMember(acme_, "owner", OrganizationRole::kMember, {}, limit)),
            ErrorCode::kPermissionDenied);
  ASSERT_TRUE(organizations.SetMember(acme_, "bob", OrganizationRole::kOwner, {}));
  EXPECT_EQ(code(organizations.RemoveMember(acme_, "bob", {}, limit)), ErrorCode::kPermissionDenied);
  EXPECT_EQ(code(organizations.RemoveTeamMember(acme_, "owners", "bob", {}, limit)), ErrorCode::kPermissionDenied);
  ASSERT_TRUE(organizations.SetMember(acme_, "bob", OrganizationRole::kMember, {}));
  EXPECT_TRUE(organizations.RemoveMember(acme_, "bob", {}, limit));
}

TEST_P(CustomRoleServiceTest, ListsPageByName) {
  for (const auto name : {"cc", "aa", "bb"}) ASSERT_TRUE(Create(name, Set({RolePermission::kViewUsage})));
  const auto list = [&](std::string_view after, int64_t limit) {
    return database()
        .Read([&](sql::Connection& c) { return CustomRoleStore::List(c, acme_.id, after, limit); })
        .value();
  };
  ASSERT_EQ(list("", 2).size(), 2u);
  EXPECT_EQ(list("", 2)[0].name, "aa");
  EXPECT_EQ(list("", 2)[1].permissions, Set({RolePermission::kViewUsage}));
  ASSERT_EQ(list("bb", 2).size(), 1u);
  EXPECT_EQ(list("bb", 2)[0].name, "cc");
}

}  // namespace
}  // namespace berth::accounts
