// What an e-mail address looks like.
#pragma once

#include <string_view>

#include "base/result.h"

namespace berth::accounts {

// kInvalidArgument, field `email`.
Result<void> CheckEmail(std::string_view email);

}  // namespace berth::accounts
