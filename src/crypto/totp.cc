#include "crypto/totp.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <cstdio>

#include "base/encoding.h"
#include "crypto/random.h"

namespace berth::crypto {
namespace {

constexpr int64_t kStepSeconds = 30;
constexpr uint32_t kModulus = 1'000'000;

}  // namespace

std::string NewTotpSecret() { return RandomBytes(20); }

std::string Base32Encode(std::string_view bytes) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  std::string text;
  uint32_t pending = 0;
  int bits = 0;
  for (const char c : bytes) {
    pending = (pending << 8) | static_cast<unsigned char>(c);
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text.push_back(kAlphabet[(pending >> bits) & 31]);
    }
  }
  if (bits > 0) text.push_back(kAlphabet[(pending << (5 - bits)) & 31]);
  return text;
}

std::string TotpUri(std::string_view secret, std::string_view issuer, std::string_view account) {
  const std::string escaped = PercentEncode(issuer);
  return "otpauth://totp/" + escaped + ":" + PercentEncode(account) + "?secret=" + Base32Encode(secret) +
         "&issuer=" + escaped + "&algorithm=SHA1&digits=6&period=30";
}

std::string TotpCode(std::string_view secret, int64_t step) {
  std::array<unsigned char, 8> counter;
  for (size_t i = 0; i < counter.size(); ++i) counter[i] = static_cast<unsigned char>(step >> (56 - 8 * i));
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
  unsigned int size = 0;
  HMAC(EVP_sha1(), secret.data(), static_cast<int>(secret.size()), counter.data(), counter.size(), mac.data(), &size);
  // Dynamic truncation, RFC 4226 §5.3.
  const size_t at = mac[19] & 15;
  const uint32_t number = (static_cast<uint32_t>(mac[at] & 0x7f) << 24) | (static_cast<uint32_t>(mac[at + 1]) << 16) |
                          (static_cast<uint32_t>(mac[at + 2]) << 8) | mac[at + 3];
  char text[8];
  std::snprintf(text, sizeof text, "%06u", number % kModulus);
  return text;
}

std::optional<int64_t> VerifyTotp(std::string_view secret, std::string_view code, Timestamp now, int64_t last_step) {
  const int64_t present = ToUnixSeconds(now) / kStepSeconds;
  std::optional<int64_t> accepted;
  // All three are compared, so that the time tells nothing.
  for (int64_t step = present - 1; step <= present + 1; ++step) {
    const bool same = ConstantTimeEquals(TotpCode(secret, step), code);
    if (same && step > last_step && !accepted) accepted = step;
  }
  return accepted;
}

}  // namespace berth::crypto
