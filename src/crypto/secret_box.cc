#include "crypto/secret_box.h"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>

#include "base/encoding.h"
#include "base/text.h"
#include "crypto/random.h"

namespace berth::crypto {
namespace {

constexpr size_t kKeyBytes = crypto_aead_xchacha20poly1305_ietf_KEYBYTES;
constexpr size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr char kFormat = 1;  // first byte of a box, so that the method can change one day

const unsigned char* Unsigned(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

Error SystemError(const std::filesystem::path& file, std::string_view what) {
  return Error(ErrorCode::kUnavailable, std::string(what) + " " + file.string() + ": " + std::strerror(errno));
}

// Closes on every way out.
struct Descriptor {
  int fd;
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
};

Result<std::optional<std::string>> ReadKeyFile(const std::filesystem::path& file) {
  const Descriptor in{::open(file.c_str(), O_RDONLY | O_CLOEXEC)};
  if (in.fd < 0) {
    if (errno == ENOENT) return std::optional<std::string>();
    return Fail(SystemError(file, "can't read"));
  }
  char text[256];
  const ssize_t n = ::read(in.fd, text, sizeof text);
  if (n < 0) return Fail(SystemError(file, "can't read"));
  return std::optional<std::string>(std::string(text, static_cast<size_t>(n)));
}

Result<void> WriteAndSync(const std::filesystem::path& file, std::string_view text) {
  const Descriptor out{::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)};
  if (out.fd < 0) return Fail(SystemError(file, "can't make"));
  if (::write(out.fd, text.data(), text.size()) != static_cast<ssize_t>(text.size()) || ::fsync(out.fd) != 0) {
    return Fail(SystemError(file, "can't write"));
  }
  return {};
}

// A key must never be replaced: it is linked to its name only where nothing has that name yet.
Result<void> MakeKeyFile(const std::filesystem::path& file) {
  const std::filesystem::path temporary = file.string() + "." + RandomText(8);
  const auto written = WriteAndSync(temporary, HexEncode(RandomBytes(kKeyBytes)) + "\n");
  if (!written) {
    ::unlink(temporary.c_str());
    return Fail(written.error());
  }
  const bool linked = ::link(temporary.c_str(), file.c_str()) == 0 || errno == EEXIST;
  const Error failure = SystemError(file, "can't make");
  ::unlink(temporary.c_str());
  if (!linked) return Fail(failure);
  const std::filesystem::path folder = file.has_parent_path() ? file.parent_path() : ".";
  const Descriptor parent{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (parent.fd < 0 || ::fsync(parent.fd) != 0) return Fail(SystemError(file, "can't sync the folder of"));
  return {};
}

}  // namespace

SecretBox::~SecretBox() { sodium_memzero(key_.data(), key_.size()); }

Result<SecretBox> SecretBox::FromText(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) text.remove_suffix(1);
  std::optional<std::string> key;
  if (text.size() == 2 * kKeyBytes) {
    key = HexDecode(AsciiLower(text));
  } else {
    key = Base64Decode(text);
  }
  if (!key || key->size() != kKeyBytes) {
    return Fail(ErrorCode::kInvalidArgument, "a secret key is 32 bytes, as 64 hexadecimal digits or base64");
  }
  return SecretBox(std::move(*key));
}

Result<SecretBox> SecretBox::FromFile(const std::filesystem::path& file) {
  TRY(auto text, ReadKeyFile(file));
  if (!text) {
    TRY_VOID(MakeKeyFile(file));
    TRY(text, ReadKeyFile(file));
  }
  auto box = text ? FromText(*text) : Result<SecretBox>(Error(ErrorCode::kUnavailable, file.string() + " went away"));
  if (!box && box.error().code == ErrorCode::kInvalidArgument) {
    return Fail(ErrorCode::kPreconditionFailed, file.string() + " holds no key: " + box.error().message);
  }
  return box;
}

std::string SecretBox::Seal(std::string_view secret, std::string_view purpose) const {
  const std::string nonce = RandomBytes(kNonceBytes);
  std::string box(1 + kNonceBytes + secret.size() + kTagBytes, '\0');
  box[0] = kFormat;
  std::memcpy(box.data() + 1, nonce.data(), kNonceBytes);
  auto* out = reinterpret_cast<unsigned char*>(box.data()) + 1 + kNonceBytes;
  crypto_aead_xchacha20poly1305_ietf_encrypt(out, nullptr, Unsigned(secret), secret.size(), Unsigned(purpose),
                                             purpose.size(), nullptr, Unsigned(nonce), Unsigned(key_));
  return box;
}

Result<std::string> SecretBox::Open(std::string_view sealed, std::string_view purpose) const {
  const auto refuse = [] {
    return Fail(ErrorCode::kPreconditionFailed, "a stored secret can't be opened with this secret key");
  };
  if (sealed.size() < 1 + kNonceBytes + kTagBytes || sealed[0] != kFormat) return refuse();
  const std::string_view nonce = sealed.substr(1, kNonceBytes);
  const std::string_view body = sealed.substr(1 + kNonceBytes);
  std::string secret(body.size() - kTagBytes, '\0');
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(reinterpret_cast<unsigned char*>(secret.data()), nullptr, nullptr,
                                                 Unsigned(body), body.size(), Unsigned(purpose), purpose.size(),
                                                 Unsigned(nonce), Unsigned(key_)) != 0) {
    return refuse();
  }
  return secret;
}

}  // namespace berth::crypto
