#include "accounts/second_factor.h"

#include <gtest/gtest.h>

#include "accounts/account_store.h"
#include "crypto/totp.h"
#include "sql/test_databases.h"

namespace berth::accounts {
namespace {

class SecondFactorTest : public sql::DatabaseTest {
 protected:
  SecondFactorTest() {
    account_.uuid = "3f0c4a1e-0000-4000-8000-000000000001";
    account_.name = "alice";
    account_.created_at = account_.updated_at = clock_.Now();
    auto id = database().Write([&](sql::Transaction& tx) { return AccountStore::Insert(tx, account_); });
    EXPECT_TRUE(id.has_value());
    account_.id = *id;
  }

  // The code an authenticator would show now for a base32 secret.
  std::string Code(const std::string& base32) {
    std::string bytes;
    uint32_t bits = 0;
    int have = 0;
    for (const char c : base32) {
      bits = bits << 5 | static_cast<uint32_t>(c >= 'A' ? c - 'A' : c - '2' + 26);
      have += 5;
      if (have >= 8) bytes += static_cast<char>(bits >> (have -= 8) & 0xff);
    }
    return crypto::TotpCode(bytes, ToUnixSeconds(clock_.Now()) / 30);
  }

  ManualClock clock_;
  Account account_;
  crypto::SecretBox box_ = *crypto::SecretBox::FromText(std::string(64, 'a'));
  SecondFactorService service_{database(), box_, clock_};
};
INSTANTIATE_TEST_SUITE_P(Backends, SecondFactorTest, sql::AllBackends(), sql::BackendName);

TEST_P(SecondFactorTest, CountsOnlyOnceConfirmed) {
  const auto begun = service_.Begin(account_);
  ASSERT_TRUE(begun.has_value());
  EXPECT_NE(begun->otpauth_uri.find("otpauth://totp/"), std::string::npos);
  EXPECT_FALSE(*service_.IsEnabled(account_.id));
  EXPECT_FALSE(service_.Check(account_.id, Code(begun->secret)).has_value());
  EXPECT_FALSE(service_.Confirm(account_.id, "000000x").has_value());
  const auto codes = service_.Confirm(account_.id, Code(begun->secret));
  ASSERT_TRUE(codes.has_value()) << codes.error().message;
  EXPECT_EQ(codes->size(), 10u);
  EXPECT_TRUE(*service_.IsEnabled(account_.id));
  EXPECT_EQ(service_.Begin(account_).error().code, ErrorCode::kConflict);
}

TEST_P(SecondFactorTest, EveryCodeWorksOnce) {
  const auto begun = service_.Begin(account_);
  const auto codes = service_.Confirm(account_.id, Code(begun->secret));
  ASSERT_TRUE(codes.has_value());
  EXPECT_FALSE(service_.Check(account_.id, Code(begun->secret)).has_value()) << "the confirming code was used already";
  clock_.Advance(std::chrono::seconds(60));
  EXPECT_TRUE(service_.Check(account_.id, Code(begun->secret)).has_value());
  EXPECT_FALSE(service_.Check(account_.id, Code(begun->secret)).has_value());
  EXPECT_TRUE(service_.Check(account_.id, (*codes)[3]).has_value());
  EXPECT_FALSE(service_.Check(account_.id, (*codes)[3]).has_value());
  EXPECT_EQ(*service_.RecoveryCodesLeft(account_.id), 9);
  ASSERT_TRUE(service_.RenewRecoveryCodes(account_.id).has_value());
  EXPECT_FALSE(service_.Check(account_.id, (*codes)[4]).has_value());
  ASSERT_TRUE(service_.Disable(account_.id).has_value());
  EXPECT_FALSE(*service_.IsEnabled(account_.id));
}

TEST_P(SecondFactorTest, PendingTokensEndAndCannotBeForged) {
  const std::string token = service_.PendingToken(account_.uuid);
  EXPECT_EQ(*service_.OpenPendingToken(token), account_.uuid);
  EXPECT_FALSE(service_.OpenPendingToken(token.substr(1)).has_value());
  EXPECT_FALSE(service_.OpenPendingToken("").has_value());
  clock_.Advance(std::chrono::minutes(6));
  EXPECT_FALSE(service_.OpenPendingToken(token).has_value());
}

}  // namespace
}  // namespace berth::accounts
