// Personal access tokens: /v2/access-tokens and its older name /v2/api_tokens.
#include "api/hub/caller_rules.h"
#include "api/hub/hub_api.h"
#include "api/hub/page.h"

namespace berth::api::hub {
namespace {

using accounts::AccessToken;
using accounts::TokenKind;

struct TokenView {
  std::string uuid;
  std::string client_id;
  std::string creator_ip;
  std::string creator_ua;
  Timestamp created_at;
  std::optional<Timestamp> last_used;
  std::string generated_by;
  bool is_active = true;
  std::string token;
  std::string token_label;
  std::vector<std::string> scopes;
  std::optional<Timestamp> expires_at;
};
BOOST_DESCRIBE_STRUCT(TokenView, (),
                      (uuid, client_id, creator_ip, creator_ua, created_at, last_used, generated_by, is_active, token,
                       token_label, scopes, expires_at))

struct TokenPageView {
  int64_t active_count = 0;
  int64_t count = 0;
  std::optional<std::string> next;
  std::optional<std::string> previous;
  std::vector<TokenView> results;
};
BOOST_DESCRIBE_STRUCT(TokenPageView, (), (active_count, count, next, previous, results))

struct ListRequest {
  std::optional<int64_t> page;
  std::optional<int64_t> page_size;
};
BOOST_DESCRIBE_STRUCT(ListRequest, (), (page, page_size))

struct CreateRequest {
  json::Required<std::string> token_label;
  std::optional<std::vector<std::string>> scopes;
  std::optional<Timestamp> expires_at;
};
BOOST_DESCRIBE_STRUCT(CreateRequest, (), (token_label, scopes, expires_at))

struct TokenRequest {
  std::string uuid;
};
BOOST_DESCRIBE_STRUCT(TokenRequest, (), (uuid))

struct UpdateRequest {
  std::string uuid;
  std::optional<std::string> token_label;
  std::optional<bool> is_active;
};
BOOST_DESCRIBE_STRUCT(UpdateRequest, (), (uuid, token_label, is_active))

TokenView MakeTokenView(const AccessToken& t, std::string secret = {}) {
  TokenView view{t.uuid,
                 "HUB",
                 t.creator_ip,
                 t.creator_agent,
                 t.created_at,
                 t.last_used_at,
                 t.is_generated ? "auto" : "manual",
                 t.is_active,
                 std::move(secret),
                 t.label,
                 {},
                 t.expires_at};
  for (const auto scope : t.scopes) view.scopes.emplace_back(ToString(scope));
  return view;
}

Result<std::vector<accounts::TokenScope>> ReadScopes(const std::optional<std::vector<std::string>>& names) {
  if (!names) return std::vector{accounts::TokenScope::kAdmin};
  std::vector<accounts::TokenScope> scopes;
  for (const std::string& name : *names) {
    const auto scope = accounts::ParseTokenScope(name);
    if (!scope) return Fail(ErrorCode::kInvalidArgument, "is no scope: '" + name + "'", "scopes");
    scopes.push_back(*scope);
  }
  if (scopes.empty()) return Fail(ErrorCode::kInvalidArgument, "must name at least one scope", "scopes");
  return scopes;
}

// Tokens are managed with the account's password only.
Result<accounts::Account> Owner(const HubApi& api, const Call& call) {
  TRY_VOID(RefuseTokens(call.caller));
  return OwnUser(api, call.caller);
}

Result<TokenPageView> ListAccessTokens(const HubApi& api, const Call& call, const ListRequest& request) {
  TRY(const auto account, Owner(api, call));
  TRY(const PageRange range, MakePageRange(request.page, request.page_size));
  TRY(const auto found, api.accounts.tokens.List(account.id, TokenKind::kPersonal, range.offset(), range.size));
  std::vector<TokenView> views;
  for (const auto& token : found.tokens) views.push_back(MakeTokenView(token));
  TRY(auto page, MakePage(call.http, range, found.count, std::move(views)));
  return TokenPageView{found.active_count, page.count, page.next, page.previous, std::move(page.results)};
}

Result<TokenView> CreateAccessToken(const HubApi& api, const Call& call, const CreateRequest& request) {
  TRY(const auto account, Owner(api, call));
  accounts::NewToken token;
  token.label = *request.token_label;
  TRY(token.scopes, ReadScopes(request.scopes));
  token.expires_at = request.expires_at;
  token.creator_ip = call.http.peer;
  token.creator_agent = call.http.HeaderValue("User-Agent");
  auto created = api.accounts.tokens.Create(account, TokenKind::kPersonal, token, call.caller.AsActor());
  if (!created) {
    Error error = std::move(created).error();
    if (error.field == "label") error.field = "token_label";
    return Fail(std::move(error));
  }
  return MakeTokenView(created->token, std::move(created->secret));
}

Result<TokenView> GetAccessToken(const HubApi& api, const Call& call, const TokenRequest& request) {
  TRY(const auto account, Owner(api, call));
  TRY(const auto token, api.accounts.tokens.Find(account.id, TokenKind::kPersonal, request.uuid));
  return MakeTokenView(token);
}

Result<TokenView> UpdateAccessToken(const HubApi& api, const Call& call, const UpdateRequest& request) {
  TRY(const auto account, Owner(api, call));
  accounts::TokenChange change;
  change.label = request.token_label;
  change.is_active = request.is_active;
  auto updated = api.accounts.tokens.Update(account, TokenKind::kPersonal, request.uuid, change, call.caller.AsActor());
  if (!updated) {
    Error error = std::move(updated).error();
    if (error.field == "label") error.field = "token_label";
    return Fail(std::move(error));
  }
  return MakeTokenView(*updated);
}

Result<NoContent> DeleteAccessToken(const HubApi& api, const Call& call, const TokenRequest& request) {
  TRY(const auto account, Owner(api, call));
  TRY_VOID(api.accounts.tokens.Delete(account, TokenKind::kPersonal, request.uuid, call.caller.AsActor()));
  return NoContent{};
}

}  // namespace

void AddAccessTokenRoutes(OperationTable& table) {
  using http::Method;
  table.Add(Method::kGet, "/v2/access-tokens", "ListAccessTokens", &ListAccessTokens);
  table.Add(Method::kPost, "/v2/access-tokens", "CreateAccessToken", &CreateAccessToken, {.success = 201});
  table.Add(Method::kGet, "/v2/access-tokens/{uuid}", "GetAccessToken", &GetAccessToken);
  table.Add(Method::kPatch, "/v2/access-tokens/{uuid}", "UpdateAccessToken", &UpdateAccessToken);
  table.Add(Method::kDelete, "/v2/access-tokens/{uuid}", "DeleteAccessToken", &DeleteAccessToken, {.success = 204});
  table.Add(Method::kGet, "/v2/api_tokens", "ListAccessTokensAlias", &ListAccessTokens);
  table.Add(Method::kPost, "/v2/api_tokens", "CreateAccessTokenAlias", &CreateAccessToken, {.success = 201});
  table.Add(Method::kGet, "/v2/api_tokens/{uuid}", "GetAccessTokenAlias", &GetAccessToken);
  table.Add(Method::kPatch, "/v2/api_tokens/{uuid}", "UpdateAccessTokenAlias", &UpdateAccessToken);
  table.Add(Method::kDelete, "/v2/api_tokens/{uuid}", "DeleteAccessTokenAlias", &DeleteAccessToken, {.success = 204});
}

}  // namespace berth::api::hub
