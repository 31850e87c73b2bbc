// One's own notifications: /api/berth/v1/user/notifications
#include "api/hub/caller_rules.h"
#include "api/hub/cursor.h"
#include "api/hub/hub_api.h"
#include "notifications/notification_store.h"

namespace berth::api::hub {
namespace {

constexpr int64_t kDefaultLimit = 50;
constexpr int64_t kMaxLimit = 100;
constexpr size_t kMaxIds = 1000;

struct ListRequest {
  std::optional<int64_t> limit;
  std::string cursor;
};
BOOST_DESCRIBE_STRUCT(ListRequest, (), (limit, cursor))

struct NotificationView {
  std::string id;
  std::string kind;
  std::string title;
  std::string body;
  std::string link;
  Timestamp created_at;
  bool read = false;
};
BOOST_DESCRIBE_STRUCT(NotificationView, (), (id, kind, title, body, link, created_at, read))

struct ListView {
  std::vector<NotificationView> items;
  std::optional<std::string> next;
  int64_t unread = 0;
};
BOOST_DESCRIBE_STRUCT(ListView, (), (items, next, unread))

struct MarkRequest {
  std::vector<std::string> ids;
};
BOOST_DESCRIBE_STRUCT(MarkRequest, (), (ids))

Result<ListView> ListNotifications(const HubApi& api, const Call& call, const ListRequest& request) {
  TRY(const auto user, OwnUser(api, call.caller));
  TRY(const auto cursor, ReadCursor(request.cursor, "cursor"));
  const int64_t wanted = request.limit.value_or(kDefaultLimit);
  if (wanted < 1) return Fail(ErrorCode::kInvalidArgument, "must be 1 or more", "limit");
  const int64_t limit = std::min(wanted, kMaxLimit);
  return api.database.Read([&](sql::Connection& c) -> Result<ListView> {
    ListView view;
    TRY(const auto found, notifications::List(c, user.id, cursor ? cursor->id : 0, limit + 1));
    for (const auto& n : found) {
      if (static_cast<int64_t>(view.items.size()) == limit) {
        view.next = MakeCursor({"", found[static_cast<size_t>(limit) - 1].id});
        break;
      }
      view.items.push_back({std::to_string(n.id), n.kind, n.title, n.body, n.link, n.created_at, n.read});
    }
    TRY(view.unread, notifications::CountUnread(c, user.id));
    return view;
  });
}

Result<NoContent> MarkNotificationsRead(const HubApi& api, const Call& call, const MarkRequest& request) {
  TRY(const auto user, OwnUser(api, call.caller));
  if (call.caller.kind == accounts::CredentialKind::kPersonalToken &&
      call.caller.scope < accounts::TokenScope::kAdmin) {
    return Fail(ErrorCode::kTokenScopeTooLow, "access to the resource is forbidden with personal access token");
  }
  if (request.ids.size() > kMaxIds) return Fail(ErrorCode::kInvalidArgument, "at most 1000 at once", "ids");
  std::vector<int64_t> ids;
  for (size_t i = 0; i < request.ids.size(); ++i) {
    const auto id = ParseNumber<int64_t>(request.ids[i]);
    if (!id || *id <= 0) {
      return Fail(ErrorCode::kInvalidArgument, "is no id of a notification", "ids[" + std::to_string(i) + "]");
    }
    ids.push_back(*id);
  }
  const Timestamp now = api.clock.Now();
  auto marked = api.database.Write([&](sql::Transaction& tx) {
    return ids.empty() ? notifications::MarkAllRead(tx, user.id, now) : notifications::MarkRead(tx, user.id, ids, now);
  });
  if (!marked) return Fail(std::move(marked).error());
  return NoContent{};
}

}  // namespace

void AddNotificationRoutes(OperationTable& table) {
  using http::Method;
  const std::string notifications = "/api/berth/v1/user/notifications";
  table.Add(Method::kGet, notifications, "ListNotifications", &ListNotifications);
  table.Add(Method::kPost, notifications + "/read", "MarkNotificationsRead", &MarkNotificationsRead, {.success = 204});
}

}  // namespace berth::api::hub
