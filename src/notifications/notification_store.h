// What users should know of. A user hears of one subject once ("event:17", "token:<uuid>"). Functions of one
// connection.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "base/result.h"
#include "sql/database.h"

namespace berth::notifications {

enum class Kind { kInvitation, kDeviceRequest, kRoleChanged, kTokenExpiring, kPlanLimit, kJobFailed };
std::string_view ToString(Kind kind);  // "role_changed"

struct Notification {
  int64_t id = 0;
  AccountId account;
  std::string kind;
  std::string subject;
  std::string title;
  std::string body;
  std::string link;  // path in the web site
  Timestamp created_at;
  bool read = false;
};

// Does nothing when the user has heard of the subject.
Result<void> Add(sql::Transaction& tx, AccountId account, Kind kind, std::string_view subject, std::string_view title,
                 std::string_view body, std::string_view link, Timestamp now);
// Newest first, with smaller ids than `before` (0: from the newest).
Result<std::vector<Notification>> List(sql::Connection& connection, AccountId account, int64_t before, int64_t limit);
Result<int64_t> CountUnread(sql::Connection& connection, AccountId account);
// Those of `ids` that are the account's; the others are left alone.
Result<void> MarkRead(sql::Transaction& tx, AccountId account, std::span<const int64_t> ids, Timestamp now);
Result<void> MarkAllRead(sql::Transaction& tx, AccountId account, Timestamp now);
Result<int64_t> DeleteOlder(sql::Transaction& tx, Timestamp than, int64_t limit);

}  // namespace berth::notifications
