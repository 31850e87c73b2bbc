#include "layers/names.h"

#include "base/text.h"
#include "base/utf8.h"

namespace berth::layers {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

void AppendEscaped(std::string& out, std::string_view bytes) {
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out += "\\x";
    out += kHexDigits[byte >> 4];
    out += kHexDigits[byte & 15];
  }
}

uint32_t CodePoint(std::string_view sequence) {
  const auto byte = [&](size_t at) { return static_cast<uint32_t>(static_cast<unsigned char>(sequence[at])); };
  switch (sequence.size()) {
    case 2:
      return (byte(0) & 31) << 6 | (byte(1) & 63);
    case 3:
      return (byte(0) & 15) << 12 | (byte(1) & 63) << 6 | (byte(2) & 63);
    case 4:
      return (byte(0) & 7) << 18 | (byte(1) & 63) << 12 | (byte(2) & 63) << 6 | (byte(3) & 63);
    default:
      return byte(0);
  }
}

// Controls, and what is invisible or changes the order in which text is shown.
bool IsHarmful(uint32_t c) {
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xad || (c >= 0x200b && c <= 0x200f) ||
         (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb) ||
         (c >= 0xe0000 && c <= 0xe0fff);
}

// Whether what follows a backslash is an escape that AppendEscaped could have written.
bool LooksLikeEscape(std::string_view rest) {
  if (rest.size() < 3 || rest[0] != 'x') return false;
  const size_t high = kHexDigits.find(rest[1]);
  const size_t low = kHexDigits.find(rest[2]);
  if (high == std::string_view::npos || low == std::string_view::npos) return false;
  const size_t value = high * 16 + low;
  return value < 0x20 || value >= 0x7f || value == '\\';
}

}  // namespace

std::string Printable(std::string_view raw) {
  std::string out;
  out.reserve(raw.size());
  for (size_t at = 0; at < raw.size();) {
    const std::string_view rest = raw.substr(at);
    const size_t length = Utf8SequenceLength(rest);
    const std::string_view piece = rest.substr(0, length == 0 ? 1 : length);
    const bool is_escape = piece == "\\" && LooksLikeEscape(rest.substr(1));
    if (length == 0 || is_escape || IsHarmful(CodePoint(piece))) {
      AppendEscaped(out, piece);
    } else {
      out += piece;
    }
    at += piece.size();
  }
  return out;
}

Result<std::string> CleanPath(std::string_view raw, const Limits& limits) {
  const auto refuse = [&](std::string_view why) {
    return Fail(ErrorCode::kInvalidArgument, std::string(why) + ": " + Printable(raw.substr(0, 200)));
  };
  if (raw.size() > limits.max_path_bytes) return refuse("A name is too long");
  std::string path;
  size_t depth = 0;
  for (const std::string_view part : Split(raw, '/')) {
    if (part.empty() || part == ".") continue;
    if (part == "..") return refuse("A name leads out of its folder");
    if (++depth > limits.max_depth) return refuse("Folders are nested too deeply");
    if (!path.empty()) path += '/';
    path += part;
  }
  return Printable(path);
}

std::string_view ParentOf(std::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

std::string_view BaseName(std::string_view path) { return path.substr(path.rfind('/') + 1); }

}  // namespace berth::layers
