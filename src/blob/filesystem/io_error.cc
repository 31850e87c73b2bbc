#include "blob/filesystem/io_error.h"

#include <cerrno>
#include <cstring>
#include <string>

#include "base/log.h"

namespace berth::blob {

Error IoError(int error_number, std::string_view what, std::string_view path) {
  char buffer[128];
  const std::string reason = strerror_r(error_number, buffer, sizeof buffer);
  log::Error("blob", "input or output failed", {{"attempt", what}, {"path", path}, {"reason", reason}});
  const std::string attempt(what);
  switch (error_number) {
    case ENOSPC:
    case EDQUOT:
      return Error(ErrorCode::kOutOfSpace, attempt + ": the disk is full");
    case EROFS:
      return Error(ErrorCode::kUnavailable, attempt + ": the data folder is read-only");
    case EACCES:
    case EPERM:
      return Error(ErrorCode::kUnavailable, attempt + ": no permission on the data folder");
    case EMFILE:
    case ENFILE:
      return Error(ErrorCode::kUnavailable, attempt + ": too many open files");
    default:
      return Error(ErrorCode::kUnavailable, attempt + ": " + reason);
  }
}

}  // namespace berth::blob
