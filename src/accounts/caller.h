// Who is calling, as every surface sees it: made by authentication, read by src/access. A value.
#pragma once

#include <string>
#include <vector>

#include "base/id.h"
#include "events/event_log.h"

namespace berth::accounts {

enum class CredentialKind {
  kAnonymous,
  kPassword,           // user name and password (Basic at the token service, sign-in)
  kSession,            // a Hub JWT from a password sign-in
  kPersonalToken,      // a PAT, or a Hub JWT obtained with one
  kOrganizationToken,  // an OAT, or a Hub JWT obtained with one
  kSystem,             // Berth's own jobs
};

// The most that a personal token allows; higher implies lower.
enum class TokenScope { kPublicRead, kRead, kWrite, kAdmin };

// One grant of an organization access token: TYPE_REPO "ns/repo" or "*/*/public", TYPE_ORG "org".
struct TokenResource {
  std::string type;
  std::string path;
  std::vector<std::string> scopes;
};

struct Caller {
  CredentialKind kind = CredentialKind::kAnonymous;
  AccountId account;          // the user, or the organization of an organization token; 0 when anonymous
  std::string uuid;           // of the account
  std::string name;           // of the account
  std::string credential_id;  // uuid of the token or session
  TokenScope scope = TokenScope::kAdmin;
  std::vector<TokenResource> resources;  // of an organization token
  bool is_site_admin = false;
  bool email_verified = true;
  std::string address;  // of the client
  // Pulls that the caller's plan allowed in a window when the registry token was issued; -1: no limit.
  int64_t pull_limit = -1;
  int64_t pull_window_seconds = 0;

  bool IsAnonymous() const { return kind == CredentialKind::kAnonymous; }
  events::Actor AsActor() const;
};

}  // namespace berth::accounts
