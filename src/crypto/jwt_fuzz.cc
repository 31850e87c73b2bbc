// Tokens from anywhere: as they come, and as a payload behind a right signature. Nothing may be taken but what we
// signed.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "crypto/jwt.h"

namespace {

using berth::crypto::JwtExpectation;
using berth::crypto::KeySet;
using berth::crypto::SigningKey;

const KeySet& Keys() {
  static const KeySet keys({SigningKey::Generate().value()});
  return keys;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const JwtExpectation expectation{
      .issuer = "fuzz", .audience = "fuzz", .now = berth::FromMicros(1'700'000'000'000'000)};
  if (const auto kid = berth::crypto::PeekKid(text); kid && kid->empty()) std::abort();
  if (Keys().Verify(text, expectation)) std::abort();
  if (size > 0 && size < 512 && data[0] % 16 == 0) {
    const auto signed_one = Keys().Verify(Keys().Sign(text.substr(1)), expectation);
    if (signed_one && !signed_one->claims.root().IsObject()) std::abort();
  }
  return 0;
}
