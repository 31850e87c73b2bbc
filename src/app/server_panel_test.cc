#include "app/server_panel.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "sql/test_databases.h"

namespace berth::app {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

class ServerPanelTest : public sql::DatabaseTest {
 protected:
  ServerPanelTest() {
    config_.data = folder().string();
    FilesystemBlobOptions options;
    options.folder = folder() / "blobs";
    options.sync = false;
    auto opened = OpenFilesystemBlobStore(options);
    EXPECT_TRUE(opened) << opened.error().message;
    blobs_ = *std::move(opened);
    panel_.emplace(ProgramPanel::Parts{config_, database(), *blobs_, settings_, background_, sampler_, clock_});
  }
  api::hub::HealthCheck Check(const std::string& name) {
    const auto health = panel_->Health();
    const auto found = std::ranges::find(health.checks, name, &api::hub::HealthCheck::name);
    EXPECT_NE(found, health.checks.end());
    return found == health.checks.end() ? api::hub::HealthCheck() : *found;
  }
  void Run(std::string_view statement) {
    auto done = database().Write(
        [&](sql::Transaction& tx) { return tx.ExecuteDynamic(statement, {}, [](const sql::Row&) {}); });
    ASSERT_TRUE(done) << done.error().message;
  }

  ManualClock clock_;
  Config config_;
  api::ops::Metrics metrics_;
  settings::LiveSettings settings_{database(), clock_, {}};
  Background background_{clock_};
  MetricsSampler sampler_{database(), metrics_, clock_};
  std::unique_ptr<BlobStore> blobs_;
  std::optional<ProgramPanel> panel_;
};
INSTANTIATE_TEST_SUITE_P(Backends, ServerPanelTest, sql::AllBackends(), sql::BackendName);

TEST_P(ServerPanelTest, EachPartSaysHowItIs) {
  EXPECT_EQ(Check("database").status, "ok");
  EXPECT_EQ(Check("blobs").status, "ok");
  EXPECT_EQ(Check("jobs").status, "ok");
  EXPECT_EQ(Check("workers").status, "ok");
  EXPECT_NE(Check("disk").detail.find("MiB free of"), std::string::npos);
}

TEST_P(ServerPanelTest, AFailedJobAndALateOneDegradeUntilTheyAreGone) {
  const Timestamp start = clock_.Now();
  EXPECT_EQ(Check("jobs").since, start);
  clock_.Advance(minutes(3));
  Run("INSERT INTO job (kind, state, run_after, created_at) VALUES ('x', 'dead', 1, 1)");
  EXPECT_EQ(Check("jobs").status, "degraded");
  clock_.Advance(minutes(3));
  EXPECT_EQ(Check("jobs").since, start + minutes(3)) << "since it was first seen so";
  Run("DELETE FROM job");
  EXPECT_EQ(Check("jobs").status, "ok");
  Run("INSERT INTO job (kind, state, run_after, created_at) VALUES ('x', 'ready', 1, 1)");
  EXPECT_EQ(Check("jobs").status, "degraded") << "due for years";
  EXPECT_NE(panel_->Health().status, "ok");
}

TEST_P(ServerPanelTest, AWorkerThatDoesNotComeRoundIsTold) {
  background_.Every("sweeper", hours(1), [] { return Result<void>(); });
  EXPECT_EQ(Check("workers").status, "ok") << "its first turn is still to come";
  clock_.Advance(hours(4));
  EXPECT_EQ(Check("workers").status, "degraded");
  EXPECT_NE(Check("workers").detail.find("sweeper"), std::string::npos);
}

TEST_P(ServerPanelTest, WhatATaskSaysOnStopIsKept) {
  background_.EveryAndAtEnd("writer", hours(1), []() -> Result<void> { return Fail(ErrorCode::kInternal, "no ink"); });
  background_.Stop();
  const auto outcomes = background_.Outcomes();
  ASSERT_EQ(outcomes.size(), 1u);
  EXPECT_EQ(outcomes[0].error, "no ink");
  EXPECT_EQ(outcomes[0].finished_at, clock_.Now());
  EXPECT_EQ(Check("workers").status, "degraded");
}

TEST_P(ServerPanelTest, SettingsStandOverTheConfiguration) {
  config_.entries = {{"sign-up", "true", "true", "default", false, "Anybody may sign up"},
                     {"listen", "127.0.0.1:1", "127.0.0.1:5000", "flag", false, "Address"}};
  auto entries = panel_->Configuration();
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries[0].source, "default");
  EXPECT_FALSE(entries[0].restart_needed);
  EXPECT_EQ(entries[1].source, "flag");
  EXPECT_TRUE(entries[1].restart_needed);
  settings::SettingsChange change;
  change.sign_up = false;
  ASSERT_TRUE(settings_.Update(change, {}));
  entries = panel_->Configuration();
  EXPECT_EQ(entries[0].value, "false");
  EXPECT_EQ(entries[0].source, "settings");
}

TEST_P(ServerPanelTest, ASampleHoldsTheRatesSinceTheOneBefore) {
  EXPECT_EQ(panel_->Metrics().requests_per_second, 0);
  metrics_.ObserveRequest({"GetManifest", "GET", 200, 10, 1000, std::chrono::milliseconds(4)});
  Run("INSERT INTO job (kind, run_after, created_at) VALUES ('x', 1, 1)");
  clock_.Advance(minutes(1));
  ASSERT_TRUE(sampler_.Sample());
  const auto sample = panel_->Metrics();
  EXPECT_EQ(sample.at, clock_.Now());
  EXPECT_GT(sample.pulls_per_second, 0);
  EXPECT_DOUBLE_EQ(sample.requests_per_second, sample.pulls_per_second);
  EXPECT_EQ(sample.pushes_per_second, 0);
  EXPECT_GT(sample.latency_p99_ms, 0);
  EXPECT_EQ(sample.job_queue, 1);
  EXPECT_GT(sample.memory_bytes, 0);
  ASSERT_TRUE(sampler_.Sample());
  EXPECT_EQ(panel_->Metrics().requests_per_second, 0) << "nothing came since";
}

}  // namespace
}  // namespace berth::app
