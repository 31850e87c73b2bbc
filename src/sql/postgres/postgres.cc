#include "sql/open.h"

namespace berth::sql {

Result<std::unique_ptr<Database>> OpenPostgres(const PostgresOptions&) {
  return Fail(ErrorCode::kUnsupported, "this build has no PostgreSQL driver");
}

}  // namespace berth::sql
