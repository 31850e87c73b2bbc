// Sends the mail that waits in the table `mail`; without a mail server it stays there for the administrator.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "http_client/mail.h"
#include "sql/database.h"

namespace berth::app {

class MailSender {
 public:
  MailSender(sql::Database& database, const Clock& clock, http_client::SmtpOptions options)
      : database_(database), clock_(clock), options_(std::move(options)) {}

  // Sends what waits, oldest first. A mail that the server refuses for good stays for the administrator and does not
  // hold up the others; when the server is away, the rest waits for the next turn.
  Result<void> Run();

 private:
  sql::Database& database_;
  const Clock& clock_;
  const http_client::SmtpOptions options_;
  int64_t refused_up_to_ = 0;
};

}  // namespace berth::app
