#include "crypto/digest.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cstdlib>

namespace berth {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

// Fetched once: an implicit fetch at every EVP_DigestInit_ex takes a lock and a lookup.
const EVP_MD* MessageDigest(DigestAlgorithm algorithm) {
  static const EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA2-256", nullptr);
  static const EVP_MD* const sha512 = EVP_MD_fetch(nullptr, "SHA2-512", nullptr);
  return algorithm == DigestAlgorithm::kSha512 ? sha512 : sha256;
}

// Hashing fails only when the library can't work at all; going on would store wrong content.
void Check(bool ok) {
  if (!ok) std::abort();
}

size_t HexLength(DigestAlgorithm algorithm) { return algorithm == DigestAlgorithm::kSha512 ? 128 : 64; }

std::string CanonicalText(DigestAlgorithm algorithm, const unsigned char* bytes, size_t size) {
  const std::string_view name = ToString(algorithm);
  std::string text;
  text.reserve(name.size() + 1 + 2 * size);
  text.append(name).push_back(':');
  for (size_t i = 0; i < size; ++i) {
    text.push_back(kHexDigits[bytes[i] >> 4]);
    text.push_back(kHexDigits[bytes[i] & 15]);
  }
  return text;
}

}  // namespace

std::string_view ToString(DigestAlgorithm algorithm) {
  return algorithm == DigestAlgorithm::kSha512 ? "sha512" : "sha256";
}

std::optional<DigestAlgorithm> ParseDigestAlgorithm(std::string_view name) {
  if (name == "sha256") return DigestAlgorithm::kSha256;
  if (name == "sha512") return DigestAlgorithm::kSha512;
  return std::nullopt;
}

Result<Digest> Digest::Parse(std::string_view text) {
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos) return Fail(ErrorCode::kDigestInvalid, "a digest is ALGORITHM:HEX");
  const auto algorithm = ParseDigestAlgorithm(text.substr(0, colon));
  if (!algorithm) return Fail(ErrorCode::kDigestInvalid, "unsupported digest algorithm");
  const std::string_view hex = text.substr(colon + 1);
  if (hex.size() != HexLength(*algorithm)) return Fail(ErrorCode::kDigestInvalid, "digest of a wrong length");
  if (hex.find_first_not_of(kHexDigits) != std::string_view::npos) {
    return Fail(ErrorCode::kDigestInvalid, "a digest's hex part is lower-case hexadecimal");
  }
  return Digest(std::string(text));
}

struct Hasher::State {
  EVP_MD_CTX* context;

  explicit State(DigestAlgorithm algorithm) : context(EVP_MD_CTX_new()) {
    Check(context != nullptr && EVP_DigestInit_ex2(context, MessageDigest(algorithm), nullptr) == 1);
  }
  ~State() { EVP_MD_CTX_free(context); }
};

Hasher::Hasher(DigestAlgorithm algorithm) : algorithm_(algorithm), state_(std::make_unique<State>(algorithm)) {}
Hasher::~Hasher() = default;
Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&&) noexcept = default;

// The memory of a large piece has long left the nearer caches when its turn to be hashed comes, and the machine's SHA
// instructions wait for each line of it. Asked for two steps ahead, it is there (docs/performance.md, Pushes).
void Hasher::Update(std::string_view bytes) {
  constexpr size_t kStep = 1 << 10;
  constexpr size_t kAhead = 2 * kStep;
  constexpr size_t kLine = 64;
  while (!bytes.empty()) {
    const size_t step = std::min(kStep, bytes.size());
    const size_t end = std::min(kAhead + kStep, bytes.size());
    for (size_t at = kAhead; at < end; at += kLine) __builtin_prefetch(bytes.data() + at);
    Check(EVP_DigestUpdate(state_->context, bytes.data(), step) == 1);
    bytes.remove_prefix(step);
  }
}

Digest Hasher::Finish() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes;
  unsigned int size = 0;
  Check(EVP_DigestFinal_ex(state_->context, bytes.data(), &size) == 1);
  return Digest(CanonicalText(algorithm_, bytes.data(), size));
}

Digest DigestOf(std::string_view bytes, DigestAlgorithm algorithm) {
  Hasher hasher(algorithm);
  hasher.Update(bytes);
  return hasher.Finish();
}

}  // namespace berth
