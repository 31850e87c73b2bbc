#include "app/fsck_command.h"

namespace berth::app {

Result<int> RunFsck(const FsckCommand&) { return Fail(ErrorCode::kUnsupported, "fsck is not there yet"); }

}  // namespace berth::app
