// Reading JSON: strict RFC 8259, UTF-8 checked, depth at most 64. Of members with the same name the first counts, in
// Find and in Decode. Integers are 64 bits; a number with a fraction or an exponent is a double, and one beyond a
// double is refused. Backed by simdjson's DOM, hidden here because its header is heavy. Reading a Document is
// thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/function_ref.h"
#include "base/result.h"

namespace berth::json {

enum class Kind { kNull, kBool, kNumber, kString, kArray, kObject };

// A view of one value inside a Document; valid while the Document lives, also when that is moved. Copy it freely.
class Value {
 public:
  Value() = default;  // null
  Kind kind() const;
  bool IsNull() const { return kind() == Kind::kNull; }
  bool IsObject() const { return kind() == Kind::kObject; }
  bool IsArray() const { return kind() == Kind::kArray; }
  bool IsString() const { return kind() == Kind::kString; }
  std::optional<bool> AsBool() const;
  std::optional<int64_t> AsInt() const;  // integers only
  std::optional<double> AsDouble() const;
  std::optional<std::string_view> AsString() const;
  std::optional<Value> Find(std::string_view key) const;  // objects: the first member of that name
  size_t size() const;                                    // elements or members
  void EachElement(FunctionRef<void(Value)> visit) const;
  void EachMember(FunctionRef<void(std::string_view key, Value)> visit) const;
  std::string Serialize() const;  // minified

 private:
  friend class Document;
  struct Access;
  const void* document_ = nullptr;
  size_t index_ = 0;
};

class Document {
 public:
  // kInvalidArgument, saying what is wrong, when the text is not JSON.
  static Result<Document> Parse(std::string_view text);
  Document(Document&&) noexcept;
  Document& operator=(Document&&) noexcept;
  ~Document();
  Value root() const;

 private:
  struct State;
  explicit Document(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace berth::json
