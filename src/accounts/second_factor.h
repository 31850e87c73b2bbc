// The second factor: TOTP (RFC 6238) with recovery codes. The secret rests sealed; of recovery codes only a hash is
// kept. Thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "accounts/account.h"
#include "base/clock.h"
#include "base/result.h"
#include "crypto/secret_box.h"
#include "sql/database.h"

namespace berth::accounts {

struct SecondFactorEnrolment {
  std::string secret;       // base32, to type by hand
  std::string otpauth_uri;  // for a QR code
};

class SecondFactorService {
 public:
  SecondFactorService(sql::Database& database, const crypto::SecretBox& box, const Clock& clock)
      : database_(database), box_(box), clock_(clock) {}

  // Starts over with a new secret; it counts once Confirm has seen a code of it. kConflict when a factor is on already.
  Result<SecondFactorEnrolment> Begin(const Account& account);
  // Turns the factor on and answers the recovery codes, shown this once. kBadCredentials, kConflict (nothing
  // begun).
  Result<std::vector<std::string>> Confirm(AccountId account, std::string_view code);
  Result<bool> IsEnabled(AccountId account);
  // A TOTP code (each works once) or an unused recovery code (used up by this). kBadCredentials.
  Result<void> Check(AccountId account, std::string_view code);
  Result<int64_t> RecoveryCodesLeft(AccountId account);
  Result<std::vector<std::string>> RenewRecoveryCodes(AccountId account);
  Result<void> Disable(AccountId account);

  // The proof that the first factor was right, handed out while the second is asked for; lives 5 minutes, sealed, not
  // stored.
  std::string PendingToken(std::string_view account_uuid) const;
  Result<std::string> OpenPendingToken(std::string_view token) const;  // the account's uuid; kBadCredentials

 private:
  sql::Database& database_;
  const crypto::SecretBox& box_;
  const Clock& clock_;
};

}  // namespace berth::accounts
