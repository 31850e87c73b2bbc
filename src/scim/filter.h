// Filters and paths of SCIM (RFC 7644 sections 3.4.2.2 and 3.5.2), parsed. Nothing here knows attributes: which there
// are is said by those who evaluate (query.h, user_data.h). Names are lower case after parsing, since SCIM ignores
// their case.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/result.h"

namespace berth::scim {

// SCIM's own word for what is wrong (RFC 7644 table 9) travels as the error's field.
inline constexpr std::string_view kInvalidFilter = "invalidFilter";
inline constexpr std::string_view kInvalidSyntax = "invalidSyntax";
inline constexpr std::string_view kInvalidPath = "invalidPath";
inline constexpr std::string_view kInvalidValue = "invalidValue";
inline constexpr std::string_view kNoTarget = "noTarget";
inline constexpr std::string_view kMutability = "mutability";
inline constexpr std::string_view kUniqueness = "uniqueness";

inline std::unexpected<Error> Refuse(std::string_view scim_type, std::string message) {
  return Fail(ErrorCode::kInvalidArgument, std::move(message), std::string(scim_type));
}

// "urn:…:User:name.givenName" is {schema "urn:…:user", attribute "name", sub "givenname"}.
struct AttributePath {
  std::string schema;  // empty when none was named
  std::string attribute;
  std::string sub;
  bool operator==(const AttributePath&) const = default;
};

enum class Compare { kEqual, kNotEqual, kContains, kStartsWith, kEndsWith, kGreater, kGreaterEqual, kLess, kLessEqual };

struct Literal {
  enum class Kind { kNull, kBool, kNumber, kText };
  Kind kind = Kind::kNull;
  bool boolean = false;
  std::string text;  // of a text; of a number as written
};

struct Filter {
  enum class Kind { kCompare, kPresent, kAnd, kOr, kNot, kHas };
  Kind kind = Kind::kPresent;
  AttributePath path;                 // compare, present, has
  Compare compare = Compare::kEqual;  // compare
  Literal value;                      // compare
  std::vector<Filter> parts;          // and, or: two or more; not, has: one
};

// At most 4096 bytes, 50 comparisons, 20 levels. kInvalidArgument, invalidFilter.
Result<Filter> ParseFilter(std::string_view text);

// What a PATCH operation names: `members[value eq "2819"].display`.
struct Path {
  AttributePath attribute;  // its `sub` is what stands behind the bracket, when there is one
  std::optional<Filter> selected;
};
// kInvalidArgument, invalidPath.
Result<Path> ParsePath(std::string_view text);
// An attribute's name as `attributes`, `sortBy` and members of a path-less PATCH value say it. Empty when malformed.
std::optional<AttributePath> ParseAttribute(std::string_view text);

// The filter in a fixed spelling, which parses to the same again.
std::string ToText(const Filter& filter);

}  // namespace berth::scim
