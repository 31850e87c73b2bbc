// The SQL of open invitations. An invitation is a row until it is answered or cancelled.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "accounts/account.h"
#include "accounts/organization_store.h"
#include "base/clock.h"
#include "base/result.h"
#include "sql/database.h"

namespace berth::accounts {

struct Invitation {
  int64_t row = 0;
  std::string uuid;
  Account organization;
  std::string invitee;               // e-mail address or user name, as it was invited
  std::optional<AccountId> account;  // whom it is for, where that was known
  std::string email;                 // the address that was invited; empty when a user name was
  std::string inviter;
  std::optional<TeamId> team;
  std::string team_name;
  GivenRole role;
  Timestamp created_at;
  Timestamp expires_at;  // of the link; the invitation itself stays open
};

class InvitationStore {
 public:
  static Result<void> Insert(sql::Transaction& tx, const Invitation& invitation, std::string_view token_hash);
  // A new link.
  static Result<void> Renew(sql::Transaction& tx, int64_t row, std::string_view token_hash, Timestamp expires_at);
  static Result<bool> Delete(sql::Transaction& tx, int64_t row);
  static Result<std::optional<Invitation>> Find(sql::Connection& connection, std::string_view uuid);
  // By a link that works at `now`.
  static Result<std::optional<Invitation>> FindByToken(sql::Connection& connection, std::string_view token_hash,
                                                       Timestamp now);
  // Of an organization, oldest first.
  static Result<std::vector<Invitation>> List(sql::Connection& connection, AccountId organization, int64_t offset,
                                              int64_t limit);
  // For a user, by account or by confirmed address (empty: none), newest first, older than the row `before` (0: all).
  static Result<std::vector<Invitation>> ListFor(sql::Connection& connection, AccountId user, std::string_view email,
                                                 int64_t before, int64_t limit);
  // Whether one is open under that name, for that account, or for that address.
  static Result<bool> IsOpen(sql::Connection& connection, AccountId organization, std::string_view invitee,
                             std::optional<AccountId> account, std::string_view email);
};

}  // namespace berth::accounts
