// Values as they go into a statement and come out of a row. One set for both databases:
// integers (also booleans as 0/1 and times as microseconds since the epoch), text, bytes, null. Columns of other types
// are not used.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "base/clock.h"
#include "base/id.h"

namespace berth::sql {

struct Bytes {
  std::string_view data;
};

// A parameter; views must live until the call returns.
class Value {
 public:
  Value() = default;                                                  // null
  Value(std::nullptr_t) {}                                            // NOLINT: conversions are the point
  Value(std::string_view text) : value_(text) {}                      // NOLINT
  Value(const std::string& text) : value_(std::string_view(text)) {}  // NOLINT
  Value(const char* text) : value_(std::string_view(text)) {}         // NOLINT
  Value(Bytes bytes) : value_(bytes) {}                               // NOLINT
  Value(bool b) : value_(static_cast<int64_t>(b)) {}                  // NOLINT
  Value(Timestamp t) : value_(ToMicros(t)) {}                         // NOLINT
  template <typename Tag>
  Value(Id<Tag> id) : value_(id.value) {}  // NOLINT
  template <typename N>
    requires(std::is_integral_v<N> && !std::is_same_v<N, bool>)
  Value(N n) : value_(static_cast<int64_t>(n)) {}  // NOLINT
  template <typename T>
  Value(const std::optional<T>& v) {  // NOLINT
    if (v) *this = Value(*v);
  }

  using Variant = std::variant<std::monostate, int64_t, std::string_view, Bytes>;
  const Variant& variant() const { return value_; }

 private:
  Variant value_;
};

// One row of a result, valid only inside the callback that receives it. Columns count from 0.
class Row {
 public:
  virtual ~Row() = default;
  virtual bool IsNull(int column) const = 0;
  virtual int64_t Int(int column) const = 0;            // 0 for null
  virtual std::string_view Text(int column) const = 0;  // "" for null
  virtual std::string_view Blob(int column) const = 0;  // "" for null

  bool Bool(int column) const { return Int(column) != 0; }
  std::string String(int column) const { return std::string(Text(column)); }
  Timestamp Time(int column) const { return FromMicros(Int(column)); }
  std::optional<Timestamp> OptionalTime(int column) const {
    if (IsNull(column)) return std::nullopt;
    return Time(column);
  }
  std::optional<std::string> OptionalString(int column) const {
    if (IsNull(column)) return std::nullopt;
    return String(column);
  }
  template <typename I>
  I IdAt(int column) const {
    return I(Int(column));
  }
};

}  // namespace berth::sql
