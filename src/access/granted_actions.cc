#include "access/granted_actions.h"

#include <algorithm>
#include <array>

#include "access/repository_facts.h"
#include "accounts/account_store.h"
#include "base/text.h"

namespace berth::access {
namespace {

using accounts::AccessEntry;
using accounts::Caller;
using accounts::CredentialKind;

constexpr size_t kMaxScope = 1024;
constexpr size_t kMaxActions = 16;

struct ActionName {
  std::string_view text;
  RepositoryAction action;
};
constexpr auto kActions = std::to_array<ActionName>({
    {"pull", RepositoryAction::kPullImage},
    {"push", RepositoryAction::kPush},
    {"delete", RepositoryAction::kDeleteTag},
});

bool IsPathComponent(std::string_view part) {
  const auto alphanumeric = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  if (part.empty() || !alphanumeric(part.front()) || !alphanumeric(part.back())) return false;
  return std::all_of(part.begin(), part.end(),
                     [&](char c) { return alphanumeric(c) || c == '.' || c == '_' || c == '-'; });
}

// Good enough to be asked for; the registry checks names in full before it makes a repository.
bool IsRepositoryName(std::string_view full_name) {
  if (full_name.size() > 255) return false;
  const auto parts = Split(full_name, '/');
  return parts.size() >= 2 && std::all_of(parts.begin(), parts.end(), IsPathComponent);
}

Result<bool> MayCreate(sql::Connection& connection, const Caller& caller, std::string_view full_name) {
  if (caller.IsAnonymous() || !IsRepositoryName(full_name)) return false;
  const std::string_view name = NamespaceOf(full_name);
  TRY(const auto account, accounts::AccountStore::FindByName(connection, name));
  if (!account) return false;
  TRY(const Verdict verdict,
      DecideNamespace(connection, caller, account->id, account->name, NamespaceAction::kCreateRepository));
  return verdict == Verdict::kAllowed;
}

// "*" asks for everything there is.
std::vector<std::string> WithoutWildcard(const std::vector<std::string>& asked) {
  std::vector<std::string> actions;
  const auto add = [&](std::string_view text) {
    if (std::find(actions.begin(), actions.end(), text) == actions.end()) actions.emplace_back(text);
  };
  for (const auto& text : asked) {
    if (text == "*") {
      for (const auto& action : kActions) add(action.text);
    } else {
      add(text);
    }
  }
  return actions;
}

Result<std::vector<std::string>> OfRepository(sql::Connection& connection, const Caller& caller,
                                              const AccessEntry& asked) {
  const std::string full_name = FullRepositoryName(asked.name);
  TRY(const auto facts, FindRepositoryFacts(connection, full_name));
  bool may_create = false;
  if (!facts) {
    TRY(may_create, MayCreate(connection, caller, full_name));
  }
  std::vector<std::string> granted;
  for (auto& text : WithoutWildcard(asked.actions)) {
    const auto known =
        std::find_if(kActions.begin(), kActions.end(), [&](const auto& action) { return action.text == text; });
    if (known == kActions.end()) continue;
    bool allowed = may_create;
    if (facts) {
      TRY(const Verdict verdict, DecideRepository(connection, caller, *facts, known->action));
      allowed = verdict == Verdict::kAllowed;
    }
    if (allowed) granted.push_back(std::move(text));
  }
  return granted;
}

// The catalog shows every name there is, so it is for those who may see everything.
std::vector<std::string> OfCatalog(const Caller& caller, const AccessEntry& asked) {
  const bool reads_all = caller.is_site_admin && caller.kind != CredentialKind::kOrganizationToken &&
                         caller.scope >= accounts::TokenScope::kRead;
  const bool wanted = std::find(asked.actions.begin(), asked.actions.end(), "*") != asked.actions.end();
  return reads_all && wanted ? std::vector<std::string>{"*"} : std::vector<std::string>{};
}

}  // namespace

std::optional<AccessEntry> ParseScope(std::string_view text) {
  if (text.size() > kMaxScope || !IsValidUtf8(text)) return std::nullopt;
  const size_t first = text.find(':');
  const size_t last = text.rfind(':');
  if (first == std::string_view::npos || first == last || first == 0) return std::nullopt;
  AccessEntry entry;
  std::string_view type = text.substr(0, first);
  if (const size_t open = type.find('('); open != std::string_view::npos) {
    if (open == 0 || !type.ends_with(')')) return std::nullopt;
    entry.klass = std::string(type.substr(open + 1, type.size() - open - 2));
    type = type.substr(0, open);
  }
  entry.type = std::string(type);
  entry.name = std::string(text.substr(first + 1, last - first - 1));
  if (entry.name.empty()) return std::nullopt;
  for (const auto action : Split(text.substr(last + 1), ',')) {
    if (!action.empty() && entry.actions.size() < kMaxActions) entry.actions.emplace_back(action);
  }
  return entry;
}

Result<std::vector<std::string>> GrantedActions(sql::Connection& connection, const Caller& caller,
                                                const AccessEntry& asked) {
  if (asked.type == "repository") return OfRepository(connection, caller, asked);
  if (asked.type == "registry" && asked.name == "catalog") return OfCatalog(caller, asked);
  return std::vector<std::string>();
}

}  // namespace berth::access
