// Reads the metrics at a fixed interval and keeps the rates in between, for the live charts. Thread-safe.
#pragma once

#include <mutex>

#include "api/hub/server_panel.h"
#include "api/ops/metrics.h"
#include "base/clock.h"
#include "base/result.h"
#include "sql/database.h"

namespace berth::app {

class MetricsSampler {
 public:
  static constexpr std::chrono::seconds kInterval{5};

  // Takes the first reading.
  MetricsSampler(sql::Database& database, const api::ops::Metrics& metrics, const Clock& clock);

  Result<void> Sample();  // once an interval
  api::hub::MetricsSample Last() const;

 private:
  struct Reading {
    std::chrono::steady_clock::time_point at;
    double cpu_seconds = 0;
    api::ops::MetricTotals totals;
  };
  Reading Read() const;

  sql::Database& database_;
  const api::ops::Metrics& metrics_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  Reading reading_;               // guarded by mutex_
  api::hub::MetricsSample last_;  // guarded by mutex_
};

}  // namespace berth::app
