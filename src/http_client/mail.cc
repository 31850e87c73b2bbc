#include "http_client/mail.h"

#include <curl/curl.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <random>

#include "base/clock.h"
#include "base/encoding.h"

namespace berth::http_client {
namespace {

bool IsHeaderSafe(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

bool IsAddress(std::string_view text) {
  const auto at = text.find('@');
  return at != std::string_view::npos && at > 0 && at + 1 < text.size() && IsHeaderSafe(text) &&
         text.find_first_of(" <>,;\"") == std::string_view::npos;
}

// Base64 in lines of 76 characters (RFC 2045 §6.8).
std::string WrappedBase64(std::string_view bytes) {
  const std::string flat = Base64Encode(bytes);
  std::string out;
  for (size_t at = 0; at < flat.size(); at += 76) out += flat.substr(at, 76) + "\r\n";
  return out;
}

struct Upload {
  std::string_view rest;
};

size_t ReadUpload(char* buffer, size_t size, size_t count, void* data) {
  auto& upload = *static_cast<Upload*>(data);
  const size_t n = std::min(size * count, upload.rest.size());
  std::memcpy(buffer, upload.rest.data(), n);
  upload.rest.remove_prefix(n);
  return n;
}

}  // namespace

Result<std::string> FormatMail(const SmtpOptions& options, const Mail& mail, std::string_view date,
                               std::string_view message_id) {
  if (!IsAddress(mail.to)) return Fail(ErrorCode::kInvalidArgument, "not a mail address", "to");
  if (!IsAddress(options.from)) return Fail(ErrorCode::kInvalidArgument, "not a mail address", "smtp-from");
  if (!IsHeaderSafe(mail.subject))
    return Fail(ErrorCode::kInvalidArgument, "control characters in the subject", "subject");
  std::string out;
  out += "Date: " + std::string(date) + "\r\n";
  out += "Message-ID: <" + std::string(message_id) + "@" + options.from.substr(options.from.find('@') + 1) + ">\r\n";
  out += "From: Berth <" + options.from + ">\r\nTo: <" + mail.to + ">\r\n";
  out += "Subject: =?UTF-8?B?" + Base64Encode(mail.subject) + "?=\r\n";
  out += "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n";
  return out + WrappedBase64(mail.text);
}

Result<void> SendMail(const SmtpOptions& options, const Mail& mail) {
  const std::string id = std::to_string(std::random_device{}()) + "." + std::to_string(ToMicros(SystemClock().Now()));
  TRY(const std::string message, FormatMail(options, mail, FormatHttpDate(SystemClock().Now()), id));
  const std::unique_ptr<CURL, void (*)(CURL*)> curl(curl_easy_init(), curl_easy_cleanup);
  if (!curl) return Fail(ErrorCode::kInternal, "curl_easy_init failed");
  const std::unique_ptr<curl_slist, void (*)(curl_slist*)> to(curl_slist_append(nullptr, mail.to.c_str()),
                                                              curl_slist_free_all);
  Upload upload{message};
  CURL* c = curl.get();
  curl_easy_setopt(c, CURLOPT_URL, options.url.c_str());
  curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  curl_easy_setopt(c, CURLOPT_USE_SSL, static_cast<long>(CURLUSESSL_TRY));
  curl_easy_setopt(c, CURLOPT_MAIL_FROM, options.from.c_str());
  curl_easy_setopt(c, CURLOPT_MAIL_RCPT, to.get());
  if (!options.user.empty()) {
    curl_easy_setopt(c, CURLOPT_USERNAME, options.user.c_str());
    curl_easy_setopt(c, CURLOPT_PASSWORD, options.password.c_str());
  }
  curl_easy_setopt(c, CURLOPT_READFUNCTION, ReadUpload);
  curl_easy_setopt(c, CURLOPT_READDATA, &upload);
  curl_easy_setopt(c, CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, 10L);
  curl_easy_setopt(c, CURLOPT_TIMEOUT, 60L);
  const CURLcode code = curl_easy_perform(c);
  if (code != CURLE_OK)
    return Fail(ErrorCode::kUnavailable, std::string("mail was not sent: ") + curl_easy_strerror(code));
  return {};
}

}  // namespace berth::http_client
