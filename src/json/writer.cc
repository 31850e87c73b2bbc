#include "json/writer.h"

#include <charconv>
#include <cmath>

#include "base/log.h"

namespace berth::json {
namespace {

template <typename N>
void AppendNumber(std::string& out, N value) {
  char text[32];
  const auto [end, error] = std::to_chars(text, text + sizeof text, value);
  out.append(text, end);
}

}  // namespace

void Writer::Separate() {
  if (comma_) out_ += ',';
  comma_ = true;
}

Writer& Writer::BeginObject() {
  Separate();
  out_ += '{';
  comma_ = false;
  return *this;
}

Writer& Writer::EndObject() {
  out_ += '}';
  comma_ = true;
  return *this;
}

Writer& Writer::BeginArray() {
  Separate();
  out_ += '[';
  comma_ = false;
  return *this;
}

Writer& Writer::EndArray() {
  out_ += ']';
  comma_ = true;
  return *this;
}

Writer& Writer::Key(std::string_view key) {
  String(key);
  out_ += ':';
  comma_ = false;
  return *this;
}

Writer& Writer::String(std::string_view text) {
  Separate();
  out_ += '"';
  log::AppendJsonEscaped(out_, text);
  out_ += '"';
  return *this;
}

Writer& Writer::Int(int64_t value) {
  Separate();
  AppendNumber(out_, value);
  return *this;
}

Writer& Writer::Double(double value) {
  if (!std::isfinite(value)) return Null();
  Separate();
  AppendNumber(out_, value);
  return *this;
}

Writer& Writer::Bool(bool value) { return Raw(value ? "true" : "false"); }
Writer& Writer::Null() { return Raw("null"); }

Writer& Writer::Raw(std::string_view json) {
  Separate();
  out_ += json;
  return *this;
}

}  // namespace berth::json
