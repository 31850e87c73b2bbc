#include "accounts/device_sign_in.h"

#include <gtest/gtest.h>

#include "sql/test_databases.h"

namespace berth::accounts {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

class DeviceSignInTest : public sql::DatabaseTest {
 protected:
  ManualClock clock_;
  DeviceSignInService service_{database(), clock_};
};
INSTANTIATE_TEST_SUITE_P(Backends, DeviceSignInTest, sql::AllBackends(), sql::BackendName);

TEST_P(DeviceSignInTest, IsHandedOutOnceAfterApproval) {
  const auto started = service_.Start("cli", "openid", "192.0.2.1", "docker");
  ASSERT_TRUE(started.has_value());
  EXPECT_EQ(service_.Poll("cli", started->device_code)->error, "authorization_pending");
  EXPECT_EQ(service_.Poll("cli", started->device_code)->error, "slow_down");
  clock_.Advance(seconds(5));
  EXPECT_EQ(service_.Poll("cli", started->device_code)->error, "authorization_pending");
  std::string typed = started->user_code;
  typed.erase(4, 1);
  for (char& c : typed) c = static_cast<char>(std::tolower(c));
  EXPECT_EQ(service_.Find(typed)->client_id, "cli");
  ASSERT_TRUE(service_.Decide(typed, AccountId(7), true).has_value());
  EXPECT_EQ(service_.Decide(typed, AccountId(8), false).error().code, ErrorCode::kConflict);
  EXPECT_EQ(service_.Poll("other", started->device_code)->error, "expired_token");
  const auto approved = service_.Poll("cli", started->device_code);
  EXPECT_EQ(approved->error, "");
  EXPECT_EQ(approved->account, AccountId(7));
  EXPECT_EQ(service_.Poll("cli", started->device_code)->error, "expired_token");
}

TEST_P(DeviceSignInTest, DeniedAndExpiredOnesEnd) {
  const auto denied = service_.Start("cli", "", "", "");
  ASSERT_TRUE(service_.Decide(denied->user_code, AccountId(7), false).has_value());
  EXPECT_EQ(service_.Poll("cli", denied->device_code)->error, "access_denied");
  const auto late = service_.Start("cli", "", "", "");
  clock_.Advance(minutes(16));
  EXPECT_EQ(service_.Find(late->user_code).error().code, ErrorCode::kNotFound);
  EXPECT_FALSE(service_.Decide(late->user_code, AccountId(7), true).has_value());
  EXPECT_EQ(service_.Poll("cli", late->device_code)->error, "expired_token");
}

}  // namespace
}  // namespace berth::accounts
