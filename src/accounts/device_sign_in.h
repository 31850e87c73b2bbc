// Device authorization (RFC 8628), by which a bare `docker login` signs in: the client shows a short code, its user
// approves it on a page, the client polls meanwhile. Only a hash of the device code is kept. Thread-safe.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/id.h"
#include "base/result.h"
#include "sql/database.h"

namespace berth::accounts {

enum class DeviceState { kPending, kApproved, kDenied };
std::string_view ToString(DeviceState state);

struct DeviceSignIn {
  std::string user_code;  // "ABCD-EFGH"
  std::string client_id;
  std::string scope;
  std::string address;
  std::string agent;
  DeviceState state = DeviceState::kPending;
  AccountId account;  // who approved
  Timestamp created_at;
  Timestamp expires_at;
};

struct StartedDeviceSignIn {
  std::string device_code;
  std::string user_code;
};

// How a poll ends: the words of RFC 8628 §3.5, or the account that approved.
struct DevicePoll {
  std::string error;  // "authorization_pending", "slow_down", "access_denied", "expired_token"; empty when approved
  AccountId account;
  std::string scope;
};

class DeviceSignInService {
 public:
  static constexpr std::chrono::minutes kLifetime{15};
  static constexpr std::chrono::seconds kInterval{5};

  DeviceSignInService(sql::Database& database, const Clock& clock) : database_(database), clock_(clock) {}

  Result<StartedDeviceSignIn> Start(std::string_view client_id, std::string_view scope, std::string_view address,
                                    std::string_view agent);
  // An approved sign-in is handed out once.
  Result<DevicePoll> Poll(std::string_view client_id, std::string_view device_code);
  // By the user's code, case and separators aside. kNotFound when unknown or over.
  Result<DeviceSignIn> Find(std::string_view user_code);
  // kConflict when it was decided already.
  Result<DeviceSignIn> Decide(std::string_view user_code, AccountId account, bool approve);

 private:
  sql::Database& database_;
  const Clock& clock_;
};

}  // namespace berth::accounts
