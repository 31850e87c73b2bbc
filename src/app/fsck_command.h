// `berth fsck`: verifies everything that is stored. 0 when all is right, 1 when something is broken.
#pragma once

#include "app/command_line.h"
#include "base/result.h"

namespace berth::app {

Result<int> RunFsck(const FsckCommand& command);

}  // namespace berth::app
