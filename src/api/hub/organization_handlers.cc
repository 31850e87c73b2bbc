// Organizations and their members: /v2/orgs/…
#include "accounts/account_store.h"
#include "accounts/custom_role_store.h"
#include "accounts/member_list.h"
#include "api/hub/caller_rules.h"
#include "api/hub/hub_api.h"
#include "api/hub/page.h"
#include "base/text.h"

namespace berth::api::hub {
namespace {

using access::NamespaceAction;
using accounts::Account;
using accounts::GivenRole;
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
  bool invites = false;
  std::string type;
  std::string role;
};
BOOST_DESCRIBE_STRUCT(MembersRequest, (), (org_name, search, page, page_size, invites, type, role))

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
  TRY(const auto organization, RequireOrganization(api, call, request.org_name, NamespaceAction::kOwn));
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
                                  const GivenRole& role) {
  MemberView view;
  static_cast<UserView&>(view) = MakeUserView(account);
  view.email = view.primary_email = account.email;
  view.role = RoleTitle(role);
  view.last_logged_in_at = view.last_seen_at = account.last_login_at;
  TRY(view.groups, c.All(kTeamsOf, {organization, account.id}, [](const sql::Row& row) { return row.String(0); }));
  return view;
}

// Of somebody invited no more is shown than the sender wrote, and the profile that everybody sees.
MemberView MakeInviteeView(const accounts::MemberEntry& entry) {
  MemberView view;
  if (entry.account) static_cast<UserView&>(view) = MakeUserView(*entry.account);
  if (entry.invitee.find('@') != std::string::npos) view.email = view.primary_email = entry.invitee;
  view.type = view.role = "Invitee";
  view.date_joined = entry.since;
  return view;
}

Result<std::vector<MemberView>> ListMembers(sql::Connection& c, AccountId organization,
                                            const accounts::MemberFilter& filter, int64_t limit, int64_t offset) {
  TRY(const auto entries, accounts::ListMemberEntries(c, organization, filter, offset, limit));
  std::vector<MemberView> views;
  for (const auto& entry : entries) {
    if (entry.is_invited) {
      views.push_back(MakeInviteeView(entry));
      continue;
    }
    if (!entry.account) continue;
    TRY(auto view, MakeMemberView(c, *entry.account, organization, entry.role));
    views.push_back(std::move(view));
  }
  return views;
}

Result<GivenRole> ReadRole(sql::Connection& c, AccountId organization, const std::string& text) {
  TRY(auto role, accounts::CustomRoleStore::Resolve(c, organization, text));
  if (!role) return Fail(ErrorCode::kInvalidArgument, "must be owner, editor, member or a custom role", "role");
  return *std::move(role);
}

Result<void> ReadKinds(const MembersRequest& request, accounts::MemberFilter& filter) {
  if (!request.type.empty() && request.type != "all" && request.type != "invitee" && request.type != "member")
    return Fail(ErrorCode::kInvalidArgument, "must be all, invitee or member", "type");
  filter.members = request.type != "invitee";
  filter.invited = request.type.empty() ? request.invites : request.type != "member";
  return {};
}

Result<Page<MemberView>> ListOrganizationMembers(const HubApi& api, const Call& call, const MembersRequest& request) {
  TRY(const auto organization, RequireOrganization(api, call, request.org_name, NamespaceAction::kViewMembers));
  TRY(const PageRange range, MakePageRange(request.page, request.page_size));
  accounts::MemberFilter filter;
  TRY_VOID(ReadKinds(request, filter));
  const std::string pattern = ContainsPattern(request.search);
  filter.search = request.search;
  filter.pattern = pattern;
  return api.database.Read([&](sql::Connection& c) -> Result<Page<MemberView>> {
    GivenRole role;
    if (!request.role.empty() && request.role != "all") {
      TRY(role, ReadRole(c, organization.id, request.role));
      filter.role = role.name();
    }
    TRY(const int64_t count, accounts::CountMemberEntries(c, organization.id, filter));
    TRY(auto views, ListMembers(c, organization.id, filter, range.size, range.offset()));
    return MakePage(call.http, range, count, std::move(views));
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
  TRY(const auto organization, RequireOrganization(api, call, request.org_name, NamespaceAction::kExportMembers));
  accounts::MemberFilter all;
  all.invited = true;
  TRY(const auto members,
      api.database.Read([&](sql::Connection& c) { return ListMembers(c, organization.id, all, 1'000'000, 0); }));
  std::string csv = "Name,Username,Email,Member of Organizations,Invited to Organizations,Account Created\r\n";
  for (const MemberView& m : members) {
    const bool invited = m.role == "Invitee";
    // An account that is not there yet was not created either.
    const std::string created = m.username.empty() ? "" : FormatRfc3339(m.date_joined);
    csv += CsvField(m.full_name) + "," + CsvField(m.username) + "," + CsvField(m.email) + "," +
           CsvField(invited ? "" : organization.name) + "," + CsvField(invited ? organization.name : "") + "," +
           CsvField(created) + "\r\n";
  }
  auto response = http::Response::Text(200, std::move(csv), "text/csv; charset=utf-8");
  response.Add("Content-Disposition", "attachment; filename=\"" + organization.name + "-members.csv\"");
  return response;
}

Result<MemberView> UpdateOrganizationMember(const HubApi& api, const Call& call, const UpdateMemberRequest& request) {
  TRY(const auto organization, RequireOrganization(api, call, request.org_name, NamespaceAction::kManageMembers));
  TRY(const auto account, api.accounts.accounts.Find(request.username));
  GivenRole role;
  auto read = api.database.Read([&](sql::Connection& c) -> Result<void> {
    TRY(const auto present, OrganizationStore::FindRole(c, organization.id, account.id));
    if (!present) return Fail(ErrorCode::kNotFound, "httperror 404: object not found", "username");
    TRY(role, ReadRole(c, organization.id, *request.role));
    return {};
  });
  if (!read) return Fail(std::move(read).error());
  TRY(const auto limit, GrantLimitIn(api, call, organization.id));
  TRY_VOID(api.accounts.organizations.SetMember(organization, account.name, role, call.caller.AsActor(), limit));
  return api.database.Read([&](sql::Connection& c) { return MakeMemberView(c, account, organization.id, role); });
}

// Anybody may leave; removing others is the owners' right.
Result<NoContent> RemoveOrganizationMember(const HubApi& api, const Call& call, const MemberRequest& request) {
  const bool leaves = request.username == call.caller.name;
  TRY(const auto organization,
      RequireOrganization(api, call, request.org_name,
                          leaves ? NamespaceAction::kViewMembers : NamespaceAction::kManageMembers));
  accounts::GrantLimit limit;
  if (!leaves) {
    TRY(limit, GrantLimitIn(api, call, organization.id));
  }
  TRY_VOID(api.accounts.organizations.RemoveMember(organization, request.username, call.caller.AsActor(), limit));
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
