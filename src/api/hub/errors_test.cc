#include "api/hub/errors.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace berth::api::hub {
namespace {

TEST(HubErrors, EveryCodeHasAnErrorStatus) {
  const std::set<int> allowed = {400, 401, 403, 404, 405, 409, 412, 413, 416, 429, 500, 503, 507};
  for (const ErrorCode code : kAllErrorCodes) {
    EXPECT_TRUE(allowed.contains(HubStatus(code))) << ToString(code);
    if (code != ErrorCode::kInternal) {
      EXPECT_NE(HubStatus(code), 500) << ToString(code);
    }
  }
}

TEST(HubErrors, BodyHasMessageAndDetailAndNamesTheField) {
  const auto response = HubError(Error(ErrorCode::kInvalidArgument, "must not be empty", "name"));
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(std::get<std::string>(response.body),
            R"({"message":"must not be empty","detail":"must not be empty","errinfo":{"field":"name"},)"
            R"("fields":{"name":["must not be empty"]},"text":"must not be empty"})");
}

TEST(HubErrors, WhatIsMissingIsNamed) {
  const auto body = [](const std::string& detail) {
    return std::get<std::string>(HubError(Error(ErrorCode::kNameUnknown, "gone").WithDetail(detail)).body);
  };
  EXPECT_EQ(body("ns/app"), R"({"message":"gone","detail":"gone","errinfo":{"namespace":"ns","repository":"app"}})");
  EXPECT_EQ(body("ns/app:v1"),
            R"({"message":"gone","detail":"gone","errinfo":{"namespace":"ns","repository":"app","tag":"v1"}})");
  EXPECT_EQ(body(""), R"({"message":"gone","detail":"gone","errinfo":{}})");
}

TEST(HubErrors, InternalErrorsKeepTheirSecrets) {
  const auto response = HubError(Error(ErrorCode::kInternal, "SELECT failed at /srv/data"));
  EXPECT_EQ(response.status, 500);
  EXPECT_EQ(std::get<std::string>(response.body).find("SELECT"), std::string::npos);
}

}  // namespace
}  // namespace berth::api::hub
