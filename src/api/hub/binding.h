// Decodes a request into a described struct: each member is looked up among the path's parameters, then in the JSON
// body (or the form), then in the query. A path parameter always wins, so that a body can't speak of another object
// than the path does.
//
// A member called `body` of type json::RawJson receives the whole body, which may be an array there and nowhere else.
// Names ending in '_' lose it. Unknown members are ignored. Text with a NUL is refused wherever it stands: PostgreSQL
// can't keep one. Errors: kInvalidArgument with the member's name (and place inside it) as field.
#pragma once

#include <boost/describe.hpp>
#include <boost/mp11.hpp>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/text.h"
#include "http/types.h"
#include "json/describe.h"
#include "json/value.h"

namespace berth::api::hub {

// Text of a path or query parameter as a value.
template <typename T>
bool ReadText(std::string_view text, T& out) {
  if constexpr (std::is_same_v<T, std::string>) {
    out = text;
    return IsValidUtf8(text) && text.find('\0') == std::string_view::npos;
  } else if constexpr (std::is_same_v<T, bool>) {
    const std::string lower = AsciiLower(text);
    out = lower == "true" || lower == "1";
    return out || lower == "false" || lower == "0" || lower.empty();
  } else if constexpr (std::is_integral_v<T>) {
    const auto number = ParseNumber<T>(text);
    if (number) out = *number;
    return number.has_value();
  } else if constexpr (std::is_same_v<T, Timestamp>) {
    const auto time = ParseRfc3339(text);
    if (time) out = *time;
    return time.has_value();
  } else {
    return false;
  }
}
template <typename T>
bool ReadText(std::string_view text, std::optional<T>& out) {
  return ReadText(text, out.emplace());
}
// Comma-separated.
template <typename T>
bool ReadText(std::string_view text, std::vector<T>& out) {
  out.clear();
  if (text.empty()) return true;
  for (const std::string_view part : Split(text, ',')) {
    if (!ReadText(Trim(part), out.emplace_back())) return false;
  }
  return true;
}
template <typename T>
bool ReadText(std::string_view text, json::Required<T>& out) {
  return ReadText(text, out.value);
}

// The parts of a request that members are looked up in; parsed once.
class BindingSource {
 public:
  static Result<BindingSource> Make(const http::Request& request, bool with_body);

  std::optional<std::string> PathOrNone(std::string_view name) const;
  std::optional<json::Value> BodyMember(std::string_view name) const;
  // Form fields and query parameters.
  std::optional<std::string> TextMember(std::string_view name) const;
  std::string_view body() const { return request_->body; }
  bool has_json() const { return document_.has_value(); }
  bool IsArray() const { return document_ && document_->root().IsArray(); }

 private:
  const http::Request* request_ = nullptr;
  std::optional<json::Document> document_;
  bool is_form_ = false;
};

inline Result<void> NotFitting(json::Misfit misfit) {
  std::string message = misfit.path + " " + misfit.reason;
  return Fail(ErrorCode::kInvalidArgument, std::move(message), std::move(misfit.path));
}

template <typename T>
Result<void> BindMember(const BindingSource& source, std::string_view name, T& member) {
  const auto read = [&](const std::string& text) -> Result<void> {
    if (ReadText(text, member)) return {};
    return NotFitting({std::string(name), "is not a valid value"});
  };
  if constexpr (std::is_same_v<T, json::RawJson>) {
    if (name == "body") {
      member.text = source.has_json() ? std::string(source.body()) : "";
      return {};
    }
  }
  if (const auto path = source.PathOrNone(name)) return read(*path);
  if (const auto value = source.BodyMember(name); value && !value->IsNull()) {
    json::Fit fit = json::Codec<T>::Decode(*value, member);
    return fit ? NotFitting(std::move(*fit).Inside(name)) : Result<void>();
  }
  if (const auto text = source.TextMember(name)) return read(*text);
  if constexpr (json::detail::kIsRequired<T>) return NotFitting({std::string(name), "is required"});
  return {};
}

namespace detail {
// json::detail::Members describes each member by a pointer to it.
template <typename T>
constexpr bool TakesWholeBody() {
  bool takes = false;
  boost::mp11::mp_for_each<json::detail::Members<T>>([&](auto d) {
    using Member = std::remove_cvref_t<decltype(std::declval<T&>().*d.pointer)>;
    takes = takes || (std::is_same_v<Member, json::RawJson> && std::string_view(d.name) == "body");
  });
  return takes;
}
}  // namespace detail

template <typename T>
Result<T> Bind(const http::Request& request, bool with_body = true) {
  TRY(const BindingSource source, BindingSource::Make(request, with_body));
  if (source.IsArray() && !detail::TakesWholeBody<T>()) {
    return Fail(ErrorCode::kInvalidArgument, "the body must be a JSON object", "body");
  }
  T out{};
  Result<void> outcome;
  boost::mp11::mp_for_each<json::detail::Members<T>>([&](auto d) {
    if (!outcome) return;
    outcome = BindMember(source, json::detail::MemberName(d.name), out.*d.pointer);
  });
  if (!outcome) return Fail(std::move(outcome).error());
  return out;
}

}  // namespace berth::api::hub
