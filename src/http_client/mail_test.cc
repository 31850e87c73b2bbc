#include "http_client/mail.h"

#include <gtest/gtest.h>

namespace berth::http_client {
namespace {

const SmtpOptions kOptions{"smtp://localhost", "berth@example.org", "", ""};

TEST(Mail, FormatsAMessage) {
  const auto message = FormatMail(kOptions, {"a@example.org", "Hi", "Text"}, "DATE", "ID");
  ASSERT_TRUE(message.has_value());
  EXPECT_NE(message->find("To: <a@example.org>\r\n"), std::string::npos);
  EXPECT_NE(message->find("Subject: =?UTF-8?B?SGk=?=\r\n"), std::string::npos);
  EXPECT_TRUE(message->ends_with("\r\n\r\nVGV4dA==\r\n"));
}

TEST(Mail, RefusesHeaderInjection) {
  for (const char* to : {"a@b\r\nBcc: x@y", "nobody", "@b", "a@", "a@b>", "a b@c"}) {
    const auto message = FormatMail(kOptions, {to, "s", "t"}, "DATE", "ID");
    ASSERT_FALSE(message.has_value()) << to;
    EXPECT_EQ(message.error().field, "to");
  }
  EXPECT_FALSE(FormatMail(kOptions, {"a@b", "s\r\nX: y", "t"}, "DATE", "ID").has_value());
}

TEST(Mail, SaysWhenTheServerIsAway) {
  const auto sent = SendMail({"smtp://127.0.0.1:1", "a@example.org", "", ""}, {"b@example.org", "s", "t"});
  ASSERT_FALSE(sent.has_value());
  EXPECT_EQ(sent.error().code, ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace berth::http_client
