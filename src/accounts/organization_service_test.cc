#include "accounts/organization_service.h"

#include "accounts/test_accounts.h"

namespace berth::accounts {
namespace {

class OrganizationServiceTest : public AccountsTest {
 protected:
  OrganizationServiceTest()
      : owner_(MakeUser("owner")), bob_(MakeUser("bob")), team_(MakeOrganization("acme", owner_)) {}

  std::optional<OrganizationRole> RoleOf(const Account& user) {
    return database()
        .Read([&](sql::Connection& c) { return OrganizationStore::FindRole(c, team_.id, user.id); })
        .value();
  }
  std::vector<std::string> MembersOf(std::string_view name) {
    return database()
        .Read([&](sql::Connection& c) -> Result<std::vector<std::string>> {
          TRY(const auto team, OrganizationStore::FindTeam(c, team_.id, name));
          TRY(const auto users, OrganizationStore::ListTeamMembers(c, team->id, 0, 100));
          EXPECT_EQ(static_cast<int64_t>(users.size()), team->member_count);
          std::vector<std::string> names;
          for (const auto& user : users) names.push_back(user.name);
          return names;
        })
        .value();
  }
  OrganizationService& organizations() { return services().organizations; }

  Account owner_, bob_, team_;
};
INSTANTIATE_TEST_SUITE_P(Backends, OrganizationServiceTest, sql::AllBackends(), sql::BackendName);

using Names = std::vector<std::string>;

TEST_P(OrganizationServiceTest, ANewOneHasItsOwnerAndTheOwnersTeam) {
  EXPECT_EQ(RoleOf(owner_), OrganizationRole::kOwner);
  EXPECT_EQ(MembersOf("owners"), Names{"owner"});
  EXPECT_FALSE(team_.IsUser());
  EXPECT_EQ(Events().back(), "org.create acme by owner");
  const auto again = organizations().Create("bob", "", owner_.id, NameRule::kAdministrator, {});
  EXPECT_EQ(again.error().code, ErrorCode::kAlreadyExists);
  EXPECT_EQ(again.error().field, "orgname");
  EXPECT_EQ(organizations().Create("No", "", owner_.id, NameRule::kSignUp, {}).error().field, "orgname");
}

TEST_P(OrganizationServiceTest, RolesChangeAndTheOwnersTeamFollows) {
  ASSERT_TRUE(organizations().SetMember(team_, "bob", OrganizationRole::kMember, ActorOf(owner_)).has_value());
  EXPECT_EQ(Events().back(), "org.member.add bob by owner");
  EXPECT_EQ(RoleOf(bob_), OrganizationRole::kMember);
  ASSERT_TRUE(organizations().SetMember(team_, "bob", OrganizationRole::kOwner, ActorOf(owner_)).has_value());
  EXPECT_EQ(Events().back(), "org.member.role.change bob by owner");
  EXPECT_EQ(MembersOf("owners"), (Names{"bob", "owner"}));
  ASSERT_TRUE(organizations().RemoveTeamMember(team_, "owners", "bob", ActorOf(owner_)).has_value());
  EXPECT_EQ(RoleOf(bob_), OrganizationRole::kMember);
  ASSERT_TRUE(organizations().AddTeamMember(team_, "owners", "bob", ActorOf(owner_)).has_value());
  EXPECT_EQ(RoleOf(bob_), OrganizationRole::kOwner);
  EXPECT_EQ(organizations().SetMember(team_, "nobody", OrganizationRole::kMember, {}).error().code,
            ErrorCode::kNotFound);
  EXPECT_EQ(organizations().SetMember(team_, "acme", OrganizationRole::kMember, {}).error().code, ErrorCode::kNotFound);
}

TEST_P(OrganizationServiceTest, TheLastOwnerStays) {
  EXPECT_EQ(organizations().SetMember(team_, "owner", OrganizationRole::kEditor, {}).error().code,
            ErrorCode::kConflict);
  EXPECT_EQ(organizations().RemoveMember(team_, "owner", {}).error().code, ErrorCode::kConflict);
  EXPECT_EQ(organizations().RemoveTeamMember(team_, "owners", "owner", {}).error().code, ErrorCode::kConflict);
  ASSERT_TRUE(organizations().SetMember(team_, "bob", OrganizationRole::kOwner, {}).has_value());
  EXPECT_TRUE(organizations().RemoveMember(team_, "owner", {}).has_value());
  EXPECT_EQ(RoleOf(owner_), std::nullopt);
  EXPECT_EQ(MembersOf("owners"), Names{"bob"});
}

TEST_P(OrganizationServiceTest, TeamsHoldMembersOnlyAndLoseThemWithTheOrganization) {
  const Team made = organizations().CreateTeam(team_, "builders", "who build", ActorOf(owner_)).value();
  EXPECT_EQ(Events().back(), "org.team.create builders by owner");
  EXPECT_EQ(organizations().CreateTeam(team_, "builders", "", {}).error().code, ErrorCode::kAlreadyExists);
  EXPECT_EQ(organizations().AddTeamMember(team_, "builders", "bob", {}).error().code, ErrorCode::kNotFound);
  ASSERT_TRUE(organizations().SetMember(team_, "bob", OrganizationRole::kEditor, {}).has_value());
  ASSERT_TRUE(organizations().AddTeamMember(team_, "builders", "bob", ActorOf(owner_)).has_value());
  EXPECT_EQ(Events().back(), "org.team.member.add builders by owner");
  const size_t events = Events().size();
  ASSERT_TRUE(organizations().AddTeamMember(team_, "builders", "bob", {}).has_value());  // again: nothing happens
  EXPECT_EQ(Events().size(), events);
  EXPECT_EQ(MembersOf("builders"), Names{"bob"});
  ASSERT_TRUE(organizations().RemoveMember(team_, "bob", ActorOf(owner_)).has_value());
  EXPECT_EQ(Events().back(), "org.member.remove bob by owner");
  EXPECT_TRUE(MembersOf("builders").empty());
  EXPECT_EQ(organizations().RemoveMember(team_, "bob", {}).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(organizations().RemoveTeamMember(team_, "builders", "bob", {}).error().code, ErrorCode::kNotFound);
}

TEST_P(OrganizationServiceTest, TeamsAreRenamedAndDeletedButOwnersIsNot) {
  ASSERT_TRUE(organizations().CreateTeam(team_, "builders", "", {}).has_value());
  const Team renamed = organizations().UpdateTeam(team_, "builders", "makers", "new", ActorOf(owner_)).value();
  EXPECT_EQ(renamed.name, "makers");
  EXPECT_EQ(renamed.description, "new");
  EXPECT_EQ(Events().back(), "org.team.update makers by owner");
  EXPECT_EQ(organizations().UpdateTeam(team_, "makers", "owners", std::nullopt, {}).error().code,
            ErrorCode::kAlreadyExists);
  EXPECT_EQ(organizations().UpdateTeam(team_, "owners", "others", std::nullopt, {}).error().code, ErrorCode::kConflict);
  EXPECT_EQ(organizations().DeleteTeam(team_, "owners", {}).error().code, ErrorCode::kConflict);
  EXPECT_EQ(organizations().DeleteTeam(team_, "builders", {}).error().code, ErrorCode::kNotFound);
  EXPECT_TRUE(organizations().DeleteTeam(team_, "makers", {}).has_value());
  for (const auto bad : {"ab", "Team", "-team", "team-", "a b", "a--b"}) {
    EXPECT_EQ(organizations().CreateTeam(team_, bad, "", {}).error().field, "name") << bad;
  }
}

TEST_P(OrganizationServiceTest, ListsAreInOrderOfNameAndPaged) {
  for (const auto name : {"zoe", "ann", "mia"}) {
    MakeUser(name);
    ASSERT_TRUE(organizations().SetMember(team_, name, OrganizationRole::kMember, {}).has_value());
  }
  database()
      .Read([&](sql::Connection& c) -> Result<void> {
        EXPECT_EQ(OrganizationStore::CountMembers(c, team_.id).value(), 4);
        const auto page = OrganizationStore::ListMembers(c, team_.id, 1, 2).value();
        EXPECT_EQ(page.size(), 2u);
        EXPECT_EQ(page.at(0).account.name, "mia");
        EXPECT_EQ(page.at(1).account.name, "owner");
        EXPECT_EQ(page.at(1).role, OrganizationRole::kOwner);
        EXPECT_EQ(OrganizationStore::CountMemberships(c, owner_.id).value(), 1);
        EXPECT_EQ(OrganizationStore::ListMemberships(c, owner_.id, 0, 10).value().at(0).organization.name, "acme");
        EXPECT_EQ(OrganizationStore::CountTeams(c, team_.id).value(), 1);
        const auto teams = OrganizationStore::ListTeams(c, team_.id, 0, 10).value();
        EXPECT_EQ(teams.at(0).name, "owners");
        EXPECT_EQ(OrganizationStore::FindTeamById(c, team_.id, teams.at(0).id).value()->name, "owners");
        EXPECT_FALSE(OrganizationStore::FindTeamById(c, AccountId(999), teams.at(0).id).value());
        EXPECT_EQ(OrganizationStore::CountTeamMembers(c, teams.at(0).id).value(), 1);
        return {};
      })
      .value();
}

}  // namespace
}  // namespace berth::accounts
