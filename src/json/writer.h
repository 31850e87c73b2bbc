// Writing JSON into a string, in order, without an intermediate tree.
//
//   json::Writer w;
//   w.BeginObject().Key("name").String(name).Key("tags").BeginArray() … .EndArray().EndObject();
//   return std::move(w).Take();
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace berth::json {

class Writer {
 public:
  Writer& BeginObject();
  Writer& EndObject();
  Writer& BeginArray();
  Writer& EndArray();
  Writer& Key(std::string_view key);
  Writer& String(std::string_view text);  // invalid UTF-8 becomes U+FFFD
  Writer& Int(int64_t value);
  Writer& Double(double value);
  Writer& Bool(bool value);
  Writer& Null();
  Writer& Raw(std::string_view json);  // already valid JSON
  const std::string& text() const { return out_; }
  std::string Take() && { return std::move(out_); }

 private:
  void Separate();
  std::string out_;
  bool comma_ = false;
};

}  // namespace berth::json
