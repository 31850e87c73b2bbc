// Structs to JSON and back, by Boost.Describe; include it in sources, not in headers of other folders.
//
//   struct Tag { std::string name; int64_t full_size = 0; std::optional<std::string> digest; std::vector<Image> images;
//   }; BOOST_DESCRIBE_STRUCT(Tag, (), (name, full_size, digest, images)) std::string text = json::Encode(tag);
//   Result<Tag> back = json::Decode<Tag>(text);      // kInvalidArgument, field = "images[2].digest"
//
// Members: bool, integers, double, std::string, Timestamp (RFC 3339), std::optional<T>, std::vector<T>,
// std::map<std::string, T>, json::RawJson, described structs. A name ending in '_' loses it ("namespace_" is
// "namespace"). Decode: unknown keys are ignored, null means absent; an absent member keeps its default unless it is
// json::Required<T>. Encode: an empty optional is null; a json::Omittable<T> without a value is left out.
#pragma once

#include <boost/describe.hpp>
#include <boost/mp11.hpp>
#include <concepts>
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
#include "json/members.h"
#include "json/value.h"
#include "json/writer.h"

namespace berth::json {

// Where and why a text does not fit; the path grows from the inside out.
struct Misfit {
  std::string path;
  std::string reason;

  Misfit Inside(std::string_view member) && {
    const bool joined = path.empty() || path.front() == '[';
    path = std::string(member) + (joined ? "" : ".") + path;
    return std::move(*this);
  }
  Misfit Inside(size_t index) && {
    const bool joined = path.empty() || path.front() == '[';
    path = "[" + std::to_string(index) + "]" + (joined ? "" : ".") + path;
    return std::move(*this);
  }
};
using Fit = std::optional<Misfit>;  // empty: it fits

template <typename T>
struct Codec;  // Encode(Writer&, const T&), Decode(Value, T&)

namespace detail {

template <typename T>
inline constexpr bool kIsRequired = false;
template <typename T>
inline constexpr bool kIsRequired<Required<T>> = true;
template <typename T>
inline constexpr bool kIsOmittable = false;
template <typename T>
inline constexpr bool kIsOmittable<Omittable<T>> = true;

constexpr std::string_view MemberName(std::string_view name) {
  if (name.ends_with('_')) name.remove_suffix(1);
  return name;
}

template <typename T>
using Members = boost::describe::describe_members<T, boost::describe::mod_public | boost::describe::mod_inherited>;

template <typename T>
concept Described = boost::describe::has_describe_members<T>::value && !std::is_union_v<T>;

}  // namespace detail

template <>
struct Codec<bool> {
  static void Encode(Writer& w, bool v) { w.Bool(v); }
  static Fit Decode(Value value, bool& out) {
    const auto v = value.AsBool();
    if (!v) return Misfit{"", "must be true or false"};
    out = *v;
    return {};
  }
};

template <std::integral N>
  requires(!std::is_same_v<N, bool>)
struct Codec<N> {
  static_assert(sizeof(N) < 8 || std::is_signed_v<N>, "JSON integers are read as int64_t");
  static void Encode(Writer& w, N v) { w.Int(v); }
  static Fit Decode(Value value, N& out) {
    const auto v = value.AsInt();
    if (!v) return Misfit{"", "must be an integer"};
    if (!std::in_range<N>(*v)) {
      return Misfit{"", "must be between " + std::to_string(std::numeric_limits<N>::min()) + " and " +
                            std::to_string(std::numeric_limits<N>::max())};
    }
    out = static_cast<N>(*v);
    return {};
  }
};

template <>
struct Codec<double> {
  static void Encode(Writer& w, double v) { w.Double(v); }
  static Fit Decode(Value value, double& out) {
    const auto v = value.AsDouble();
    if (!v) return Misfit{"", "must be a number"};
    out = *v;
    return {};
  }
};

template <>
struct Codec<std::string> {
  static void Encode(Writer& w, const std::string& v) { w.String(v); }
  static Fit Decode(Value value, std::string& out) {
    const auto v = value.AsString();
    if (!v) return Misfit{"", "must be a string"};
    out = *v;
    return {};
  }
};

template <>
struct Codec<std::string_view> {  // for encoding only: nothing would own the text
  static void Encode(Writer& w, std::string_view v) { w.String(v); }
};

template <>
struct Codec<Timestamp> {
  static void Encode(Writer& w, Timestamp v) { w.String(FormatRfc3339(v)); }
  static Fit Decode(Value value, Timestamp& out) {
    const auto text = value.AsString();
    const auto v = text ? ParseRfc3339(*text) : std::nullopt;
    if (!v) return Misfit{"", "must be an RFC 3339 date-time"};
    out = *v;
    return {};
  }
};

template <>
struct Codec<RawJson> {
  static void Encode(Writer& w, const RawJson& v) { w.Raw(v.text); }
  static Fit Decode(Value value, RawJson& out) {
    out.text = value.Serialize();
    return {};
  }
};

template <typename T>
struct Codec<std::optional<T>> {
  static void Encode(Writer& w, const std::optional<T>& v) {
    if (v) {
      Codec<T>::Encode(w, *v);
    } else {
      w.Null();
    }
  }
  static Fit Decode(Value value, std::optional<T>& out) {
    if (value.IsNull()) {
      out.reset();
      return {};
    }
    return Codec<T>::Decode(value, out.emplace());
  }
};

template <typename T>
struct Codec<Omittable<T>> {
  static void Encode(Writer& w, const Omittable<T>& v) { Codec<std::optional<T>>::Encode(w, v); }
  static Fit Decode(Value value, Omittable<T>& out) { return Codec<std::optional<T>>::Decode(value, out); }
};

template <typename T>
struct Codec<Required<T>> {
  static void Encode(Writer& w, const Required<T>& v) { Codec<T>::Encode(w, v.value); }
  static Fit Decode(Value value, Required<T>& out) { return Codec<T>::Decode(value, out.value); }
};

template <typename T>
struct Codec<std::vector<T>> {
  static void Encode(Writer& w, const std::vector<T>& v) {
    w.BeginArray();
    for (const auto& item : v) Codec<T>::Encode(w, item);
    w.EndArray();
  }
  static Fit Decode(Value value, std::vector<T>& out) {
    if (!value.IsArray()) return Misfit{"", "must be an array"};
    Fit fit;
    out.clear();
    value.EachElement([&](Value element) {
      if (fit) return;
      T item{};
      fit = Codec<T>::Decode(element, item);
      if (fit) fit = std::move(*fit).Inside(out.size());
      out.push_back(std::move(item));
    });
    return fit;
  }
};

template <typename T>
struct Codec<std::map<std::string, T>> {
  static void Encode(Writer& w, const std::map<std::string, T>& v) {
    w.BeginObject();
    for (const auto& [key, item] : v) {
      w.Key(key);
      Codec<T>::Encode(w, item);
    }
    w.EndObject();
  }
  static Fit Decode(Value value, std::map<std::string, T>& out) {
    if (!value.IsObject()) return Misfit{"", "must be an object"};
    Fit fit;
    out.clear();
    value.EachMember([&](std::string_view key, Value member) {
      if (fit) return;
      const auto [place, is_new] = out.try_emplace(std::string(key));
      if (is_new) fit = Codec<T>::Decode(member, place->second);
      if (fit) fit = std::move(*fit).Inside(key);
    });
    return fit;
  }
};

template <detail::Described T>
struct Codec<T> {
  static void Encode(Writer& w, const T& v) {
    w.BeginObject();
    boost::mp11::mp_for_each<detail::Members<T>>([&](auto member) {
      const auto& field = v.*member.pointer;
      using Field = std::remove_cvref_t<decltype(field)>;
      if constexpr (detail::kIsOmittable<Field>) {
        if (!field) return;
      }
      w.Key(detail::MemberName(member.name));
      Codec<Field>::Encode(w, field);
    });
    w.EndObject();
  }
  static Fit Decode(Value value, T& out) {
    if (!value.IsObject()) return Misfit{"", "must be an object"};
    Fit fit;
    boost::mp11::mp_for_each<detail::Members<T>>([&](auto member) {
      if (fit) return;
      auto& field = out.*member.pointer;
      using Field = std::remove_cvref_t<decltype(field)>;
      const std::string_view name = detail::MemberName(member.name);
      const auto found = value.Find(name);
      if (found && !found->IsNull()) {
        fit = Codec<Field>::Decode(*found, field);
      } else if constexpr (detail::kIsRequired<Field>) {
        fit = Misfit{"", "is required"};
      }
      if (fit) fit = std::move(*fit).Inside(name);
    });
    return fit;
  }
};

template <typename T>
void EncodeTo(Writer& writer, const T& value) {
  Codec<T>::Encode(writer, value);
}

template <typename T>
std::string Encode(const T& value) {
  Writer writer;
  EncodeTo(writer, value);
  return std::move(writer).Take();
}

// A part of a document that is read already.
template <typename T>
Result<T> Decode(Value value) {
  T out{};
  Fit fit = Codec<T>::Decode(value, out);
  if (!fit) return out;
  std::string message = (fit->path.empty() ? "the body" : fit->path) + " " + fit->reason;
  return Fail(ErrorCode::kInvalidArgument, std::move(message), std::move(fit->path));
}

// Errors: kInvalidArgument with the path of the member that does not fit.
template <typename T>
Result<T> Decode(std::string_view text) {
  TRY(const Document document, Document::Parse(text));
  return Decode<T>(document.root());
}

}  // namespace berth::json
