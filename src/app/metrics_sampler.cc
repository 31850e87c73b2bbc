#include "app/metrics_sampler.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "jobs/queue.h"

namespace berth::app {
namespace {

// The index answers it; more than these are not told apart on a chart.
constexpr sql::Query kUploads{"metrics.uploads", "SELECT COUNT(*) FROM (SELECT 1 FROM upload LIMIT 10000) picked"};

double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

int64_t ResidentBytes() {
  int64_t size = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> size >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

}  // namespace

MetricsSampler::MetricsSampler(sql::Database& database, const api::ops::Metrics& metrics, const Clock& clock)
    : database_(database), metrics_(metrics), clock_(clock), reading_(Read()) {
  last_.at = clock_.Now();
  last_.memory_bytes = ResidentBytes();
}

MetricsSampler::Reading MetricsSampler::Read() const {
  return {std::chrono::steady_clock::now(), CpuSeconds(), metrics_.Totals()};
}

Result<void> MetricsSampler::Sample() {
  int64_t uploads = 0;
  jobs::Depth depth;
  TRY_VOID(database_.Read([&](sql::Connection& c) -> Result<void> {
    TRY(const auto counted, c.One(kUploads, {}, [](const sql::Row& row) { return row.Int(0); }));
    uploads = counted.value_or(0);
    TRY(depth, jobs::CountJobs(c));
    return {};
  }));
  const std::lock_guard lock(mutex_);
  Reading now = Read();
  const Reading& before = reading_;
  const double seconds = std::max(1e-3, std::chrono::duration<double>(now.at - before.at).count());
  const auto rate = [&](double api::ops::MetricTotals::* figure) {
    return (now.totals.*figure - before.totals.*figure) / seconds;
  };
  api::hub::MetricsSample sample;
  sample.at = clock_.Now();
  sample.interval_seconds = seconds;
  sample.requests_per_second = rate(&api::ops::MetricTotals::requests);
  sample.errors_per_second = rate(&api::ops::MetricTotals::errors);
  sample.bytes_in_per_second = rate(&api::ops::MetricTotals::bytes_in);
  sample.bytes_out_per_second = rate(&api::ops::MetricTotals::bytes_out);
  sample.pulls_per_second = rate(&api::ops::MetricTotals::pulls);
  sample.pushes_per_second = rate(&api::ops::MetricTotals::pushes);
  const auto milliseconds = [&](api::ops::Latencies api::ops::MetricTotals::* latencies, double quantile) {
    return 1000 * api::ops::Quantile(before.totals.*latencies, now.totals.*latencies, quantile);
  };
  sample.latency_p50_ms = milliseconds(&api::ops::MetricTotals::request_latency, 0.5);
  sample.latency_p99_ms = milliseconds(&api::ops::MetricTotals::request_latency, 0.99);
  sample.database_ms_p99 = milliseconds(&api::ops::MetricTotals::database_latency, 0.99);
  sample.open_connections = now.totals.connections;
  sample.uploads_in_progress = uploads;
  sample.memory_bytes = ResidentBytes();
  sample.cpu_percent = 100 * (now.cpu_seconds - before.cpu_seconds) / seconds;
  sample.job_queue = depth.ready + depth.running;
  last_ = sample;
  reading_ = std::move(now);
  return {};
}

api::hub::MetricsSample MetricsSampler::Last() const {
  const std::lock_guard lock(mutex_);
  return last_;
}

}  // namespace berth::app
