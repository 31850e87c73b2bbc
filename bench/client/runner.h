// Runs a plan: one thread, one epoll, every class at once.
#pragma once

#include <string>

#include "plan.h"

namespace berth::bench {

// Runs the plan to its end and returns the measurements as JSON. Dies when the server
// cannot be reached.
//
// A class without `rate` is a closed loop: each connection starts its next operation when
// the last one ended. With `rate` (operations a second) it is an open loop: operations fall
// due at constant intervals whatever the server does, and latency counts from the moment an
// operation fell due, so a stall shows in every operation it delayed.
std::string RunPlan(const Plan& plan);

}  // namespace berth::bench
