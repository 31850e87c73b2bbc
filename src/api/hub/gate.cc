#include "api/hub/gate.h"

#include "base/text.h"
#include "crypto/digest.h"
#include "crypto/random.h"
#include "json/writer.h"
#include "limits/pull_limiter.h"

namespace berth::api::hub {
namespace {

void AddRateHeaders(const RequestLimiter::Verdict& verdict, http::Response& response) {
  if (!verdict.limited) return;
  response.Add("X-RateLimit-Limit", verdict.limit);
  response.Add("X-RateLimit-Remaining", verdict.remaining);
  response.Add("X-RateLimit-Reset", verdict.reset);
}

http::Response TooMany(const RequestLimiter::Verdict& verdict, int64_t now) {
  json::Writer w;
  w.BeginObject()
      .Key("detail")
      .String("Rate limit exceeded")
      .Key("message")
      .String("Rate limit exceeded")
      .Key("error")
      .Bool(false)
      .EndObject();
  auto response = http::Response::Json(429, std::move(w).Take());
  response.Add("X-Retry-After", verdict.reset);
  response.Add("Retry-After", std::max<int64_t>(1, verdict.reset - now));
  AddRateHeaders(verdict, response);
  return response;
}

std::string_view KindName(accounts::CredentialKind kind) {
  switch (kind) {
    case accounts::CredentialKind::kPersonalToken:
      return "pat:";
    case accounts::CredentialKind::kOrganizationToken:
      return "oat:";
    case accounts::CredentialKind::kSession:
      return "session:";
    default:
      return "";
  }
}

// A caller who is nobody to the Hub API can still have shown a credential of another service.
std::string RateKey(const http::Request& request, const accounts::Caller& caller) {
  if (!caller.IsAnonymous()) return caller.uuid;
  return caller.credential_id.empty() ? limits::AddressKey(request.peer) : caller.credential_id;
}

// A cookie travels with requests that other sites start, so it counts for writes only beside what the page alone knows.
bool CookieMayAct(const http::Request& request, std::string_view token) {
  return request.method == http::Method::kGet || request.method == http::Method::kHead ||
         crypto::ConstantTimeEquals(request.HeaderValue("X-Berth-CSRF"), CsrfTokenOf(token));
}

// The credential is no good, or no longer.
bool IsRefused(const Error& error) {
  return error.code == ErrorCode::kUnauthenticated || error.code == ErrorCode::kTokenExpired;
}

}  // namespace

std::string CsrfTokenOf(std::string_view session_token) {
  return std::string(DigestOf("csrf:" + std::string(session_token)).hex().substr(0, 40));
}

std::string AuthorizationOf(const http::Request& request) {
  const std::string_view header = request.HeaderValue("Authorization");
  if (!header.empty()) return std::string(header);
  for (const std::string_view part : Split(request.HeaderValue("Cookie"), ';')) {
    const std::string_view cookie = Trim(part);
    const auto equals = cookie.find('=');
    if (equals != std::string_view::npos && cookie.substr(0, equals) == kSessionCookie) {
      const std::string_view token = cookie.substr(equals + 1);
      return CookieMayAct(request, token) ? "Bearer " + std::string(token) : std::string();
    }
  }
  return {};
}

RequestLimiter::Verdict RequestLimiter::Look(std::string_view key, int64_t add) {
  const int64_t limit = limit_;
  if (limit <= 0) return {};
  const int64_t now = ToUnixSeconds(clock_.Now());
  Shard& shard = shards_[std::hash<std::string_view>()(key) % shards_.size()];
  const std::lock_guard lock(shard.mutex);
  if (shard.minute != now / 60) {
    shard.minute = now / 60;
    shard.counts.clear();
  }
  int64_t& count = shard.counts[std::string(key)];
  Verdict verdict{.limited = true, .allowed = count + add <= limit, .limit = limit, .reset = (now / 60 + 1) * 60};
  if (verdict.allowed) count += add;
  verdict.remaining = std::max<int64_t>(0, limit - count);
  return verdict;
}

RequestLimiter::Verdict RequestLimiter::Count(std::string_view key) { return Look(key, 1); }
RequestLimiter::Verdict RequestLimiter::Peek(std::string_view key) { return Look(key, 0); }

Result<accounts::Caller> HubGate::Identify(const http::Request& request, Auth auth) const {
  accounts::Caller caller;
  caller.address = request.peer;
  if (auth == Auth::kNone) {
    // SCIM's handlers look at its tokens themselves. All requests of an identity provider come from few addresses, so
    // they count by the token, if it is one: what somebody makes up counts by the address.
    TRY(const auto owner, scim_.FindOwner(request.HeaderValue("Authorization")));
    if (owner) caller.credential_id = "scim:" + std::to_string(owner->value);
    return caller;
  }
  if (const std::string authorization = AuthorizationOf(request); !authorization.empty()) {
    auto authenticated = tokens_.Authenticate(authorization, request.peer);
    if (authenticated) {
      caller = *std::move(authenticated);
      request.trace.user = caller.name;
      request.trace.token = std::string(KindName(caller.kind)) + caller.credential_id;
    } else if (!IsRefused(authenticated.error()) || !request.HeaderValue("Authorization").empty()) {
      return Fail(authenticated.error());
    }
    // A session that was ended elsewhere leaves its cookie behind: who brings it is a visitor, to whom public pages
    // stay open.
  }
  if (auth == Auth::kRequired && caller.IsAnonymous()) return Fail(ErrorCode::kUnauthenticated, "unauthorized");
  return caller;
}

std::variant<accounts::Caller, http::Response> HubGate::Admit(const http::Request& request, Auth auth) const {
  auto identified = Identify(request, auth);
  // Who is refused counts, too: by the address, or guessing tokens would cost nothing.
  const accounts::Caller nobody;
  const accounts::Caller& caller = identified ? *identified : nobody;
  const auto verdict = limiter_.Count(RateKey(request, caller));
  if (!verdict.allowed) return TooMany(verdict, verdict.reset - 60);
  if (identified) return *std::move(identified);
  auto refusal = IsRefused(identified.error()) ? HubStatusPage(401, "unauthorized") : HubError(identified.error());
  AddRateHeaders(verdict, refusal);
  return refusal;
}

void HubGate::Finish(const http::Request& request, const accounts::Caller& caller, http::Response& response) const {
  AddRateHeaders(limiter_.Peek(RateKey(request, caller)), response);
}

}  // namespace berth::api::hub
