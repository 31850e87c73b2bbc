// Time-based one-time codes (RFC 6238: SHA-1, 30 seconds, 6 digits, as every authenticator app speaks them).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace berth::crypto {

std::string NewTotpSecret();                       // 20 random bytes
std::string Base32Encode(std::string_view bytes);  // RFC 4648 §6 without padding
// "otpauth://totp/…" for a QR code.
std::string TotpUri(std::string_view secret, std::string_view issuer, std::string_view account);

// The code of a step (seconds since the epoch / 30), with leading zeros.
std::string TotpCode(std::string_view secret, int64_t step);
// The step that `code` belongs to, when it is the present one or a neighbour and later than `last_step` (the step of
// the last code that was accepted: a code works once). Empty otherwise. The caller stores the answer as the new last
// step.
std::optional<int64_t> VerifyTotp(std::string_view secret, std::string_view code, Timestamp now, int64_t last_step);

}  // namespace berth::crypto
