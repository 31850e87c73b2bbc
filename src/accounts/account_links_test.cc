#include "accounts/account_links.h"

#include "accounts/account_store.h"
#include "accounts/test_accounts.h"

namespace berth::accounts {
namespace {

class AccountLinksTest : public AccountsTest {
 protected:
  AccountLinksTest() : links_(database(), services().cache, clock_), alice_(MakeUser("alice")) {}

  // The token in the newest mail.
  std::string LastToken() {
    const auto mails = database().Read([](sql::Connection& c) { return MailStore::ListUnsent(c, 0, 100); }).value();
    const std::string& link = mails.back().link;
    return link.substr(link.find("token=") + 6);
  }
  Account Stored(AccountId id) { return services().accounts.FindById(id).value(); }

  AccountLinks links_;
  Account alice_;
};
INSTANTIATE_TEST_SUITE_P(Backends, AccountLinksTest, sql::AllBackends(), sql::BackendName);

TEST_P(AccountLinksTest, ALinkConfirmsItsAddressOnce) {
  ASSERT_TRUE(links_.SendVerification(alice_, "new@example.com", "/verify-email"));
  EXPECT_EQ(links_.PendingEmail(alice_.id).value(), "new@example.com");
  const std::string token = LastToken();
  const auto verified = links_.Verify(token);
  ASSERT_TRUE(verified) << verified.error().message;
  EXPECT_EQ(verified->email, "new@example.com");
  EXPECT_TRUE(Stored(alice_.id).email_verified);
  EXPECT_EQ(links_.Verify(token).error().code, ErrorCode::kNotFound);
}

TEST_P(AccountLinksTest, MailIsKeptWithoutAHostAndReadWithTheServers) {
  ASSERT_TRUE(links_.SendReset(alice_, "/reset-password"));
  const auto mail = database().Read([](sql::Connection& c) { return MailStore::ListUnsent(c, 0, 100); }).value().back();
  EXPECT_TRUE(mail.link.starts_with("/reset-password?token="));
  EXPECT_EQ(mail.body.find("://"), std::string::npos);
  const std::string text = MailStore::TextAt(mail, "https://hub.example");
  EXPECT_NE(text.find("\n\nhttps://hub.example/reset-password?token=" + LastToken() + "\n"), std::string::npos) << text;
  EXPECT_EQ(text.size(), mail.body.size() + std::string("https://hub.example").size());
  EXPECT_EQ(MailStore::TextAt({.body = "no link"}, "https://hub.example"), "no link");
}

TEST_P(AccountLinksTest, AnAddressThatAnotherUserTookSinceIsRefused) {
  ASSERT_TRUE(links_.SendVerification(alice_, "wanted@example.com", "/verify-email"));
  const std::string token = LastToken();
  ASSERT_TRUE(services().accounts.CreateUser(
      {.name = "bobby", .password = std::string(kTestPassword), .email = "wanted@example.com"}, NameRule::kSignUp, {}));
  const auto refused = links_.Verify(token);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kAlreadyExists);
  EXPECT_EQ(refused.error().field, "email");
  EXPECT_EQ(Stored(alice_.id).email, "alice@example.com");
}

TEST_P(AccountLinksTest, WhatIsRememberedOfTheAccountIsForgottenWithTheCommit) {
  AccountChange unverified;
  unverified.email_verified = false;
  ASSERT_TRUE(services().accounts.Update(alice_.id, unverified, {}));
  const auto token = MakePersonalToken(alice_);
  EXPECT_FALSE(SignIn("alice", token.secret)->caller.email_verified);
  ASSERT_TRUE(links_.SendVerification(alice_, "alice@example.com", "/verify-email"));
  ASSERT_TRUE(links_.Verify(LastToken()));
  EXPECT_TRUE(SignIn("alice", token.secret)->caller.email_verified);
}

}  // namespace
}  // namespace berth::accounts
