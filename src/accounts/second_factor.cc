#include "accounts/second_factor.h"

#include "accounts/token_service.h"
#include "base/encoding.h"
#include "base/text.h"
#include "crypto/random.h"
#include "crypto/totp.h"

namespace berth::accounts {
namespace {

constexpr int kRecoveryCodes = 10;
constexpr std::chrono::minutes kPendingLifetime{5};
constexpr std::string_view kPendingPurpose = "login-2fa";

constexpr sql::Query kFind{"second_factor.find",
                           "SELECT secret, is_confirmed, last_step FROM second_factor WHERE account_id = $1"};
constexpr sql::Query kPut{
    "second_factor.put",
    "INSERT INTO second_factor (account_id, secret, is_confirmed, last_step, created_at) VALUES ($1, $2, 0, 0, $3) "
    "ON CONFLICT (account_id) DO UPDATE SET secret = excluded.secret, is_confirmed = 0, last_step = 0, "
    "created_at = excluded.created_at"};
constexpr sql::Query kAccept{
    "second_factor.accept",
    "UPDATE second_factor SET is_confirmed = 1, last_step = $2 WHERE account_id = $1 AND last_step < $2"};
constexpr sql::Query kDrop{"second_factor.drop", "DELETE FROM second_factor WHERE account_id = $1"};
constexpr sql::Query kDropCodes{"recovery_code.drop", "DELETE FROM recovery_code WHERE account_id = $1"};
constexpr sql::Query kAddCode{"recovery_code.add", "INSERT INTO recovery_code (account_id, code_hash) VALUES ($1, $2)"};
constexpr sql::Query kUseCode{"recovery_code.use",
                              "DELETE FROM recovery_code WHERE account_id = $1 AND code_hash = $2"};
constexpr sql::Query kCountCodes{"recovery_code.count", "SELECT COUNT(*) FROM recovery_code WHERE account_id = $1"};

struct Factor {
  std::string sealed;
  bool is_confirmed = false;
  int64_t last_step = 0;
};

Factor ReadFactor(const sql::Row& row) { return {std::string(row.Blob(0)), row.Bool(1), row.Int(2)}; }

std::string Purpose(AccountId account) { return "totp/" + std::to_string(account.value); }

// Recovery codes are typed by hand: case and separators do not matter.
std::string Normalized(std::string_view code) {
  std::string out;
  for (const char c : code) {
    if (c != '-' && c != ' ') out += c;
  }
  return AsciiLower(out);
}

Result<std::vector<std::string>> ReplaceCodes(sql::Transaction& tx, AccountId account) {
  std::vector<std::string> codes;
  TRY_VOID(tx.Run(kDropCodes, {account}));
  for (int i = 0; i < kRecoveryCodes; ++i) {
    const std::string raw = AsciiLower(crypto::Base32Encode(crypto::RandomBytes(10)));
    codes.push_back(raw.substr(0, 4) + "-" + raw.substr(4, 4) + "-" + raw.substr(8, 4) + "-" + raw.substr(12));
    TRY_VOID(tx.Run(kAddCode, {account, HashSecret(raw)}));
  }
  return codes;
}

Error WrongCode() { return Error(ErrorCode::kBadCredentials, "the code is not right", "code"); }

}  // namespace

Result<SecondFactorEnrolment> SecondFactorService::Begin(const Account& account) {
  const std::string secret = crypto::NewTotpSecret();
  const std::string sealed = box_.Seal(secret, Purpose(account.id));
  auto stored = database_.Write([&](sql::Transaction& tx) -> Result<void> {
    TRY(const auto factor, tx.One(kFind, {account.id}, ReadFactor));
    if (factor && factor->is_confirmed) return Fail(ErrorCode::kConflict, "a second factor is on already");
    TRY_VOID(tx.Run(kPut, {account.id, sql::Bytes{sealed}, clock_.Now()}));
    return {};
  });
  if (!stored) return Fail(std::move(stored).error());
  return SecondFactorEnrolment{crypto::Base32Encode(secret), crypto::TotpUri(secret, "Berth", account.name)};
}

Result<std::vector<std::string>> SecondFactorService::Confirm(AccountId account, std::string_view code) {
  return database_.Write([&](sql::Transaction& tx) -> Result<std::vector<std::string>> {
    TRY(const auto factor, tx.One(kFind, {account}, ReadFactor));
    if (!factor || factor->is_confirmed)
      return Fail(ErrorCode::kConflict, "no enrolment of a second factor is under way");
    TRY(const std::string secret, box_.Open(factor->sealed, Purpose(account)));
    const auto step = crypto::VerifyTotp(secret, code, clock_.Now(), factor->last_step);
    if (!step) return Fail(WrongCode());
    TRY_VOID(tx.Run(kAccept, {account, *step}));
    return ReplaceCodes(tx, account);
  });
}

Result<bool> SecondFactorService::IsEnabled(AccountId account) {
  return database_.Read([&](sql::Connection& connection) -> Result<bool> {
    TRY(const auto factor, connection.One(kFind, {account}, ReadFactor));
    return factor && factor->is_confirmed;
  });
}

Result<void> SecondFactorService::Check(AccountId account, std::string_view code) {
  return database_.Write([&](sql::Transaction& tx) -> Result<void> {
    TRY(const auto factor, tx.One(kFind, {account}, ReadFactor));
    if (!factor || !factor->is_confirmed) return Fail(WrongCode());
    TRY(const std::string secret, box_.Open(factor->sealed, Purpose(account)));
    if (const auto step = crypto::VerifyTotp(secret, Normalized(code), clock_.Now(), factor->last_step)) {
      TRY(const int64_t accepted, tx.Run(kAccept, {account, *step}));
      return accepted == 1 ? Result<void>() : Result<void>(WrongCode());
    }
    TRY(const int64_t used, tx.Run(kUseCode, {account, HashSecret(Normalized(code))}));
    return used == 1 ? Result<void>() : Result<void>(WrongCode());
  });
}

Result<int64_t> SecondFactorService::RecoveryCodesLeft(AccountId account) {
  return database_.Read([&](sql::Connection& connection) -> Result<int64_t> {
    TRY(const auto count, connection.One(kCountCodes, {account}, [](const sql::Row& row) { return row.Int(0); }));
    return count.value_or(0);
  });
}

Result<std::vector<std::string>> SecondFactorService::RenewRecoveryCodes(AccountId account) {
  return database_.Write([&](sql::Transaction& tx) { return ReplaceCodes(tx, account); });
}

Result<void> SecondFactorService::Disable(AccountId account) {
  return database_.Write([&](sql::Transaction& tx) -> Result<void> {
    TRY_VOID(tx.Run(kDropCodes, {account}));
    TRY_VOID(tx.Run(kDrop, {account}));
    return {};
  });
}

std::string SecondFactorService::PendingToken(std::string_view account_uuid) const {
  const int64_t expires = ToMicros(clock_.Now() + kPendingLifetime);
  return Base64UrlEncode(box_.Seal(std::to_string(expires) + ":" + std::string(account_uuid), kPendingPurpose));
}

Result<std::string> SecondFactorService::OpenPendingToken(std::string_view token) const {
  const Error over(ErrorCode::kBadCredentials, "the sign-in is over; start again", "login_2fa_token");
  const auto sealed = Base64UrlDecode(token);
  if (!sealed) return Fail(over);
  const auto text = box_.Open(*sealed, kPendingPurpose);
  if (!text) return Fail(over);
  const auto colon = text->find(':');
  const auto expires = ParseNumber<int64_t>(std::string_view(*text).substr(0, colon));
  if (colon == std::string::npos || !expires || *expires < ToMicros(clock_.Now())) return Fail(over);
  return text->substr(colon + 1);
}

}  // namespace berth::accounts
