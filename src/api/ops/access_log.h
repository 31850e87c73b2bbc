// The access log: one JSON line a request. The query is left out, because it may hold secrets; no header is ever
// logged.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "http/types.h"

namespace berth::api::ops {

struct AccessFacts {
  const http::Request* request = nullptr;
  int status = 0;
  uint64_t bytes_in = 0;
  uint64_t bytes_out = 0;
  std::chrono::nanoseconds duration{};
};

// Queues the line; never blocks on the sink. Thread-safe.
void WriteAccessLine(const AccessFacts& facts);

}  // namespace berth::api::ops
