// Around a repository: stars, categories, logo, collaborators, team permissions.
#include "api/hub/caller_rules.h"
#include "api/hub/page.h"
#include "api/hub/repository_view.h"
#include "base/encoding.h"

namespace berth::api::hub {
namespace {

using access::RepositoryAction;
using catalog::RepositoryExtras;
using catalog::RepositoryInfo;
using catalog::TeamPermission;

struct RepositoryRequest {
  std::string namespace_;
  std::string repository;
};
BOOST_DESCRIBE_STRUCT(RepositoryRequest, (), (namespace_, repository))

struct PageRequest {
  std::string namespace_;
  std::string repository;
  std::optional<int64_t> page;
  std::optional<int64_t> page_size;
};
BOOST_DESCRIBE_STRUCT(PageRequest, (), (namespace_, repository, page, page_size))

struct CategoriesRequest {
  std::string namespace_;
  std::string repository;
  json::RawJson body;
};
BOOST_DESCRIBE_STRUCT(CategoriesRequest, (), (namespace_, repository, body))

struct CategoryChoice {
  json::Required<std::string> slug;
};
BOOST_DESCRIBE_STRUCT(CategoryChoice, (), (slug))

struct CollaboratorView {
  std::string user;
};
BOOST_DESCRIBE_STRUCT(CollaboratorView, (), (user))

struct AddCollaboratorRequest {
  std::string namespace_;
  std::string repository;
  json::Required<std::string> user;
};
BOOST_DESCRIBE_STRUCT(AddCollaboratorRequest, (), (namespace_, repository, user))

struct CollaboratorRequest {
  std::string namespace_;
  std::string repository;
  std::string username;
};
BOOST_DESCRIBE_STRUCT(CollaboratorRequest, (), (namespace_, repository, username))

struct GroupView {
  int64_t group_id = 0;
  std::string group_name;
  std::string permission;
};
BOOST_DESCRIBE_STRUCT(GroupView, (), (group_id, group_name, permission))

struct GroupRequest {
  std::string namespace_;
  std::string repository;
  int64_t group_id = 0;
};
BOOST_DESCRIBE_STRUCT(GroupRequest, (), (namespace_, repository, group_id))

struct SetGroupRequest {
  std::string namespace_;
  std::string repository;
  json::Required<int64_t> group_id;
  json::Required<std::string> permission;
};
BOOST_DESCRIBE_STRUCT(SetGroupRequest, (), (namespace_, repository, group_id, permission))

struct LogoRequest {
  std::string repository_path;
};
BOOST_DESCRIBE_STRUCT(LogoRequest, (), (repository_path))

GroupView MakeGroupView(const TeamPermission& p) { return {p.team.value, p.team_name, p.permission}; }

Result<std::vector<CategoryView>> ListCategories(const HubApi&, const Call&, const NoRequest&) {
  std::vector<CategoryView> views;
  for (const auto& category : catalog::AllCategories())
    views.push_back({std::string(category.name), std::string(category.slug)});
  return views;
}

Result<std::vector<CategoryView>> SetRepositoryCategories(const HubApi& api, const Call& call,
                                                          const CategoriesRequest& request) {
  auto chosen = json::Decode<std::vector<CategoryChoice>>(request.body.text.empty() ? std::string_view("null")
                                                                                    : request.body.text);
  if (!chosen) return Fail(std::move(chosen).error());
  TRY(const auto info, RequireRepository(api, call, request.namespace_, request.repository, RepositoryAction::kEdit));
  std::vector<std::string> slugs;
  std::vector<CategoryView> views;
  for (const auto& choice : *chosen) slugs.push_back(*choice.slug);
  TRY_VOID(api.extras.SetCategories(call.caller, info, slugs));
  for (const std::string& slug : slugs) views.push_back({std::string(catalog::FindCategory(slug)->name), slug});
  return views;
}

Result<NoContent> StarRepository(const HubApi& api, const Call& call, const RepositoryRequest& request) {
  TRY(const auto account, OwnUser(api, call.caller));
  TRY(const auto info, RequireRepository(api, call, request.namespace_, request.repository, RepositoryAction::kPull));
  TRY_VOID(RefuseReadOnly(call.caller));
  TRY_VOID(api.extras.Star(account.id, info.id));
  return NoContent{};
}

Result<NoContent> UnstarRepository(const HubApi& api, const Call& call, const RepositoryRequest& request) {
  TRY(const auto account, OwnUser(api, call.caller));
  TRY(const auto info, RequireRepository(api, call, request.namespace_, request.repository, RepositoryAction::kPull));
  TRY_VOID(RefuseReadOnly(call.caller));
  TRY_VOID(api.extras.Unstar(account.id, info.id));
  return NoContent{};
}

// Automated builds keep their Dockerfile; without one there is none to show.
Result<http::Response> GetRepositoryDockerfile(const HubApi& api, const Call& call, const RepositoryRequest& request) {
  TRY_VOID(RequireRepository(api, call, request.namespace_, request.repository, RepositoryAction::kPull));
  return HubNotFound(request.namespace_, request.repository);
}

Result<Page<CollaboratorView>> ListCollaborators(const HubApi& api, const Call& call, const PageRequest& request) {
  TRY(const PageRange range, MakePageRange(request.page, request.page_size));
  TRY(const auto info,
      RequireRepository(api, call, request.namespace_, request.repository, RepositoryAction::kManageAccess));
  return api.database.Read([&](sql::Connection& c) -> Result<Page<CollaboratorView>> {
    TRY(const int64_t count, RepositoryExtras::CountCollaborators(c, info.id));
    TRY(const auto names, RepositoryExtras::Collaborators(c, info.id, range.offset(), range.size));
    std::vector<CollaboratorView> views;
    for (const auto& name : names) views.push_back({name});
    return MakePage(call.http, range, count, std::move(views));
  });
}

Result<CollaboratorView> AddCollaborator(const HubApi& api, const Call& call, const AddCollaboratorRequest& request) {
  TRY(const auto info,
      RequireRepository(api, call, request.namespace_, request.repository, RepositoryAction::kManageAccess));
  TRY_VOID(api.extras.AddCollaborator(call.caller, info, *request.user));
  return CollaboratorView{*request.user};
}

Result<NoContent> RemoveCollaborator(const HubApi& api, const Call& call, const CollaboratorRequest& request) {
  TRY(const auto info,
      RequireRepository(api, call, request.namespace_, request.repository, RepositoryAction::kManageAccess));
  TRY_VOID(api.extras.RemoveCollaborator(call.caller, info, request.username));
  return NoContent{};
}

Result<Page<GroupView>> ListRepositoryGroups(const HubApi& api, const Call& call, const PageRequest& request) {
  TRY(const PageRange range, MakePageRange(request.page, request.page_size));
  TRY(const auto info,
      RequireRepository(api, call, request.namespace_, request.repository, RepositoryAction::kManageAccess));
  return api.database.Read([&](sql::Connection& c) -> Result<Page<GroupView>> {
    TRY(const int64_t count, RepositoryExtras::CountTeams(c, info.id));
    TRY(const auto teams, RepositoryExtras::Teams(c, info.id, range.offset(), range.size));
    std::vector<GroupView> views;
    for (const auto& team : teams) views.push_back(MakeGroupView(team));
    return MakePage(call.http, range, count, std::move(views));
  });
}

Result<GroupView> CreateRepositoryGroup(const HubApi& api, const Call& call, const SetGroupRequest& request) {
  TRY(const auto info,
      RequireRepository(api, call, request.namespace_, request.repository, RepositoryAction::kManageAccess));
  TRY(const auto set, api.extras.SetTeam(call.caller, info, TeamId(*request.group_id), *request.permission));
  return MakeGroupView(set);
}

Result<TeamPermission> FindGroup(const HubApi& api, const RepositoryInfo& info, int64_t group) {
  return api.database.Read([&](sql::Connection& c) -> Result<TeamPermission> {
    TRY(auto found, RepositoryExtras::FindTeam(c, info, TeamId(group)));
    if (!found) return Fail(ErrorCode::kNotFound, "httperror 404: object not found", "group_id");
    return *std::move(found);
  });
}

Result<GroupView> GetRepositoryGroup(const HubApi& api, const Call& call, const GroupRequest& request) {
  TRY(const auto info,
      RequireRepository(api, call, request.namespace_, request.repository, RepositoryAction::kManageAccess));
  TRY(const auto found, FindGroup(api, info, request.group_id));
  return MakeGroupView(found);
}

Result<GroupView> UpdateRepositoryGroup(const HubApi& api, const Call& call, const SetGroupRequest& request) {
  TRY(const auto info,
      RequireRepository(api, call, request.namespace_, request.repository, RepositoryAction::kManageAccess));
  TRY_VOID(FindGroup(api, info, *request.group_id));
  TRY(const auto set, api.extras.SetTeam(call.caller, info, TeamId(*request.group_id), *request.permission));
  return MakeGroupView(set);
}

Result<NoContent> DeleteRepositoryGroup(const HubApi& api, const Call& call, const GroupRequest& request) {
  TRY(const auto info,
      RequireRepository(api, call, request.namespace_, request.repository, RepositoryAction::kManageAccess));
  TRY_VOID(api.extras.RemoveTeam(call.caller, info, TeamId(request.group_id)));
  return NoContent{};
}

// "ns/repo" in one segment, percent-encoded, or in two.
Result<RepositoryInfo> RequireByPath(const HubApi& api, const Call& call, const std::string& path,
                                     RepositoryAction action) {
  const auto decoded = PercentDecode(path);
  const auto slash = decoded ? decoded->find('/') : std::string::npos;
  if (slash == std::string::npos)
    return Fail(ErrorCode::kNotFound, "httperror 404: object not found", "repository_path");
  return RequireRepository(api, call, decoded->substr(0, slash), decoded->substr(slash + 1), action);
}

Result<http::Response> GetRepositoryLogo(const HubApi& api, const Call& call, const LogoRequest& request) {
  TRY(const auto info, RequireByPath(api, call, request.repository_path, RepositoryAction::kPull));
  TRY(auto png, api.database.Read([&](sql::Connection& c) { return RepositoryExtras::Logo(c, info.id); }));
  if (!png) return HubNotFound(info.namespace_, info.name);
  return http::Response::Text(200, *std::move(png), "image/png");
}

Result<NoContent> DeleteRepositoryLogo(const HubApi& api, const Call& call, const LogoRequest& request) {
  TRY(const auto info, RequireByPath(api, call, request.repository_path, RepositoryAction::kEdit));
  TRY_VOID(api.extras.DeleteLogo(call.caller, info));
  return NoContent{};
}

Result<NoContent> UploadRepositoryLogo(const HubApi& api, const Call& call, const LogoRequest& request) {
  TRY(const auto info, RequireByPath(api, call, request.repository_path, RepositoryAction::kEdit));
  if (info.badge.empty() && !call.caller.is_site_admin) {
    return Fail(ErrorCode::kPermissionDenied, "logos are for official, verified and sponsored repositories");
  }
  TRY_VOID(api.extras.SetLogo(call.caller, info, call.http.body));
  return NoContent{};
}

}  // namespace

void AddRepositoryExtraRoutes(OperationTable& table) {
  using http::Method;
  const OperationOptions anybody{.auth = Auth::kOptional};
  const std::string repository = "/v2/repositories/{namespace}/{repository}";
  table.Add(Method::kGet, "/v2/categories", "ListCategories", &ListCategories, anybody);
  table.Add(Method::kPatch, repository + "/categories", "SetRepositoryCategories", &SetRepositoryCategories);
  table.Add(Method::kGet, repository + "/dockerfile", "GetRepositoryDockerfile", &GetRepositoryDockerfile, anybody);
  table.Add(Method::kPost, repository + "/stars", "StarRepository", &StarRepository, {.success = 201});
  table.Add(Method::kDelete, repository + "/stars", "UnstarRepository", &UnstarRepository, {.success = 204});
  table.Add(Method::kGet, repository + "/collaborators", "ListCollaborators", &ListCollaborators);
  table.Add(Method::kPost, repository + "/collaborators", "AddCollaborator", &AddCollaborator, {.success = 201});
  table.Add(Method::kDelete, repository + "/collaborators/{username}", "RemoveCollaborator", &RemoveCollaborator,
            {.success = 204});
  table.Add(Method::kGet, repository + "/groups", "ListRepositoryGroups", &ListRepositoryGroups);
  table.Add(Method::kPost, repository + "/groups", "CreateRepositoryGroup", &CreateRepositoryGroup);
  table.Add(Method::kGet, repository + "/groups/{group_id}", "GetRepositoryGroup", &GetRepositoryGroup);
  table.Add(Method::kPatch, repository + "/groups/{group_id}", "UpdateRepositoryGroup", &UpdateRepositoryGroup);
  table.Add(Method::kDelete, repository + "/groups/{group_id}", "DeleteRepositoryGroup", &DeleteRepositoryGroup,
            {.success = 204});
  const std::string logo = "/api/media/repos_logo/v1/{repository_path+}";
  table.Add(Method::kGet, logo, "GetRepositoryLogo", &GetRepositoryLogo, anybody);
  table.Add(Method::kDelete, logo, "DeleteRepositoryLogo", &DeleteRepositoryLogo, {.success = 204});
  table.Add(Method::kPost, logo + "/upload", "UploadRepositoryLogo", &UploadRepositoryLogo, {.json_body = false});
}

}  // namespace berth::api::hub
