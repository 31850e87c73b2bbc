// The server's figures for Prometheus (text exposition format 0.0.4), served at /metrics.
//
// Thread-safe. Observing costs a few atomic additions: label sets are looked up once per thread and then by pointer.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace berth::api::ops {

// A latency histogram added up over its labels: how many took at most `seconds`, ascending; the last bound is infinite.
struct LatencyBucket {
  double seconds = 0;
  uint64_t count = 0;
};
using Latencies = std::vector<LatencyBucket>;

// The time that the share `quantile` (0…1) of what came between the two readings took at most, in seconds; 0 when
// nothing came. Between two bounds it is taken to be spread evenly.
double Quantile(const Latencies& before, const Latencies& after, double quantile);

// Everything since the start.
struct MetricTotals {
  double requests = 0;
  double errors = 0;  // answers with 5xx
  double bytes_in = 0;
  double bytes_out = 0;
  double pulls = 0;         // manifests answered
  double pushes = 0;        // manifests taken
  int64_t connections = 0;  // open now
  Latencies request_latency;
  Latencies database_latency;
};

struct RequestFacts {
  std::string_view operation;  // static storage
  std::string_view method;     // static storage
  int status = 0;
  uint64_t bytes_in = 0;
  uint64_t bytes_out = 0;
  std::chrono::nanoseconds duration{};
};

class Metrics {
 public:
  Metrics();
  ~Metrics();

  void ObserveRequest(const RequestFacts& facts);
  void AddConnections(int delta);
  // `store` is "database" or "blob"; `operation` has static storage ("read", "commit", "append").
  void ObserveStore(std::string_view store, std::string_view operation, std::chrono::nanoseconds duration, bool ok);
  // A figure that is asked for when /metrics is read. `read` must be thread-safe and cheap. Names end in _total for
  // counters.
  void AddGauge(std::string name, std::string help, std::function<double()> read);
  void AddCounter(std::string name, std::string help, std::function<double()> read);

  std::string Render() const;
  MetricTotals Totals() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace berth::api::ops
