#include "crypto/random.h"

#include <sodium.h>

#include <array>
#include <cstdlib>

namespace berth::crypto {
namespace {

void FillRandom(void* out, size_t count) {
  // sodium_init is idempotent and thread-safe; it fails only when the system has no generator.
  static const bool ready = sodium_init() >= 0;
  if (!ready) std::abort();
  randombytes_buf(out, count);
}

}  // namespace

std::string RandomBytes(size_t count) {
  std::string bytes(count, '\0');
  FillRandom(bytes.data(), count);
  return bytes;
}

std::string NewUuid() {
  std::array<unsigned char, 16> b;
  FillRandom(b.data(), b.size());
  b[6] = static_cast<unsigned char>((b[6] & 0x0f) | 0x40);
  b[8] = static_cast<unsigned char>((b[8] & 0x3f) | 0x80);
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string text;
  text.reserve(36);
  for (size_t i = 0; i < b.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text.push_back('-');
    text.push_back(kHex[b[i] >> 4]);
    text.push_back(kHex[b[i] & 15]);
  }
  return text;
}

std::string RandomText(size_t length) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  // Bytes from the largest multiple of 62 on are drawn again, so that every character is as likely.
  constexpr unsigned kLimit = 256 - 256 % kAlphabet.size();
  std::string text;
  text.reserve(length);
  std::array<unsigned char, 64> pool;
  size_t used = pool.size();
  while (text.size() < length) {
    if (used == pool.size()) {
      FillRandom(pool.data(), pool.size());
      used = 0;
    }
    const unsigned byte = pool[used++];
    if (byte < kLimit) text.push_back(kAlphabet[byte % kAlphabet.size()]);
  }
  sodium_memzero(pool.data(), pool.size());
  return text;
}

bool ConstantTimeEquals(std::string_view a, std::string_view b) {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace berth::crypto
