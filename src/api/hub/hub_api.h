// What Hub operations work with: the services, made once by src/app. Everything referred to outlives the router.
#pragma once

#include <functional>
#include <string>

#include "accounts/accounts.h"
#include "api/hub/operation.h"
#include "base/clock.h"
#include "sql/database.h"

namespace berth::api::hub {

struct HubOptions {
  bool sign_up = true;
  int64_t requests_a_minute = 0;  // of one user or address; 0: no limit
};

struct HubApi {
  sql::Database& database;
  accounts::Accounts& accounts;
  const Clock& clock;
  HubOptions options;
};

// Every operation of api/hub.yaml. `api` and `gate` must outlive the router.
void AddHubRoutes(http::Router& router, const HubApi& api, const Gate& gate);

// The parts, one a capability.
void AddAuthRoutes(OperationTable& table);

}  // namespace berth::api::hub
