// Small text tools used everywhere. ASCII only: identifiers, header names, numbers.
#pragma once

#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace berth {

std::string AsciiLower(std::string_view text);
bool EqualsIgnoreCase(std::string_view a, std::string_view b);
std::string_view Trim(std::string_view text);  // spaces and tabs
std::vector<std::string_view> Split(std::string_view text, char separator);
bool IsValidUtf8(std::string_view text);

// The whole text as a decimal number; no sign for unsigned types, no spaces, no overflow.
template <typename N>
std::optional<N> ParseNumber(std::string_view text) {
  N value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

// "10s", "5m", "24h", "7d", "250ms" as microseconds; a bare number is seconds.
std::optional<int64_t> ParseDurationMicros(std::string_view text);
// "4MiB", "512k", "1G" (binary multiples) or a bare number of bytes.
std::optional<uint64_t> ParseByteSize(std::string_view text);

}  // namespace berth
