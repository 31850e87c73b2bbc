#include "accounts/hub_token.h"

#include "crypto/jwt.h"
#include "crypto/random.h"
#include "json/value.h"
#include "json/writer.h"

namespace berth::accounts {
namespace {

constexpr std::chrono::seconds kRefreshLifetime{90 * 86400};

std::unexpected<Error> Unauthenticated() { return Fail(ErrorCode::kUnauthenticated, "unauthorized"); }

std::string_view SourceType(CredentialKind kind) {
  switch (kind) {
    case CredentialKind::kPersonalToken:
      return "pat";
    case CredentialKind::kOrganizationToken:
      return "oat";
    default:
      return "password";
  }
}

struct ClaimFacts {
  const Identity& identity;
  const HubSignIn& sign_in;
  std::string session_id;
  Timestamp now;
  Timestamp expires;
};

// Docker Hub's claims; clients read `exp` and those under "https://hub.docker.com".
std::string Claims(const ClaimFacts& facts) {
  const Caller& caller = facts.identity.caller;
  const std::string_view type = SourceType(caller.kind);
  const std::string& source_id =
      facts.session_id.empty() || type != "password" ? caller.credential_id : facts.session_id;
  json::Writer w;
  w.BeginObject();
  w.Key("aud").String(kHubAudience).Key("iss").String(kHubIssuer);
  w.Key("iat").Int(ToUnixSeconds(facts.now)).Key("exp").Int(ToUnixSeconds(facts.expires));
  w.Key("jti").String(crypto::NewUuid()).Key("sub").String(caller.uuid);
  w.Key("scope").String(ToString(caller.scope));
  w.Key(kHubAudience).BeginObject();
  w.Key("uuid")
      .String(caller.uuid)
      .Key("username")
      .String(caller.name)
      .Key("email")
      .String(facts.identity.account.email);
  w.Key("roles").BeginArray().EndArray().Key("session_id").String(facts.session_id);
  w.Key("source").String("docker_" + std::string(type) + "|" + source_id);
  w.Key("client_id").String(facts.sign_in.client_id).Key("client_name").String(facts.sign_in.client_id).EndObject();
  w.Key("source").BeginObject().Key("id").String(source_id).Key("type").String(type).EndObject();
  w.EndObject();
  return std::move(w).Take();
}

std::string_view TextAt(const json::Value& object, std::string_view key) {
  const auto member = object.Find(key);
  return member ? member->AsString().value_or("") : "";
}

}  // namespace

Result<IssuedHubToken> HubTokens::Issue(const Identity& identity, const HubSignIn& sign_in) {
  const Caller& caller = identity.caller;
  const bool by_token =
      caller.kind == CredentialKind::kPersonalToken || caller.kind == CredentialKind::kOrganizationToken;
  IssuedHubToken issued;
  std::string session_id = caller.kind == CredentialKind::kSession ? caller.credential_id : "";
  if (session_id.empty() && (!by_token || sign_in.with_refresh_token)) {
    TRY(auto session, sessions_.Create({.account = caller.account,
                                        .kind = SessionKind::kHub,
                                        .token_uuid = by_token ? caller.credential_id : "",
                                        .client_id = sign_in.client_id,
                                        .address = caller.address,
                                        .agent = sign_in.agent,
                                        .lifetime = sign_in.with_refresh_token ? kRefreshLifetime : sign_in.lifetime,
                                        .with_refresh_token = sign_in.with_refresh_token}));
    session_id = std::move(session.uuid);
    issued.refresh_token = std::move(session.refresh_token);
  }
  const Timestamp now = clock_.Now();
  issued.expires = now + sign_in.lifetime;
  TRY(const auto keys, keys_.Current());
  issued.token = keys->Sign(Claims({identity, sign_in, session_id, now, issued.expires}));
  return issued;
}

Result<Identity> HubTokens::Verify(std::string_view token, std::string_view address) {
  TRY(const std::string kid, crypto::PeekKid(token));
  TRY(const auto keys, keys_.ForKid(kid));
  TRY(const auto verified, keys->Verify(token, {.issuer = kHubIssuer, .audience = kHubAudience, .now = clock_.Now()}));
  const json::Value claims = verified.claims.root();
  const auto hub = claims.Find(kHubAudience);
  const auto source = claims.Find("source");
  if (!hub || !source) return Unauthenticated();
  const std::string_view session = TextAt(*hub, "session_id");
  auto identity = session.empty() ? authenticator_.ByToken(TextAt(*source, "id"), address)
                                  : authenticator_.BySession(session, address);
  // The account that the token was made for, not another that took over its name.
  if (identity && identity->caller.uuid != TextAt(claims, "sub")) return Unauthenticated();
  return identity;
}

Result<Caller> HubTokens::Authenticate(std::string_view authorization, std::string_view address) {
  if (authorization.empty()) {
    Caller anonymous;
    anonymous.address = std::string(address);
    return anonymous;
  }
  const std::string_view token = ParseBearer(authorization);
  if (token.empty()) return Unauthenticated();
  TRY(auto identity, Verify(token, address));
  return std::move(identity.caller);
}

}  // namespace berth::accounts
