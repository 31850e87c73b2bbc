// errno as an Error that an administrator understands.
#pragma once

#include <string_view>

#include "base/result.h"

namespace berth::blob {

// `what` is the attempt: "write upload", `path` the file. ENOSPC and EDQUOT are kOutOfSpace, all else kUnavailable.
// Also logs, since the answer to a client does not name paths.
Error IoError(int error_number, std::string_view what, std::string_view path);

}  // namespace berth::blob
