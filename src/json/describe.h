// Structs to JSON and back, by Boost.Describe.
//
//   struct Tag { std::string name; int64_t full_size = 0; std::optional<std::string> digest; std::vector<Image> images; };
//   BOOST_DESCRIBE_STRUCT(Tag, (), (name, full_size, digest, images))
//   std::string text = json::Encode(tag);
//   Result<Tag> back = json::Decode<Tag>(text);      // kInvalidArgument, field = "images[2].digest"
//
// Members: bool, integers, double, std::string, Timestamp (RFC 3339), std::optional<T>, std::vector<T>, std::map<std::string, T>,
// RawJson, Required<T>, Omittable<T>, described structs. A name ending in '_' loses it ("namespace_" is "namespace").
// Decode: unknown keys are ignored, null means absent; an absent member keeps its default unless it is Required<T>.
// Encode: an empty optional is null; an empty Omittable is left out.
#pragma once

#include <boost/describe.hpp>
#include <boost/mp11.hpp>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "json/value.h"
#include "json/writer.h"

namespace berth::json {

// Already valid JSON, passed through; empty means null.
struct RawJson {
  std::string text;
};

// Must be there when decoded. Converts to and from T.
template <typename T>
struct Required {
  T value{};
  Required() = default;
  Required(T v) : value(std::move(v)) {}  // NOLINT: implicit by design
  operator const T&() const { return value; }
  const T& operator*() const { return value; }
  const T* operator->() const { return &value; }
};

// Left out when empty, where an optional would be null.
template <typename T>
struct Omittable : std::optional<T> {
  using std::optional<T>::optional;
  using std::optional<T>::operator=;
};

namespace detail {

template <typename T>
inline constexpr bool kIsOptional = false;
template <typename T>
inline constexpr bool kIsOptional<std::optional<T>> = true;
template <typename T>
inline constexpr bool kIsOmittable = false;
template <typename T>
inline constexpr bool kIsOmittable<Omittable<T>> = true;
template <typename T>
inline constexpr bool kIsRequired = false;
template <typename T>
inline constexpr bool kIsRequired<Required<T>> = true;
template <typename T>
inline constexpr bool kIsVector = false;
template <typename T>
inline constexpr bool kIsVector<std::vector<T>> = true;
template <typename T>
inline constexpr bool kIsMap = false;
template <typename T>
inline constexpr bool kIsMap<std::map<std::string, T>> = true;

constexpr std::string_view MemberName(const char* name) {
  std::string_view text = name;
  if (text.ends_with('_')) text.remove_suffix(1);
  return text;
}

inline std::string JoinPath(const std::string& path, std::string_view member) {
  return path.empty() ? std::string(member) : path + "." + std::string(member);
}

}  // namespace detail

template <typename T>
void EncodeInto(Writer& w, const T& value) {
  if constexpr (std::is_same_v<T, bool>) {
    w.Bool(value);
  } else if constexpr (std::is_integral_v<T>) {
    w.Int(static_cast<int64_t>(value));
  } else if constexpr (std::is_floating_point_v<T>) {
    w.Double(value);
  } else if constexpr (std::is_same_v<T, Timestamp>) {
    w.String(FormatRfc3339(value));
  } else if constexpr (std::is_convertible_v<const T&, std::string_view>) {
    w.String(value);
  } else if constexpr (std::is_same_v<T, RawJson>) {
    value.text.empty() ? w.Null() : w.Raw(value.text);
  } else if constexpr (detail::kIsRequired<T>) {
    EncodeInto(w, value.value);
  } else if constexpr (detail::kIsOptional<T> || detail::kIsOmittable<T>) {
    value ? EncodeInto(w, *value) : static_cast<void>(w.Null());
  } else if constexpr (detail::kIsVector<T>) {
    w.BeginArray();
    for (const auto& element : value) EncodeInto(w, element);
    w.EndArray();
  } else if constexpr (detail::kIsMap<T>) {
    w.BeginObject();
    for (const auto& [key, member] : value) {
      w.Key(key);
      EncodeInto(w, member);
    }
    w.EndObject();
  } else {
    w.BeginObject();
    boost::mp11::mp_for_each<boost::describe::describe_members<T, boost::describe::mod_any_access | boost::describe::mod_inherited>>(
        [&](auto d) {
          const auto& member = value.*d.pointer;
          if constexpr (detail::kIsOmittable<std::remove_cvref_t<decltype(member)>>) {
            if (!member) return;
          }
          w.Key(detail::MemberName(d.name));
          EncodeInto(w, member);
        });
    w.EndObject();
  }
}

template <typename T>
std::string Encode(const T& value) {
  Writer w;
  EncodeInto(w, value);
  return std::move(w).Take();
}

// Fails when `member` is Required: it was asked for and is absent.
template <typename T>
Result<void> CheckPresent(const T&, const std::string& path) {
  if constexpr (detail::kIsRequired<T>) return Fail(ErrorCode::kInvalidArgument, "this field is required", path);
  return {};
}

template <typename T>
Result<void> DecodeInto(const Value& value, T& out, const std::string& path);

namespace detail {

inline std::unexpected<Error> WrongType(const std::string& path, std::string_view expected) {
  return Fail(ErrorCode::kInvalidArgument, "must be " + std::string(expected), path);
}

template <typename T>
Result<void> DecodeInteger(const Value& value, T& out, const std::string& path) {
  const auto number = value.AsInt();
  if (!number) return WrongType(path, "an integer");
  if (!std::in_range<T>(*number)) return Fail(ErrorCode::kInvalidArgument, "is out of range", path);
  out = static_cast<T>(*number);
  return {};
}

template <typename T>
Result<void> DecodeVector(const Value& value, std::vector<T>& out, const std::string& path) {
  if (!value.IsArray()) return WrongType(path, "an array");
  out.clear();
  out.reserve(value.size());
  Result<void> outcome;
  value.EachElement([&](Value element) {
    if (!outcome) return;
    T item{};
    outcome = DecodeInto(element, item, path + "[" + std::to_string(out.size()) + "]");
    out.push_back(std::move(item));
  });
  return outcome;
}

template <typename T>
Result<void> DecodeMap(const Value& value, std::map<std::string, T>& out, const std::string& path) {
  if (!value.IsObject()) return WrongType(path, "an object");
  out.clear();
  Result<void> outcome;
  value.EachMember([&](std::string_view key, Value member) {
    if (!outcome) return;
    T item{};
    outcome = DecodeInto(member, item, JoinPath(path, key));
    out.emplace(key, std::move(item));
  });
  return outcome;
}

template <typename T>
Result<void> DecodeStruct(const Value& value, T& out, const std::string& path) {
  if (!value.IsObject()) return WrongType(path, "an object");
  Result<void> outcome;
  boost::mp11::mp_for_each<boost::describe::describe_members<T, boost::describe::mod_any_access | boost::describe::mod_inherited>>(
      [&](auto d) {
        if (!outcome) return;
        auto& member = out.*d.pointer;
        const std::string_view name = MemberName(d.name);
        const auto found = value.Find(name);
        outcome = found ? DecodeInto(*found, member, JoinPath(path, name)) : CheckPresent(member, JoinPath(path, name));
      });
  return outcome;
}

}  // namespace detail

template <typename T>
Result<void> DecodeInto(const Value& value, T& out, const std::string& path) {
  if constexpr (std::is_same_v<T, RawJson>) {
    out.text = value.Serialize();
    return {};
  } else {
    if (value.IsNull()) return CheckPresent(out, path);
    if constexpr (std::is_same_v<T, bool>) {
      const auto flag = value.AsBool();
      if (!flag) return detail::WrongType(path, "true or false");
      out = *flag;
      return {};
    } else if constexpr (std::is_integral_v<T>) {
      return detail::DecodeInteger(value, out, path);
    } else if constexpr (std::is_floating_point_v<T>) {
      const auto number = value.AsDouble();
      if (!number) return detail::WrongType(path, "a number");
      out = static_cast<T>(*number);
      return {};
    } else if constexpr (std::is_same_v<T, std::string>) {
      const auto text = value.AsString();
      if (!text) return detail::WrongType(path, "a string");
      out = *text;
      return {};
    } else if constexpr (std::is_same_v<T, Timestamp>) {
      const auto text = value.AsString();
      const auto time = text ? ParseRfc3339(*text) : std::nullopt;
      if (!time) return detail::WrongType(path, "an RFC 3339 date and time");
      out = *time;
      return {};
    } else if constexpr (detail::kIsRequired<T>) {
      return DecodeInto(value, out.value, path);
    } else if constexpr (detail::kIsOptional<T> || detail::kIsOmittable<T>) {
      return DecodeInto(value, out.emplace(), path);
    } else if constexpr (detail::kIsVector<T>) {
      return detail::DecodeVector(value, out, path);
    } else if constexpr (detail::kIsMap<T>) {
      return detail::DecodeMap(value, out, path);
    } else {
      return detail::DecodeStruct(value, out, path);
    }
  }
}

template <typename T>
Result<T> Decode(std::string_view text) {
  TRY(const Document document, Document::Parse(text));
  T out{};
  TRY_VOID(DecodeInto(document.root(), out, ""));
  return out;
}

}  // namespace berth::json
