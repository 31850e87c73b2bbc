#include "api/registry/errors.h"

#include <gtest/gtest.h>

#include <set>

namespace berth::api::registry {
namespace {

// OCI distribution-spec "Error Codes", and what Docker's registry adds.
const std::set<std::string_view> kSpecified = {"BLOB_UNKNOWN",
                                               "BLOB_UPLOAD_INVALID",
                                               "BLOB_UPLOAD_UNKNOWN",
                                               "DIGEST_INVALID",
                                               "MANIFEST_BLOB_UNKNOWN",
                                               "MANIFEST_INVALID",
                                               "MANIFEST_UNKNOWN",
                                               "NAME_INVALID",
                                               "NAME_UNKNOWN",
                                               "SIZE_INVALID",
                                               "UNAUTHORIZED",
                                               "DENIED",
                                               "UNSUPPORTED",
                                               "TOOMANYREQUESTS",
                                               "TAG_INVALID",
                                               "UNAVAILABLE",
                                               "UNKNOWN"};

TEST(RegistryErrors, EveryCodeHasAFormThatTheSpecificationKnows) {
  for (const ErrorCode code : kAllErrorCodes) {
    const ErrorForm form = FormOf(code);
    EXPECT_TRUE(kSpecified.contains(form.code)) << ToString(code);
    EXPECT_GE(form.status, 400);
    EXPECT_LT(form.status, 600);
    EXPECT_EQ(form.status == 500, code == ErrorCode::kInternal) << ToString(code) << " must not hide behind 500";
  }
}

TEST(RegistryErrors, TheBodyIsTheSpecifications) {
  const http::Request request;
  const auto response =
      ErrorResponse(request, Error(ErrorCode::kManifestUnknown, "manifest \"x\" unknown").WithDetail("v1"));
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(std::get<std::string>(response.body),
            R"({"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest \"x\" unknown","detail":"v1"}]})");
  EXPECT_NE(response.headers.find("Docker-Distribution-Api-Version: registry/2.0\r\n"), std::string::npos);
}

TEST(RegistryErrors, InternalReasonsAreNotTold) {
  const http::Request request;
  const auto response = ErrorResponse(request, Error(ErrorCode::kInternal, "SELECT secret"));
  EXPECT_EQ(std::get<std::string>(response.body).find("secret"), std::string::npos);
}

TEST(RegistryErrors, RetryAfterIsSent) {
  const http::Request request;
  const auto response = ErrorResponse(request, Error(ErrorCode::kTooManyRequests, "slow down").WithRetryAfter(7));
  EXPECT_EQ(response.status, 429);
  EXPECT_NE(response.headers.find("Retry-After: 7\r\n"), std::string::npos);
}

TEST(RegistryErrors, TheServersOwnRefusalsHaveTheSameBody) {
  for (const int status : {400, 408, 413, 417, 429, 431, 500, 503}) {
    const auto response = StatusPage(status);
    EXPECT_EQ(response.status, status);
    EXPECT_TRUE(std::get<std::string>(response.body).starts_with(R"({"errors":[{"code":")")) << status;
  }
  EXPECT_EQ(std::get<std::string>(StatusPage(413).body),
            R"({"errors":[{"code":"SIZE_INVALID","message":"Content Too Large","detail":null}]})");
}

}  // namespace
}  // namespace berth::api::registry
