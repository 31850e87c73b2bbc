// Teams ("groups") of an organization: /v2/orgs/{org_name}/groups/…
#include "api/hub/caller_rules.h"
#include "api/hub/hub_api.h"
#include "api/hub/page.h"
#include "api/hub/repository_view.h"

namespace berth::api::hub {
namespace {

using access::NamespaceAction;
using accounts::OrganizationStore;
using accounts::Team;

struct GroupView {
  int64_t id = 0;
  std::string uuid;
  std::string name;
  std::string description;
  int64_t member_count = 0;
};
BOOST_DESCRIBE_STRUCT(GroupView, (), (id, uuid, name, description, member_count))

struct GroupMemberView : UserView {
  std::string email;
};
BOOST_DESCRIBE_STRUCT(GroupMemberView, (UserView), (email))

struct ListGroupsRequest {
  std::string org_name;
  std::optional<int64_t> page;
  std::optional<int64_t> page_size;
  std::string username;
  std::string search;
};
BOOST_DESCRIBE_STRUCT(ListGroupsRequest, (), (org_name, page, page_size, username, search))

struct CreateGroupRequest {
  std::string org_name;
  json::Required<std::string> name;
  std::string description;
};
BOOST_DESCRIBE_STRUCT(CreateGroupRequest, (), (org_name, name, description))

struct GroupRequest {
  std::string org_name;
  std::string group_name;
};
BOOST_DESCRIBE_STRUCT(GroupRequest, (), (org_name, group_name))

struct UpdateGroupRequest {
  std::string org_name;
  std::string group_name;
  std::optional<std::string> name;
  std::optional<std::string> description;
};
BOOST_DESCRIBE_STRUCT(UpdateGroupRequest, (), (org_name, group_name, name, description))

struct ListMembersRequest {
  std::string org_name;
  std::string group_name;
  std::optional<int64_t> page;
  std::optional<int64_t> page_size;
  std::string search;
};
BOOST_DESCRIBE_STRUCT(ListMembersRequest, (), (org_name, group_name, page, page_size, search))

struct GroupRepositoryView : RepositoryEntryView {
  std::string permission;
};
BOOST_DESCRIBE_STRUCT(GroupRepositoryView, (RepositoryEntryView), (permission))

struct ListRepositoriesRequest {
  std::string org_name;
  std::string group_name;
  std::optional<int64_t> page;
  std::optional<int64_t> page_size;
};
BOOST_DESCRIBE_STRUCT(ListRepositoriesRequest, (), (org_name, group_name, page, page_size))

struct AddMemberRequest {
  std::string org_name;
  std::string group_name;
  json::Required<std::string> member;
};
BOOST_DESCRIBE_STRUCT(AddMemberRequest, (), (org_name, group_name, member))

struct MemberRequest {
  std::string org_name;
  std::string group_name;
  std::string username;
};
BOOST_DESCRIBE_STRUCT(MemberRequest, (), (org_name, group_name, username))

constexpr sql::Query kCountTeams{
    "hub.teams.count",
    "SELECT COUNT(*) FROM team t WHERE t.organization_id = $1 AND ($2 = '' OR t.name LIKE $3 ESCAPE '\\') "
    "AND ($4 = '' OR EXISTS (SELECT 1 FROM team_member m JOIN account a ON a.id = m.account_id "
    "WHERE m.team_id = t.id AND a.name = $4))"};
constexpr sql::Query kListTeams{
    "hub.teams.list",
    "SELECT t.id, t.uuid, t.name, t.description, "
    "(SELECT COUNT(*) FROM team_member m WHERE m.team_id = t.id) FROM team t "
    "WHERE t.organization_id = $1 AND ($2 = '' OR t.name LIKE $3 ESCAPE '\\') "
    "AND ($4 = '' OR EXISTS (SELECT 1 FROM team_member m JOIN account a ON a.id = m.account_id "
    "WHERE m.team_id = t.id AND a.name = $4)) ORDER BY t.name LIMIT $5 OFFSET $6"};

GroupView MakeGroupView(const Team& team) {
  return {team.id.value, team.uuid, team.name, team.description, team.member_count};
}

GroupMemberView MakeMemberView(const accounts::Account& account) {
  GroupMemberView view;
  static_cast<UserView&>(view) = MakeUserView(account);
  view.email = account.email;
  return view;
}

Error NotFound() { return Error(ErrorCode::kNotFound, "httperror 404: object not found", "group_name"); }

Result<Page<GroupView>> ListGroups(const HubApi& api, const Call& call, const ListGroupsRequest& request) {
  TRY(const auto organization, RequireOrganization(api, call, request.org_name, NamespaceAction::kViewTeams));
  TRY(const PageRange range, MakePageRange(request.page, request.page_size));
  const std::string pattern = ContainsPattern(request.search);
  return api.database.Read([&](sql::Connection& c) -> Result<Page<GroupView>> {
    TRY(const auto count, c.One(kCountTeams, {organization.id, request.search, pattern, request.username},
                                [](const sql::Row& row) { return row.Int(0); }));
    TRY(auto teams,
        c.All(kListTeams, {organization.id, request.search, pattern, request.username, range.size, range.offset()},
              [](const sql::Row& row) {
                return GroupView{row.Int(0), row.String(1), row.String(2), row.String(3), row.Int(4)};
              }));
    return MakePage(call.http, range, count.value_or(0), std::move(teams));
  });
}

Result<GroupView> CreateGroup(const HubApi& api, const Call& call, const CreateGroupRequest& request) {
  TRY(const auto organization, RequireOrganization(api, call, request.org_name, NamespaceAction::kManageTeams));
  TRY(const auto team,
      api.accounts.organizations.CreateTeam(organization, *request.name, request.description, call.caller.AsActor()));
  return MakeGroupView(team);
}

Result<Team> FindTeam(const HubApi& api, AccountId organization, const std::string& name) {
  return api.database.Read([&](sql::Connection& c) -> Result<Team> {
    TRY(auto team, OrganizationStore::FindTeam(c, organization, name));
    if (!team) return Fail(NotFound());
    return *std::move(team);
  });
}

Result<GroupView> GetGroup(const HubApi& api, const Call& call, const GroupRequest& request) {
  TRY(const auto organization, RequireOrganization(api, call, request.org_name, NamespaceAction::kViewTeams));
  TRY(const auto team, FindTeam(api, organization.id, request.group_name));
  return MakeGroupView(team);
}

Result<GroupView> UpdateGroup(const HubApi& api, const Call& call, const UpdateGroupRequest& request) {
  TRY(const auto organization, RequireOrganization(api, call, request.org_name, NamespaceAction::kManageTeams));
  TRY(const auto team, api.accounts.organizations.UpdateTeam(organization, request.group_name, request.name,
                                                             request.description, call.caller.AsActor()));
  return MakeGroupView(team);
}

// PUT names everything; what it leaves out becomes empty.
Result<GroupView> ReplaceGroup(const HubApi& api, const Call& call, const UpdateGroupRequest& request) {
  if (!request.name) return Fail(ErrorCode::kInvalidArgument, "this field is required", "name");
  UpdateGroupRequest whole = request;
  whole.description = request.description.value_or("");
  return UpdateGroup(api, call, whole);
}

Result<NoContent> DeleteGroup(const HubApi& api, const Call& call, const GroupRequest& request) {
  TRY(const auto organization, RequireOrganization(api, call, request.org_name, NamespaceAction::kManageTeams));
  TRY_VOID(api.accounts.organizations.DeleteTeam(organization, request.group_name, call.caller.AsActor()));
  return NoContent{};
}

// hub-tool decodes a bare array where everybody else wants a page, on the same URL; only its User-Agent tells them
// apart.
Result<http::Response> ListGroupMembers(const HubApi& api, const Call& call, const ListMembersRequest& request) {
  TRY(const auto organization, RequireOrganization(api, call, request.org_name, NamespaceAction::kViewTeams));
  TRY(const auto team, FindTeam(api, organization.id, request.group_name));
  const bool bare = call.http.HeaderValue("User-Agent").starts_with("hub-tool/");
  TRY(PageRange range, MakePageRange(request.page, request.page_size, bare ? 1000 : 10, bare ? 1000 : 100));
  std::vector<GroupMemberView> views;
  int64_t count = 0;
  auto read = api.database.Read([&](sql::Connection& c) -> Result<void> {
    TRY(count, OrganizationStore::CountTeamMembers(c, team.id));
    TRY(const auto members, OrganizationStore::ListTeamMembers(c, team.id, range.offset(), range.size));
    for (const auto& member : members) views.push_back(MakeMemberView(member));
    return {};
  });
  if (!read) return Fail(std::move(read).error());
  if (bare) return http::Response::Json(200, json::Encode(views));
  TRY(const auto page, MakePage(call.http, range, count, std::move(views)));
  return http::Response::Json(200, json::Encode(page));
}

Result<GroupMemberView> AddGroupMember(const HubApi& api, const Call& call, const AddMemberRequest& request) {
  TRY(const auto organization, RequireOrganization(api, call, request.org_name, NamespaceAction::kManageTeams));
  TRY(const auto limit, GrantLimitIn(api, call, organization.id));
  TRY_VOID(api.accounts.organizations.AddTeamMember(organization, request.group_name, *request.member,
                                                    call.caller.AsActor(), limit));
  TRY(const auto account, api.accounts.accounts.Find(*request.member));
  return MakeMemberView(account);
}

Result<NoContent> RemoveGroupMember(const HubApi& api, const Call& call, const MemberRequest& request) {
  TRY(const auto organization, RequireOrganization(api, call, request.org_name, NamespaceAction::kManageTeams));
  TRY(const auto limit, GrantLimitIn(api, call, organization.id));
  TRY_VOID(api.accounts.organizations.RemoveTeamMember(organization, request.group_name, request.username,
                                                       call.caller.AsActor(), limit));
  return NoContent{};
}

Result<Page<GroupRepositoryView>> ListGroupRepositories(const HubApi& api, const Call& call,
                                                        const ListRepositoriesRequest& request) {
  TRY(const auto organization, RequireOrganization(api, call, request.org_name, NamespaceAction::kViewTeams));
  TRY(const auto team, FindTeam(api, organization.id, request.group_name));
  TRY(const PageRange range, MakePageRange(request.page, request.page_size));
  return api.database.Read([&](sql::Connection& c) -> Result<Page<GroupRepositoryView>> {
    catalog::RepositoryFilter filter;
    filter.owner = organization.id;
    filter.team = team.id;
    filter.order = catalog::RepositoryOrder::kNameUp;
    TRY_VOID(LimitToVisible(c, call.caller, &organization, filter));
    TRY(const int64_t count, catalog::RepositoryInfoService::Count(c, filter));
    TRY(const auto infos, catalog::RepositoryInfoService::List(c, filter, range.offset(), range.size));
    std::vector<GroupRepositoryView> views;
    for (const auto& info : infos) {
      GroupRepositoryView& view = views.emplace_back();
      TRY(static_cast<RepositoryEntryView&>(view), MakeRepositoryEntry(c, call.caller, info));
      TRY(const auto permission, catalog::RepositoryExtras::FindTeam(c, info, team.id));
      if (permission) view.permission = permission->permission;
    }
    return MakePage(call.http, range, count, std::move(views));
  });
}

}  // namespace

void AddTeamRoutes(OperationTable& table) {
  using http::Method;
  const std::string groups = "/v2/orgs/{org_name}/groups";
  const std::string group = groups + "/{group_name}";
  table.Add(Method::kGet, groups, "ListGroups", &ListGroups);
  table.Add(Method::kPost, groups, "CreateGroup", &CreateGroup, {.success = 201});
  table.Add(Method::kGet, group, "GetGroup", &GetGroup);
  table.Add(Method::kPut, group, "ReplaceGroup", &ReplaceGroup);
  table.Add(Method::kPatch, group, "UpdateGroup", &UpdateGroup);
  table.Add(Method::kDelete, group, "DeleteGroup", &DeleteGroup, {.success = 204});
  table.Add(Method::kGet, group + "/members", "ListGroupMembers", &ListGroupMembers);
  table.Add(Method::kGet, group + "/repositories", "ListGroupRepositories", &ListGroupRepositories);
  table.Add(Method::kPost, group + "/members", "AddGroupMember", &AddGroupMember);
  table.Add(Method::kDelete, group + "/members/{username}", "RemoveGroupMember", &RemoveGroupMember, {.success = 204});
}

}  // namespace berth::api::hub
