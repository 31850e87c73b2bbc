#include "sql/parameters.h"

#include "base/text.h"

namespace berth::sql {
namespace {
thread_local bool inside_write = false;
}

Result<void> CheckParameters(std::string_view query_name, std::span<const Value> params) {
  for (size_t i = 0; i < params.size(); ++i) {
    const auto* text = std::get_if<std::string_view>(&params[i].variant());
    if (text == nullptr) continue;
    if (IsValidUtf8(*text) && text->find('\0') == std::string_view::npos) continue;
    return Fail(ErrorCode::kInvalidArgument,
                std::string(query_name) + ": parameter $" + std::to_string(i + 1) + " is not UTF-8 text");
  }
  return {};
}

Result<void> CheckNotInsideWrite() {
  if (!inside_write) return {};
  return Fail(ErrorCode::kInternal, "the body of a write transaction used the database again");
}

InsideWrite::InsideWrite() { inside_write = true; }
InsideWrite::~InsideWrite() { inside_write = false; }

}  // namespace berth::sql
