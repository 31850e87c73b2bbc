#include <set>

#include "api/hub/hub_api.h"
#include "base/text.h"
#include "scim/resource.h"

namespace berth::api::hub {
namespace {

constexpr std::string_view kScim = "/v2/scim/";
constexpr std::string_view kFirstRegistry = "/v1/repositories/";

// What an error about a path looks like: as SCIM wants it there, as the Hub API's everywhere else.
http::Response ErrorPage(std::string_view prefix, int status, std::string_view message) {
  if (prefix != kScim) return HubStatusPage(status, message);
  return http::Response::Text(status, scim::ErrorJson(status, Error(ErrorCode::kNotFound, std::string(message))),
                              "application/scim+json");
}

http::Response AnswerMiss(std::string_view prefix, const http::NoMatch& miss) {
  if (!miss.path_exists) return ErrorPage(prefix, 404, "httperror 404: object not found");
  auto response = ErrorPage(prefix, 405, "405: Method Not Allowed");
  response.Add("Allow", miss.allow);
  return response;
}

// "/v2/users/" of "/v2/users/{username}", since the registry has the rest of /v2/; "/api/" of "/api/search/v4".
std::string PrefixOf(std::string_view pattern) {
  const size_t from = pattern.starts_with("/v2/") ? 4 : 1;
  return std::string(pattern.substr(0, pattern.find('/', from))) + "/";
}

// Below the paths of the Hub API whatever goes wrong has its clients' shape, not the registry's.
void AddErrors(http::Router& router, size_t first_route) {
  std::set<std::string> prefixes;
  for (size_t i = first_route; i < router.routes().size(); ++i) prefixes.insert(PrefixOf(router.routes()[i]->pattern));
  for (const std::string& prefix : prefixes) {
    router.AddFallback(prefix,
                       [prefix](const http::Request&, const http::NoMatch& miss) { return AnswerMiss(prefix, miss); });
    router.AddErrorPage(prefix, [prefix](const http::Request&, int status) {
      return ErrorPage(prefix, status, http::ReasonPhrase(status));
    });
  }
  // The first registry's addresses, which Docker Hub closed in 2022; scripts still try them.
  router.AddFallback(std::string(kFirstRegistry), [](const http::Request&, const http::NoMatch&) {
    return HubStatusPage(410, "410: the registry's first version is gone; use /v2/");
  });
}

}  // namespace

void AddHubRoutes(http::Router& router, const HubApi& api, const Gate& gate) {
  const size_t first_route = router.routes().size();
  OperationTable table(router, api, gate);
  AddSignInRoutes(table);
  AddDeviceRoutes(table);
  AddAccessTokenRoutes(table);
  AddOwnAccountRoutes(table);
  AddSignUpRoutes(table);
  AddSetupRoutes(table);
  AddUserRoutes(table);
  AddAuditRoutes(table);
  AddOrganizationRoutes(table);
  AddTeamRoutes(table);
  AddAdminUserRoutes(table);
  AddOrganizationTokenRoutes(table);
  AddRepositoryRoutes(table);
  AddRepositoryExtraRoutes(table);
  AddTagRoutes(table);
  AddImageRoutes(table);
  AddDeleteImagesRoutes(table);
  AddSearchRoutes(table);
  AddRepositoryPageRoutes(table);
  AddImagePageRoutes(table);
  AddStorageRoutes(table);
  AddAdminOrganizationRoutes(table);
  AddAdminPlanRoutes(table);
  AddAdminServerRoutes(table);
  AddAdminJobRoutes(table);
  AddLayerRoutes(table);
  AddCompareRoutes(table);
  AddNotificationRoutes(table);
  AddNamespaceRoutes(table);
  AddScimRoutes(table);
  AddScimConnectionRoutes(table);
  AddInvitationRoutes(table);
  AddOrganizationSettingsRoutes(table);
  AddCustomRoleRoutes(table);
  AddAccountLifecycleRoutes(table);
  AddErrors(router, first_route);
}

}  // namespace berth::api::hub
