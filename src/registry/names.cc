#include "registry/names.h"

#include <algorithm>

namespace berth::registry {
namespace {

constexpr size_t kMaxName = 255;
constexpr size_t kMaxTag = 128;

bool IsLowerAlnum(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

// The length of one separator at the front: ".", "_", "__" or any number of "-"; 0 when there is none.
size_t SeparatorLength(std::string_view text) {
  if (text.starts_with("__")) return 2;
  if (text.starts_with('.') || text.starts_with('_')) return 1;
  return std::min(text.find_first_not_of('-'), text.size());
}

// [a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*
bool IsSegment(std::string_view text) {
  while (true) {
    const size_t run = std::min<size_t>(std::ranges::find_if_not(text, IsLowerAlnum) - text.begin(), text.size());
    if (run == 0) return false;
    text.remove_prefix(run);
    if (text.empty()) return true;
    const size_t separator = SeparatorLength(text);
    if (separator == 0) return false;
    text.remove_prefix(separator);
  }
}

bool IsPath(std::string_view text) {
  while (true) {
    const size_t slash = text.find('/');
    if (!IsSegment(text.substr(0, slash))) return false;
    if (slash == std::string_view::npos) return true;
    text.remove_prefix(slash + 1);
  }
}

bool IsWord(char c) { return IsLowerAlnum(c) || (c >= 'A' && c <= 'Z') || c == '_'; }

}  // namespace

Result<RepositoryName> RepositoryName::Parse(std::string_view text) {
  if (text.empty() || text.size() > kMaxName || !IsPath(text)) {
    return Fail(
        Error(ErrorCode::kNameInvalid, "invalid repository name").WithDetail(std::string(text.substr(0, kMaxName))));
  }
  RepositoryName result;
  const size_t slash = text.find('/');
  result.namespace_ = slash == std::string_view::npos ? "library" : std::string(text.substr(0, slash));
  result.name = slash == std::string_view::npos ? std::string(text) : std::string(text.substr(slash + 1));
  result.full = result.namespace_ + "/" + result.name;
  if (result.full.size() > kMaxName) {
    return Fail(Error(ErrorCode::kNameInvalid, "invalid repository name").WithDetail(std::string(text)));
  }
  return result;
}

bool IsTag(std::string_view text) {
  return !text.empty() && text.size() <= kMaxTag && IsWord(text[0]) &&
         std::ranges::all_of(text, [](char c) { return IsWord(c) || c == '.' || c == '-'; });
}

Result<void> CheckTag(std::string_view text) {
  if (IsTag(text)) return {};
  return Fail(Error(ErrorCode::kTagInvalid, "invalid tag").WithDetail(std::string(text.substr(0, kMaxTag))));
}

}  // namespace berth::registry
