#include "accounts/access_management.h"

#include <gmock/gmock.h>

#include "accounts/test_accounts.h"

namespace berth::accounts {
namespace {

using ::testing::ElementsAre;

class AccessManagementTest : public AccountsTest {
 protected:
  AccessManagementTest() : owner_(MakeUser("owner")), acme_(MakeOrganization("acme", owner_)) {}

  ImageRules Images() {
    return database().Read([&](sql::Connection& c) { return AccessManagement::Images(c, acme_.id); }).value();
  }
  RegistryRules Registries() {
    return database().Read([&](sql::Connection& c) { return AccessManagement::Registries(c, acme_.id); }).value();
  }
  // Those written since the last call.
  std::vector<std::string> NewEvents() {
    const auto all = Events();
    std::vector<std::string> fresh(all.begin() + static_cast<ptrdiff_t>(seen_), all.end());
    seen_ = all.size();
    return fresh;
  }
  void GivePlan(const std::string& plan) {
    AccountChange change;
    change.plan = plan;
    services().accounts.Update(acme_.id, change, {}).value();
  }

  AccessManagement management_{database(), clock_};
  size_t seen_ = 0;
  Account owner_, acme_;
};
INSTANTIATE_TEST_SUITE_P(Backends, AccessManagementTest, sql::AllBackends(), sql::BackendName);

TEST_P(AccessManagementTest, ImagesAreOpenUntilSomebodyRestrictsThem) {
  EXPECT_EQ(Images(), ImageRules{});
  NewEvents();
  ASSERT_TRUE(management_.SetImages(acme_, {true, false, true}, ActorOf(owner_)));
  EXPECT_EQ(Images(), (ImageRules{true, false, true}));
  EXPECT_THAT(NewEvents(), ElementsAre("org.settings.update acme by owner"));
  ASSERT_TRUE(management_.SetImages(acme_, {true, false, true}, ActorOf(owner_)));
  EXPECT_THAT(NewEvents(), ElementsAre());
}

TEST_P(AccessManagementTest, EachChangeOfTheRegistriesIsToldApart) {
  EXPECT_EQ(Registries(), RegistryRules{});
  NewEvents();
  RegistryRules wanted{true, false, {{"b.example", "B", true}, {"a.example", "A", false}}};
  ASSERT_TRUE(management_.SetRegistries(acme_, wanted, ActorOf(owner_)));
  EXPECT_EQ(Registries(), wanted);
  EXPECT_THAT(NewEvents(), ElementsAre("org.registry_access.enabled acme by owner",
                                       "org.registry_access.registry_updated DockerHub by owner",
                                       "org.registry_access.registry_added b.example by owner",
                                       "org.registry_access.registry_added a.example by owner"));
  wanted.enabled = false;
  wanted.registries = {{"a.example", "A", true}, {"c.example", "", true}};
  ASSERT_TRUE(management_.SetRegistries(acme_, wanted, ActorOf(owner_)));
  EXPECT_EQ(Registries(), wanted);
  EXPECT_THAT(NewEvents(), ElementsAre("org.registry_access.disabled acme by owner",
                                       "org.registry_access.registry_removed b.example by owner",
                                       "org.registry_access.registry_updated a.example by owner",
                                       "org.registry_access.registry_added c.example by owner"));
  ASSERT_TRUE(management_.SetRegistries(acme_, wanted, ActorOf(owner_)));
  EXPECT_THAT(NewEvents(), ElementsAre());
}

TEST_P(AccessManagementTest, BadRegistriesAreNamed) {
  const auto field = [&](std::vector<AllowedRegistry> registries) {
    const auto refused = management_.SetRegistries(acme_, {true, true, std::move(registries)}, {});
    return refused ? "" : refused.error().field;
  };
  EXPECT_EQ(field({{"", "x", true}}), "custom_registries[0].address");
  EXPECT_EQ(field({{"a.example", "x", true}, {"has space", "x", true}}), "custom_registries[1].address");
  EXPECT_EQ(field({{"a.example", "x", true}, {"A.example", "x", true}}), "custom_registries[1].address");
  EXPECT_EQ(field({{"a.example", std::string(101, 'x'), true}}), "custom_registries[0].friendly_name");
  std::vector<AllowedRegistry> many;
  for (int i = 0; i < 101; ++i) many.push_back({"r" + std::to_string(i), "", true});
  EXPECT_EQ(field(many), "custom_registries");
  many.pop_back();
  EXPECT_EQ(field(many), "");
}

TEST_P(AccessManagementTest, APlanWithoutItOnlyLetsItBeTurnedOff) {
  ASSERT_TRUE(management_.SetImages(acme_, {true, true, true}, {}));
  GivePlan("team");
  EXPECT_EQ(management_.SetImages(acme_, {true, false, true}, {}).error().code, ErrorCode::kLimitExceeded);
  EXPECT_EQ(management_.SetRegistries(acme_, {true, true, {}}, {}).error().code, ErrorCode::kLimitExceeded);
  EXPECT_TRUE(management_.SetImages(acme_, {false, true, true}, {}));
  GivePlan("business");
  EXPECT_TRUE(management_.SetRegistries(acme_, {true, true, {}}, {}));
}

TEST_P(AccessManagementTest, PlansLimitTeamsAndTokensToo) {
  auto& organizations = services().organizations;
  const auto token = [&] {
    return services().tokens.Create(acme_, TokenKind::kOrganization, {.label = "ci"}, ActorOf(owner_));
  };
  ASSERT_TRUE(token());
  ASSERT_TRUE(organizations.CreateTeam(acme_, "one", "", {}));
  GivePlan("pro");  // one team, no organization token
  EXPECT_EQ(token().error().code, ErrorCode::kLimitExceeded);
  EXPECT_EQ(organizations.CreateTeam(acme_, "two", "", {}).error().code, ErrorCode::kLimitExceeded);
  GivePlan("team");
  EXPECT_TRUE(organizations.CreateTeam(acme_, "two", "", {}));
  for (int i = 1; i < 10; ++i) EXPECT_TRUE(token());
  EXPECT_EQ(token().error().code, ErrorCode::kLimitExceeded);
}

}  // namespace
}  // namespace berth::accounts
