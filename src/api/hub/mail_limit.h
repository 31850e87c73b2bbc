// How often one thing may be mailed again: a few times at once, then ever more slowly, as sign-ins are slowed down.
#pragma once

#include <string_view>

#include "api/hub/hub_api.h"

namespace berth::api::hub {

// Counts one more mail about `what` ("verify:" and an account's uuid). kTooManyRequests with Retry-After when it is too
// soon; nothing is counted then.
Result<void> CountMail(const HubApi& api, std::string_view what);

}  // namespace berth::api::hub
