// What Hub operations work with: the services, made once by src/app. Everything referred to outlives the router.
#pragma once

#include <functional>
#include <string>

#include "accounts/account_links.h"
#include "accounts/accounts.h"
#include "accounts/device_sign_in.h"
#include "accounts/second_factor.h"
#include "api/hub/operation.h"
#include "api/hub/server_panel.h"
#include "base/clock.h"
#include "catalog/deletion.h"
#include "catalog/image_config.h"
#include "catalog/repository_extras.h"
#include "catalog/repository_info.h"
#include "catalog/search.h"
#include "jobs/runner.h"
#include "layers/layer_service.h"
#include "registry/registry.h"
#include "settings/settings.h"
#include "sql/database.h"

namespace berth::api::hub {

struct HubOptions {
  bool mail_configured = false;
  std::string external_url;  // empty: as each request says
  std::string version;
  std::string registry_host = {};  // what to write before an image's name; empty: the host of external_url
};

struct HubApi {
  sql::Database& database;
  accounts::Accounts& accounts;
  accounts::SecondFactorService& second_factor;
  accounts::DeviceSignInService& devices;
  accounts::AccountLinks& links;
  registry::Registry& registry;
  catalog::RepositoryInfoService& repositories;
  catalog::RepositoryExtras& extras;
  catalog::ImageConfigs& image_configs;
  catalog::ImageDeletion& deletion;
  catalog::Search& search;
  jobs::Runner& jobs;  // jobs are enqueued in a transaction; Wake on its commit has them run at once
  settings::LiveSettings& settings;
  ServerPanel& panel;
  layers::LayerService& layers;
  const Clock& clock;
  HubOptions options;
};

// Every operation of api/hub.yaml. `api` and `gate` must outlive the router.
void AddHubRoutes(http::Router& router, const HubApi& api, const Gate& gate);

// The parts, one a capability.
void AddSignInRoutes(OperationTable& table);
void AddDeviceRoutes(OperationTable& table);
void AddAccessTokenRoutes(OperationTable& table);
void AddOwnAccountRoutes(OperationTable& table);
void AddSignUpRoutes(OperationTable& table);
void AddSetupRoutes(OperationTable& table);
void AddUserRoutes(OperationTable& table);
void AddAuditRoutes(OperationTable& table);
void AddOrganizationRoutes(OperationTable& table);
void AddTeamRoutes(OperationTable& table);
void AddAdminUserRoutes(OperationTable& table);
void AddOrganizationTokenRoutes(OperationTable& table);
void AddRepositoryRoutes(OperationTable& table);
void AddRepositoryExtraRoutes(OperationTable& table);
void AddTagRoutes(OperationTable& table);
void AddImageRoutes(OperationTable& table);
void AddDeleteImagesRoutes(OperationTable& table);
void AddSearchRoutes(OperationTable& table);
void AddRepositoryPageRoutes(OperationTable& table);
void AddImagePageRoutes(OperationTable& table);
void AddInvitationRoutes(OperationTable& table);
void AddOrganizationSettingsRoutes(OperationTable& table);
void AddCustomRoleRoutes(OperationTable& table);
void AddAccountLifecycleRoutes(OperationTable& table);
void AddNotificationRoutes(OperationTable& table);
void AddNamespaceRoutes(OperationTable& table);
void AddStorageRoutes(OperationTable& table);
void AddScimRoutes(OperationTable& table);
void AddScimConnectionRoutes(OperationTable& table);
void AddLayerRoutes(OperationTable& table);
void AddCompareRoutes(OperationTable& table);
void AddAdminOrganizationRoutes(OperationTable& table);
void AddAdminPlanRoutes(OperationTable& table);
void AddAdminServerRoutes(OperationTable& table);
void AddAdminJobRoutes(OperationTable& table);

}  // namespace berth::api::hub
