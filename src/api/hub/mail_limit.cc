#include "api/hub/mail_limit.h"

namespace berth::api::hub {

Result<void> CountMail(const HubApi& api, std::string_view what) {
  // No account or address has a name like this, so that mails and sign-ins never count together.
  const std::string key = "mail:" + std::string(what);
  auto& throttle = api.accounts.throttle;
  if (const auto free = throttle.Check(key, key); !free) {
    return Fail(Error(ErrorCode::kTooManyRequests, "too many mails, try again later")
                    .WithRetryAfter(free.error().retry_after_seconds));
  }
  throttle.Failed(key, key);
  return {};
}

}  // namespace berth::api::hub
