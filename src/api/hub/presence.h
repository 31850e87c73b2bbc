// Members of a body that may be null but must be there: null has a meaning of its own, so that leaving the member out
// is no way to say it.
#pragma once

#include <initializer_list>
#include <string_view>

#include "base/result.h"
#include "json/describe.h"

namespace berth::api::hub {

// kInvalidArgument with the first name that is missing.
inline Result<void> RequireMembers(const json::RawJson& body, std::initializer_list<std::string_view> names) {
  TRY(const auto document, json::Document::Parse(body.text.empty() ? "{}" : body.text));
  for (const std::string_view name : names) {
    if (document.root().Find(name)) continue;
    return Fail(ErrorCode::kInvalidArgument, std::string(name) + " is required", std::string(name));
  }
  return {};
}

}  // namespace berth::api::hub
