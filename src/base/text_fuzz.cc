// Encodings, numbers, durations, sizes and times from anywhere: decoders take only what they can give back.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/clock.h"
#include "base/encoding.h"
#include "base/text.h"

namespace {

void Require(bool condition) {
  if (!condition) std::abort();
}

void CheckEncodings(std::string_view text) {
  using namespace berth;
  Require(HexDecode(HexEncode(text)) == text);
  Require(Base64Decode(Base64Encode(text)) == text);
  Require(Base64UrlDecode(Base64UrlEncode(text)) == text);
  Require(PercentDecode(PercentEncode(text)) == text);
  if (const auto bytes = HexDecode(text)) Require(HexEncode(*bytes) == text);
  if (const auto bytes = Base64Decode(text)) Require(Base64Encode(*bytes) == text);
  if (const auto bytes = Base64UrlDecode(text)) Require(Base64UrlDecode(Base64UrlEncode(*bytes)) == bytes);
  for (const bool plus_is_space : {false, true}) {
    const auto decoded = PercentDecode(text, plus_is_space);
    if (decoded) Require(decoded->size() <= text.size());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace berth;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  CheckEncodings(text);
  if (const auto time = ParseRfc3339(text)) Require(ParseRfc3339(FormatRfc3339(*time)) == time);
  if (const auto micros = ParseDurationMicros(text)) Require(*micros >= 0);
  (void)ParseByteSize(text);
  if (const auto number = ParseNumber<uint64_t>(text)) Require(text.find_first_not_of("0123456789") == text.npos);
  Require(AsciiLower(text).size() == size && EqualsIgnoreCase(AsciiLower(text), text));
  size_t total = 0;
  for (const auto part : Split(text, ',')) total += part.size() + 1;
  Require(total == size + 1);
  const auto trimmed = Trim(text);
  Require(trimmed.empty() || (trimmed.front() != ' ' && trimmed.back() != '\t'));
  (void)IsValidUtf8(text);
  return 0;
}
