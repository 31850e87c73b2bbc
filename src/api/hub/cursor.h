// Cursors of lists that are too long for page numbers: where the page before ended, as text that clients hand back
// unread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/encoding.h"
#include "base/result.h"
#include "base/text.h"

namespace berth::api::hub {

struct Cursor {
  std::string key;  // what the list is sorted by
  int64_t id = 0;
};

inline std::string MakeCursor(const Cursor& cursor) {
  return Base64UrlEncode(std::to_string(cursor.id) + ":" + cursor.key);
}

// Empty text: the beginning. kInvalidArgument with `field`.
inline Result<std::optional<Cursor>> ReadCursor(std::string_view text, const char* field) {
  if (text.empty()) return std::optional<Cursor>();
  const auto decoded = Base64UrlDecode(text);
  const auto colon = decoded ? decoded->find(':') : std::string::npos;
  const auto id =
      colon != std::string::npos ? ParseNumber<int64_t>(std::string_view(*decoded).substr(0, colon)) : std::nullopt;
  if (!id || !IsValidUtf8(*decoded) || decoded->find('\0') != std::string::npos) {
    return Fail(ErrorCode::kInvalidArgument, "is no cursor of this list", field);
  }
  return std::optional(Cursor{decoded->substr(colon + 1), *id});
}

inline Result<int64_t> CursorNumber(const Cursor& cursor, const char* field) {
  const auto number = ParseNumber<int64_t>(cursor.key);
  if (!number) return Fail(ErrorCode::kInvalidArgument, "is no cursor of this list", field);
  return *number;
}

}  // namespace berth::api::hub
