// Authentication and the API rate limit in front of every Hub operation.
#pragma once

#include <array>
#include <atomic>
#include <mutex>
#include <string>
#include <unordered_map>

#include "accounts/hub_token.h"
#include "api/hub/operation.h"
#include "base/clock.h"
#include "scim/connection.h"

namespace berth::api::hub {

// Counts requests of one user or address in the running minute. Thread-safe; forgets ended minutes.
class RequestLimiter {
 public:
  RequestLimiter(const Clock& clock, int64_t requests_a_minute) : clock_(clock), limit_(requests_a_minute) {}

  void SetLimit(int64_t requests_a_minute) { limit_ = requests_a_minute; }  // 0: none
  bool HasLimit() const { return limit_ > 0; }

  struct Verdict {
    bool limited = false;  // whether there is a limit at all
    bool allowed = true;
    int64_t limit = 0;
    int64_t remaining = 0;
    int64_t reset = 0;  // Unix seconds
  };
  Verdict Count(std::string_view key);
  Verdict Peek(std::string_view key);

 private:
  struct Shard {
    std::mutex mutex;
    int64_t minute = 0;
    std::unordered_map<std::string, int64_t> counts;
  };
  Verdict Look(std::string_view key, int64_t add);

  const Clock& clock_;
  std::atomic<int64_t> limit_;
  std::array<Shard, 16> shards_;
};

class HubGate final : public Gate {
 public:
  HubGate(accounts::HubTokens& tokens, sql::Database& database, const Clock& clock, int64_t requests_a_minute)
      : tokens_(tokens), scim_(database, clock), limiter_(clock, requests_a_minute) {}

  void SetLimit(int64_t requests_a_minute) { limiter_.SetLimit(requests_a_minute); }
  std::variant<accounts::Caller, http::Response> Admit(const http::Request& request, Auth auth) const override;
  void Finish(const http::Request& request, const accounts::Caller& caller, http::Response& response) const override;

 private:
  Result<accounts::Caller> Identify(const http::Request& request, Auth auth) const;

  accounts::HubTokens& tokens_;
  mutable scim::Connections scim_;
  mutable RequestLimiter limiter_;
};

inline constexpr std::string_view kSessionCookie = "berth_session";
// What a page sends as X-Berth-CSRF with the cookie of that token.
std::string CsrfTokenOf(std::string_view session_token);
// The Authorization header, or the web interface's session cookie as one.
std::string AuthorizationOf(const http::Request& request);

}  // namespace berth::api::hub
