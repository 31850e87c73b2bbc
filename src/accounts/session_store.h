// The SQL of sessions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "accounts/credential_cache.h"
#include "accounts/session_service.h"
#include "base/result.h"
#include "sql/database.h"

namespace berth::accounts {

class SessionStore {
 public:
  // kConflict when the access token it names is gone.
  static Result<void> Insert(sql::Transaction& tx, const NewSession& session, std::string_view uuid,
                             std::string_view refresh_hash, Timestamp now);
  static Result<std::optional<Credential>> FindByUuid(sql::Connection& connection, std::string_view uuid);
  static Result<std::optional<Credential>> FindByRefreshHash(sql::Connection& connection,
                                                             std::string_view refresh_hash);
  static Result<void> SetLastUsed(sql::Transaction& tx, int64_t row, Timestamp at);
  static Result<std::vector<Session>> List(sql::Connection& connection, AccountId account, Timestamp now);
  static Result<bool> Delete(sql::Transaction& tx, AccountId account, std::string_view uuid);
  static Result<bool> DeleteByRefreshHash(sql::Transaction& tx, std::string_view refresh_hash);
  // All that no access token stands behind, but `keep`.
  static Result<void> DeleteOfPassword(sql::Transaction& tx, AccountId account, std::string_view keep);
  static Result<void> DeleteAll(sql::Transaction& tx, AccountId account);
  static Result<int64_t> DeleteExpired(sql::Transaction& tx, Timestamp now, int64_t limit);
};

}  // namespace berth::accounts
