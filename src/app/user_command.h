// `berth user create NAME` and `berth user passwd NAME`: work on the data folder itself, beside a running server or
// without one.
#pragma once

#include "app/command_line.h"
#include "base/result.h"

namespace berth::app {

Result<int> RunUserCommand(const UserCommand& command);

}  // namespace berth::app
