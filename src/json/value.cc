#include "json/value.h"

#include <simdjson.h>

#include <bit>

namespace berth::json {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

constexpr size_t kMaxDepth = 64;
// A parser keeps buffers several times as big as the largest text it has seen.
constexpr size_t kMaxKeptParserBytes = 256 << 10;

// simdjson's element is a pointer to its document and a position on the tape.
struct Position {
  const void* document;
  size_t index;
};
static_assert(sizeof(element) == sizeof(Position) && std::is_trivially_copyable_v<element>);

element ToElement(const void* document, size_t index) { return std::bit_cast<element>(Position{document, index}); }

simdjson::error_code ParseInto(simdjson::dom::document& document, std::string_view text, element& root) {
  thread_local simdjson::dom::parser kept;
  simdjson::dom::parser own;
  simdjson::dom::parser& parser = text.size() <= kMaxKeptParserBytes ? kept : own;
  // Depth is set where capacity is; simdjson counts the document itself, and an empty array or object not at all.
  if (parser.max_depth() != kMaxDepth + 1 || parser.capacity() < text.size()) {
    if (auto error = parser.allocate(std::max<size_t>(text.size(), 4096), kMaxDepth + 1)) return error;
  }
  return parser.parse_into_document(document, text.data(), text.size()).get(root);
}

std::string_view Explain(simdjson::error_code error) {
  switch (error) {
    case simdjson::DEPTH_ERROR:
      return "nested too deeply";
    case simdjson::UTF8_ERROR:
      return "not UTF-8";
    case simdjson::EMPTY:
      return "empty";
    case simdjson::UNCLOSED_STRING:
      return "a string is not closed";
    case simdjson::UNESCAPED_CHARS:
      return "a control character in a string";
    case simdjson::STRING_ERROR:
      return "a string is malformed";
    case simdjson::NUMBER_ERROR:
      return "a number is malformed or too big";
    case simdjson::CAPACITY:
      return "too long";
    default:
      return "malformed";
  }
}

}  // namespace

struct Document::State {
  simdjson::dom::document document;
  Position root{};
};

Document::Document(std::unique_ptr<State> state) : state_(std::move(state)) {}
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&&) noexcept = default;
Document::~Document() = default;

Result<Document> Document::Parse(std::string_view text) {
  // simdjson skips a byte order mark; RFC 8259 §8.1 lets us refuse it.
  if (text.starts_with("\xEF\xBB\xBF"))
    return Fail(ErrorCode::kInvalidArgument, "the JSON text starts with a byte order mark");
  auto state = std::make_unique<State>();
  element root;
  if (const auto error = ParseInto(state->document, text, root)) {
    return Fail(ErrorCode::kInvalidArgument, "the text is not JSON: " + std::string(Explain(error)));
  }
  state->root = std::bit_cast<Position>(root);
  return Document(std::move(state));
}

Value Document::root() const {
  Value value;
  value.document_ = state_->root.document;
  value.index_ = state_->root.index;
  return value;
}

// Between the view and simdjson's element.
struct Value::Access {
  static element Of(const Value& value) { return ToElement(value.document_, value.index_); }
  static Value From(element e) {
    const auto position = std::bit_cast<Position>(e);
    Value value;
    value.document_ = position.document;
    value.index_ = position.index;
    return value;
  }
};

Kind Value::kind() const {
  if (document_ == nullptr) return Kind::kNull;
  switch (Access::Of(*this).type()) {
    case element_type::NULL_VALUE:
      return Kind::kNull;
    case element_type::BOOL:
      return Kind::kBool;
    case element_type::STRING:
      return Kind::kString;
    case element_type::ARRAY:
      return Kind::kArray;
    case element_type::OBJECT:
      return Kind::kObject;
    default:
      return Kind::kNumber;
  }
}

std::optional<bool> Value::AsBool() const {
  bool value;
  if (document_ == nullptr || Access::Of(*this).get(value)) return std::nullopt;
  return value;
}

std::optional<int64_t> Value::AsInt() const {
  int64_t value;
  if (document_ == nullptr || Access::Of(*this).get(value)) return std::nullopt;
  return value;
}

std::optional<double> Value::AsDouble() const {
  double value;
  if (document_ == nullptr || Access::Of(*this).get(value)) return std::nullopt;
  return value;
}

std::optional<std::string_view> Value::AsString() const {
  std::string_view value;
  if (document_ == nullptr || Access::Of(*this).get(value)) return std::nullopt;
  return value;
}

std::optional<Value> Value::Find(std::string_view key) const {
  element found;
  if (!IsObject() || Access::Of(*this).at_key(key).get(found)) return std::nullopt;
  return Access::From(found);
}

size_t Value::size() const {
  // Counted, because simdjson's own count stops at 2^24.
  size_t count = 0;
  EachElement([&](Value) { ++count; });
  EachMember([&](std::string_view, Value) { ++count; });
  return count;
}

void Value::EachElement(FunctionRef<void(Value)> visit) const {
  if (!IsArray()) return;
  const simdjson::dom::array elements = Access::Of(*this);
  for (const element e : elements) visit(Access::From(e));
}

void Value::EachMember(FunctionRef<void(std::string_view, Value)> visit) const {
  if (!IsObject()) return;
  const simdjson::dom::object members = Access::Of(*this);
  for (const auto member : members) visit(member.key, Access::From(member.value));
}

std::string Value::Serialize() const {
  if (document_ == nullptr) return "null";
  return simdjson::minify(Access::Of(*this));
}

}  // namespace berth::json
