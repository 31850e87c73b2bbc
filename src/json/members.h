// Kinds of struct members that say how JSON treats them; light, so that headers of other folders may use it.
#pragma once

#include <optional>
#include <string>
#include <utility>

namespace berth::json {

// Any JSON value, kept as text (minified when it was decoded).
struct RawJson {
  std::string text = "null";
  bool operator==(const RawJson&) const = default;
};

// Decoding fails when it is absent or null.
template <typename T>
struct Required {
  T value{};

  Required() = default;
  Required(T v) : value(std::move(v)) {}       // NOLINT: reads like the value itself
  operator const T&() const { return value; }  // NOLINT
  const T& operator*() const { return value; }
  const T* operator->() const { return &value; }
  bool operator==(const Required&) const = default;
};

// An optional that is left out when it is empty, where a plain optional is written as null.
template <typename T>
struct Omittable : std::optional<T> {
  using std::optional<T>::optional;
  using std::optional<T>::operator=;
};

}  // namespace berth::json
