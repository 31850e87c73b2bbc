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
