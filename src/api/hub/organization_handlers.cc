// Organizations and their members: /v2/orgs/…
#include "accounts/account_store.h"
#include "api/hub/caller_rules.h"
#include "api/hub/hub_api.h"
#include "api/hub/page.h"
#include "base/text.h"

namespace berth::api::hub {
namespace {

using access::NamespaceAction;
using accounts::Account;
using accounts::OrganizationRole;
using accounts::OrganizationStore;

struct CreateRequest {
  json::Required<std::string> orgname;
  std::string company;
  std::optional<std::string> full_name;
};
BOOST_DESCRIBE_STRUCT(CreateRequest, (), (orgname, company, full_name))

struct OrganizationRequest {
  std::string org_name;
};
BOOST_DESCRIBE_STRUCT(OrganizationRequest, (), (org_name))

struct UpdateRequest {
  std::string org_name;
  std::optional<std::string> full_name;
  std::optional<std::string> company;
  std::optional<std::string> location;
  std::optional<std::string> profile_url;
  std::optional<std::string> gravatar_email;
};
BOOST_DESCRIBE_STRUCT(UpdateRequest, (), (org_name, full_name, company, location, profile_url, gravatar_email))

struct MembersRequest {
  std::string org_name;
  std::string search;
  std::optional<int64_t> page;
  std::optional<int64_t> page_size;
  std::string role;
};
BOOST_DESCRIBE_STRUCT(MembersRequest, (), (org_name, search, page, page_size, role))

struct MemberRequest {
  std::string org_name;
  std::string username;
};
BOOST_DESCRIBE_STRUCT(MemberRequest, (), (org_name, username))

struct UpdateMemberRequest {
  std::string org_name;
  std::string username;
  json::Required<std::string> role;
};
BOOST_DESCRIBE_STRUCT(UpdateMemberRequest, (), (org_name, username, role))

struct MemberView : UserView {
  std::string email;
  std::string role;
  std::vector<std::string> groups;
  bool is_guest = false;
  std::string primary_email;
  std::optional<Timestamp> last_logged_in_at;
  std::optional<Timestamp> last_seen_at;
  std::string last_desktop_version;
};
BOOST_DESCRIBE_STRUCT(MemberView, (UserView),
                      (email, role, groups, is_guest, primary_email, last_logged_in_at, last_seen_at,
                       last_desktop_version))

constexpr sql::Query kCountMembers{
    "hub.members.count",
    "SELECT COUNT(*) FROM organization_member m JOIN account a ON a.id = m.account_id "
    "WHERE m.organization_id = $1 AND ($2 = '' OR a.name LIKE $3 ESCAPE '\\' OR a.email LIKE $3 ESCAPE '\\') "
    "AND ($4 = '' OR m.role = $4)"};
constexpr sql::Query kListMembers{
    "hub.members.list",
    "SELECT m.account_id, m.role FROM organization_member m JOIN account a ON a.id = m.account_id "
    "WHERE m.organization_id = $1 AND ($2 = '' OR a.name LIKE $3 ESCAPE '\\' OR a.email LIKE $3 ESCAPE '\\') "
    "AND ($4 = '' OR m.role = $4) ORDER BY a.name LIMIT $5 OFFSET $6"};
constexpr sql::Query kTeamsOf{"hub.members.teams",
                              "SELECT t.name FROM team t JOIN team_member m ON m.team_id = t.id "
                              "WHERE t.organization_id = $1 AND m.account_id = $2 ORDER BY t.name"};
constexpr sql::Query kCountRepositories{"hub.orgs.repositories",
                                        "SELECT COUNT(*) FROM repository WHERE account_id = $1"};
constexpr sql::Query kDelete{"hub.orgs.delete", "DELETE FROM account WHERE id = $1 AND kind = 'organization'"};

Result<OrganizationView> CreateOrganization(const HubApi& api, const Call& call, const CreateRequest& request) {
  TRY_VOID(RefuseTokens(call.caller));
  TRY(const auto owner, OwnUser(api, call.caller));
  if (!owner.email_verified) return Fail(ErrorCode::kPermissionDenied, "confirm your e-mail address first");
  if (!api.settings.Get()->organizations_by_all && !call.caller.is_site_admin)
    return Fail(ErrorCode::kPermissionDenied, "only administrators of this server create organizations");
  auto created = api.accounts.organizations.Create(*request.orgname, request.company, owner.id,
                                                   accounts::NameRule::kSignUp, call.caller.AsActor());
  if (!created) {
    Error error = std::move(created).error();
    if (error.field == "name") error.field = "orgname";
    return Fail(std::move(error));
  }
  if (!request.full_name) return MakeOrganizationView(*created);
  accounts::AccountChange change;
  change.full_name = request.full_name;
  TRY(const auto named, api.accounts.accounts.Update(created->id, change, call.caller.AsActor()));
  return MakeOrganizationView(named);
}

Result<OrganizationView> GetOrganization(const HubApi& api, const Call&, const OrganizationRequest& request) {
  TRY(const auto account, api.accounts.accounts.Find(request.org_name));
  if (account.IsUser()) return Fail(ErrorCode::kNotFound, "httperror 404: object not found", "org_name");
  return MakeOrganizationView(account);
}

Result<OrganizationView> UpdateOrganization(const HubApi& api, const Call& call, const UpdateRequest& request) {
  TRY(const auto organization, RequireOrganization(api, call, request.org_name, NamespaceAction::kManageSettings));
  const std::pair<const std::optional<std::string>&, const char*> texts[] = {
      {request.full_name, "full_name"},
      {request.company, "company"},
      {request.location, "location"},
      {request.profile_url, "profile_url"},
      {request.gravatar_email, "gravatar_email"}};
  for (const auto& [text, field] : texts) {
    if (text && text->size() > 255) return Fail(ErrorCode::kInvalidArgument, "may have at most 255 bytes", field);
  }
  accounts::AccountChange change;
  change.full_name = request.full_name;
  change.company = request.company;
  change.location = request.location;
  change.profile_url = request.profile_url;
  change.gravatar_email = request.gravatar_email;
  TRY(const auto updated, api.accounts.accounts.Update(organization.id, change, call.caller.AsActor()));
  return MakeOrganizationView(updated);
}

Result<NoContent> DeleteOrganization(const HubApi& api, const Call& call, const OrganizationRequest& request) {
  TRY_VOID(RefuseTokens(call.caller));
  TRY(const auto organization, RequireOrganization(api, call, request.org_name, NamespaceAction::kManageSettings));
  const Timestamp now = api.clock.Now();
  auto deleted = api.database.Write([&](sql::Transaction& tx) -> Result<void> {
    TRY(const auto repositories,
        tx.One(kCountRepositories, {organization.id}, [](const sql::Row& row) { return row.Int(0); }));
    if (repositories.value_or(0) > 0) return Fail(ErrorCode::kConflict, "delete the organization's repositories first");
    events::Event event;
    event.type = "org.settings.update";
    event.account_id = organization.id;
    event.account = organization.name;
    event.name = organization.name;
    event.data = R"({"deleted":true})";
    TRY_VOID(events::Append(tx, call.caller.AsActor(), event, now));
    TRY_VOID(tx.Run(kDelete, {organization.id}));
    tx.OnCommit([&cache = api.accounts.cache] { cache.Forget(); });
    return {};
  });
  if (!deleted) return Fail(std::move(deleted).error());
  return NoContent{};
}

Result<MemberView> MakeMemberView(sql::Connection& c, const Account& account, AccountId organization,
                                  OrganizationRole role) {
  MemberView view;
  static_cast<UserView&>(view) = MakeUserView(account);
  view.email = view.primary_email = account.email;
  view.role = RoleTitle(role);
  view.last_logged_in_at = view.last_seen_at = account.last_login_at;
  TRY(view.groups, c.All(kTeamsOf, {organization, account.id}, [](const sql::Row& row) { return row.String(0); }));
  return view;
}

Result<std::vector<MemberView>> ListMembers(sql::Connection& c, AccountId organization, const MembersRequest& request,
                                            std::string_view role, int64_t limit, int64_t offset) {
  TRY(const auto rows,
      c.All(kListMembers, {organization, request.search, ContainsPattern(request.search), role, limit, offset},
            [](const sql::Row& row) { return std::pair(AccountId(row.Int(0)), row.String(1)); }));
  std::vector<MemberView> views;
  for (const auto& [id, text] : rows) {
    TRY(const auto account, accounts::AccountStore::FindById(c, id));
    if (!account) continue;
    TRY(auto view, MakeMemberView(c, *account, organization,
                                  accounts::ParseOrganizationRole(text).value_or(OrganizationRole::kMember)));
    views.push_back(std::move(view));
  }
  return views;
}

Result<std::string> ReadRoleFilter(const std::string& text) {
  if (text.empty() || text == "all") return std::string();
  const auto role = accounts::ParseOrganizationRole(text);
  if (!role) return Fail(ErrorCode::kInvalidArgument, "must be owner, editor or member", "role");
  return std::string(ToString(*role));
}

Result<Page<MemberView>> ListOrganizationMembers(const HubApi& api, const Call& call, const MembersRequest& request) {
  TRY(const auto organization, RequireOrganization(api, call, request.org_name, NamespaceAction::kViewMembers));
  TRY(const PageRange range, MakePageRange(request.page, request.page_size));
  TRY(const std::string role, ReadRoleFilter(request.role));
  return api.database.Read([&](sql::Connection& c) -> Result<Page<MemberView>> {
    TRY(const auto count, c.One(kCountMembers, {organization.id, request.search, ContainsPattern(request.search), role},
                                [](const sql::Row& row) { return row.Int(0); }));
    TRY(auto views, ListMembers(c, organization.id, request, role, range.size, range.offset()));
    return MakePage(call.http, range, count.value_or(0), std::move(views));
  });
}

// RFC 4180; a leading character that spreadsheets take for a formula is defused.
std::string CsvField(std::string text) {
  if (!text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos) text.insert(0, "'");
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + "\"";
}

Result<http::Response> ExportOrganizationMembers(const HubApi& api, const Call& call,
                                                 const OrganizationRequest& request) {
  TRY(const auto organization, RequireOrganization(api, call, request.org_name, NamespaceAction::kManageMembers));
  MembersRequest all;
  TRY(const auto members,
      api.database.Read([&](sql::Connection& c) { return ListMembers(c, organization.id, all, "", 1'000'000, 0); }));
  std::string csv = "Name,Username,Email,Member of Organizations,Invited to Organizations,Account Created\r\n";
  for (const MemberView& m : members) {
    csv += CsvField(m.full_name) + "," + CsvField(m.username) + "," + CsvField(m.email) + "," +
           CsvField(organization.name) + ",\"\"," + CsvField(FormatRfc3339(m.date_joined)) + "\r\n";
  }
  auto response = http::Response::Text(200, std::move(csv), "text/csv; charset=utf-8");
  response.Add("Content-Disposition", "attachment; filename=\"" + organization.name + "-members.csv\"");
  return response;
}

Result<MemberView> UpdateOrganizationMember(const HubApi& api, const Call& call, const UpdateMemberRequest& request) {
  TRY(const auto organization, RequireOrganization(api, call, request.org_name, NamespaceAction::kManageMembers));
  const auto role = accounts::ParseOrganizationRole(*request.role);
  if (!role) return Fail(ErrorCode::kInvalidArgument, "must be owner, editor or member", "role");
  TRY(const auto account, api.accounts.accounts.Find(request.username));
  TRY(const auto present, api.database.Read([&](sql::Connection& c) {
    return OrganizationStore::FindRole(c, organization.id, account.id);
  }));
  if (!present) return Fail(ErrorCode::kNotFound, "httperror 404: object not found", "username");
  TRY_VOID(api.accounts.organizations.SetMember(organization, account.name, *role, call.caller.AsActor()));
  return api.database.Read([&](sql::Connection& c) { return MakeMemberView(c, account, organization.id, *role); });
}

// Anybody may leave; removing others is the owners' right.
Result<NoContent> RemoveOrganizationMember(const HubApi& api, const Call& call, const MemberRequest& request) {
  const bool leaves = request.username == call.caller.name;
  TRY(const auto organization,
      RequireOrganization(api, call, request.org_name,
                          leaves ? NamespaceAction::kViewMembers : NamespaceAction::kManageMembers));
  TRY_VOID(api.accounts.organizations.RemoveMember(organization, request.username, call.caller.AsActor()));
  return NoContent{};
}

}  // namespace

void AddOrganizationRoutes(OperationTable& table) {
  using http::Method;
  const std::string organization = "/v2/orgs/{org_name}";
  const std::string members = organization + "/members";
  table.Add(Method::kPost, "/v2/orgs", "CreateOrganization", &CreateOrganization, {.success = 201});
  table.Add(Method::kGet, organization, "GetOrganization", &GetOrganization, {.auth = Auth::kOptional});
  table.Add(Method::kPatch, organization, "UpdateOrganization", &UpdateOrganization);
  table.Add(Method::kDelete, organization, "DeleteOrganization", &DeleteOrganization, {.success = 204});
  table.Add(Method::kGet, members, "ListOrganizationMembers", &ListOrganizationMembers);
  table.Add(Method::kGet, members + "/export", "ExportOrganizationMembers", &ExportOrganizationMembers);
  table.Add(Method::kPut, members + "/{username}", "UpdateOrganizationMember", &UpdateOrganizationMember);
  table.Add(Method::kDelete, members + "/{username}", "RemoveOrganizationMember", &RemoveOrganizationMember,
            {.success = 204});
}

}  // namespace berth::api::hub
