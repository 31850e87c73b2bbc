#include "api/ops/health.h"

#include "base/log.h"

namespace berth::api::ops {
namespace {

http::Response Ready(const std::vector<ReadinessCheck>& checks) {
  std::string failures;
  for (const ReadinessCheck& check : checks) {
    const auto outcome = check.run();
    if (outcome) continue;
    log::Warn("ops", "not ready", {{"check", check.name}, {"error", outcome.error().message}});
    failures += check.name + ": failed\n";
  }
  if (failures.empty()) return http::Response::Text(200, "ready\n");
  auto response = http::Response::Text(503, std::move(failures));
  response.Add("Retry-After", 5);
  return response;
}

}  // namespace

void AddOpsRoutes(http::Router& router, const Metrics& metrics, std::vector<ReadinessCheck> checks) {
  http::Route health;
  health.pattern = "/healthz";
  health.operation = "GetHealth";
  health.handler = [](const http::Request&) { return http::Response::Text(200, "ok\n"); };
  health.fast = [](const http::Request&) { return std::optional(http::Response::Text(200, "ok\n")); };
  router.Add(std::move(health));

  http::Route ready;
  ready.pattern = "/readyz";
  ready.operation = "GetReadiness";
  ready.handler = [checks = std::move(checks)](const http::Request&) { return Ready(checks); };
  router.Add(std::move(ready));

  http::Route page;
  page.pattern = "/metrics";
  page.operation = "GetMetrics";
  page.handler = [&metrics](const http::Request&) {
    return http::Response::Text(200, metrics.Render(), "text/plain; version=0.0.4; charset=utf-8");
  };
  router.Add(std::move(page));
}

}  // namespace berth::api::ops
