// The signed tokens of the Hub API: issued at sign-in with Docker Hub's claims, taken back with a look at the
// database's present state (remembered for seconds), so that ending a session, deleting a token or switching off an
// account works at once. Thread-safe.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "accounts/authenticator.h"
#include "accounts/signing_keys.h"
#include "base/clock.h"

namespace berth::accounts {

inline constexpr std::string_view kHubIssuer = "https://api.docker.com/";
inline constexpr std::string_view kHubAudience = "https://hub.docker.com";
inline constexpr std::chrono::seconds kShortHubTokenLifetime{600};        // POST /v2/auth/token
inline constexpr std::chrono::seconds kLongHubTokenLifetime{30 * 86400};  // POST /v2/users/login

struct HubSignIn {
  std::chrono::seconds lifetime = kShortHubTokenLifetime;
  bool with_refresh_token = false;
  std::string client_id;
  std::string agent;  // User-Agent
};

struct IssuedHubToken {
  std::string token;
  std::string refresh_token;  // empty unless asked for
  Timestamp expires;
};

class HubTokens {
 public:
  HubTokens(SigningKeys& keys, SessionService& sessions, Authenticator& authenticator, const Clock& clock)
      : keys_(keys), sessions_(sessions), authenticator_(authenticator), clock_(clock) {}

  // `identity` from Authenticator: a password begins a session, a token stays bound to itself.
  Result<IssuedHubToken> Issue(const Identity& identity, const HubSignIn& sign_in);
  // The whole value of an Authorization header, Bearer or JWT. No header: an anonymous caller. A raw access token is
  // refused (kUnauthenticated): it has to be exchanged first. kTokenExpired, kUnauthenticated, kTooManyRequests.
  Result<Caller> Authenticate(std::string_view authorization, std::string_view address);
  Result<Identity> Verify(std::string_view token, std::string_view address);

 private:
  SigningKeys& keys_;
  SessionService& sessions_;
  Authenticator& authenticator_;
  const Clock& clock_;
};

}  // namespace berth::accounts
