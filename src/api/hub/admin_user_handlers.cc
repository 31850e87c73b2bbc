// Administration of accounts: users, badges, plans of namespaces, mail that waits. For administrators of the server.
#include "accounts/account_lifecycle.h"
#include "accounts/account_row.h"
#include "api/hub/caller_rules.h"
#include "api/hub/hub_api.h"
#include "api/hub/page.h"
#include "limits/plan.h"

namespace berth::api::hub {
namespace {

using accounts::Account;

struct AdminUserView {
  UserView user;
  std::string email;
  bool email_verified = false;
  std::string state;
  bool is_admin = false;
  bool two_factor_enabled = false;
  std::string plan;
  std::string badge;
  int64_t repositories = 0;
  int64_t storage = 0;
  std::optional<Timestamp> last_login_at;
  bool managed_by_scim = false;
};
BOOST_DESCRIBE_STRUCT(AdminUserView, (),
                      (user, email, email_verified, state, is_admin, two_factor_enabled, plan, badge, repositories,
                       storage, last_login_at, managed_by_scim))

struct AdminUserList {
  std::vector<AdminUserView> items;
  std::optional<std::string> next;
  int64_t total = 0;
};
BOOST_DESCRIBE_STRUCT(AdminUserList, (), (items, next, total))

struct ListRequest {
  std::optional<int64_t> limit;
  std::string cursor;
  std::string query;
  std::string state;
};
BOOST_DESCRIBE_STRUCT(ListRequest, (), (limit, cursor, query, state))

struct CreateUserRequest {
  json::Required<std::string> username;
  std::string email;
  std::string full_name;
  std::string password;
  bool is_admin = false;
};
BOOST_DESCRIBE_STRUCT(CreateUserRequest, (), (username, email, full_name, password, is_admin))

struct CreatedUser {
  AdminUserView user;
  json::Omittable<std::string> link;
};
BOOST_DESCRIBE_STRUCT(CreatedUser, (), (user, link))

struct UserRequest {
  std::string username;
};
BOOST_DESCRIBE_STRUCT(UserRequest, (), (username))

struct UpdateUserRequest {
  std::string username;
  std::optional<std::string> full_name;
  std::optional<std::string> email;
  std::optional<bool> email_verified;
  std::optional<bool> disabled;
  std::optional<bool> is_admin;
};
BOOST_DESCRIBE_STRUCT(UpdateUserRequest, (), (username, full_name, email, email_verified, disabled, is_admin))

struct OneTimeLink {
  std::string link;
  Timestamp expires_at;
  bool mail_sent = false;
};
BOOST_DESCRIBE_STRUCT(OneTimeLink, (), (link, expires_at, mail_sent))

struct BadgeRequest {
  std::string namespace_;
  json::Required<std::string> badge;
};
BOOST_DESCRIBE_STRUCT(BadgeRequest, (), (namespace_, badge))

struct BadgeState {
  std::string name;
  std::string badge;
};
BOOST_DESCRIBE_STRUCT(BadgeState, (), (name, badge))

struct HeldMailView {
  std::string id;
  std::string to;
  std::string subject;
  std::string text;
  Timestamp created_at;
};
BOOST_DESCRIBE_STRUCT(HeldMailView, (), (id, to, subject, text, created_at))

struct HeldMailList {
  std::vector<HeldMailView> items;
  std::optional<std::string> next;
};
BOOST_DESCRIBE_STRUCT(HeldMailList, (), (items, next))

struct MailRequest {
  int64_t mail_id = 0;
};
BOOST_DESCRIBE_STRUCT(MailRequest, (), (mail_id))

#define BERTH_SHOWN_USER                                                                                              \
  "SELECT " BERTH_ACCOUNT_COLUMNS ", " BERTH_PLAN_OF_ACCOUNT                                                          \
  ", (SELECT COUNT(*) FROM repository r WHERE r.account_id = a.id), "                                                 \
  "(SELECT CAST(COALESCE(SUM(r.storage_size), 0) AS BIGINT) FROM repository r WHERE r.account_id = a.id), "           \
  "CASE WHEN EXISTS (SELECT 1 FROM second_factor f WHERE f.account_id = a.id AND f.is_confirmed = 1) THEN 1 ELSE 0 "  \
  "END, CASE WHEN EXISTS (SELECT 1 FROM managed_account m WHERE m.account_id = a.id) THEN 1 ELSE 0 END FROM account " \
  "a "
// $1: what name or address contain, $2: its pattern, $3: state.
#define BERTH_USER_MATCHES                                                                                          \
  "a.kind = 'user' AND ($1 = '' OR a.name LIKE $2 ESCAPE '\\' OR a.email LIKE $2 ESCAPE '\\') AND ($3 = '' OR "     \
  "($3 = 'disabled' AND a.is_active = 0) OR ($3 = 'active' AND a.is_active = 1 AND a.email_verified = 1) OR ($3 = " \
  "'unverified' AND a.is_active = 1 AND a.email_verified = 0))"
constexpr sql::Query kUsers{"hub.admin.users",
                            BERTH_SHOWN_USER "WHERE a.name > $4 AND " BERTH_USER_MATCHES " ORDER BY a.name LIMIT $5"};
constexpr sql::Query kCountUsers{"hub.admin.count_users", "SELECT COUNT(*) FROM account a WHERE " BERTH_USER_MATCHES};
constexpr sql::Query kUser{"hub.admin.user", BERTH_SHOWN_USER "WHERE a.id = $1"};

std::string ShownBadge(const std::string& badge) { return badge.empty() ? "none" : badge; }

AdminUserView ReadUser(const sql::Row& row) {
  const Account account = accounts::AccountFromRow(row, 0);
  AdminUserView view;
  view.user = MakeUserView(account);
  view.email = account.email;
  view.email_verified = account.email_verified;
  view.state = !account.is_active ? "disabled" : account.email_verified ? "active" : "unverified";
  view.is_admin = account.is_admin;
  view.badge = ShownBadge(account.badge);
  view.last_login_at = account.last_login_at;
  int column = accounts::kAccountColumns;
  view.plan = row.String(column++);
  view.repositories = row.Int(column++);
  view.storage = row.Int(column++);
  view.two_factor_enabled = row.Bool(column++);
  view.managed_by_scim = row.Bool(column);
  return view;
}

Result<AdminUserView> Shown(const HubApi& api, const Account& account) {
  TRY(auto view, api.database.Read([&](sql::Connection& c) { return c.One(kUser, {account.id}, ReadUser); }));
  if (!view) return Fail(ErrorCode::kNotFound, "httperror 404: object not found", "username");
  return *std::move(view);
}

Result<Account> FindUser(const HubApi& api, const Call& call, const std::string& name) {
  TRY_VOID(RequireSiteAdmin(call.caller));
  TRY(auto account, api.accounts.accounts.Find(name));
  if (!account.IsUser()) return Fail(ErrorCode::kNotFound, "httperror 404: object not found", "username");
  return account;
}

Result<AdminUserList> ListUsers(const HubApi& api, const Call& call, const ListRequest& request) {
  TRY_VOID(RequireSiteAdmin(call.caller));
  const int64_t limit = std::clamp<int64_t>(request.limit.value_or(50), 1, 200);
  if (!request.state.empty() && request.state != "active" && request.state != "disabled" &&
      request.state != "unverified")
    return Fail(ErrorCode::kInvalidArgument, "must be active, disabled or unverified", "state");
  const std::string pattern = ContainsPattern(request.query);
  return api.database.Read([&](sql::Connection& c) -> Result<AdminUserList> {
    AdminUserList list;
    TRY(const auto total,
        c.One(kCountUsers, {request.query, pattern, request.state}, [](const sql::Row& row) { return row.Int(0); }));
    list.total = total.value_or(0);
    TRY(list.items, c.All(kUsers, {request.query, pattern, request.state, request.cursor, limit + 1}, ReadUser));
    if (static_cast<int64_t>(list.items.size()) > limit) {
      list.items.resize(static_cast<size_t>(limit));
      list.next = list.items.back().user.username;
    }
    return list;
  });
}

// Without a password the answer holds a link by which its user sets one.
Result<CreatedUser> CreateUser(const HubApi& api, const Call& call, const CreateUserRequest& request) {
  TRY_VOID(RequireSiteAdmin(call.caller));
  accounts::NewUser user;
  user.name = *request.username;
  user.email = request.email;
  user.full_name = request.full_name;
  user.password = request.password;
  user.is_admin = request.is_admin;
  user.email_verified = true;  // the administrator vouches
  auto created = api.accounts.accounts.CreateUser(user, accounts::NameRule::kAdministrator, call.caller.AsActor());
  if (!created) {
    Error error = std::move(created).error();
    if (error.field == "name") error.field = "username";
    return Fail(std::move(error));
  }
  CreatedUser answer;
  TRY(answer.user, Shown(api, *created));
  if (request.password.empty()) {
    TRY(answer.link, api.links.MakeResetLink(*created, PageAddress(api, call.http, "/reset-password")));
  }
  return answer;
}

Result<AdminUserView> GetUserAsAdmin(const HubApi& api, const Call& call, const UserRequest& request) {
  TRY(const auto account, FindUser(api, call, request.username));
  return Shown(api, account);
}

Result<AdminUserView> UpdateUserAsAdmin(const HubApi& api, const Call& call, const UpdateUserRequest& request) {
  TRY(const auto account, FindUser(api, call, request.username));
  const bool own = account.id == call.caller.account;
  if (own && (request.disabled == true || request.is_admin == false)) {
    return Fail(ErrorCode::kConflict, "nobody takes away his own right to administer");
  }
  accounts::AccountChange change;
  change.full_name = request.full_name;
  change.email = request.email;
  change.email_verified = request.email_verified;
  change.is_admin = request.is_admin;
  if (request.disabled) change.is_active = !*request.disabled;
  TRY(const auto updated, api.accounts.accounts.Update(account.id, change, call.caller.AsActor()));
  return Shown(api, updated);
}

Result<NoContent> DeleteUserAsAdmin(const HubApi& api, const Call& call, const UserRequest& request) {
  TRY(const auto account, FindUser(api, call, request.username));
  if (account.id == call.caller.account) return Fail(ErrorCode::kConflict, "nobody deletes himself here");
  accounts::AccountLifecycle lifecycle(api.database, api.accounts.cache, api.clock);
  TRY_VOID(lifecycle.Delete(account.id, call.caller.AsActor()));
  return NoContent{};
}

Result<OneTimeLink> CreatePasswordLink(const HubApi& api, const Call& call, const UserRequest& request) {
  TRY(const auto account, FindUser(api, call, request.username));
  TRY(auto link, api.links.MakeResetLink(account, PageAddress(api, call.http, "/reset-password")));
  return OneTimeLink{std::move(link), api.clock.Now() + accounts::AccountLinks::kResetLifetime, false};
}

Result<NoContent> ResetTwoFactor(const HubApi& api, const Call& call, const UserRequest& request) {
  TRY(const auto account, FindUser(api, call, request.username));
  TRY_VOID(api.second_factor.Disable(account.id));
  return NoContent{};
}

Result<NoContent> RevokeUserSessions(const HubApi& api, const Call& call, const UserRequest& request) {
  TRY(const auto account, FindUser(api, call, request.username));
  TRY(const auto sessions, api.accounts.sessions.List(account.id));
  for (const auto& session : sessions) {
    auto ended = api.accounts.sessions.End(account.id, session.uuid);
    if (!ended && ended.error().code != ErrorCode::kNotFound) return Fail(std::move(ended).error());
  }
  return NoContent{};
}

Result<BadgeState> SetNamespaceBadge(const HubApi& api, const Call& call, const BadgeRequest& request) {
  TRY_VOID(RequireSiteAdmin(call.caller));
  const std::string& badge = *request.badge;
  if (badge != "none" && badge != "verified_publisher" && badge != "open_source" && badge != "official") {
    return Fail(ErrorCode::kInvalidArgument, "must be none, official, verified_publisher or open_source", "badge");
  }
  TRY(const auto account, api.accounts.accounts.Find(request.namespace_));
  accounts::AccountChange change;
  change.badge = badge == "none" ? "" : badge;
  TRY_VOID(api.accounts.accounts.Update(account.id, change, call.caller.AsActor()));
  return BadgeState{account.name, badge};
}

Result<HeldMailList> ListHeldMail(const HubApi& api, const Call& call, const ListRequest& request) {
  TRY_VOID(RequireSiteAdmin(call.caller));
  const int64_t limit = std::clamp<int64_t>(request.limit.value_or(50), 1, 200);
  const int64_t after = ParseNumber<int64_t>(request.cursor).value_or(0);
  TRY(auto mails,
      api.database.Read([&](sql::Connection& c) { return accounts::MailStore::ListUnsent(c, after, limit + 1); }));
  HeldMailList list;
  for (auto& mail : mails) {
    if (static_cast<int64_t>(list.items.size()) == limit) {
      list.next = list.items.back().id;
      break;
    }
    list.items.push_back({std::to_string(mail.id), mail.to, mail.subject,
                          accounts::MailStore::TextAt(mail, PageAddress(api, call.http, "")), mail.created_at});
  }
  return list;
}

Result<NoContent> DeleteHeldMail(const HubApi& api, const Call& call, const MailRequest& request) {
  TRY_VOID(RequireSiteAdmin(call.caller));
  TRY(const bool deleted,
      api.database.Write([&](sql::Transaction& tx) { return accounts::MailStore::Delete(tx, request.mail_id); }));
  if (!deleted) return Fail(ErrorCode::kNotFound, "httperror 404: object not found", "mail_id");
  return NoContent{};
}

}  // namespace

void AddAdminUserRoutes(OperationTable& table) {
  using http::Method;
  const std::string users = "/api/berth/v1/admin/users";
  const std::string user = users + "/{username}";
  table.Add(Method::kGet, users, "ListUsers", &ListUsers);
  table.Add(Method::kPost, users, "CreateUser", &CreateUser, {.success = 201});
  table.Add(Method::kGet, user, "GetUserAsAdmin", &GetUserAsAdmin);
  table.Add(Method::kPatch, user, "UpdateUserAsAdmin", &UpdateUserAsAdmin);
  table.Add(Method::kDelete, user, "DeleteUserAsAdmin", &DeleteUserAsAdmin, {.success = 204});
  table.Add(Method::kPost, user + "/password-link", "CreatePasswordLink", &CreatePasswordLink, {.success = 201});
  table.Add(Method::kDelete, user + "/2fa", "ResetTwoFactor", &ResetTwoFactor, {.success = 204});
  table.Add(Method::kDelete, user + "/sessions", "RevokeUserSessions", &RevokeUserSessions, {.success = 204});
  table.Add(Method::kPut, "/api/berth/v1/admin/namespaces/{namespace}/badge", "SetNamespaceBadge", &SetNamespaceBadge);
  table.Add(Method::kGet, "/api/berth/v1/admin/mail", "ListHeldMail", &ListHeldMail);
  table.Add(Method::kDelete, "/api/berth/v1/admin/mail/{mail_id}", "DeleteHeldMail", &DeleteHeldMail, {.success = 204});
}

}  // namespace berth::api::hub
