#include "scim/team_name.h"

#include "base/text.h"

namespace berth::scim {
namespace {

constexpr size_t kLongest = 30;
constexpr size_t kShortest = 3;

void DropSeparators(std::string& name) {
  while (!name.empty() && (name.back() == '-' || name.back() == '_')) name.pop_back();
}

}  // namespace

std::string TeamNameOf(std::string_view display_name, std::string_view organization) {
  const auto colon = display_name.find(':');
  if (colon != std::string_view::npos && EqualsIgnoreCase(display_name.substr(0, colon), organization)) {
    display_name.remove_prefix(colon + 1);
  }
  std::string name;
  for (const char c : AsciiLower(display_name)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    const bool after_plain = !name.empty() && name.back() != '-' && name.back() != '_';
    if (plain) {
      name += c;
    } else if (after_plain) {
      name += c == '_' ? '_' : '-';
    }
    if (name.size() == kLongest) break;
  }
  DropSeparators(name);
  if (name.empty()) name = "team";
  if (name.size() < kShortest) name += "-team";
  return name;
}

}  // namespace berth::scim
