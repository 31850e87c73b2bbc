// Content digests: OCI image-spec "Descriptors § Digests". sha256 and sha512, nothing else.
#pragma once

#include <compare>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace berth {

enum class DigestAlgorithm { kSha256, kSha512 };

std::string_view ToString(DigestAlgorithm algorithm);  // "sha256"
std::optional<DigestAlgorithm> ParseDigestAlgorithm(std::string_view name);

// A checked digest in its canonical text, "sha256:<64 lower-case hex>". A value; never in a bad state once made by
// Parse or Hasher.
class Digest {
 public:
  Digest() = default;                                  // empty; compares less than all others
  static Result<Digest> Parse(std::string_view text);  // kDigestInvalid
  static bool LooksLikeDigest(std::string_view reference) { return reference.find(':') != std::string_view::npos; }

  const std::string& text() const { return text_; }
  DigestAlgorithm algorithm() const {
    return text_.starts_with("sha512:") ? DigestAlgorithm::kSha512 : DigestAlgorithm::kSha256;
  }
  std::string_view hex() const { return std::string_view(text_).substr(text_.find(':') + 1); }
  bool empty() const { return text_.empty(); }
  auto operator<=>(const Digest&) const = default;

 private:
  friend class Hasher;
  explicit Digest(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

// Hashes a stream. Movable, not copyable; one thread at a time. Uses the machine's SHA instructions through OpenSSL.
class Hasher {
 public:
  explicit Hasher(DigestAlgorithm algorithm);
  ~Hasher();
  Hasher(Hasher&&) noexcept;
  Hasher& operator=(Hasher&&) noexcept;

  void Update(std::string_view bytes);
  Digest Finish();  // once
  DigestAlgorithm algorithm() const { return algorithm_; }

 private:
  struct State;
  DigestAlgorithm algorithm_;
  std::unique_ptr<State> state_;
};

Digest DigestOf(std::string_view bytes, DigestAlgorithm algorithm = DigestAlgorithm::kSha256);

}  // namespace berth

template <>
struct std::hash<berth::Digest> {
  size_t operator()(const berth::Digest& d) const noexcept { return std::hash<std::string>()(d.text()); }
};
