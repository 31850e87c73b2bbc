// The token service: GET and POST /token (distribution specification, "Token Authentication Specification" and "OAuth2
// Token Authentication") and the public keys. Missing rights are no error: the token says less than was asked.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "accounts/accounts.h"
#include "http/router.h"
#include "sql/database.h"

namespace berth::api::registry {

// What else a token depends on; both may be left empty. Run on pool threads, may use the database.
struct TokenRules {
  // Whether the account's password alone is not enough (a second factor is on): docker then needs an access token.
  std::function<Result<bool>(AccountId)> needs_second_factor;
  // Sets the caller's pull limit.
  std::function<Result<void>(accounts::Caller&)> limit_pulls;
};

class TokenHandlers {
 public:
  // The first two must outlive it.
  TokenHandlers(sql::Database& database, accounts::Accounts& accounts, TokenRules rules = {})
      : database_(database), accounts_(accounts), rules_(std::move(rules)) {}

  // GET and POST /token, GET /token/jwks.json and /.well-known/jwks.json. This must outlive the router.
  void AddRoutes(http::Router& router);

  http::Response Get(const http::Request& request);
  http::Response Post(const http::Request& request);
  http::Response Keys(const http::Request& request);

 private:
  struct Ask;
  Result<accounts::Caller> Authenticate(const http::Request& request);
  Result<std::vector<accounts::AccessEntry>> Granted(const accounts::Caller& caller,
                                                     const std::vector<std::string>& scopes);
  http::Response Answer(const http::Request& request, accounts::Caller caller, const Ask& ask);

  sql::Database& database_;
  accounts::Accounts& accounts_;
  const TokenRules rules_;
};

}  // namespace berth::api::registry
