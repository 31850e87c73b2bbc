// What administrators see of the running program: its configuration, health, figures. Only the program as a whole knows
// it, so src/app implements it. Views are the Hub API's own.
#pragma once

#include <boost/describe.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace berth::api::hub {

struct ConfigurationEntry {
  std::string name;
  std::string value;  // secrets as asterisks
  std::string default_;
  std::string source;  // "default", "file", "environment", "flag"
  bool secret = false;
  bool restart_needed = true;
  std::string description;
};
BOOST_DESCRIBE_STRUCT(ConfigurationEntry, (), (name, value, default_, source, secret, restart_needed, description))

struct HealthCheck {
  std::string name;
  std::string status;  // "ok", "degraded", "failing"
  std::string detail;
  Timestamp since;  // in this state
};
BOOST_DESCRIBE_STRUCT(HealthCheck, (), (name, status, detail, since))

struct ServerHealth {
  std::string status;  // the worst of the checks
  std::vector<HealthCheck> checks;
};
BOOST_DESCRIBE_STRUCT(ServerHealth, (), (status, checks))

// Of the program and the machine; what is counted in the database is added by the handler.
struct ProgramFacts {
  std::string version;
  std::string commit;
  std::optional<Timestamp> built_at;
  Timestamp started_at;
  int64_t uptime_seconds = 0;
  std::string hostname;
  std::string database;    // "SQLite", "PostgreSQL"
  std::string blob_store;  // "filesystem"
  std::optional<int64_t> free_bytes;
};
BOOST_DESCRIBE_STRUCT(ProgramFacts, (),
                      (version, commit, built_at, started_at, uptime_seconds, hostname, database, blob_store,
                       free_bytes))

// Rates over the interval that ended `at`, of this copy of the program.
struct MetricsSample {
  Timestamp at;
  double interval_seconds = 0;
  double requests_per_second = 0;
  double errors_per_second = 0;
  double bytes_in_per_second = 0;
  double bytes_out_per_second = 0;
  double pulls_per_second = 0;
  double pushes_per_second = 0;
  double latency_p50_ms = 0;
  double latency_p99_ms = 0;
  int64_t open_connections = 0;
  int64_t uploads_in_progress = 0;
  int64_t memory_bytes = 0;
  double cpu_percent = 0;  // of one core
  double database_ms_p99 = 0;
  int64_t job_queue = 0;
};
BOOST_DESCRIBE_STRUCT(MetricsSample, (),
                      (at, interval_seconds, requests_per_second, errors_per_second, bytes_in_per_second,
                       bytes_out_per_second, pulls_per_second, pushes_per_second, latency_p50_ms, latency_p99_ms,
                       open_connections, uploads_in_progress, memory_bytes, cpu_percent, database_ms_p99, job_queue))

// Thread-safe.
class ServerPanel {
 public:
  virtual ~ServerPanel() = default;
  virtual std::vector<ConfigurationEntry> Configuration() const = 0;
  virtual ServerHealth Health() = 0;  // asks every part; may block for as long as the slowest takes
  virtual ProgramFacts Facts() const = 0;
  virtual MetricsSample Metrics() const = 0;  // the last sample
};

}  // namespace berth::api::hub
