// Fields of CSV exports (RFC 4180).
#pragma once

#include <string>
#include <string_view>

namespace berth::api::hub {

// Quoted; a leading character that spreadsheets take for a formula is defused.
inline std::string CsvField(std::string_view text) {
  std::string out = "\"";
  if (!text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos) out += "'";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + "\"";
}

}  // namespace berth::api::hub
