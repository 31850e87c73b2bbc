// `berth serve`: wires the parts together, runs until SIGTERM or SIGINT, then drains. SIGHUP reads the certificates
// again.
#pragma once

#include "app/config.h"
#include "base/result.h"

namespace berth::app {

// Answers after a clean stop. An error is one line for the person at the terminal.
Result<void> Serve(const Config& config);

}  // namespace berth::app
