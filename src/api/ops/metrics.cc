#include "api/ops/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <map>
#include <mutex>
#include <unordered_map>
#include <vector>

namespace berth::api::ops {
namespace {

using prometheus::Histogram;

const Histogram::BucketBoundaries kRequestBuckets = {
    0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60};
const Histogram::BucketBoundaries kStoreBuckets = {0.00001, 0.00005, 0.0001, 0.0005, 0.001, 0.005,
                                                   0.01,    0.05,    0.1,    0.5,    1,     5};

double Seconds(std::chrono::nanoseconds d) { return std::chrono::duration<double>(d).count(); }

// What one (operation, method, status) adds to.
struct RequestSeries {
  prometheus::Counter* requests = nullptr;
  prometheus::Histogram* latency = nullptr;
};

struct Callback {
  std::string name;
  std::string help;
  std::string_view type;
  std::function<double()> read;
};

std::string_view LabelOf(const prometheus::ClientMetric& metric, std::string_view name) {
  for (const auto& label : metric.label) {
    if (label.name == name) return label.value;
  }
  return {};
}

void AddRequests(const prometheus::MetricFamily& family, MetricTotals& totals) {
  for (const auto& metric : family.metric) {
    const std::string_view operation = LabelOf(metric, "operation"), status = LabelOf(metric, "status");
    const double value = metric.counter.value;
    totals.requests += value;
    if (status.starts_with('5')) totals.errors += value;
    if (operation == "GetManifest" && status == "200") totals.pulls += value;
    if (operation == "PutManifest" && status == "201") totals.pushes += value;
  }
}

void AddLatencies(const prometheus::ClientMetric& metric, Latencies& latencies) {
  const auto& buckets = metric.histogram.bucket;
  if (latencies.empty()) latencies.resize(buckets.size());
  for (size_t i = 0; i < buckets.size() && i < latencies.size(); ++i) {
    latencies[i].seconds = buckets[i].upper_bound;
    latencies[i].count += buckets[i].cumulative_count;
  }
}

double ResidentBytes() {
  long size = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> size >> resident;
  return static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE));
}

std::atomic<uint64_t> next_instance{1};

}  // namespace

struct Metrics::State {
  const uint64_t instance = next_instance.fetch_add(1);
  prometheus::Registry registry;
  prometheus::Family<prometheus::Counter>& requests =
      prometheus::BuildCounter().Name("berth_http_requests_total").Help("Requests answered").Register(registry);
  prometheus::Family<prometheus::Histogram>& latency = prometheus::BuildHistogram()
                                                           .Name("berth_http_request_seconds")
                                                           .Help("Time from a request's head to the end of its answer")
                                                           .Register(registry);
  prometheus::Family<prometheus::Histogram>& stores = prometheus::BuildHistogram()
                                                          .Name("berth_store_seconds")
                                                          .Help("Time spent in the database and the blob store")
                                                          .Register(registry);
  prometheus::Family<prometheus::Counter>& store_errors =
      prometheus::BuildCounter()
          .Name("berth_store_errors_total")
          .Help("Calls to the database and the blob store that failed")
          .Register(registry);
  prometheus::Counter& bytes_in = prometheus::BuildCounter()
                                      .Name("berth_http_received_bytes_total")
                                      .Help("Bytes of request bodies")
                                      .Register(registry)
                                      .Add({});
  prometheus::Counter& bytes_out = prometheus::BuildCounter()
                                       .Name("berth_http_sent_bytes_total")
                                       .Help("Bytes of answers")
                                       .Register(registry)
                                       .Add({});
  prometheus::Gauge& connections =
      prometheus::BuildGauge().Name("berth_http_connections").Help("Open connections").Register(registry).Add({});
  mutable std::mutex mutex;
  std::vector<Callback> callbacks;

  RequestSeries MakeSeries(const RequestFacts& f) {
    const std::string operation(f.operation.empty() ? "none" : f.operation);
    return {&requests.Add(
                {{"operation", operation}, {"method", std::string(f.method)}, {"status", std::to_string(f.status)}}),
            &latency.Add({{"operation", operation}}, kRequestBuckets)};
  }
};

Metrics::Metrics() : state_(std::make_unique<State>()) {
  AddGauge("process_resident_memory_bytes", "Resident memory", ResidentBytes);
}
Metrics::~Metrics() = default;

void Metrics::ObserveRequest(const RequestFacts& f) {
  struct Key {
    uint64_t instance;
    const void* operation;
    const void* method;
    int status;
    bool operator==(const Key&) const = default;
  };
  struct Hash {
    size_t operator()(const Key& k) const {
      return std::hash<const void*>()(k.operation) * 31 + std::hash<const void*>()(k.method) * 7 +
             static_cast<size_t>(k.status);
    }
  };
  thread_local std::unordered_map<Key, RequestSeries, Hash> cache;
  const Key key{state_->instance, f.operation.data(), f.method.data(), f.status};
  auto found = cache.find(key);
  if (found == cache.end()) found = cache.emplace(key, state_->MakeSeries(f)).first;
  found->second.requests->Increment();
  found->second.latency->Observe(Seconds(f.duration));
  if (f.bytes_in != 0) state_->bytes_in.Increment(static_cast<double>(f.bytes_in));
  if (f.bytes_out != 0) state_->bytes_out.Increment(static_cast<double>(f.bytes_out));
}

void Metrics::AddConnections(int delta) { state_->connections.Increment(delta); }

void Metrics::ObserveStore(std::string_view store, std::string_view operation, std::chrono::nanoseconds duration,
                           bool ok) {
  struct Key {
    uint64_t instance;
    const void* store;
    const void* operation;
    auto operator<=>(const Key&) const = default;
  };
  thread_local std::map<Key, prometheus::Histogram*> cache;
  auto& series = cache[Key{state_->instance, store.data(), operation.data()}];
  const auto labels = [&] {
    return prometheus::Labels{{"store", std::string(store)}, {"operation", std::string(operation)}};
  };
  if (series == nullptr) series = &state_->stores.Add(labels(), kStoreBuckets);
  series->Observe(Seconds(duration));
  if (!ok) state_->store_errors.Add(labels()).Increment();
}

void Metrics::AddGauge(std::string name, std::string help, std::function<double()> read) {
  const std::lock_guard lock(state_->mutex);
  state_->callbacks.push_back({std::move(name), std::move(help), "gauge", std::move(read)});
}

void Metrics::AddCounter(std::string name, std::string help, std::function<double()> read) {
  const std::lock_guard lock(state_->mutex);
  state_->callbacks.push_back({std::move(name), std::move(help), "counter", std::move(read)});
}

double Quantile(const Latencies& before, const Latencies& after, double quantile) {
  const auto count = [&](size_t i) {
    return static_cast<double>(after[i].count - (i < before.size() ? before[i].count : 0));
  };
  if (after.empty() || count(after.size() - 1) <= 0) return 0;
  const double wanted = quantile * count(after.size() - 1);
  double low = 0, below = 0;
  for (size_t i = 0; i < after.size(); ++i) {
    const double here = count(i), high = after[i].seconds;
    if (here >= wanted && std::isinf(high)) return low;
    if (here >= wanted) return here == below ? high : low + (high - low) * (wanted - below) / (here - below);
    low = high;
    below = here;
  }
  return low;
}

MetricTotals Metrics::Totals() const {
  MetricTotals totals;
  for (const auto& family : state_->registry.Collect()) {
    if (family.name == "berth_http_requests_total") AddRequests(family, totals);
    for (const auto& metric : family.metric) {
      if (family.name == "berth_http_received_bytes_total") totals.bytes_in += metric.counter.value;
      if (family.name == "berth_http_sent_bytes_total") totals.bytes_out += metric.counter.value;
      if (family.name == "berth_http_connections") totals.connections = static_cast<int64_t>(metric.gauge.value);
      if (family.name == "berth_http_request_seconds") AddLatencies(metric, totals.request_latency);
      if (family.name == "berth_store_seconds" && LabelOf(metric, "store") == "database")
        AddLatencies(metric, totals.database_latency);
    }
  }
  return totals;
}

std::string Metrics::Render() const {
  std::string out = prometheus::TextSerializer().Serialize(state_->registry.Collect());
  const std::lock_guard lock(state_->mutex);
  for (const Callback& c : state_->callbacks) {
    char value[64];
    std::snprintf(value, sizeof value, "%.17g", c.read());
    out += "# HELP " + c.name + " " + c.help + "\n# TYPE " + c.name + " " + std::string(c.type) + "\n" + c.name + " " +
           value + "\n";
  }
  return out;
}

}  // namespace berth::api::ops
