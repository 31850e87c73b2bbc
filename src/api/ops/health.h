// /healthz (the process answers), /readyz (it can serve: every check passes) and /metrics.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "api/ops/metrics.h"
#include "base/result.h"
#include "http/router.h"

namespace berth::api::ops {

struct ReadinessCheck {
  std::string name;                   // "database", "blobs"
  std::function<Result<void>()> run;  // on a pool thread; may block briefly
};

// `metrics` must outlive the router.
void AddOpsRoutes(http::Router& router, const Metrics& metrics, std::vector<ReadinessCheck> checks);

}  // namespace berth::api::ops
