// Sends mail by SMTP (RFC 5321) through libcurl: STARTTLS when the server offers it, smtps:// for TLS from the start.
// Blocks; call it from a job. Thread-safe.
#pragma once

#include <string>

#include "base/result.h"

namespace berth::http_client {

struct SmtpOptions {
  std::string url;  // smtp://host:port or smtps://host:port
  std::string from;
  std::string user;  // empty: no sign-in
  std::string password;
};

struct Mail {
  std::string to;
  std::string subject;
  std::string text;  // UTF-8, any line ends
};

// kInvalidArgument for an address or subject that would break the message, kUnavailable when the server does not take
// it.
Result<void> SendMail(const SmtpOptions& options, const Mail& mail);

// The message as it goes over the wire (RFC 5322, quoted-printable-free UTF-8 with base64 body).
Result<std::string> FormatMail(const SmtpOptions& options, const Mail& mail, std::string_view date,
                               std::string_view message_id);

}  // namespace berth::http_client
