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
        {"member.invite.send", "Team Member Invited", "Somebody was invited, or once more"},
        {"team.create", "Team Created", "A team was made"},
        {"team.update", "Team Updated", "A team was renamed or described"},
        {"team.delete", "Team Deleted", "A team was deleted"},
        {"team.member.add", "Team Member Added", "Somebody joined a team"},
        {"team.member.remove", "Team Member Removed", "Somebody left a team"},
        {"settings.update", "Organization Settings Updated", "The organization's settings changed"},
        {"registry_access.enabled", "Registry Access Management Enabled", "Only allowed registries may be used"},
        {"registry_access.disabled", "Registry Access Management Disabled", "Every registry may be used again"},
        {"registry_access.registry_added", "Registry Added", "A registry came to the list of the allowed"},
        {"registry_access.registry_updated", "Registry Updated", "What is said of a registry in the list changed"},
        {"registry_access.registry_removed", "Registry Removed", "A registry was taken off the list"},
        {"customrole.create", "Custom Role Created", "A role was made"},
        {"customrole.update", "Custom Role Updated", "What a role allows, or its description, changed"},
        {"customrole.delete", "Custom Role Deleted", "A role was deleted"},
        {"access_token.create", "Access Token Created", "An access token was made"},
        {"access_token.update", "Access Token Updated", "An access token changed"},
        {"access_token.delete", "Access Token Deleted", "An access token was deleted"}}},
      {"billing",
       "Billing",
       {{"plan.upgrade", "Plan Upgraded", "The administrator assigned a plan that holds more"},
        {"plan.downgrade", "Plan Downgraded", "The administrator assigned a plan that holds less"},
        {"plan.seat_add", "Seat Added", "The plan got more seats"},
        {"plan.seat_remove", "Seat Removed", "The plan got fewer seats"}}},
      {"enterprise",
       "Enterprise",
       {{"sso.connection.scim_toggle", "SCIM Toggled", "Provisioning was switched on or off"},
        {"sso.connection.scim_token_refresh", "SCIM Token Refreshed", "Provisioning got a new token"}}},
      {"user",
       "User",
       {{"create", "User Created", "The account was made"},
        {"update", "User Updated", "Something about the account changed"},
        {"delete", "User Deleted", "The account was deleted"},
        {"password.update", "Password Changed", "The account got another password"},
        {"device.approve", "Device Approved", "A sign-in from another device was approved"},
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

// What the filters that both logs have leave over. A word without a dot is a group of actions. `first` and `end` hold
// what the clause views.
struct Narrowing {
  std::string first;
  std::string end;

  template <typename Request>
  Narrowing(const Request& request, catalog::Clause& clause) : first(request.action + "."), end(request.action + "/") {
    clause.text += " AND created_at >= " + clause.Param(request.from ? ToMicros(*request.from) : 0) +
                   " AND created_at < " + clause.Param(request.to ? ToMicros(*request.to) : kFarFuture);
    if (request.action.find('.') != std::string::npos) {
      clause.text += " AND type = " + clause.Param(request.action);
    } else if (!request.action.empty()) {
      clause.text += " AND type >= " + clause.Param(first) + " AND type < " + clause.Param(end);
    }
    if (!request.actor.empty()) clause.text += " AND actor = " + clause.Param(request.actor);
  }
  Narrowing(const Narrowing&) = delete;
  Narrowing& operator=(const Narrowing&) = delete;
};

constexpr std::string_view kLogColumns = "account, type, name, actor, data, created_at";

LogView ReadLog(const sql::Row& row, int at) {
  return {row.String(at),
          row.String(at + 1),
          row.String(at + 2),
          row.String(at + 3),
          {row.String(at + 4)},
          row.Time(at + 5),
          DescriptionOf(row.Text(at + 1))};
}

Result<LogsView> ListAuditLogs(const HubApi& api, const Call& call, const LogsRequest& request) {
  TRY(const PageRange range, MakePageRange(request.page, request.page_size, 25, 100));
  TRY(const auto account, RequireAuditLog(api, call, request.account));
  return api.database.Read([&](sql::Connection& c) -> Result<LogsView> {
    catalog::Clause clause;
    clause.text = "SELECT " + std::string(kLogColumns) + " FROM event WHERE account_id = " + clause.Param(account.id);
    const Narrowing narrowing(request, clause);
    if (!request.name.empty()) clause.text += " AND name = " + clause.Param(request.name);
    clause.text += " ORDER BY id DESC LIMIT " + clause.Param(range.size) + " OFFSET " + clause.Param(range.offset());
    LogsView view;
    TRY_VOID(c.ExecuteDynamic(clause.text, clause.values,
                              [&](const sql::Row& row) { view.logs.push_back(ReadLog(row, 0)); }));
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

// Newest first, behind the cursor, along the index of what is asked for.
Result<std::vector<PlacedLog>> ReadServerLogs(sql::Connection& c, const ServerLogsRequest& request,
                                              const std::optional<Cursor>& cursor, int64_t limit) {
  catalog::Clause clause;
  clause.text = "SELECT id, " + std::string(kLogColumns) + " FROM event WHERE 1 = 1";
  const Narrowing narrowing(request, clause);
  if (!request.account.empty()) clause.text += " AND account = " + clause.Param(request.account);
  if (cursor) {
    TRY(const int64_t at, CursorNumber(*cursor, "cursor"));
    const std::string time = clause.Param(at);
    clause.text +=
        " AND created_at <= " + time + " AND (created_at < " + time + " OR id < " + clause.Param(cursor->id) + ")";
  }
  clause.text += " ORDER BY created_at DESC, id DESC LIMIT " + clause.Param(limit);
  std::vector<PlacedLog> logs;
  TRY_VOID(c.ExecuteDynamic(clause.text, clause.values,
                            [&](const sql::Row& row) { logs.push_back({row.Int(0), ReadLog(row, 1)}); }));
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
