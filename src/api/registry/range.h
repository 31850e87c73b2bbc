// Ranges: RFC 9110 §14 for fetching, OCI distribution-spec "Pushing a blob in chunks" for the form of an upload's
// Content-Range.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

namespace berth::api::registry {

struct ByteRange {
  uint64_t first = 0;
  uint64_t last = 0;  // inclusive
  bool operator==(const ByteRange&) const = default;
};

struct WholeBody {
  bool operator==(const WholeBody&) const = default;
};
struct Unsatisfiable {
  bool operator==(const Unsatisfiable&) const = default;
};

// One "bytes=a-b", "bytes=a-" or "bytes=-n" of a body of `size` bytes, cut to its end. Other units, several ranges and
// malformed text are ignored, as the RFC allows: the whole body. "500-0" is refused: the specification's suite wants it
// so.
std::variant<WholeBody, ByteRange, Unsatisfiable> ParseRange(std::string_view header, uint64_t size);

// "0-1023", with or without "bytes " before and "/size" behind. Empty when it is none.
std::optional<ByteRange> ParseContentRange(std::string_view header);

}  // namespace berth::api::registry
