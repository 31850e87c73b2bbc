#include "accounts/namespace_settings.h"

#include "accounts/test_accounts.h"

namespace berth::accounts {
namespace {

class NamespaceSettingsTest : public AccountsTest {
 protected:
  NamespaceSettingsTest() : owner_(MakeUser("owner")), acme_(MakeOrganization("acme", owner_)) {}

  NamespaceSettings Read(const Account& account) {
    return database().Read([&](sql::Connection& c) { return NamespaceSettingsService::Read(c, account.id); }).value();
  }
  bool PublicAllowed(const Account& account) {
    return database().Read([&](sql::Connection& c) { return IsPublicAllowed(c, account.id); }).value();
  }
  NamespaceSettingsService service() { return {database(), services().cache, clock_}; }

  Account owner_, acme_;
};
INSTANTIATE_TEST_SUITE_P(Backends, NamespaceSettingsTest, sql::AllBackends(), sql::BackendName);

TEST_P(NamespaceSettingsTest, NothingIsRestrictedAtFirst) {
  const auto settings = Read(acme_);
  EXPECT_FALSE(settings.default_private);
  EXPECT_TRUE(settings.public_allowed);
  EXPECT_FALSE(settings.require_second_factor);
  EXPECT_TRUE(PublicAllowed(acme_));
  EXPECT_EQ(database()
                .Read([](sql::Connection& c) { return NamespaceSettingsService::Read(c, AccountId(999)); })
                .error()
                .code,
            ErrorCode::kNotFound);
}

TEST_P(NamespaceSettingsTest, WithoutPublicRepositoriesTheDefaultIsPrivate) {
  const auto changed = service().Update(acme_.id, {.public_allowed = false}, ActorOf(owner_));
  ASSERT_TRUE(changed.has_value()) << changed.error().message;
  EXPECT_TRUE(changed->default_private);
  EXPECT_FALSE(PublicAllowed(acme_));
  EXPECT_TRUE(services().accounts.Find("acme")->default_private);
  EXPECT_EQ(Events().back(), "org.settings.update acme by owner");
  const auto refused = service().Update(acme_.id, {.default_private = false}, ActorOf(owner_));
  EXPECT_EQ(refused.error().field, "default_repo_visibility");
  EXPECT_TRUE(Read(acme_).default_private);
  // Allowed again, the default stays until it is changed.
  ASSERT_TRUE(service().Update(acme_.id, {.public_allowed = true}, ActorOf(owner_)).has_value());
  EXPECT_TRUE(Read(acme_).default_private);
  ASSERT_TRUE(service().Update(acme_.id, {.default_private = false}, ActorOf(owner_)).has_value());
  EXPECT_FALSE(Read(acme_).default_private);
}

TEST_P(NamespaceSettingsTest, WhatChangesNothingWritesNothing) {
  const auto before = Events();
  ASSERT_TRUE(service().Update(acme_.id, {.default_private = false, .public_allowed = true}, {}).has_value());
  EXPECT_EQ(Events(), before);
}

TEST_P(NamespaceSettingsTest, WhoRequiresASecondFactorHasOne) {
  EXPECT_EQ(service().Update(owner_.id, {.require_second_factor = true}, ActorOf(owner_)).error().field,
            "require_two_factor");
  EXPECT_EQ(service().Update(acme_.id, {.require_second_factor = true}, ActorOf(owner_)).error().field,
            "require_two_factor");
  static constexpr sql::Query kFactor{
      "test.factor", "INSERT INTO second_factor (account_id, secret, is_confirmed, created_at) VALUES ($1, $2, 1, 0)"};
  const auto put =
      database().Write([&](sql::Transaction& tx) { return tx.Run(kFactor, {owner_.id, sql::Bytes{"x"}}); });
  ASSERT_TRUE(put.has_value());
  ASSERT_TRUE(service().Update(acme_.id, {.require_second_factor = true}, ActorOf(owner_)).has_value());
  EXPECT_TRUE(Read(acme_).require_second_factor);
}

}  // namespace
}  // namespace berth::accounts
