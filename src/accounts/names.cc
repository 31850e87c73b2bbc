#include "accounts/names.h"

#include <algorithm>
#include <array>
#include <string>

namespace berth::accounts {
namespace {

// Sorted. The first segments of the Hub API and the registry under /v2/, which a namespace of that name would shadow;
// then words of the server's own paths and of the event log.
constexpr auto kReserved = std::to_array<std::string_view>({
    ".well-known", "_catalog", "access-tokens", "anonymous",  "api",     "api_tokens", "assets",
    "auditlogs",   "auth",     "billing",       "categories", "healthz", "invites",    "library",
    "login",       "logout",   "metrics",       "namespaces", "oauth",   "openapi",    "orgs",
    "plans",       "readyz",   "repositories",  "scim",       "search",  "signup",     "static",
    "system",      "token",    "user",          "users",      "v1",      "v2",
});
static_assert(std::is_sorted(kReserved.begin(), kReserved.end()));

constexpr size_t kMaxName = 30;

bool IsAlphanumeric(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

// Single separators stand between letters or digits only.
bool HasSingleInnerSeparators(std::string_view name) {
  bool after_separator = true;
  for (const char c : name) {
    const bool separator = c == '-' || c == '_' || c == '.';
    if (!separator && !IsAlphanumeric(c)) return false;
    if (separator && after_separator) return false;
    after_separator = separator;
  }
  return !after_separator;
}

}  // namespace

bool IsReservedName(std::string_view name) { return std::binary_search(kReserved.begin(), kReserved.end(), name); }

Result<void> CheckAccountName(std::string_view name, NameRule rule) {
  if (rule == NameRule::kSignUp) {
    if (name.size() < 4 || name.size() > kMaxName || !std::all_of(name.begin(), name.end(), IsAlphanumeric)) {
      return Fail(ErrorCode::kInvalidArgument, "a name is 4 to 30 lower-case letters and digits", "name");
    }
  } else if (name.size() < 2 || name.size() > kMaxName || !HasSingleInnerSeparators(name)) {
    return Fail(ErrorCode::kInvalidArgument,
                "a name is 2 to 30 lower-case letters and digits, with single '-', '_' or '.' between them", "name");
  }
  if (IsReservedName(name))
    return Fail(ErrorCode::kInvalidArgument, "the name " + std::string(name) + " is reserved", "name");
  return {};
}

}  // namespace berth::accounts
