// Secrets at rest: authenticated encryption (XChaCha20-Poly1305) under one key, kept in the data folder's file
// `secret-key` (0600) or given by BERTH_SECRET_KEY, so that a stolen database alone gives nothing away. Copies of the
// server share the key. Thread-safe.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"

namespace berth::crypto {

class SecretBox {
 public:
  // `text` is 32 bytes as 64 hex digits or base64. kInvalidArgument otherwise.
  static Result<SecretBox> FromText(std::string_view text);
  // Reads the key file, or makes it with a random key when it is missing. kPreconditionFailed when it holds no key,
  // kUnavailable when it can't be read or written.
  static Result<SecretBox> FromFile(const std::filesystem::path& file);

  SecretBox(SecretBox&&) noexcept = default;
  SecretBox& operator=(SecretBox&&) noexcept = default;
  ~SecretBox();

  // `purpose` is bound to the box: what was sealed as "totp/17" opens only as "totp/17".
  std::string Seal(std::string_view secret, std::string_view purpose) const;
  // kPreconditionFailed when the box was sealed with another key or for another purpose, or was changed.
  Result<std::string> Open(std::string_view sealed, std::string_view purpose) const;

 private:
  explicit SecretBox(std::string key) : key_(std::move(key)) {}
  std::string key_;
};

}  // namespace berth::crypto
