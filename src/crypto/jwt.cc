#include "crypto/jwt.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <optional>

#include "base/encoding.h"

namespace berth::crypto {
namespace {

constexpr int kKeyBits = 2048;
constexpr size_t kMaxHeaderText = 1024;

struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct FreeContext {
  void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
};
struct FreeBio {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
using KeyPtr = std::unique_ptr<EVP_PKEY, FreeKey>;
using ContextPtr = std::unique_ptr<EVP_PKEY_CTX, FreeContext>;
using BioPtr = std::unique_ptr<BIO, FreeBio>;

// Signing with a good key fails only when the library can't work at all.
void Check(bool ok) {
  if (!ok) std::abort();
}

const unsigned char* Unsigned(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

std::string Sha256(std::string_view text) {
  std::array<unsigned char, 32> out;
  size_t size = out.size();
  Check(EVP_Q_digest(nullptr, "SHA2-256", nullptr, text.data(), text.size(), out.data(), &size) == 1);
  return {reinterpret_cast<const char*>(out.data()), size};
}

enum class Use { kSign, kVerify };

ContextPtr MakeContext(EVP_PKEY* key, Use use) {
  ContextPtr context(EVP_PKEY_CTX_new(key, nullptr));
  Check(context != nullptr);
  Check((use == Use::kSign ? EVP_PKEY_sign_init(context.get()) : EVP_PKEY_verify_init(context.get())) == 1);
  Check(EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) == 1);
  Check(EVP_PKEY_CTX_set_signature_md(context.get(), EVP_sha256()) == 1);
  return context;
}

// A thread's own copy of a key with contexts made ready: setting one up costs as much as a verification, and a key
// shared between threads would make them wait for each other's blinding factors.
struct ThreadKey {
  uint64_t serial = 0;
  KeyPtr key;
  ContextPtr sign;
  ContextPtr verify;
};

ThreadKey& KeyOfThisThread(uint64_t serial, EVP_PKEY* shared) {
  thread_local std::array<ThreadKey, 4> keys;
  thread_local size_t oldest = 0;
  for (auto& entry : keys) {
    if (entry.serial == serial) return entry;
  }
  ThreadKey& entry = keys[oldest++ % keys.size()];
  entry = ThreadKey();
  entry.key.reset(EVP_PKEY_dup(shared));
  Check(entry.key != nullptr);
  entry.serial = serial;
  return entry;
}

uint64_t NextSerial() {
  static std::atomic<uint64_t> last{0};
  return ++last;
}

std::string PublicNumber(const EVP_PKEY* key, const char* name) {
  BIGNUM* number = nullptr;
  Check(EVP_PKEY_get_bn_param(key, name, &number) == 1);
  std::string bytes(static_cast<size_t>(BN_num_bytes(number)), '\0');
  BN_bn2bin(number, reinterpret_cast<unsigned char*>(bytes.data()));
  BN_free(number);
  return Base64UrlEncode(bytes);
}

struct Parts {
  std::string_view header;
  std::string_view payload;
  std::string_view signature;
  std::string_view signed_text;
};

std::optional<Parts> SplitToken(std::string_view token) {
  if (token.size() > KeySet::kMaxTokenBytes) return std::nullopt;
  const size_t first = token.find('.');
  if (first == std::string_view::npos || first == 0 || first > kMaxHeaderText) return std::nullopt;
  const size_t second = token.find('.', first + 1);
  if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos) return std::nullopt;
  return Parts{token.substr(0, first), token.substr(first + 1, second - first - 1), token.substr(second + 1),
               token.substr(0, second)};
}

std::optional<std::string_view> TextMember(const json::Value& object, std::string_view key) {
  const auto member = object.Find(key);
  return member ? member->AsString() : std::nullopt;
}

// The kid of an RS256 header; empty for any other. Of the rest of the header only `crit` and `typ` are looked at: what
// is critical to the sender we don't know (RFC 7515 §4.1.11).
std::optional<std::string> KidOfHeader(std::string_view encoded) {
  const auto text = Base64UrlDecode(encoded);
  if (!text) return std::nullopt;
  const auto document = json::Document::Parse(*text);
  if (!document) return std::nullopt;
  const json::Value header = document->root();
  if (!header.IsObject() || TextMember(header, "alg") != "RS256" || header.Find("crit")) return std::nullopt;
  if (header.Find("typ") && TextMember(header, "typ") != "JWT") return std::nullopt;
  const auto kid = TextMember(header, "kid");
  if (!kid || kid->empty()) return std::nullopt;
  return std::string(*kid);
}

bool AudienceMatches(const json::Value& claims, std::string_view wanted) {
  const auto audience = claims.Find("aud");
  if (!audience) return false;
  if (audience->IsString()) return audience->AsString() == wanted;
  bool found = false;
  if (audience->IsArray()) {
    audience->EachElement([&](json::Value element) { found = found || element.AsString() == wanted; });
  }
  return found;
}

// Seconds since the epoch; out of a sane range counts as none, so that no sum overflows.
std::optional<int64_t> TimeClaim(const json::Value& claims, std::string_view name) {
  const auto claim = claims.Find(name);
  const auto seconds = claim ? claim->AsInt() : std::nullopt;
  constexpr int64_t kLatest = 253'402'300'799;  // the year 9999
  if (!seconds || *seconds < 0 || *seconds > kLatest) return std::nullopt;
  return seconds;
}

std::unexpected<Error> Invalid() { return Fail(ErrorCode::kUnauthenticated, "invalid token"); }

}  // namespace

struct SigningKey::Handle {
  KeyPtr key;
};

SigningKey::SigningKey(std::unique_ptr<Handle> handle) : handle_(std::move(handle)), serial_(NextSerial()) {
  const std::string n = PublicNumber(handle_->key.get(), OSSL_PKEY_PARAM_RSA_N);
  const std::string e = PublicNumber(handle_->key.get(), OSSL_PKEY_PARAM_RSA_E);
  kid_ = Base64UrlEncode(Sha256(R"({"e":")" + e + R"(","kty":"RSA","n":")" + n + R"("})"));
  jwk_ = R"({"kty":"RSA","use":"sig","alg":"RS256","kid":")" + kid_ + R"(","n":")" + n + R"(","e":")" + e + R"("})";
}

SigningKey::~SigningKey() = default;

Result<std::shared_ptr<const SigningKey>> SigningKey::Generate() {
  KeyPtr key(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", size_t{kKeyBits}));
  if (!key) return Fail(ErrorCode::kInternal, "can't make an RSA key");
  return std::shared_ptr<const SigningKey>(new SigningKey(std::make_unique<Handle>(Handle{std::move(key)})));
}

Result<std::shared_ptr<const SigningKey>> SigningKey::FromPem(std::string_view pem) {
  const BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  // An empty passphrase: never ask on the terminal.
  KeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, const_cast<char*>("")));
  if (!key || EVP_PKEY_is_a(key.get(), "RSA") != 1 || EVP_PKEY_get_bits(key.get()) < kKeyBits) {
    return Fail(ErrorCode::kInvalidArgument, "not an RSA private key of 2048 bits or more");
  }
  return std::shared_ptr<const SigningKey>(new SigningKey(std::make_unique<Handle>(Handle{std::move(key)})));
}

std::string SigningKey::PrivatePem() const {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  Check(PEM_write_bio_PrivateKey(bio.get(), handle_->key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<size_t>(size)};
}

std::string SigningKey::Sign(std::string_view text) const {
  ThreadKey& own = KeyOfThisThread(serial_, handle_->key.get());
  if (!own.sign) own.sign = MakeContext(own.key.get(), Use::kSign);
  const std::string hash = Sha256(text);
  std::string signature(static_cast<size_t>(EVP_PKEY_get_size(own.key.get())), '\0');
  size_t size = signature.size();
  Check(EVP_PKEY_sign(own.sign.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, Unsigned(hash),
                      hash.size()) == 1);
  signature.resize(size);
  return signature;
}

bool SigningKey::Verify(std::string_view text, std::string_view signature) const {
  ThreadKey& own = KeyOfThisThread(serial_, handle_->key.get());
  if (!own.verify) own.verify = MakeContext(own.key.get(), Use::kVerify);
  const std::string hash = Sha256(text);
  return EVP_PKEY_verify(own.verify.get(), Unsigned(signature), signature.size(), Unsigned(hash), hash.size()) == 1;
}

Result<std::string> PeekKid(std::string_view token) {
  const auto parts = SplitToken(token);
  auto kid = parts ? KidOfHeader(parts->header) : std::nullopt;
  if (!kid) return Invalid();
  return std::move(*kid);
}

KeySet::KeySet(std::vector<std::shared_ptr<const SigningKey>> keys) : keys_(std::move(keys)) {
  header_ = Base64UrlEncode(R"({"alg":"RS256","typ":"JWT","kid":")" + keys_.front()->kid() + R"("})");
  jwks_ = R"({"keys":[)";
  for (size_t i = 0; i < keys_.size(); ++i) jwks_.append(i == 0 ? "" : ",").append(keys_[i]->jwk());
  jwks_.append("]}");
}

const SigningKey* KeySet::Find(std::string_view kid) const {
  for (const auto& key : keys_) {
    if (key->kid() == kid) return key.get();
  }
  return nullptr;
}

std::string KeySet::Sign(std::string_view claims) const {
  std::string token = header_ + "." + Base64UrlEncode(claims);
  const std::string signature = Base64UrlEncode(keys_.front()->Sign(token));
  return token.append(".").append(signature);
}

Result<VerifiedJwt> KeySet::Verify(std::string_view token, const JwtExpectation& expectation) const {
  const auto parts = SplitToken(token);
  if (!parts) return Invalid();
  const auto kid = KidOfHeader(parts->header);
  const SigningKey* key = kid ? Find(*kid) : nullptr;
  const auto signature = Base64UrlDecode(parts->signature);
  if (key == nullptr || !signature || !key->Verify(parts->signed_text, *signature)) return Invalid();

  // Signed by us; what follows tells our own kinds of token apart.
  const auto text = Base64UrlDecode(parts->payload);
  if (!text) return Invalid();
  TRY(auto document, json::Document::Parse(*text));
  const json::Value claims = document.root();
  if (!claims.IsObject() || TextMember(claims, "iss") != expectation.issuer ||
      !AudienceMatches(claims, expectation.audience)) {
    return Invalid();
  }
  const auto expires = TimeClaim(claims, "exp");
  if (!expires) return Invalid();
  const int64_t now = ToUnixSeconds(expectation.now);
  const int64_t leeway = expectation.leeway.count();
  if (claims.Find("nbf")) {
    const auto not_before = TimeClaim(claims, "nbf");
    if (!not_before || *not_before > now + leeway) return Invalid();
  }
  if (*expires + leeway <= now) return Fail(ErrorCode::kTokenExpired, "token expired");
  return VerifiedJwt{std::move(document), FromMicros(*expires * 1'000'000)};
}

}  // namespace berth::crypto
