// The token service: GET and POST /token (distribution specification, "Token Authentication Specification" and "OAuth2 Token
// Authentication") and the public keys. Missing rights are no error: the token says less than was asked.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "accounts/accounts.h"
#include "http/router.h"
#include "sql/database.h"

namespace berth::api::registry {

class TokenHandlers {
 public:
  // Both must outlive it.
  TokenHandlers(sql::Database& database, accounts::Accounts& accounts) : database_(database), accounts_(accounts) {}

  // GET and POST /token, GET /token/jwks.json and /.well-known/jwks.json. This must outlive the router.
  void AddRoutes(http::Router& router);

  http::Response Get(const http::Request& request);
  http::Response Post(const http::Request& request);
  http::Response Keys(const http::Request& request);

 private:
  struct Ask;
  Result<accounts::Caller> Authenticate(const http::Request& request);
  Result<std::vector<accounts::AccessEntry>> Granted(const accounts::Caller& caller, const std::vector<std::string>& scopes);
  http::Response Answer(const http::Request& request, const accounts::Caller& caller, const Ask& ask);

  sql::Database& database_;
  accounts::Accounts& accounts_;
};

}  // namespace berth::api::registry
