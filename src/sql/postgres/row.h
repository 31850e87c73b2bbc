// A row of a libpq result in binary format.
#pragma once

#include <libpq-fe.h>

#include <deque>
#include <string>

#include "sql/value.h"

namespace berth::sql::postgres {

// Type numbers of pg_type that Berth meets.
inline constexpr Oid kBool = 16, kBytea = 17, kInt8 = 20, kInt2 = 21, kInt4 = 23, kText = 25, kFloat8 = 701,
                     kNumeric = 1700;

class PgRow final : public Row {
 public:
  PgRow(const PGresult* result, int row) : result_(result), row_(row) {}
  bool IsNull(int column) const override { return PQgetisnull(result_, row_, column) != 0; }
  int64_t Int(int column) const override;
  std::string_view Text(int column) const override;
  std::string_view Blob(int column) const override;

 private:
  std::string_view Raw(int column) const;
  const PGresult* result_;
  int row_;
  mutable std::deque<std::string> made_;  // texts of numbers; stay where they are
};

}  // namespace berth::sql::postgres
