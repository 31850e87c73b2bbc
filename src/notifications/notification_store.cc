#include "notifications/notification_store.h"

namespace berth::notifications {
namespace {

constexpr sql::Query kAdd{"notification.add",
                          "INSERT INTO notification (account_id, kind, subject, title, body, link, created_at) "
                          "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (account_id, subject) DO NOTHING"};
constexpr sql::Query kList{
    "notification.list",
    "SELECT id, kind, subject, title, body, link, created_at, read_at FROM notification WHERE account_id = $1 "
    "AND ($2 = 0 OR id < $2) ORDER BY id DESC LIMIT $3"};
constexpr sql::Query kUnread{"notification.unread",
                             "SELECT COUNT(*) FROM notification WHERE account_id = $1 AND read_at IS NULL"};
constexpr sql::Query kRead{
    "notification.read", "UPDATE notification SET read_at = $3 WHERE account_id = $1 AND id = $2 AND read_at IS NULL"};
constexpr sql::Query kReadAll{"notification.read_all",
                              "UPDATE notification SET read_at = $2 WHERE account_id = $1 AND read_at IS NULL"};
constexpr sql::Query kDelete{
    "notification.delete",
    "DELETE FROM notification WHERE id IN (SELECT id FROM notification WHERE created_at < $1 LIMIT $2)"};

}  // namespace

std::string_view ToString(Kind kind) {
  switch (kind) {
    case Kind::kInvitation:
      return "invitation";
    case Kind::kDeviceRequest:
      return "device_request";
    case Kind::kRoleChanged:
      return "role_changed";
    case Kind::kTokenExpiring:
      return "token_expiring";
    case Kind::kPlanLimit:
      return "plan_limit";
    case Kind::kJobFailed:
      break;
  }
  return "job_failed";
}

Result<void> Add(sql::Transaction& tx, AccountId account, Kind kind, std::string_view subject, std::string_view title,
                 std::string_view body, std::string_view link, Timestamp now) {
  TRY_VOID(tx.Run(kAdd, {account, ToString(kind), subject, title, body, link, now}));
  return {};
}

Result<std::vector<Notification>> List(sql::Connection& connection, AccountId account, int64_t before, int64_t limit) {
  return connection.All(kList, {account, before, limit}, [&](const sql::Row& row) {
    return Notification{row.Int(0),    account,       row.String(1), row.String(2), row.String(3),
                        row.String(4), row.String(5), row.Time(6),   !row.IsNull(7)};
  });
}

Result<int64_t> CountUnread(sql::Connection& connection, AccountId account) {
  TRY(const auto count, connection.One(kUnread, {account}, [](const sql::Row& row) { return row.Int(0); }));
  return count.value_or(0);
}

Result<void> MarkRead(sql::Transaction& tx, AccountId account, std::span<const int64_t> ids, Timestamp now) {
  for (const int64_t id : ids) TRY_VOID(tx.Run(kRead, {account, id, now}));
  return {};
}

Result<void> MarkAllRead(sql::Transaction& tx, AccountId account, Timestamp now) {
  TRY_VOID(tx.Run(kReadAll, {account, now}));
  return {};
}

Result<int64_t> DeleteOlder(sql::Transaction& tx, Timestamp than, int64_t limit) {
  return tx.Run(kDelete, {than, limit});
}

}  // namespace berth::notifications
