// What both drivers demand of parameters, so that a statement that works on one works on the other.
#pragma once

#include <span>
#include <string_view>

#include "base/result.h"
#include "sql/value.h"

namespace berth::sql {

// Texts must be UTF-8 without NUL: PostgreSQL stores no others. Errors: kInvalidArgument.
Result<void> CheckParameters(std::string_view query_name, std::span<const Value> params);

// The error of a Read or Write called inside the body of a Write: it could wait for itself.
Result<void> CheckNotInsideWrite();

// Marks the thread as running the body of a Write.
class InsideWrite {
 public:
  InsideWrite();
  ~InsideWrite();
  InsideWrite(const InsideWrite&) = delete;
  InsideWrite& operator=(const InsideWrite&) = delete;
};

}  // namespace berth::sql
