#include "settings/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sql/test_databases.h"

namespace berth::settings {
namespace {

using ::testing::ElementsAre;

class SettingsTest : public sql::DatabaseTest {
 protected:
  Settings Defaults() {
    Settings defaults;
    defaults.sign_up = false;
    defaults.hub_requests_a_minute = 60;
    return defaults;
  }
  std::vector<std::pair<std::string, std::string>> Events() {
    static constexpr sql::Query kEvents{"test.events", "SELECT type, data FROM event ORDER BY id"};
    auto rows = database().Read([](sql::Connection& c) {
      return c.All(kEvents, {}, [](const sql::Row& row) { return std::pair(row.String(0), row.String(1)); });
    });
    EXPECT_TRUE(rows) << rows.error().message;
    return *rows;
  }
  ManualClock clock_;
  events::Actor root_{AccountId(1), "root", "", "192.0.2.1"};
};

TEST_P(SettingsTest, DefaultsHoldUntilSomethingIsChanged) {
  LiveSettings live(database(), clock_, Defaults());
  ASSERT_TRUE(live.Refresh());
  EXPECT_EQ(*live.Get(), Defaults());
}

TEST_P(SettingsTest, AChangeIsInForceAtOnceAuditedAndSeenByAnotherCopy) {
  LiveSettings live(database(), clock_, Defaults());
  auto again = OpenAgain();
  LiveSettings other(*again, clock_, Defaults());
  ASSERT_TRUE(other.Refresh());
  SettingsChange change;
  change.sign_up = true;
  change.server_name = "Häfen";
  change.trusted_proxies = {"10.0.0.0/8", "::1"};
  auto updated = live.Update(change, root_);
  ASSERT_TRUE(updated) << updated.error().message;
  EXPECT_TRUE(live.Get()->sign_up);
  EXPECT_FALSE(other.Get()->sign_up);
  ASSERT_TRUE(other.Refresh());
  EXPECT_EQ(*other.Get(), *live.Get());
  EXPECT_EQ(other.Get()->server_name, "Häfen");
  EXPECT_THAT(other.Get()->trusted_proxies, ElementsAre("10.0.0.0/8", "::1"));
  EXPECT_EQ(other.Get()->hub_requests_a_minute, 60) << "what nobody changed stays as configured";
  const auto events = Events();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].first, "server.settings.update");
  EXPECT_THAT(events[0].second, ::testing::HasSubstr(R"("sign_up":"true")"));
}

TEST_P(SettingsTest, WhatIsTheSameAlreadyWritesNothing) {
  LiveSettings live(database(), clock_, Defaults());
  SettingsChange change;
  change.sign_up = false;
  ASSERT_TRUE(live.Update(change, root_));
  EXPECT_TRUE(Events().empty());
}

TEST_P(SettingsTest, BadValuesAreRefusedWithTheirNameAndChangeNothing) {
  LiveSettings live(database(), clock_, Defaults());
  const auto refused = [&](const SettingsChange& change) {
    auto done = live.Update(change, root_);
    EXPECT_FALSE(done);
    return done ? std::string() : done.error().field;
  };
  SettingsChange change;
  change.server_name = "";
  EXPECT_EQ(refused(change), "server_name");
  change = {};
  change.server_name = std::string(101, 'x');
  EXPECT_EQ(refused(change), "server_name");
  change = {};
  change.sign_up = true;
  change.announcement = std::string(1001, 'x');
  EXPECT_EQ(refused(change), "announcement");
  change = {};
  change.registry_requests_a_minute = -1;
  EXPECT_EQ(refused(change), "registry_requests_a_minute");
  for (const char* entry : {"10.0.0.0/33", "localhost", "", "::1/129", "10.0.0.1/", "10.0.0/8"}) {
    change = {};
    change.trusted_proxies = {entry};
    EXPECT_EQ(refused(change), "trusted_proxies") << entry;
  }
  ASSERT_TRUE(live.Refresh());
  EXPECT_EQ(*live.Get(), Defaults());
  EXPECT_TRUE(Events().empty());
}

TEST_P(SettingsTest, ListenersHearTheFirstStateAndEachChangeOnce) {
  LiveSettings live(database(), clock_, Defaults());
  std::vector<bool> heard;
  live.Listen([&](const Settings& s) { heard.push_back(s.pull_limits); });
  ASSERT_TRUE(live.Refresh());
  ASSERT_TRUE(live.Refresh());
  SettingsChange change;
  change.pull_limits = true;
  ASSERT_TRUE(live.Update(change, root_));
  ASSERT_TRUE(live.Refresh());
  EXPECT_THAT(heard, ElementsAre(false, true));
}

TEST_P(SettingsTest, ARowThatCannotBeReadLeavesTheConfiguredValue) {
  ASSERT_TRUE(database().Write([](sql::Transaction& tx) {
    return tx.ExecuteDynamic(
        "INSERT INTO server_setting (name, value, updated_at) VALUES ('hub_requests_a_minute', 'many', 1), "
        "('of_a_newer_version', 'x', 1)",
        {}, [](const sql::Row&) {});
  }));
  LiveSettings live(database(), clock_, Defaults());
  ASSERT_TRUE(live.Refresh());
  EXPECT_EQ(live.Get()->hub_requests_a_minute, 60);
}

INSTANTIATE_TEST_SUITE_P(Backends, SettingsTest, sql::AllBackends(), sql::BackendName);

}  // namespace
}  // namespace berth::settings
