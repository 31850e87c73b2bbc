#include "accounts/caller.h"

namespace berth::accounts {
namespace {

std::string_view CredentialPrefix(CredentialKind kind) {
  switch (kind) {
    case CredentialKind::kPersonalToken:
      return "pat:";
    case CredentialKind::kOrganizationToken:
      return "oat:";
    case CredentialKind::kSession:
      return "session:";
    case CredentialKind::kAnonymous:
    case CredentialKind::kPassword:
    case CredentialKind::kSystem:
      break;
  }
  return {};
}

}  // namespace

events::Actor Caller::AsActor() const {
  events::Actor actor{.id = account, .name = name, .credential = {}, .address = address};
  const std::string_view prefix = CredentialPrefix(kind);
  if (!prefix.empty() && !credential_id.empty()) actor.credential.append(prefix).append(credential_id);
  return actor;
}

}  // namespace berth::accounts
