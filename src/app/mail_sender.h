// Sends the mail that waits in the table `mail`; without a mail server it stays there for the administrator. That a
// mail was sent is remembered for 30 days; its text is not.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "http_client/mail.h"
#include "sql/database.h"

namespace berth::app {

class MailSender {
 public:
  // `page_url` is where links lead: the address of the web interface.
  MailSender(sql::Database& database, const Clock& clock, http_client::SmtpOptions options, std::string page_url)
      : database_(database), clock_(clock), options_(std::move(options)), page_url_(std::move(page_url)) {}

  // Sends what waits, oldest first. A mail that the server refuses for good stays for the administrator and does not
  // hold up the others; when the server is away, the rest waits for the next turn.
  Result<void> Run();
  // Forgets mail that was sent long ago.
  Result<void> Forget();

 private:
  sql::Database& database_;
  const Clock& clock_;
  const http_client::SmtpOptions options_;
  const std::string page_url_;
  int64_t refused_up_to_ = 0;
};

}  // namespace berth::app
