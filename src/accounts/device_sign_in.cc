#include "accounts/device_sign_in.h"

#include "accounts/account_store.h"
#include "accounts/token_service.h"
#include "crypto/random.h"
#include "events/event_log.h"
#include "json/writer.h"

namespace berth::accounts {
namespace {

constexpr sql::Query kAdd{
    "device_sign_in.add",
    "INSERT INTO device_sign_in (device_hash, user_code, client_id, scope, address, agent, created_at, expires_at) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"};
constexpr sql::Query kByUserCode{
    "device_sign_in.by_user_code",
    "SELECT user_code, client_id, scope, address, agent, state, account_id, created_at, expires_at "
    "FROM device_sign_in WHERE user_code = $1 AND expires_at > $2"};
constexpr sql::Query kByDevice{
    "device_sign_in.by_device",
    "SELECT client_id, scope, state, account_id, expires_at, last_poll_at FROM device_sign_in "
    "WHERE device_hash = $1"};
constexpr sql::Query kPolled{"device_sign_in.polled",
                             "UPDATE device_sign_in SET last_poll_at = $2 WHERE device_hash = $1"};
constexpr sql::Query kDecide{
    "device_sign_in.decide",
    "UPDATE device_sign_in SET state = $2, account_id = $3 WHERE user_code = $1 AND state = 'pending'"};
constexpr sql::Query kDrop{"device_sign_in.drop", "DELETE FROM device_sign_in WHERE device_hash = $1"};
constexpr sql::Query kDropExpired{"device_sign_in.drop_expired", "DELETE FROM device_sign_in WHERE expires_at <= $1"};

// Letters that can't be taken for another or make a word (RFC 8628 §6.1).
constexpr std::string_view kLetters = "BCDFGHJKLMNPQRSTVWXZ";

std::string NewUserCode() {
  std::string code;
  while (code.size() < 9) {
    if (code.size() == 4) code += '-';
    const auto byte = static_cast<unsigned char>(crypto::RandomBytes(1)[0]);
    if (byte < 240) code += kLetters[byte % 20];  // 240 = 12 * 20: every letter is as likely
  }
  return code;
}

std::string NormalizedUserCode(std::string_view typed) {
  std::string code;
  for (const char c : typed) {
    if (c == '-' || c == ' ') continue;
    if (code.size() == 4) code += '-';
    code += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return code;
}

DeviceState ReadState(std::string_view text) {
  if (text == "approved") return DeviceState::kApproved;
  return text == "denied" ? DeviceState::kDenied : DeviceState::kPending;
}

DeviceSignIn ReadSignIn(const sql::Row& row) {
  return {row.String(0),          row.String(1),         row.String(2), row.String(3), row.String(4),
          ReadState(row.Text(5)), AccountId(row.Int(6)), row.Time(7),   row.Time(8)};
}

Error Unknown() { return Error(ErrorCode::kNotFound, "no sign-in waits for this code", "user_code"); }

Result<void> LogApproval(sql::Transaction& tx, const DeviceSignIn& device, Timestamp now) {
  TRY(const auto account, AccountStore::FindById(tx, device.account));
  if (!account) return {};  // deleted meanwhile
  json::Writer w;
  w.BeginObject().Key("client_id").String(device.client_id).Key("address").String(device.address);
  w.Key("agent").String(device.agent).EndObject();
  events::Event event;
  event.type = "user.device.approve";
  event.account_id = account->id;
  event.account = event.name = account->name;
  event.data = w.text();
  return events::Append(tx, {.id = account->id, .name = account->name, .credential = {}, .address = {}}, event, now);
}

}  // namespace

std::string_view ToString(DeviceState state) {
  switch (state) {
    case DeviceState::kApproved:
      return "approved";
    case DeviceState::kDenied:
      return "denied";
    case DeviceState::kPending:
      break;
  }
  return "pending";
}

Result<StartedDeviceSignIn> DeviceSignInService::Start(std::string_view client_id, std::string_view scope,
                                                       std::string_view address, std::string_view agent) {
  const StartedDeviceSignIn started{crypto::RandomText(43), NewUserCode()};
  const Timestamp now = clock_.Now();
  auto stored = database_.Write([&](sql::Transaction& tx) -> Result<void> {
    TRY_VOID(tx.Run(kDropExpired, {now}));
    TRY_VOID(tx.Run(kAdd, {HashSecret(started.device_code), started.user_code, client_id, scope, address, agent, now,
                           now + kLifetime}));
    return {};
  });
  if (!stored) return Fail(std::move(stored).error());
  return started;
}

Result<DevicePoll> DeviceSignInService::Poll(std::string_view client_id, std::string_view device_code) {
  const std::string hash = HashSecret(device_code);
  const Timestamp now = clock_.Now();
  return database_.Write([&](sql::Transaction& tx) -> Result<DevicePoll> {
    struct Found {
      std::string client_id, scope;
      DeviceState state;
      AccountId account;
      Timestamp expires_at, last_poll_at;
    };
    TRY(const auto found, tx.One(kByDevice, {hash}, [](const sql::Row& row) {
      return Found{row.String(0),         row.String(1), ReadState(row.Text(2)),
                   AccountId(row.Int(3)), row.Time(4),   row.Time(5)};
    }));
    if (!found || found->client_id != client_id || found->expires_at <= now) return DevicePoll{"expired_token", {}, {}};
    if (found->state == DeviceState::kApproved) {
      TRY_VOID(tx.Run(kDrop, {hash}));
      return DevicePoll{"", found->account, found->scope};
    }
    if (found->state == DeviceState::kDenied) return DevicePoll{"access_denied", {}, {}};
    TRY_VOID(tx.Run(kPolled, {hash, now}));
    // A second of tolerance: clients count the interval from their own request's end.
    const bool too_fast = now - found->last_poll_at < kInterval - std::chrono::seconds(1);
    return DevicePoll{too_fast ? "slow_down" : "authorization_pending", {}, {}};
  });
}

Result<DeviceSignIn> DeviceSignInService::Find(std::string_view user_code) {
  return database_.Read([&](sql::Connection& connection) -> Result<DeviceSignIn> {
    TRY(auto found, connection.One(kByUserCode, {NormalizedUserCode(user_code), clock_.Now()}, ReadSignIn));
    if (!found) return Fail(Unknown());
    return *std::move(found);
  });
}

Result<DeviceSignIn> DeviceSignInService::Decide(std::string_view user_code, AccountId account, bool approve) {
  const std::string code = NormalizedUserCode(user_code);
  return database_.Write([&](sql::Transaction& tx) -> Result<DeviceSignIn> {
    TRY(auto found, tx.One(kByUserCode, {code, clock_.Now()}, ReadSignIn));
    if (!found) return Fail(Unknown());
    if (found->state != DeviceState::kPending) return Fail(ErrorCode::kConflict, "this sign-in was decided already");
    found->state = approve ? DeviceState::kApproved : DeviceState::kDenied;
    found->account = account;
    TRY_VOID(tx.Run(kDecide, {code, ToString(found->state), account}));
    if (approve) TRY_VOID(LogApproval(tx, *found, clock_.Now()));
    return *std::move(found);
  });
}

}  // namespace berth::accounts
