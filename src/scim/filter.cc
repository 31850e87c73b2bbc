#include "scim/filter.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "json/value.h"
#include "json/writer.h"

namespace berth::scim {
namespace {

constexpr size_t kMaxLength = 4096;
constexpr int kMaxComparisons = 50;
constexpr int kMaxDepth = 20;

constexpr auto kOperators = std::to_array<std::pair<std::string_view, Compare>>({
    {"eq", Compare::kEqual},
    {"ne", Compare::kNotEqual},
    {"co", Compare::kContains},
    {"sw", Compare::kStartsWith},
    {"ew", Compare::kEndsWith},
    {"gt", Compare::kGreater},
    {"ge", Compare::kGreaterEqual},
    {"lt", Compare::kLess},
    {"le", Compare::kLessEqual},
});

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsNameChar(char c) { return IsLetter(c) || IsDigit(c) || c == '-' || c == '_' || c == '$'; }
bool IsWordChar(char c) { return IsNameChar(c) || c == '.' || c == ':' || c == '+'; }

// ATTRNAME of RFC 7644; "$ref" is one, too.
bool IsName(std::string_view text) {
  return !text.empty() && (IsLetter(text.front()) || text.front() == '$') &&
         std::all_of(text.begin(), text.end(), IsNameChar);
}

// Reads from the front of `text`; a failure leaves it anywhere.
class Parser {
 public:
  explicit Parser(std::string_view text) : rest_(text) {}

  Result<Filter> Whole() {
    TRY(Filter filter, Or(0));
    SkipSpace();
    if (!rest_.empty()) return Bad("something follows the filter");
    return filter;
  }

  Result<Path> PatchPath() {
    SkipSpace();
    TRY(Path path, Attribute());
    if (Take('[')) {
      TRY(Filter selected, Or(1));
      path.selected = std::move(selected);
      SkipSpace();
      if (!Take(']')) return Bad("a bracket is not closed");
      if (Take('.')) {
        const std::string_view sub = Word();
        if (!IsName(sub) || !path.attribute.sub.empty()) return Bad("no attribute after the bracket");
        path.attribute.sub = AsciiLower(sub);
      }
    }
    SkipSpace();
    if (!rest_.empty()) return Bad("something follows the path");
    return path;
  }

 private:
  static std::unexpected<Error> Bad(std::string message) { return Refuse(kInvalidFilter, std::move(message)); }

  void SkipSpace() {
    while (!rest_.empty() && rest_.front() == ' ') rest_.remove_prefix(1);
  }
  bool Take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  std::string_view Word() {
    const auto end = std::find_if_not(rest_.begin(), rest_.end(), IsWordChar);
    const std::string_view word = rest_.substr(0, static_cast<size_t>(end - rest_.begin()));
    rest_.remove_prefix(word.size());
    return word;
  }
  // The next word when it is `keyword` in any case and ends there.
  bool TakeKeyword(std::string_view keyword) {
    SkipSpace();
    const std::string_view before = rest_;
    if (EqualsIgnoreCase(Word(), keyword)) return true;
    rest_ = before;
    return false;
  }

  Result<Filter> Joined(int depth, Filter::Kind kind, std::string_view keyword,
                        Result<Filter> (Parser::*operand)(int)) {
    TRY(Filter first, (this->*operand)(depth));
    if (!TakeKeyword(keyword)) return first;
    Filter joined;
    joined.kind = kind;
    joined.parts.push_back(std::move(first));
    do {
      TRY(Filter next, (this->*operand)(depth));
      joined.parts.push_back(std::move(next));
    } while (TakeKeyword(keyword));
    return joined;
  }
  Result<Filter> Or(int depth) {
    if (depth > kMaxDepth) return Bad("the filter is nested too deeply");
    return Joined(depth, Filter::Kind::kOr, "or", &Parser::And);
  }
  Result<Filter> And(int depth) { return Joined(depth, Filter::Kind::kAnd, "and", &Parser::Term); }

  Result<Filter> Term(int depth) {
    SkipSpace();
    const std::string_view before = rest_;
    if (TakeKeyword("not")) {
      SkipSpace();
      if (!rest_.empty() && rest_.front() == '(') {
        TRY(Filter inner, Grouped(depth));
        Filter negated;
        negated.kind = Filter::Kind::kNot;
        negated.parts.push_back(std::move(inner));
        return negated;
      }
      rest_ = before;  // an attribute of that name
    }
    if (!rest_.empty() && rest_.front() == '(') return Grouped(depth);
    return Comparison(depth);
  }

  Result<Filter> Grouped(int depth) {
    Take('(');
    TRY(Filter inner, Or(depth + 1));
    SkipSpace();
    if (!Take(')')) return Bad("a parenthesis is not closed");
    return inner;
  }

  Result<Path> Attribute() {
    auto path = ParseAttribute(Word());
    if (!path) return Bad("an attribute was expected");
    return Path{*std::move(path), std::nullopt};
  }

  Result<Filter> Comparison(int depth) {
    if (++comparisons_ > kMaxComparisons) return Bad("the filter has too many comparisons");
    Filter filter;
    TRY(Path path, Attribute());
    filter.path = std::move(path.attribute);
    if (Take('[')) {
      TRY(Filter inner, Or(depth + 1));
      SkipSpace();
      if (!Take(']')) return Bad("a bracket is not closed");
      filter.kind = Filter::Kind::kHas;
      filter.parts.push_back(std::move(inner));
      return filter;
    }
    if (rest_.empty() || rest_.front() != ' ') return Bad("an operator was expected");
    if (TakeKeyword("pr")) return filter;
    SkipSpace();
    const std::string word = AsciiLower(Word());
    const auto found = std::find_if(kOperators.begin(), kOperators.end(), [&](auto& o) { return o.first == word; });
    if (found == kOperators.end()) return Bad("no such operator");
    filter.kind = Filter::Kind::kCompare;
    filter.compare = found->second;
    SkipSpace();
    TRY(filter.value, Value());
    return filter;
  }

  Result<Literal> Value() {
    if (!rest_.empty() && rest_.front() == '"') return Text();
    Literal literal;
    const std::string word(Word());
    const std::string lower = AsciiLower(word);
    if (lower == "null") return literal;
    if (lower == "true" || lower == "false") {
      literal.kind = Literal::Kind::kBool;
      literal.boolean = lower == "true";
      return literal;
    }
    const auto document = json::Document::Parse(word);
    if (!document || document->root().kind() != json::Kind::kNumber) return Bad("no valid value");
    literal.kind = Literal::Kind::kNumber;
    literal.text = word;
    return literal;
  }

  // A JSON string: up to the next quote that no backslash stands before.
  Result<Literal> Text() {
    size_t end = 1;
    while (end < rest_.size() && rest_[end] != '"') end += rest_[end] == '\\' ? 2 : 1;
    if (end >= rest_.size()) return Bad("a text is not closed");
    const auto document = json::Document::Parse(rest_.substr(0, end + 1));
    const auto text = document ? document->root().AsString() : std::nullopt;
    if (!text || text->find('\0') != std::string_view::npos) return Bad("no valid text");
    rest_.remove_prefix(end + 1);
    Literal literal;
    literal.kind = Literal::Kind::kText;
    literal.text = *text;
    return literal;
  }

  std::string_view rest_;
  int comparisons_ = 0;
};

std::string_view OperatorText(Compare compare) {
  for (const auto& [text, op] : kOperators) {
    if (op == compare) return text;
  }
  return "eq";
}

std::string ToText(const AttributePath& path) {
  return (path.schema.empty() ? "" : path.schema + ":") + path.attribute + (path.sub.empty() ? "" : "." + path.sub);
}

std::string ToText(const Literal& literal) {
  switch (literal.kind) {
    case Literal::Kind::kNull:
      return "null";
    case Literal::Kind::kBool:
      return literal.boolean ? "true" : "false";
    case Literal::Kind::kNumber:
      return literal.text;
    case Literal::Kind::kText:
      break;
  }
  json::Writer w;
  w.String(literal.text);
  return std::move(w).Take();
}

std::string Grouped(const Filter& filter) { return "(" + ToText(filter) + ")"; }

}  // namespace

std::optional<AttributePath> ParseAttribute(std::string_view text) {
  const std::string lower = AsciiLower(text);
  AttributePath path;
  std::string_view name = lower;
  if (name.starts_with("urn:")) {
    const auto colon = name.rfind(':');
    path.schema = name.substr(0, colon);
    name.remove_prefix(colon + 1);
  }
  const auto dot = name.find('.');
  path.attribute = name.substr(0, dot);
  if (dot != std::string_view::npos) path.sub = name.substr(dot + 1);
  if (!IsName(path.attribute) || (dot != std::string_view::npos && !IsName(path.sub))) return std::nullopt;
  return path;
}

Result<Filter> ParseFilter(std::string_view text) {
  if (text.size() > kMaxLength) return Refuse(kInvalidFilter, "the filter is too long");
  return Parser(text).Whole();
}

Result<Path> ParsePath(std::string_view text) {
  if (text.size() > kMaxLength) return Refuse(kInvalidPath, "the path is too long");
  auto path = Parser(text).PatchPath();
  if (!path) return Refuse(kInvalidPath, path.error().message);
  return path;
}

std::string ToText(const Filter& filter) {
  const auto joined = [&](std::string_view word) {
    std::string out;
    for (const Filter& part : filter.parts) out += (out.empty() ? "" : " " + std::string(word) + " ") + Grouped(part);
    return out;
  };
  switch (filter.kind) {
    case Filter::Kind::kAnd:
      return joined("and");
    case Filter::Kind::kOr:
      return joined("or");
    case Filter::Kind::kNot:
      return "not " + Grouped(filter.parts.front());
    case Filter::Kind::kHas:
      return ToText(filter.path) + "[" + ToText(filter.parts.front()) + "]";
    case Filter::Kind::kPresent:
      return ToText(filter.path) + " pr";
    case Filter::Kind::kCompare:
      break;
  }
  return ToText(filter.path) + " " + std::string(OperatorText(filter.compare)) + " " + ToText(filter.value);
}

}  // namespace berth::scim
