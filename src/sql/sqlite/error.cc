#include <cerrno>

#include "sql/sqlite/handle.h"

namespace berth::sql::sqlite {
namespace {

ErrorCode CodeOf(sqlite3* db, int code) {
  switch (code) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
      return ErrorCode::kAlreadyExists;
    case SQLITE_CONSTRAINT_FOREIGNKEY:
    case SQLITE_CONSTRAINT_TRIGGER:  // ON DELETE RESTRICT
      return ErrorCode::kConflict;
    default:
      break;
  }
  const int system_error = db == nullptr ? 0 : sqlite3_system_errno(db);
  switch (code & 0xFF) {
    case SQLITE_FULL:
      return ErrorCode::kOutOfSpace;
    case SQLITE_IOERR:  // the shared-memory file and the sync report a full disk this way
      return system_error == ENOSPC || system_error == EDQUOT ? ErrorCode::kOutOfSpace : ErrorCode::kUnavailable;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PROTOCOL:
    case SQLITE_PERM:
      return ErrorCode::kUnavailable;
    case SQLITE_TOOBIG:
      return ErrorCode::kTooLarge;
    case SQLITE_INTERRUPT:
      return ErrorCode::kTimeout;
    default:
      return ErrorCode::kInternal;
  }
}

}  // namespace

Error MakeError(sqlite3* db, int code, std::string_view query_name) {
  std::string message(query_name);
  message += ": ";
  message += db == nullptr ? sqlite3_errstr(code) : sqlite3_errmsg(db);
  return {CodeOf(db, code), std::move(message)};
}

}  // namespace berth::sql::sqlite
