// SCIM 2.0 (RFC 7644), for identity providers: /v2/scim/2.0/… The organization is the token's; answers and errors have
// SCIM's shapes and media type.
#include "api/hub/hub_api.h"
#include "base/log.h"
#include "scim/connection.h"
#include "scim/group_service.h"
#include "scim/resource.h"
#include "scim/schemas.h"
#include "scim/user_service.h"

namespace berth::api::hub {
namespace {

constexpr std::string_view kRoot = "/v2/scim/2.0";
constexpr uint64_t kMaxBody = 4 << 20;
constexpr int64_t kDefaultCount = 100;

struct ScimCall {
  const HubApi& api;
  const http::Request& http;
  accounts::Account organization;
  std::string base;  // the service's own address

  events::Actor Actor() const {
    return {organization.id, organization.name, "scim:" + organization.uuid, std::string(http.peer)};
  }
  scim::Users users() const { return {api.database, api.accounts.cache, api.clock}; }
  scim::Groups groups() const { return {api.database, api.clock}; }
};

http::Response ScimAnswer(int status, std::string body) {
  return http::Response::Text(status, std::move(body), "application/scim+json");
}

http::Response ScimFailure(const Error& error) {
  const int status = HubStatus(error.code);
  auto response = ScimAnswer(status, scim::ErrorJson(status, error));
  if (status == 401) response.Add("WWW-Authenticate", "Bearer realm=\"scim\"");
  if (error.retry_after_seconds > 0) response.Add("Retry-After", error.retry_after_seconds);
  if (error.code == ErrorCode::kInternal) log::Error("scim", "a request failed", {{"error", error.message}});
  return response;
}

using ScimHandler = Result<http::Response> (*)(const ScimCall&);

Result<http::Response> Answered(const HubApi& api, const http::Request& request, ScimHandler handler) {
  scim::Connections connections(api.database, api.clock);
  TRY(auto organization, connections.Authenticate(request.HeaderValue("Authorization")));
  request.trace.user = organization.name;
  request.trace.token = "scim:" + organization.uuid;
  const std::string base = (api.options.external_url.empty() ? request.BaseUrl() : api.options.external_url);
  return handler({api, request, std::move(organization), base + std::string(kRoot)});
}

// Around every operation: who calls, and the shape of a failure.
template <ScimHandler kHandler>
Result<http::Response> Scim(const HubApi& api, const Call& call, const NoRequest&) {
  auto answer = Answered(api, call.http, kHandler);
  if (!answer) return ScimFailure(answer.error());
  return answer;
}

Result<json::Document> ReadBody(const ScimCall& call) {
  auto document = json::Document::Parse(call.http.body);
  if (!document) return scim::Refuse(scim::kInvalidSyntax, "the body is not JSON: " + document.error().message);
  if (!document->root().IsObject()) return scim::Refuse(scim::kInvalidSyntax, "the body must be a JSON object");
  return document;
}

Result<scim::Projection> ReadProjection(const ScimCall& call) {
  return scim::Projection::Parse(call.http.QueryValue("attributes").value_or(""),
                                 call.http.QueryValue("excludedAttributes").value_or(""));
}

// ---- Lists

struct Range {
  int64_t start = 1;  // from 1
  int64_t count = kDefaultCount;
};

Result<int64_t> ReadNumber(const ScimCall& call, std::string_view name, int64_t otherwise) {
  const auto text = call.http.QueryValue(name);
  if (!text || text->empty()) return otherwise;
  const auto number = ParseNumber<int64_t>(*text);
  if (!number) return scim::Refuse(scim::kInvalidValue, std::string(name) + " must be a number");
  return *number;
}

Result<Range> ReadRange(const ScimCall& call) {
  Range range;
  TRY(range.start, ReadNumber(call, "startIndex", 1));
  TRY(range.count, ReadNumber(call, "count", kDefaultCount));
  range.start = std::max<int64_t>(1, range.start);
  range.count = std::clamp<int64_t>(range.count, 0, scim::kMaxCount);
  return range;
}

Result<std::optional<scim::Filter>> ReadFilter(const ScimCall& call) {
  const auto text = call.http.QueryValue("filter");
  if (!text || text->empty()) return std::optional<scim::Filter>();
  TRY(auto filter, scim::ParseFilter(*text));
  return std::optional(std::move(filter));
}

Result<scim::Order> ReadOrder(const ScimCall& call) {
  const std::string direction = AsciiLower(call.http.QueryValue("sortOrder").value_or("ascending"));
  if (direction != "ascending" && direction != "descending" && !direction.empty()) {
    return scim::Refuse(scim::kInvalidValue, "sortOrder must be ascending or descending");
  }
  return scim::Order{call.http.QueryValue("sortBy").value_or(""), direction == "descending"};
}

http::Response Listed(const std::vector<std::string>& resources, int64_t total, int64_t start) {
  return ScimAnswer(200, scim::ListJson(resources, total, start));
}

// What is asked of a list.
struct ListRequest {
  Range range;
  scim::Query query;
  scim::Projection projection;
};

Result<ListRequest> ReadList(const ScimCall& call, Result<void> (scim::Query::*narrow)(const scim::Filter&),
                             Result<void> (scim::Query::*arrange)(const scim::Order&)) {
  TRY(const Range range, ReadRange(call));
  TRY(const auto filter, ReadFilter(call));
  TRY(const auto order, ReadOrder(call));
  TRY(auto projection, ReadProjection(call));
  ListRequest list{range, scim::Query(call.organization.id), std::move(projection)};
  if (filter) TRY_VOID((list.query.*narrow)(*filter));
  TRY_VOID((list.query.*arrange)(order));
  return list;
}

// ---- Resources, as they are shown

std::string ResourceJson(const ScimCall& call, const scim::UserRecord& user) {
  return scim::UserJson(user, call.organization.name, call.base);
}
std::string ResourceJson(const ScimCall& call, const scim::GroupRecord& group) {
  return scim::GroupJson(group, call.base);
}
std::string PathOf(const scim::UserRecord& user) { return "/Users/" + user.id; }
std::string PathOf(const scim::GroupRecord& group) { return "/Groups/" + group.team.uuid; }

template <typename Record>
http::Response Shown(const ScimCall& call, int status, const Record& record, const scim::Projection& projection = {}) {
  auto response = ScimAnswer(status, projection.Apply(ResourceJson(call, record)));
  if (status == 201) response.Add("Location", call.base + PathOf(record));
  return response;
}

template <typename Record>
http::Response Listed(const ScimCall& call, const ListRequest& list, const std::vector<Record>& records,
                      int64_t total) {
  std::vector<std::string> resources;
  for (const Record& record : records) resources.push_back(list.projection.Apply(ResourceJson(call, record)));
  return Listed(resources, total, list.range.start);
}

// ---- What the service is

Result<http::Response> GetScimServiceProviderConfig(const ScimCall& call) {
  return ScimAnswer(200, scim::ServiceProviderConfig(call.base));
}

Result<http::Response> ListScimResourceTypes(const ScimCall& call) {
  const auto types = scim::ResourceTypes(call.base);
  return Listed(types, static_cast<int64_t>(types.size()), 1);
}

Result<http::Response> GetScimResourceType(const ScimCall& call) {
  auto type = scim::FindResourceType(call.base, call.http.Param("name"));
  if (!type) return Fail(ErrorCode::kNotFound, "no such resource type");
  return ScimAnswer(200, *std::move(type));
}

Result<http::Response> ListScimSchemas(const ScimCall& call) {
  const auto schemas = scim::Schemas(call.base);
  return Listed(schemas, static_cast<int64_t>(schemas.size()), 1);
}

Result<http::Response> GetScimSchema(const ScimCall& call) {
  auto schema = scim::FindSchema(call.base, call.http.Param("id"));
  if (!schema) return Fail(ErrorCode::kNotFound, "no such schema");
  return ScimAnswer(200, *std::move(schema));
}

// ---- Users

Result<http::Response> ListScimUsers(const ScimCall& call) {
  TRY(auto list, ReadList(call, &scim::Query::FilterUsers, &scim::Query::OrderUsers));
  TRY(const auto page, call.users().List(call.organization.id, list.query, list.range.start - 1, list.range.count));
  return Listed(call, list, page.users, page.total);
}

Result<http::Response> CreateScimUser(const ScimCall& call) {
  TRY(const auto body, ReadBody(call));
  scim::UserData data;
  TRY_VOID(scim::ReadUser(body.root(), data));
  TRY(const auto user, call.users().Create(call.organization, data, call.Actor()));
  return Shown(call, 201, user);
}

Result<http::Response> GetScimUser(const ScimCall& call) {
  TRY(const auto projection, ReadProjection(call));
  TRY(const auto user, call.users().Find(call.organization.id, call.http.Param("id")));
  return Shown(call, 200, user, projection);
}

Result<http::Response> UpdateUser(const ScimCall& call, Result<void> (*read)(const json::Value&, scim::UserData&)) {
  TRY(const auto body, ReadBody(call));
  TRY(const auto user, call.users().Update(
                           call.organization, call.http.Param("id"),
                           [&](scim::UserData& data) { return read(body.root(), data); }, call.Actor()));
  return Shown(call, 200, user);
}

Result<http::Response> ReplaceScimUser(const ScimCall& call) { return UpdateUser(call, &scim::ReadUser); }
Result<http::Response> PatchScimUser(const ScimCall& call) { return UpdateUser(call, &scim::PatchUser); }

Result<http::Response> DeleteScimUser(const ScimCall& call) {
  TRY_VOID(call.users().Delete(call.organization, call.http.Param("id"), call.Actor()));
  return http::Response::Empty(204);
}

// ---- Groups

Result<http::Response> ListScimGroups(const ScimCall& call) {
  TRY(auto list, ReadList(call, &scim::Query::FilterGroups, &scim::Query::OrderGroups));
  TRY(const auto page,
      call.groups().List(list.query, list.range.start - 1, list.range.count, list.projection.Wants("members")));
  return Listed(call, list, page.groups, page.total);
}

Result<http::Response> CreateScimGroup(const ScimCall& call) {
  TRY(const auto body, ReadBody(call));
  TRY(const auto change, scim::ReadGroup(body.root()));
  TRY(const auto group, call.groups().Create(call.organization, change, call.Actor()));
  return Shown(call, 201, group);
}

Result<http::Response> GetScimGroup(const ScimCall& call) {
  TRY(const auto projection, ReadProjection(call));
  TRY(const auto group, call.groups().Find(call.organization.id, call.http.Param("id"), projection.Wants("members")));
  return Shown(call, 200, group, projection);
}

Result<http::Response> UpdateGroup(const ScimCall& call, Result<scim::GroupChange> (*read)(const json::Value&)) {
  TRY(const auto body, ReadBody(call));
  TRY(const auto change, read(body.root()));
  TRY(const auto group, call.groups().Update(call.organization, call.http.Param("id"), change, call.Actor()));
  return Shown(call, 200, group);
}

Result<http::Response> ReplaceScimGroup(const ScimCall& call) { return UpdateGroup(call, &scim::ReadGroup); }
Result<http::Response> PatchScimGroup(const ScimCall& call) { return UpdateGroup(call, &scim::PatchGroup); }

Result<http::Response> DeleteScimGroup(const ScimCall& call) {
  TRY_VOID(call.groups().Delete(call.organization, call.http.Param("id"), call.Actor()));
  return http::Response::Empty(204);
}

}  // namespace

void AddScimRoutes(OperationTable& table) {
  using http::Method;
  const std::string root(kRoot);
  // The token is SCIM's own, so the gate has nothing to look at; bodies are read here, for SCIM's errors.
  const OperationOptions options{.auth = Auth::kNone, .max_body = kMaxBody, .json_body = false};
  const std::string users = root + "/Users", user = users + "/{id}";
  const std::string groups = root + "/Groups", group = groups + "/{id}";
  table.Add(Method::kGet, root + "/ServiceProviderConfig", "GetScimServiceProviderConfig",
            &Scim<&GetScimServiceProviderConfig>, options);
  table.Add(Method::kGet, root + "/ResourceTypes", "ListScimResourceTypes", &Scim<&ListScimResourceTypes>, options);
  table.Add(Method::kGet, root + "/ResourceTypes/{name}", "GetScimResourceType", &Scim<&GetScimResourceType>, options);
  table.Add(Method::kGet, root + "/Schemas", "ListScimSchemas", &Scim<&ListScimSchemas>, options);
  table.Add(Method::kGet, root + "/Schemas/{id}", "GetScimSchema", &Scim<&GetScimSchema>, options);
  table.Add(Method::kGet, users, "ListScimUsers", &Scim<&ListScimUsers>, options);
  table.Add(Method::kPost, users, "CreateScimUser", &Scim<&CreateScimUser>, options);
  table.Add(Method::kGet, user, "GetScimUser", &Scim<&GetScimUser>, options);
  table.Add(Method::kPut, user, "ReplaceScimUser", &Scim<&ReplaceScimUser>, options);
  table.Add(Method::kPatch, user, "PatchScimUser", &Scim<&PatchScimUser>, options);
  table.Add(Method::kDelete, user, "DeleteScimUser", &Scim<&DeleteScimUser>, options);
  table.Add(Method::kGet, groups, "ListScimGroups", &Scim<&ListScimGroups>, options);
  table.Add(Method::kPost, groups, "CreateScimGroup", &Scim<&CreateScimGroup>, options);
  table.Add(Method::kGet, group, "GetScimGroup", &Scim<&GetScimGroup>, options);
  table.Add(Method::kPut, group, "ReplaceScimGroup", &Scim<&ReplaceScimGroup>, options);
  table.Add(Method::kPatch, group, "PatchScimGroup", &Scim<&PatchScimGroup>, options);
  table.Add(Method::kDelete, group, "DeleteScimGroup", &Scim<&DeleteScimGroup>, options);
}

}  // namespace berth::api::hub
