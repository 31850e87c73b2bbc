// How a Hub operation is declared: a route, a described request struct, a handler that makes one service call, an
// answer.
//
//   Result<TagPage> ListRepositoryTags(const HubApi& api, const Call& call, const ListTagsRequest& request);
//   table.Add(http::Method::kGet, "/v2/namespaces/{namespace}/repositories/{repository}/tags", "ListRepositoryTags",
//             &ListRepositoryTags, {.auth = Auth::kOptional});
//
// The wrapper authenticates, applies the API rate limit, binds, calls, encodes and turns errors into Hub's shape, so
// that no handler can forget one of them. Answers may be described structs, vectors of them (a bare array), NoContent
// or http::Response.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <type_traits>

#include "accounts/caller.h"
#include "api/hub/binding.h"
#include "api/hub/errors.h"
#include "http/router.h"

namespace berth::api::hub {

struct HubApi;

struct Call {
  const http::Request& http;
  const accounts::Caller& caller;
};

enum class Auth {
  kNone,      // credentials are not looked at (sign-in, search by anybody)
  kOptional,  // anonymous is a caller too; a bad token is refused all the same
  kRequired,
};

struct OperationOptions {
  int success = 200;
  Auth auth = Auth::kRequired;
  uint64_t max_body = 1 << 20;
  bool json_body = true;  // false: the body is something else, only path and query are bound
};

struct NoContent {};
struct NoRequest {};
BOOST_DESCRIBE_STRUCT(NoRequest, (), ())

// Authentication, rate limit and error logging around every operation; made once from the services (gate.cc).
class Gate {
 public:
  virtual ~Gate() = default;
  // Who calls, or the refusal (401, 429).
  virtual std::variant<accounts::Caller, http::Response> Admit(const http::Request& request, Auth auth) const = 0;
  // Adds what every answer carries (X-RateLimit-*) and logs internal errors.
  virtual void Finish(const http::Request& request, const accounts::Caller& caller, http::Response& response) const = 0;
};

class OperationTable {
 public:
  OperationTable(http::Router& router, const HubApi& api, const Gate& gate) : router_(router), api_(api), gate_(gate) {}

  template <typename Request, typename Answer>
  void Add(http::Method method, std::string pattern, std::string_view operation,
           Result<Answer> (*handler)(const HubApi&, const Call&, const Request&), OperationOptions options = {}) {
    http::Route route;
    route.method = method;
    route.pattern = std::move(pattern);
    route.operation = operation;
    route.max_body = options.max_body;
    route.handler = [this_api = &api_, gate = &gate_, handler, options](const http::Request& request) {
      return Run(*this_api, *gate, handler, options, request);
    };
    router_.Add(std::move(route));
  }

 private:
  template <typename Request, typename Answer>
  static http::Response Run(const HubApi& api, const Gate& gate,
                            Result<Answer> (*handler)(const HubApi&, const Call&, const Request&),
                            const OperationOptions& options, const http::Request& request) {
    auto admitted = gate.Admit(request, options.auth);
    if (auto* refusal = std::get_if<http::Response>(&admitted)) return std::move(*refusal);
    const auto& caller = std::get<accounts::Caller>(admitted);
    auto response = Answered(api, handler, options, Call{request, caller});
    gate.Finish(request, caller, response);
    return response;
  }

  template <typename Request, typename Answer>
  static http::Response Answered(const HubApi& api,
                                 Result<Answer> (*handler)(const HubApi&, const Call&, const Request&),
                                 const OperationOptions& options, const Call& call) {
    auto bound = Bind<Request>(call.http, options.json_body);
    if (!bound) return HubError(bound.error());
    auto answer = handler(api, call, *bound);
    if (!answer) return HubError(answer.error());
    if constexpr (std::is_same_v<Answer, http::Response>) {
      return std::move(*answer);
    } else if constexpr (std::is_same_v<Answer, NoContent>) {
      return http::Response::Empty(options.success);
    } else {
      return http::Response::Json(options.success, json::Encode(*answer));
    }
  }

  http::Router& router_;
  const HubApi& api_;
  const Gate& gate_;
};

}  // namespace berth::api::hub
