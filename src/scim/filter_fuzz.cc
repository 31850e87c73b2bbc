// Whatever the text: no crash; a filter that parses is written as one that parses to the same, and compiles to SQL or
// is refused; a path and a PATCH document end in an answer.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/text.h"
#include "json/value.h"
#include "scim/filter.h"
#include "scim/group_data.h"
#include "scim/query.h"
#include "scim/user_data.h"

namespace {

void Require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace berth::scim;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto filter = ParseFilter(text)) {
    const std::string once = ToText(*filter);
    // Spelling out adds parentheses, each a level, so a filter near the limits may not come back.
    if (const auto again = ParseFilter(once)) Require(ToText(*again) == once);
    Query users(berth::AccountId(1));
    (void)users.FilterUsers(*filter);
    Query groups(berth::AccountId(1));
    (void)groups.FilterGroups(*filter);
  }
  (void)ParsePath(text);
  if (const auto document = berth::json::Document::Parse(text)) {
    UserData user;
    (void)PatchUser(document->root(), user);
    (void)ReadUser(document->root(), user);
    (void)PatchGroup(document->root());
  }
  return 0;
}
