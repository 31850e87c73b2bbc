#include "api/ops/metrics.h"

#include <gtest/gtest.h>

#include <limits>

namespace berth::api::ops {
namespace {

using std::chrono::milliseconds;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(Quantile, IsReadBetweenTheBounds) {
  const Latencies none{{1, 0}, {2, 0}, {kInfinity, 0}};
  EXPECT_EQ(Quantile({}, {}, 0.5), 0);
  EXPECT_EQ(Quantile(none, none, 0.5), 0);
  const Latencies some{{1, 10}, {2, 20}, {kInfinity, 20}};
  EXPECT_DOUBLE_EQ(Quantile(none, some, 0.5), 1);
  EXPECT_DOUBLE_EQ(Quantile(none, some, 0.75), 1.5);
  EXPECT_DOUBLE_EQ(Quantile({}, some, 0.25), 0.5);
  const Latencies slow{{1, 10}, {2, 20}, {kInfinity, 40}};
  EXPECT_DOUBLE_EQ(Quantile(some, slow, 0.5), 2) << "beyond the last bound nothing is known but the bound";
}

TEST(Metrics, TotalsAddUpOverTheLabels) {
  Metrics metrics;
  metrics.ObserveRequest({"GetManifest", "GET", 200, 0, 100, milliseconds(2)});
  metrics.ObserveRequest({"GetManifest", "GET", 404, 0, 10, milliseconds(2)});
  metrics.ObserveRequest({"CheckManifest", "HEAD", 200, 0, 0, milliseconds(2)});
  metrics.ObserveRequest({"PutManifest", "PUT", 201, 500, 0, milliseconds(40)});
  metrics.ObserveRequest({"ListTags", "GET", 503, 0, 5, milliseconds(2)});
  metrics.ObserveStore("database", "read", milliseconds(3), true);
  metrics.ObserveStore("blob", "open", milliseconds(3), true);
  metrics.AddConnections(3);
  metrics.AddConnections(-1);
  const MetricTotals totals = metrics.Totals();
  EXPECT_EQ(totals.requests, 5);
  EXPECT_EQ(totals.errors, 1);
  EXPECT_EQ(totals.pulls, 1);
  EXPECT_EQ(totals.pushes, 1);
  EXPECT_EQ(totals.bytes_in, 500);
  EXPECT_EQ(totals.bytes_out, 115);
  EXPECT_EQ(totals.connections, 2);
  ASSERT_FALSE(totals.request_latency.empty());
  EXPECT_EQ(totals.request_latency.back().count, 5u);
  ASSERT_FALSE(totals.database_latency.empty());
  EXPECT_EQ(totals.database_latency.back().count, 1u) << "the blob store is none of it";
}

}  // namespace
}  // namespace berth::api::ops
