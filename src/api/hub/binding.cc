#include "api/hub/binding.h"

#include "base/encoding.h"

namespace berth::api::hub {
namespace {

std::optional<std::string> FindPair(std::string_view pairs, std::string_view name) {
  for (const std::string_view pair : Split(pairs, '&')) {
    const auto equals = pair.find('=');
    const auto key = PercentDecode(pair.substr(0, equals), true);
    if (!key || *key != name) continue;
    return PercentDecode(equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1), true);
  }
  return std::nullopt;
}

// The place of the first text with a NUL below `value`; empty when there is none.
std::string PlaceOfNul(json::Value value) {
  std::string place;
  if (const auto text = value.AsString(); text && text->find('\0') != std::string_view::npos) return "body";
  const auto look = [&place](json::Value inner, const std::string& name) {
    if (!place.empty()) return;
    const std::string inside = PlaceOfNul(inner);
    if (inside == "body") {
      place = name;
    } else if (!inside.empty()) {
      place = name + (inside.starts_with('[') ? "" : ".") + inside;
    }
  };
  if (value.IsObject()) {
    value.EachMember([&look](std::string_view key, json::Value inner) { look(inner, std::string(key)); });
  } else if (value.IsArray()) {
    size_t index = 0;
    value.EachElement([&](json::Value inner) { look(inner, "[" + std::to_string(index++) + "]"); });
  }
  return place;
}

bool LooksLikeForm(const http::Request& request) {
  return AsciiLower(request.HeaderValue("Content-Type")).starts_with("application/x-www-form-urlencoded");
}

}  // namespace

Result<BindingSource> BindingSource::Make(const http::Request& request, bool with_body) {
  BindingSource source;
  source.request_ = &request;
  if (!with_body || Trim(request.body).empty()) return source;
  // Scripts send JSON with curl's default form type, so the first byte decides.
  const char first = Trim(request.body).front();
  source.is_form_ = LooksLikeForm(request) && first != '{' && first != '[';
  if (source.is_form_) return source;
  TRY(json::Document document, json::Document::Parse(request.body));
  if (!document.root().IsObject() && !document.root().IsArray()) {
    return Fail(ErrorCode::kInvalidArgument, "the body must be a JSON object", "body");
  }
  // In JSON a NUL can only be written by this escape.
  if (request.body.find("\\u0000") != std::string_view::npos) {
    if (std::string place = PlaceOfNul(document.root()); !place.empty()) {
      std::string message = place + " may not have a NUL";
      return Fail(ErrorCode::kInvalidArgument, std::move(message), std::move(place));
    }
  }
  source.document_.emplace(std::move(document));
  return source;
}

std::optional<std::string> BindingSource::PathOrNone(std::string_view name) const {
  for (const auto& param : request_->params) {
    if (param.name == name) return std::string(param.value);
  }
  return std::nullopt;
}

std::optional<json::Value> BindingSource::BodyMember(std::string_view name) const {
  if (!document_ || !document_->root().IsObject()) return std::nullopt;
  return document_->root().Find(name);
}

std::optional<std::string> BindingSource::TextMember(std::string_view name) const {
  if (is_form_) {
    if (auto value = FindPair(request_->body, name)) return value;
  }
  return request_->QueryValue(name);
}

}  // namespace berth::api::hub
