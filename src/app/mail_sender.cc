#include "app/mail_sender.h"

#include "accounts/account_links.h"
#include "base/log.h"

namespace berth::app {
namespace {

constexpr int64_t kBatch = 20;
constexpr std::chrono::days kKeptAfterSending{30};

}  // namespace

Result<void> MailSender::Run() {
  if (options_.url.empty()) return {};
  TRY(const auto waiting,
      database_.Read([&](sql::Connection& c) { return accounts::MailStore::ListUnsent(c, refused_up_to_, kBatch); }));
  for (const auto& mail : waiting) {
    const auto sent =
        http_client::SendMail(options_, {mail.to, mail.subject, accounts::MailStore::TextAt(mail, page_url_)});
    if (!sent && sent.error().code == ErrorCode::kInvalidArgument) {
      log::Warn("mail", "a mail can't be sent", {{"id", mail.id}, {"error", sent.error().message}});
      refused_up_to_ = mail.id;
      continue;
    }
    if (!sent) return sent;
    TRY_VOID(database_.Write(
        [&](sql::Transaction& tx) { return accounts::MailStore::MarkSent(tx, mail.id, clock_.Now()); }));
  }
  return {};
}

Result<void> MailSender::Forget() {
  return database_.Write(
      [&](sql::Transaction& tx) { return accounts::MailStore::DeleteSent(tx, clock_.Now() - kKeptAfterSending); });
}

}  // namespace berth::app
