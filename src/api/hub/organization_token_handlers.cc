// Organization access tokens: /v2/orgs/{org_name}/access-tokens. The list says `total` where others say `count`.
#include <algorithm>

#include "accounts/token_resource.h"
#include "api/hub/caller_rules.h"
#include "api/hub/hub_api.h"
#include "api/hub/page.h"

namespace berth::api::hub {
namespace {

using access::NamespaceAction;
using accounts::AccessToken;
using accounts::TokenKind;

struct ResourceView {
  std::string type;
  std::string path;
  std::vector<std::string> scopes;
};
BOOST_DESCRIBE_STRUCT(ResourceView, (), (type, path, scopes))

struct TokenView {
  std::string id;
  std::string label;
  std::string description;
  std::string created_by;
  bool is_active = true;
  Timestamp created_at;
  std::optional<Timestamp> expires_at;
  std::optional<Timestamp> last_used_at;
};
BOOST_DESCRIBE_STRUCT(TokenView, (),
                      (id, label, description, created_by, is_active, created_at, expires_at, last_used_at))

struct TokenDetailsView : TokenView {
  std::vector<ResourceView> resources;
};
BOOST_DESCRIBE_STRUCT(TokenDetailsView, (TokenView), (resources))

struct CreatedTokenView : TokenDetailsView {
  std::string token;
};
BOOST_DESCRIBE_STRUCT(CreatedTokenView, (TokenDetailsView), (token))

struct TokenPageView {
  int64_t total = 0;
  std::optional<std::string> next;
  std::optional<std::string> previous;
  std::vector<TokenView> results;
};
BOOST_DESCRIBE_STRUCT(TokenPageView, (), (total, next, previous, results))

struct ListRequest {
  std::string org_name;
  std::optional<int64_t> page;
  std::optional<int64_t> page_size;
};
BOOST_DESCRIBE_STRUCT(ListRequest, (), (org_name, page, page_size))

struct CreateRequest {
  std::string org_name;
  json::Required<std::string> label;
  std::string description;
  std::vector<ResourceView> resources;
  std::optional<Timestamp> expires_at;
};
BOOST_DESCRIBE_STRUCT(CreateRequest, (), (org_name, label, description, resources, expires_at))

struct TokenRequest {
  std::string org_name;
  std::string access_token_id;
};
BOOST_DESCRIBE_STRUCT(TokenRequest, (), (org_name, access_token_id))

struct UpdateRequest {
  std::string org_name;
  std::string access_token_id;
  std::optional<std::string> label;
  std::optional<std::string> description;
  std::optional<std::vector<ResourceView>> resources;
  std::optional<bool> is_active;
};
BOOST_DESCRIBE_STRUCT(UpdateRequest, (), (org_name, access_token_id, label, description, resources, is_active))

void Fill(TokenView& view, const AccessToken& t) {
  view.id = t.uuid;
  view.label = t.label;
  view.description = t.description;
  view.created_by = t.created_by_name;
  view.is_active = t.is_active;
  view.created_at = t.created_at;
  view.expires_at = t.expires_at;
  view.last_used_at = t.last_used_at;
}

void FillDetails(TokenDetailsView& view, const AccessToken& t) {
  Fill(view, t);
  for (const auto& resource : t.resources) view.resources.push_back({resource.type, resource.path, resource.scopes});
}

std::vector<accounts::TokenResource> ReadResources(const std::vector<ResourceView>& views) {
  std::vector<accounts::TokenResource> resources;
  for (const ResourceView& view : views) resources.push_back({view.type, view.path, view.scopes});
  return resources;
}

// A token can do no more for its organization than whoever makes it.
Result<void> CheckScopes(const HubApi& api, const Call& call, const accounts::Account& organization,
                         const std::vector<ResourceView>& resources) {
  using accounts::ResourceRight;
  constexpr std::pair<ResourceRight, NamespaceAction> kNeeds[] = {
      {ResourceRight::kMemberEdit, NamespaceAction::kManageMembers},
      {ResourceRight::kInviteRead, NamespaceAction::kViewInvitations},
      {ResourceRight::kInviteEdit, NamespaceAction::kManageInvitations},
      {ResourceRight::kGroupEdit, NamespaceAction::kManageTeams},
  };
  return api.database.Read([&](sql::Connection& c) -> Result<void> {
    for (const auto& [right, action] : kNeeds) {
      const bool asked = std::ranges::any_of(resources, [&](const ResourceView& resource) {
        return resource.type == accounts::kOrganizationResource &&
               std::ranges::any_of(resource.scopes, [&](const std::string& scope) {
                 return accounts::ParseResourceScope(scope) == right;
               });
      });
      if (!asked) continue;
      TRY(const auto verdict, access::DecideNamespace(c, call.caller, organization.id, organization.name, action));
      if (verdict != access::Verdict::kAllowed)
        return Fail(ErrorCode::kPermissionDenied, "the token would be allowed more than you may do yourself");
    }
    return {};
  });
}

// Those who manage tokens, and no token may beget tokens.
Result<accounts::Account> Organization(const HubApi& api, const Call& call, const std::string& name) {
  TRY_VOID(RefuseTokens(call.caller));
  return RequireOrganization(api, call, name, NamespaceAction::kManageTokens);
}

Result<TokenPageView> ListOrganizationAccessTokens(const HubApi& api, const Call& call, const ListRequest& request) {
  TRY(const auto organization, Organization(api, call, request.org_name));
  TRY(const PageRange range, MakePageRange(request.page, request.page_size));
  TRY(const auto found,
      api.accounts.tokens.List(organization.id, TokenKind::kOrganization, range.offset(), range.size));
  std::vector<TokenView> views;
  for (const auto& token : found.tokens) Fill(views.emplace_back(), token);
  TRY(auto page, MakePage(call.http, range, found.count, std::move(views)));
  return TokenPageView{page.count, page.next, page.previous, std::move(page.results)};
}

Result<CreatedTokenView> CreateOrganizationAccessToken(const HubApi& api, const Call& call,
                                                       const CreateRequest& request) {
  TRY(const auto organization, Organization(api, call, request.org_name));
  accounts::NewToken token;
  token.label = *request.label;
  token.description = request.description;
  TRY_VOID(CheckScopes(api, call, organization, request.resources));
  token.resources = ReadResources(request.resources);
  token.expires_at = request.expires_at;
  token.creator_ip = call.http.peer;
  token.creator_agent = call.http.HeaderValue("User-Agent");
  TRY(auto created, api.accounts.tokens.Create(organization, TokenKind::kOrganization, token, call.caller.AsActor()));
  CreatedTokenView view;
  FillDetails(view, created.token);
  view.token = std::move(created.secret);
  return view;
}

Result<TokenDetailsView> GetOrganizationAccessToken(const HubApi& api, const Call& call, const TokenRequest& request) {
  TRY(const auto organization, Organization(api, call, request.org_name));
  TRY(const auto token, api.accounts.tokens.Find(organization.id, TokenKind::kOrganization, request.access_token_id));
  TokenDetailsView view;
  FillDetails(view, token);
  return view;
}

Result<TokenDetailsView> UpdateOrganizationAccessToken(const HubApi& api, const Call& call,
                                                       const UpdateRequest& request) {
  TRY(const auto organization, Organization(api, call, request.org_name));
  accounts::TokenChange change;
  change.label = request.label;
  change.description = request.description;
  change.is_active = request.is_active;
  if (request.resources) {
    TRY_VOID(CheckScopes(api, call, organization, *request.resources));
    change.resources = ReadResources(*request.resources);
  }
  TRY(const auto token, api.accounts.tokens.Update(organization, TokenKind::kOrganization, request.access_token_id,
                                                   change, call.caller.AsActor()));
  TokenDetailsView view;
  FillDetails(view, token);
  return view;
}

Result<NoContent> DeleteOrganizationAccessToken(const HubApi& api, const Call& call, const TokenRequest& request) {
  TRY(const auto organization, Organization(api, call, request.org_name));
  TRY_VOID(api.accounts.tokens.Delete(organization, TokenKind::kOrganization, request.access_token_id,
                                      call.caller.AsActor()));
  return NoContent{};
}

}  // namespace

void AddOrganizationTokenRoutes(OperationTable& table) {
  using http::Method;
  const std::string tokens = "/v2/orgs/{org_name}/access-tokens";
  const std::string token = tokens + "/{access_token_id}";
  table.Add(Method::kGet, tokens, "ListOrganizationAccessTokens", &ListOrganizationAccessTokens);
  table.Add(Method::kPost, tokens, "CreateOrganizationAccessToken", &CreateOrganizationAccessToken, {.success = 201});
  table.Add(Method::kGet, token, "GetOrganizationAccessToken", &GetOrganizationAccessToken);
  table.Add(Method::kPatch, token, "UpdateOrganizationAccessToken", &UpdateOrganizationAccessToken);
  table.Add(Method::kDelete, token, "DeleteOrganizationAccessToken", &DeleteOrganizationAccessToken, {.success = 204});
}

}  // namespace berth::api::hub
