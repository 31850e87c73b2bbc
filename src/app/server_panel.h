// What administrators see of the program: see api/hub/server_panel.h. Thread-safe.
#pragma once

#include <map>
#include <mutex>

#include "api/hub/server_panel.h"
#include "app/background.h"
#include "app/config.h"
#include "app/metrics_sampler.h"
#include "blob/blob_store.h"
#include "settings/settings.h"
#include "sql/database.h"

namespace berth::app {

class ProgramPanel final : public api::hub::ServerPanel {
 public:
  // All must outlive it.
  struct Parts {
    const Config& config;
    sql::Database& database;
    BlobStore& blobs;
    const settings::LiveSettings& settings;
    const Background& background;
    const MetricsSampler& sampler;
    const Clock& clock;
  };
  explicit ProgramPanel(const Parts& parts) : parts_(parts), started_at_(parts.clock.Now()) {}

  std::vector<api::hub::ConfigurationEntry> Configuration() const override;
  api::hub::ServerHealth Health() override;
  api::hub::ProgramFacts Facts() const override;
  api::hub::MetricsSample Metrics() const override { return parts_.sampler.Last(); }

 private:
  struct Finding {
    std::string status;
    std::string detail;
  };
  struct State {
    std::string status;
    Timestamp since;
  };
  Finding CheckDatabase() const;
  Finding CheckBlobs() const;
  Finding CheckDisk() const;
  Finding CheckQueue() const;
  Finding CheckWorkers() const;

  const Parts parts_;
  const Timestamp started_at_;
  std::mutex mutex_;
  std::map<std::string, State, std::less<>> states_;  // guarded by mutex_
};

}  // namespace berth::app
