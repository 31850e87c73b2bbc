// Builds a statement whose filters are chosen at run time. Only fixed text and parameter numbers go into the statement;
// what a caller sent is always a parameter. Values are views: their text must outlive the clause.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sql/value.h"

namespace berth::catalog {

struct Clause {
  std::string text;
  std::vector<sql::Value> values;

  std::string Param(sql::Value value) {
    values.push_back(value);
    return "$" + std::to_string(values.size());
  }
  // "$1, $2, …" for IN; the list must not be empty.
  template <typename List>
  std::string Params(const List& list) {
    std::string out;
    for (const auto& value : list) out += (out.empty() ? "" : ", ") + Param(value);
    return out;
  }
};

// A LIKE pattern (ESCAPE '\') for what contains `text`.
inline std::string ContainsPattern(std::string_view text) {
  std::string pattern = "%";
  for (const char c : text) {
    if (c == '%' || c == '_' || c == '\\') pattern += '\\';
    pattern += c;
  }
  return pattern + "%";
}

}  // namespace berth::catalog
