#include "sql/postgres/row.h"

#include <bit>
#include <cmath>
#include <limits>

#include "base/text.h"

namespace berth::sql::postgres {
namespace {

uint64_t BigEndian(std::string_view bytes) {
  uint64_t value = 0;
  for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

int64_t Signed16(std::string_view bytes) { return static_cast<int16_t>(BigEndian(bytes.substr(0, 2))); }

// PostgreSQL's binary numeric: digits of base 10000, the first one worth 10000^weight. What lies behind the point is
// dropped, what does not fit becomes the nearest that does.
int64_t NumericToInt(std::string_view raw) {
  constexpr int64_t kNegative = 0x4000;
  if (raw.size() < 8) return 0;
  const int64_t count = Signed16(raw);
  const int64_t weight = Signed16(raw.substr(2));
  const int64_t sign = Signed16(raw.substr(4));
  if (sign != 0 && sign != kNegative) return 0;  // NaN, infinities
  int64_t value = 0;                             // built below zero, where there is room for the smallest
  bool fits = true;
  for (int64_t i = 0; i <= weight; ++i) {
    const int64_t digit = i < count ? Signed16(raw.substr(8 + 2 * static_cast<size_t>(i))) : 0;
    fits = fits && !__builtin_mul_overflow(value, 10000, &value) && !__builtin_sub_overflow(value, digit, &value);
  }
  if (!fits) value = std::numeric_limits<int64_t>::min();
  if (sign == kNegative) return value;
  return value == std::numeric_limits<int64_t>::min() ? std::numeric_limits<int64_t>::max() : -value;
}

}  // namespace

std::string_view PgRow::Raw(int column) const {
  return {PQgetvalue(result_, row_, column), static_cast<size_t>(PQgetlength(result_, row_, column))};
}

int64_t PgRow::Int(int column) const {
  const std::string_view raw = Raw(column);
  if (IsNull(column)) return 0;
  switch (PQftype(result_, column)) {
    case kBool:
      return raw == std::string_view("\x01", 1) ? 1 : 0;
    case kInt2:
      return static_cast<int16_t>(BigEndian(raw));
    case kInt4:
      return static_cast<int32_t>(BigEndian(raw));
    case kInt8:
      return static_cast<int64_t>(BigEndian(raw));
    case kFloat8:
      return static_cast<int64_t>(std::bit_cast<double>(BigEndian(raw)));
    case kNumeric:
      return NumericToInt(raw);
    default:
      return ParseNumber<int64_t>(raw).value_or(0);
  }
}

std::string_view PgRow::Text(int column) const {
  if (IsNull(column)) return {};
  switch (PQftype(result_, column)) {
    case kBool:
    case kInt2:
    case kInt4:
    case kInt8:
    case kNumeric:
      return made_.emplace_back(std::to_string(Int(column)));
    default:
      return Raw(column);
  }
}

std::string_view PgRow::Blob(int column) const { return IsNull(column) ? std::string_view() : Raw(column); }

}  // namespace berth::sql::postgres
