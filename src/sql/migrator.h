// Brings a database to this program's schema: numbered, forward-only SQL files of migrations/{sqlite,postgres},
// compiled into the binary. A database that is newer than the program is refused with a clear message.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sql/database.h"

namespace berth::sql {

struct Migration {
  int number = 0;         // from the file name NNNN_name.sql
  std::string_view name;  // "accounts"
  std::string_view sql;   // any number of statements
};

// Every migration of the dialect, ascending (generated at build time).
std::span<const Migration> Migrations(Dialect dialect);

// Applies what is missing, each migration in its own transaction. Safe when several processes start at once.
// Errors: kPreconditionFailed when the database is newer than the program.
Result<void> Migrate(Database& database, std::span<const Migration> migrations);

}  // namespace berth::sql
