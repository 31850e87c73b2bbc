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

TEST_P(AccountLinksTest, APasswordChosenByMailProvesTheAddressThatTheMailWentTo) {
  AccountChange unverified;
  unverified.email_verified = false;
  ASSERT_TRUE(services().accounts.Update(alice_.id, unverified, {}));
  const std::string by_hand = links_.MakeResetLink(alice_, "/reset-password").value();
  EXPECT_EQ(links_.UseReset(by_hand.substr(by_hand.find("token=") + 6)).value(), alice_.id);
  EXPECT_FALSE(Stored(alice_.id).email_verified) << "the administrator's link may have gone anywhere";
  ASSERT_TRUE(links_.SendReset(alice_, "/reset-password"));
  AccountChange moved;
  moved.email = "other@example.com";
  ASSERT_TRUE(services().accounts.Update(alice_.id, moved, {}));
  ASSERT_TRUE(links_.UseReset(LastToken()));
  EXPECT_FALSE(Stored(alice_.id).email_verified) << "the mail went to another address";
  ASSERT_TRUE(links_.SendReset(Stored(alice_.id), "/reset-password"));
  ASSERT_TRUE(links_.UseReset(LastToken()));
  EXPECT_TRUE(Stored(alice_.id).email_verified);
}

TEST_P(AccountLinksTest, SentMailIsForgottenAfterAWhileAndWaitingMailIsNot) {
  ASSERT_TRUE(links_.SendReset(alice_, "/reset-password"));
  ASSERT_TRUE(links_.SendReset(alice_, "/reset-password"));
  const auto waiting = [this] {
    return database().Read([](sql::Connection& c) { return MailStore::ListUnsent(c, 0, 100); }).value();
  };
  const int64_t sent = waiting().front().id;
  const Timestamp at = clock_.Now();
  const auto forget = [this](Timestamp before) {
    ASSERT_TRUE(database().Write([&](sql::Transaction& tx) { return MailStore::DeleteSent(tx, before); }));
  };
  ASSERT_TRUE(database().Write([&](sql::Transaction& tx) { return MailStore::MarkSent(tx, sent, at); }));
  const auto kept = [this] {
    constexpr sql::Query kCount{"test.mail", "SELECT COUNT(*) FROM mail"};
    return database()
        .Read([&](sql::Connection& c) { return c.One(kCount, {}, [](const sql::Row& row) { return row.Int(0); }); })
        .value()
        .value();
  };
  forget(at);
  EXPECT_EQ(kept(), 2);
  forget(at + std::chrono::seconds(1));
  EXPECT_EQ(kept(), 1);
  EXPECT_EQ(waiting().size(), 1U);
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
