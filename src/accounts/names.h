// What accounts may be called. Users and organizations share one namespace of names, which is also the first part of
// every repository's name and the first path segment of much of the Hub API; so some names are taken from the start.
#pragma once

#include <string_view>

#include "base/result.h"

namespace berth::accounts {

enum class NameRule {
  kSignUp,         // Docker Hub's: 4–30 lower-case letters and digits
  kAdministrator,  // 2–30 of them with single '-', '_' or '.' between
};

bool IsReservedName(std::string_view name);
// kInvalidArgument with field `name`: malformed or reserved.
Result<void> CheckAccountName(std::string_view name, NameRule rule);

}  // namespace berth::accounts
