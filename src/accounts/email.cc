#include "accounts/email.h"

#include "base/text.h"

namespace berth::accounts {

Result<void> CheckEmail(std::string_view email) {
  const size_t at = email.find('@');
  const bool well_formed = at != std::string_view::npos && at > 0 && at + 1 < email.size() && email.size() <= 254 &&
                           email.find('@', at + 1) == std::string_view::npos &&
                           email.find_first_of(" \t\r\n<>\"\\,;") == std::string_view::npos && IsValidUtf8(email);
  if (!well_formed) return Fail(ErrorCode::kInvalidArgument, "not an e-mail address", "email");
  return {};
}

}  // namespace berth::accounts
