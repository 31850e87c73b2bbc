#include "api/hub/hub_api.h"

namespace berth::api::hub {

void AddHubRoutes(http::Router& router, const HubApi& api, const Gate& gate) {
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
}

}  // namespace berth::api::hub
