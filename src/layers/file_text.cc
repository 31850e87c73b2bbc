#include "layers/file_text.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "base/utf8.h"
#include "layers/names.h"

namespace berth::layers {
namespace {

struct Known {
  std::string_view mark;
  std::string_view type;
};

constexpr auto kMagic = std::to_array<Known>({
    {"\x7f"
     "ELF",
     "application/x-executable"},
    {"\x1f\x8b", "application/gzip"},
    {"\x28\xb5\x2f\xfd", "application/zstd"},
    {"\xfd"
     "7zXZ",
     "application/x-xz"},
    {"BZh", "application/x-bzip2"},
    {"PK\x03\x04", "application/zip"},
    {"\x89PNG\r\n", "image/png"},
    {"\xff\xd8\xff", "image/jpeg"},
    {"GIF8", "image/gif"},
    {"%PDF-", "application/pdf"},
    {"SQLite format 3", "application/vnd.sqlite3"},
    {"!<arch>", "application/x-archive"},
    {"MZ", "application/vnd.microsoft.portable-executable"},
    {"\xca\xfe\xba\xbe", "application/java-vm"},
    {std::string_view("\0asm", 4), "application/wasm"},
});

constexpr auto kEndings = std::to_array<Known>({
    {".json", "application/json"},
    {".xml", "application/xml"},
    {".yaml", "application/yaml"},
    {".yml", "application/yaml"},
    {".toml", "application/toml"},
    {".html", "text/html"},
    {".css", "text/css"},
    {".csv", "text/csv"},
    {".md", "text/markdown"},
    {".js", "text/javascript"},
    {".mjs", "text/javascript"},
    {".svg", "image/svg+xml"},
    {".py", "text/x-python"},
    {".sh", "text/x-shellscript"},
    {".pem", "application/x-pem-file"},
});

bool IsPlain(std::string_view character) {
  if (character.size() != 1) return true;
  const auto c = static_cast<unsigned char>(character[0]);
  return (c >= 0x20 && c != 0x7f) || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == 0x1b;
}

}  // namespace

std::string_view WholeCharacters(std::string_view head) {
  for (size_t back = 1; back <= std::min<size_t>(4, head.size()); ++back) {
    const std::string_view last = head.substr(head.size() - back);
    if ((static_cast<unsigned char>(last[0]) & 0xc0) == 0x80) continue;  // inside a character
    return Utf8SequenceLength(last) == back ? head : head.substr(0, head.size() - back);
  }
  return head;
}

bool IsText(std::string_view head, bool is_cut) {
  if (is_cut) head = WholeCharacters(head);
  while (!head.empty()) {
    const size_t length = Utf8SequenceLength(head);
    if (length == 0 || !IsPlain(head.substr(0, length))) return false;
    head.remove_prefix(length);
  }
  return true;
}

std::string_view GuessMediaType(std::string_view path, std::string_view head, bool is_text) {
  if (!is_text) {
    const auto known = std::ranges::find_if(kMagic, [&](const Known& k) { return head.starts_with(k.mark); });
    return known != kMagic.end() ? known->type : "application/octet-stream";
  }
  const std::string name = AsciiLower(BaseName(path));
  const auto known = std::ranges::find_if(kEndings, [&](const Known& k) { return name.ends_with(k.mark); });
  if (known != kEndings.end()) return known->type;
  return head.starts_with("#!") ? "text/x-shellscript" : "text/plain";
}

}  // namespace berth::layers
