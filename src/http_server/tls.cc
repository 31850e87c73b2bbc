#include "http_server/tls.h"

#include <openssl/err.h>

#include <cstring>

namespace berth::http_server {
namespace {

std::string TakeOpensslError() {
  char text[256] = "unknown error";
  if (const unsigned long code = ERR_get_error()) ERR_error_string_n(code, text, sizeof text);
  ERR_clear_error();
  return text;
}

std::unexpected<Error> BadFile(const char* what, const std::string& path) {
  return Fail(ErrorCode::kInvalidArgument, std::string(what) + " " + path + ": " + TakeOpensslError());
}

// RFC 7301: http/1.1 when offered; a client that offers only others is refused.
int SelectAlpn(SSL*, const unsigned char** out, unsigned char* out_length, const unsigned char* in, unsigned in_length,
               void*) {
  static constexpr unsigned char kOurs[] = "\x08http/1.1";
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_length, kOurs, sizeof kOurs - 1, in, in_length) != OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

}  // namespace

Result<SslContext> MakeSslContext(const TlsFiles& files) {
  ERR_clear_error();
  SslContext context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  if (!context) return Fail(ErrorCode::kInternal, "TLS: " + TakeOpensslError());
  SSL_CTX* c = context.get();
  SSL_CTX_set_min_proto_version(c, TLS1_2_VERSION);
  SSL_CTX_set_options(c, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA |
                             SSL_OP_NO_COMPRESSION | SSL_OP_IGNORE_UNEXPECTED_EOF);
  // Idle connections hold no record buffers; a record that had to wait may be retried from another address.
  SSL_CTX_set_mode(c, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  // TLS 1.2 with forward secrecy and authenticated encryption only.
  SSL_CTX_set_cipher_list(c, "ECDHE+AESGCM:ECDHE+CHACHA20");
  SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(c, 1);
  SSL_CTX_set_alpn_select_cb(c, SelectAlpn, nullptr);
  if (SSL_CTX_use_certificate_chain_file(c, files.certificate.c_str()) != 1)
    return BadFile("TLS certificate", files.certificate);
  if (SSL_CTX_use_PrivateKey_file(c, files.key.c_str(), SSL_FILETYPE_PEM) != 1) return BadFile("TLS key", files.key);
  if (SSL_CTX_check_private_key(c) != 1) return BadFile("TLS key does not belong to the certificate:", files.key);
  return context;
}

Result<void> TlsState::Load() {
  TRY(SslContext context, MakeSslContext(files_));
  std::lock_guard lock(mutex_);
  context_ = std::move(context);
  return {};
}

SslPointer TlsState::NewSession(int fd) const {
  SslContext context;
  {
    std::lock_guard lock(mutex_);
    context = context_;
  }
  SslPointer ssl(SSL_new(context.get()));
  if (!ssl || SSL_set_fd(ssl.get(), fd) != 1) return nullptr;
  SSL_set_accept_state(ssl.get());
  return ssl;
}

}  // namespace berth::http_server
