// The audit log: the event log of one account for its owners (/v2/auditlogs/…), and of all for administrators.
#include <array>

#include "api/hub/caller_rules.h"
#include "api/hub/cursor.h"
#include "api/hub/hub_api.h"
#include "api/hub/page.h"
#include "catalog/clause.h"
#include "json/value.h"
#include "json/writer.h"
#include "limits/quota.h"

namespace berth::api::hub {
namespace {

using access::NamespaceAction;

// Docker Hub's catalogue of actions that happen here, by group.
struct AuditAction {
  std::string_view name;
  std::string_view label;
  std::string_view description;
};
struct AuditGroup {
  std::string_view name;
  std::string_view label;
  std::vector<AuditAction> actions;
};

const std::vector<AuditGroup>& Catalogue() {
  static const std::vector<AuditGroup> kGroups = {
      {"repo",
       "Repository",
       {{"create", "Repository Created", "A repository was made"},
        {"update", "Repository Updated", "What is said about a repository, or who may use it, changed"},
        {"delete", "Repository Deleted", "A repository was deleted"},
        {"change_privacy", "Privacy Changed", "A repository became private or public"},
        {"category.updated", "Categories Updated", "The categories of a repository changed"},
        {"immutable.tags.updated", "Immutable Tags Updated", "The rules for immutable tags changed"},
        {"tag.push", "Tag Pushed", "A tag was pushed"},
        {"tag.delete", "Tag Deleted", "A tag was deleted"}}},
      {"org",
       "Organization",
       {{"create", "Organization Created", "An organization was made"},
        {"member.add", "Organization Member Added", "Somebody became a member"},
        {"member.remove", "Organization Member Removed", "Somebody left or was removed"},
        {"member.role.change", "Member Role Changed", "A member got another role"},
        {"team.create", "Team Created", "A team was made"},
        {"team.update", "Team Updated", "A team was renamed or described"},
        {"team.delete", "Team Deleted", "A team was deleted"},
        {"team.member.add", "Team Member Added", "Somebody joined a team"},
        {"team.member.remove", "Team Member Removed", "Somebody left a team"},
        {"settings.update", "Organization Settings Updated", "The organization's settings changed"},
        {"access_token.create", "Access Token Created", "An access token was made"},
        {"access_token.update", "Access Token Updated", "An access token changed"},
        {"access_token.delete", "Access Token Deleted", "An access token was deleted"}}},
  };
  return kGroups;
}

// What administrators do to the server itself.
constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kServerActions{{
    {"server.settings.update", "Settings of the server changed"},
    {"server.plan.create", "A plan was made"},
    {"server.plan.update", "The numbers of a plan changed"},
    {"server.plan.delete", "A plan was deleted"},
    {"server.job.retry", "A background job was run again"},
    {"server.job.discard", "A background job was discarded"},
    {"server.garbage.run", "The garbage collector was asked to run"},
    {"server.mail.test", "A test message was sent"},
}};

std::string DescriptionOf(std::string_view type) {
  for (const auto& [name, description] : kServerActions) {
    if (type == name) return std::string(description);
  }
  for (const AuditGroup& group : Catalogue()) {
    for (const AuditAction& action : group.actions) {
      if (type == std::string(group.name) + "." + std::string(action.name)) return std::string(action.description);
    }
  }
  return std::string(type);
}

struct ActionView {
  std::string name;
  std::string description;
  std::string label;
};
BOOST_DESCRIBE_STRUCT(ActionView, (), (name, description, label))
struct GroupView {
  std::vector<ActionView> actions;
  std::string label;
};
BOOST_DESCRIBE_STRUCT(GroupView, (), (actions, label))
struct ActionsView {
  std::map<std::string, GroupView> actions;
};
BOOST_DESCRIBE_STRUCT(ActionsView, (), (actions))

struct AccountRequest {
  std::string account;
};
BOOST_DESCRIBE_STRUCT(AccountRequest, (), (account))

struct LogsRequest {
  std::string account;
  std::string action;
  std::string name;
  std::string actor;
  std::optional<Timestamp> from;
  std::optional<Timestamp> to;
  std::optional<int64_t> page;
  std::optional<int64_t> page_size;
};
BOOST_DESCRIBE_STRUCT(LogsRequest, (), (account, action, name, actor, from, to, page, page_size))

struct LogView {
  std::string account;
  std::string action;
  std::string name;
  std::string actor;
  json::RawJson data;
  Timestamp timestamp;
  std::string action_description;
};
BOOST_DESCRIBE_STRUCT(LogView, (), (account, action, name, actor, data, timestamp, action_description))

struct LogsView {
  std::vector<LogView> logs;
};
BOOST_DESCRIBE_STRUCT(LogsView, (), (logs))

constexpr sql::Query kLogs{"hub.audit.list",
                           "SELECT account, type, name, actor, data, created_at FROM event WHERE account_id = $1 "
                           "AND ($2 = '' OR type = $2) AND ($3 = '' OR name = $3) AND ($4 = '' OR actor = $4) "
                           "AND created_at >= $5 AND created_at < $6 ORDER BY id DESC LIMIT $7 OFFSET $8"};
struct ServerLogsRequest {
  std::optional<int64_t> limit;
  std::string cursor;
  std::string action;
  std::string actor;
  std::string account;
  std::optional<Timestamp> from;
  std::optional<Timestamp> to;
};
BOOST_DESCRIBE_STRUCT(ServerLogsRequest, (), (limit, cursor, action, actor, account, from, to))

struct ServerLogsView {
  std::vector<LogView> items;
  std::optional<std::string> next;
};
BOOST_DESCRIBE_STRUCT(ServerLogsView, (), (items, next))

constexpr int64_t kFarFuture = 253'402'300'799'000'000;  // the year 9999

// An event's data as clients read it: every value is text.
Result<std::string> TextData(std::string_view data) {
  TRY(const auto document, json::Document::Parse(data));
  json::Writer w;
  w.BeginObject();
  document.root().EachMember([&](std::string_view key, json::Value value) {
    const auto text = value.AsString();
    w.Key(key).String(text ? *text : value.Serialize());
  });
  w.EndObject();
  return std::move(w).Take();
}

Result<accounts::Account> RequireAuditLog(const HubApi& api, const Call& call, std::string_view name) {
  TRY(auto account, RequireNamespace(api, call, name, NamespaceAction::kViewAudit));
  TRY_VOID(api.database.Read(
      [&](sql::Connection& c) { return limits::CheckFeature(c, account.id, limits::Feature::kAuditLog); }));
  return account;
}

Result<ActionsView> ListAuditActions(const HubApi& api, const Call& call, const AccountRequest& request) {
  TRY_VOID(RequireAuditLog(api, call, request.account));
  ActionsView view;
  for (const AuditGroup& group : Catalogue()) {
    GroupView& shown = view.actions[std::string(group.name)];
    shown.label = group.label;
    for (const AuditAction& a : group.actions) {
      shown.actions.push_back({std::string(a.name), std::string(a.description), std::string(a.label)});
    }
  }
  return view;
}

Result<LogsView> ListAuditLogs(const HubApi& api, const Call& call, const LogsRequest& request) {
  TRY(const PageRange range, MakePageRange(request.page, request.page_size, 25, 100));
  TRY(const auto account, RequireAuditLog(api, call, request.account));
  const int64_t from = request.from ? ToMicros(*request.from) : 0;
  const int64_t to = request.to ? ToMicros(*request.to) : kFarFuture;
  return api.database.Read([&](sql::Connection& c) -> Result<LogsView> {
    LogsView view;
    TRY(view.logs,
        c.All(kLogs, {account.id, request.action, request.name, request.actor, from, to, range.size, range.offset()},
              [](const sql::Row& row) {
                return LogView{row.String(0),
                               row.String(1),
                               row.String(2),
                               row.String(3),
                               {row.String(4)},
                               row.Time(5),
                               DescriptionOf(row.Text(1))};
              }));
    for (LogView& log : view.logs) {
      TRY(log.data.text, TextData(log.data.text));
    }
    return view;
  });
}

struct PlacedLog {
  int64_t id = 0;
  LogView view;
};

// Newest first, behind the cursor, along the index of what is asked for. A word without a dot is a group of actions.
Result<std::vector<PlacedLog>> ReadServerLogs(sql::Connection& c, const ServerLogsRequest& request,
                                              const std::optional<Cursor>& cursor, int64_t limit) {
  catalog::Clause clause;
  clause.text = "SELECT id, account, type, name, actor, data, created_at FROM event WHERE created_at >= " +
                clause.Param(request.from ? ToMicros(*request.from) : 0) + " AND created_at < " +
                clause.Param(request.to ? ToMicros(*request.to) : kFarFuture);
  const std::string first = request.action + ".", end = request.action + "/";
  if (request.action.find('.') != std::string::npos) {
    clause.text += " AND type = " + clause.Param(request.action);
  } else if (!request.action.empty()) {
    clause.text += " AND type >= " + clause.Param(first) + " AND type < " + clause.Param(end);
  }
  if (!request.actor.empty()) clause.text += " AND actor = " + clause.Param(request.actor);
  if (!request.account.empty()) clause.text += " AND account = " + clause.Param(request.account);
  if (cursor) {
    TRY(const int64_t at, CursorNumber(*cursor, "cursor"));
    const std::string time = clause.Param(at);
    clause.text +=
        " AND created_at <= " + time + " AND (created_at < " + time + " OR id < " + clause.Param(cursor->id) + ")";
  }
  clause.text += " ORDER BY created_at DESC, id DESC LIMIT " + clause.Param(limit);
  std::vector<PlacedLog> logs;
  TRY_VOID(c.ExecuteDynamic(clause.text, clause.values, [&](const sql::Row& row) {
    logs.push_back({row.Int(0),
                    {row.String(1),
                     row.String(2),
                     row.String(3),
                     row.String(4),
                     {row.String(5)},
                     row.Time(6),
                     DescriptionOf(row.Text(2))}});
  }));
  return logs;
}

Result<ServerLogsView> ListServerAuditLog(const HubApi& api, const Call& call, const ServerLogsRequest& request) {
  TRY_VOID(RequireSiteAdmin(call.caller));
  TRY(const auto cursor, ReadCursor(request.cursor, "cursor"));
  const int64_t limit = std::clamp<int64_t>(request.limit.value_or(50), 1, 200);
  TRY(auto logs, api.database.Read([&](sql::Connection& c) { return ReadServerLogs(c, request, cursor, limit + 1); }));
  ServerLogsView view;
  for (auto& log : logs) {
    if (static_cast<int64_t>(view.items.size()) == limit) {
      const PlacedLog& last = logs[static_cast<size_t>(limit) - 1];
      view.next = MakeCursor({std::to_string(ToMicros(last.view.timestamp)), last.id});
      break;
    }
    TRY(log.view.data.text, TextData(log.view.data.text));
    view.items.push_back(std::move(log.view));
  }
  return view;
}

}  // namespace

void AddAuditRoutes(OperationTable& table) {
  table.Add(http::Method::kGet, "/v2/auditlogs/{account}/actions", "ListAuditActions", &ListAuditActions);
  table.Add(http::Method::kGet, "/v2/auditlogs/{account}", "ListAuditLogs", &ListAuditLogs);
  table.Add(http::Method::kGet, "/api/berth/v1/admin/audit", "ListServerAuditLog", &ListServerAuditLog);
}

}  // namespace berth::api::hub
