// Image and registry access management of an organization: /v2/orgs/{org_name}/settings.
#include "accounts/access_management.h"
#include "api/hub/caller_rules.h"
#include "api/hub/hub_api.h"

namespace berth::api::hub {
namespace {

using access::NamespaceAction;
using accounts::AccessManagement;

constexpr std::string_view kDockerHub = "DockerHub";

struct RestrictedImages {
  json::Required<bool> enabled;
  json::Required<bool> allow_official_images;
  json::Required<bool> allow_verified_publishers;
};
BOOST_DESCRIBE_STRUCT(RestrictedImages, (), (enabled, allow_official_images, allow_verified_publishers))

struct SettingsView {
  RestrictedImages restricted_images;
};
BOOST_DESCRIBE_STRUCT(SettingsView, (), (restricted_images))

struct StandardRegistry {
  json::Required<std::string> id;
  json::Required<bool> allowed;
};
BOOST_DESCRIBE_STRUCT(StandardRegistry, (), (id, allowed))

struct CustomRegistry {
  json::Required<std::string> address;
  json::Required<std::string> friendly_name;
  json::Required<bool> allowed;
};
BOOST_DESCRIBE_STRUCT(CustomRegistry, (), (address, friendly_name, allowed))

struct RegistriesView {
  bool enabled = false;
  std::vector<StandardRegistry> standard_registries;
  std::vector<CustomRegistry> custom_registries;
};
BOOST_DESCRIBE_STRUCT(RegistriesView, (), (enabled, standard_registries, custom_registries))

struct OrganizationRequest {
  std::string org_name;
};
BOOST_DESCRIBE_STRUCT(OrganizationRequest, (), (org_name))

struct UpdateSettingsRequest {
  std::string org_name;
  json::Required<RestrictedImages> restricted_images;
};
BOOST_DESCRIBE_STRUCT(UpdateSettingsRequest, (), (org_name, restricted_images))

struct UpdateRegistriesRequest {
  std::string org_name;
  json::Required<bool> enabled;
  json::Required<std::vector<StandardRegistry>> standard_registries;
  json::Required<std::vector<CustomRegistry>> custom_registries;
};
BOOST_DESCRIBE_STRUCT(UpdateRegistriesRequest, (), (org_name, enabled, standard_registries, custom_registries))

Result<SettingsView> ShowSettings(const HubApi& api, AccountId organization) {
  TRY(const auto images,
      api.database.Read([&](sql::Connection& c) { return AccessManagement::Images(c, organization); }));
  SettingsView view;
  view.restricted_images = {images.enabled, images.allow_official_images, images.allow_verified_publishers};
  return view;
}

Result<RegistriesView> ShowRegistries(const HubApi& api, AccountId organization) {
  TRY(const auto access,
      api.database.Read([&](sql::Connection& c) { return AccessManagement::Registries(c, organization); }));
  RegistriesView view;
  view.enabled = access.enabled;
  view.standard_registries.push_back({std::string(kDockerHub), access.docker_hub_allowed});
  for (const auto& r : access.registries) view.custom_registries.push_back({r.address, r.friendly_name, r.allowed});
  return view;
}

Result<SettingsView> GetOrganizationSettings(const HubApi& api, const Call& call, const OrganizationRequest& request) {
  TRY(const auto organization, RequireOrganization(api, call, request.org_name, NamespaceAction::kViewSettings));
  return ShowSettings(api, organization.id);
}

Result<SettingsView> UpdateOrganizationSettings(const HubApi& api, const Call& call,
                                                const UpdateSettingsRequest& request) {
  TRY(const auto organization, RequireOrganization(api, call, request.org_name, NamespaceAction::kManageSettings));
  const RestrictedImages& wanted = *request.restricted_images;
  TRY_VOID(AccessManagement(api.database, api.clock)
               .SetImages(organization,
                          {*wanted.enabled, *wanted.allow_official_images, *wanted.allow_verified_publishers},
                          call.caller.AsActor()));
  return ShowSettings(api, organization.id);
}

Result<RegistriesView> GetRegistryAccessManagement(const HubApi& api, const Call& call,
                                                   const OrganizationRequest& request) {
  TRY(const auto organization, RequireOrganization(api, call, request.org_name, NamespaceAction::kViewSettings));
  return ShowRegistries(api, organization.id);
}

Result<RegistriesView> UpdateRegistryAccessManagement(const HubApi& api, const Call& call,
                                                      const UpdateRegistriesRequest& request) {
  TRY(const auto organization, RequireOrganization(api, call, request.org_name, NamespaceAction::kManageSettings));
  accounts::RegistryRules wanted;
  wanted.enabled = *request.enabled;
  for (size_t i = 0; i < request.standard_registries->size(); ++i) {
    const StandardRegistry& standard = (*request.standard_registries)[i];
    if (*standard.id != kDockerHub)
      return Fail(ErrorCode::kInvalidArgument, "must be DockerHub",
                  "standard_registries[" + std::to_string(i) + "].id");
    wanted.docker_hub_allowed = *standard.allowed;
  }
  for (const CustomRegistry& custom : *request.custom_registries)
    wanted.registries.push_back({*custom.address, *custom.friendly_name, *custom.allowed});
  TRY_VOID(AccessManagement(api.database, api.clock).SetRegistries(organization, wanted, call.caller.AsActor()));
  return ShowRegistries(api, organization.id);
}

}  // namespace

void AddOrganizationSettingsRoutes(OperationTable& table) {
  using http::Method;
  const std::string settings = "/v2/orgs/{org_name}/settings";
  const std::string registries = settings + "/registry-access-management";
  table.Add(Method::kGet, settings, "GetOrganizationSettings", &GetOrganizationSettings);
  table.Add(Method::kPut, settings, "UpdateOrganizationSettings", &UpdateOrganizationSettings);
  table.Add(Method::kGet, registries, "GetRegistryAccessManagement", &GetRegistryAccessManagement);
  table.Add(Method::kPut, registries, "UpdateRegistryAccessManagement", &UpdateRegistryAccessManagement);
}

}  // namespace berth::api::hub
