#include "accounts/token_service.h"

#include <algorithm>

#include "accounts/token_resource.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "crypto/random.h"
#include "json/writer.h"
#include "limits/quota.h"

namespace berth::accounts {
namespace {

constexpr size_t kSecretLength = 27;  // as Docker Hub's; 160 bits
constexpr size_t kMaxLabel = 100;
constexpr size_t kMaxDescription = 1000;
constexpr size_t kMaxRepositories = 50;
constexpr size_t kMaxAgent = 512;
constexpr int64_t kMaxGenerated = 5;

size_t CountCharacters(std::string_view utf8) {
  return static_cast<size_t>(std::count_if(utf8.begin(), utf8.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

Result<void> CheckLabel(std::string_view label, TokenKind kind) {
  const size_t length = CountCharacters(label);
  if (length >= 1 && length <= kMaxLabel && IsValidUtf8(label)) return {};
  return Fail(ErrorCode::kInvalidArgument, "a label has 1 to 100 characters",
              kind == TokenKind::kPersonal ? "token_label" : "label");
}

Result<void> CheckDescription(std::string_view text) {
  if (text.size() <= kMaxDescription && IsValidUtf8(text)) return {};
  return Fail(ErrorCode::kInvalidArgument, "a description has at most 1000 bytes", "description");
}

Result<void> CheckResource(const TokenResource& resource, std::string_view organization, const std::string& field) {
  const bool is_repository = resource.type == kRepositoryResource;
  if (!is_repository && resource.type != kOrganizationResource) {
    return Fail(ErrorCode::kInvalidArgument, "a resource is TYPE_REPO or TYPE_ORG", field + ".type");
  }
  bool path_good = resource.path == organization;
  if (is_repository) {
    const std::string_view path = resource.path;
    path_good = path == kPublicRepositoriesPath || (path.size() > organization.size() + 1 &&
                                                    path.starts_with(organization) && path[organization.size()] == '/');
  }
  if (!path_good || resource.path.size() > 255) {
    return Fail(ErrorCode::kInvalidArgument, "the path names nothing of the organization", field + ".path");
  }
  if (resource.scopes.empty()) return Fail(ErrorCode::kInvalidArgument, "at least one scope", field + ".scopes");
  for (const auto& scope : resource.scopes) {
    const auto right = ParseResourceScope(scope);
    const bool of_repository = right == ResourceRight::kPull || right == ResourceRight::kPush;
    const bool pushes_public = right == ResourceRight::kPush && resource.path == kPublicRepositoriesPath;
    if (!right || of_repository != is_repository || pushes_public) {
      return Fail(ErrorCode::kInvalidArgument, "unknown scope " + scope.substr(0, 64), field + ".scopes");
    }
  }
  return {};
}

Result<void> CheckResources(const std::vector<TokenResource>& resources, std::string_view organization) {
  size_t repositories = 0;
  for (size_t i = 0; i < resources.size(); ++i) {
    TRY_VOID(CheckResource(resources[i], organization, "resources[" + std::to_string(i) + "]"));
    if (resources[i].type == kRepositoryResource && resources[i].path != kPublicRepositoriesPath) ++repositories;
  }
  if (repositories > kMaxRepositories) return Fail(ErrorCode::kInvalidArgument, "at most 50 repositories", "resources");
  if (resources.size() > kMaxRepositories + 10)
    return Fail(ErrorCode::kInvalidArgument, "too many resources", "resources");
  return {};
}

Result<void> CheckNew(const NewToken& token, const Account& account, TokenKind kind, Timestamp now) {
  TRY_VOID(CheckLabel(token.label, kind));
  TRY_VOID(CheckDescription(token.description));
  if (token.expires_at && *token.expires_at <= now) {
    return Fail(ErrorCode::kInvalidArgument, "the expiration date lies in the past", "expires_at");
  }
  if (kind == TokenKind::kOrganization) return CheckResources(token.resources, account.name);
  if (token.scopes.empty()) return Fail(ErrorCode::kInvalidArgument, "at least one scope", "scopes");
  return {};
}

Result<void> Log(sql::Transaction& tx, const events::Actor& actor, const Account& account, std::string_view verb,
                 const AccessToken& token, Timestamp now) {
  const std::string type = (account.IsUser() ? "user.access_token." : "org.access_token.") + std::string(verb);
  json::Writer data;
  data.BeginObject().Key("token_id").String(token.uuid).Key("label").String(token.label).EndObject();
  return events::Append(tx, actor,
                        {.type = type,
                         .account_id = account.id,
                         .account = account.name,
                         .repository_id = {},
                         .name = token.label,
                         .data = data.text()},
                        now);
}

}  // namespace

std::string HashSecret(std::string_view secret) { return std::string(DigestOf(secret).hex()); }

Result<CreatedToken> TokenService::Create(const Account& account, TokenKind kind, const NewToken& wanted,
                                          const events::Actor& actor) {
  const Timestamp now = clock_.Now();
  TRY_VOID(CheckNew(wanted, account, kind, now));
  CreatedToken created;
  AccessToken& token = created.token;
  token.uuid = crypto::NewUuid();
  token.account = account.id;
  token.kind = kind;
  token.label = wanted.label;
  token.description = wanted.description;
  token.scopes = wanted.scopes;
  token.resources = wanted.resources;
  token.is_generated = wanted.is_generated;
  token.creator_ip = wanted.creator_ip;
  token.creator_agent = wanted.creator_agent.substr(0, kMaxAgent);
  token.created_by = actor.id;
  token.created_by_name = actor.name;
  token.created_at = now;
  token.expires_at = wanted.expires_at;
  created.secret = std::string(kind == TokenKind::kPersonal ? kPersonalTokenPrefix : kOrganizationTokenPrefix) +
                   crypto::RandomText(kSecretLength);
  const std::string hash = HashSecret(created.secret);
  auto row = database_.Write([&](sql::Transaction& tx) -> Result<int64_t> {
    if (kind == TokenKind::kOrganization) {
      // Those that are over count too, as on Docker Hub.
      TRY(const int64_t present, TokenStore::Count(tx, account.id, kind));
      TRY_VOID(limits::CheckQuota(tx, account.id, limits::Quota::kOrganizationTokens, present + 1));
    }
    TRY(const int64_t inserted, TokenStore::Insert(tx, token, hash));
    if (token.is_generated) TRY_VOID(TokenStore::TrimGenerated(tx, account.id, kMaxGenerated));
    TRY_VOID(Log(tx, actor, account, "create", token, now));
    tx.OnCommit([this] { cache_.Forget(); });
    return inserted;
  });
  if (!row) return Fail(row.error());
  token.row = *row;
  return created;
}

Result<TokenPage> TokenService::List(AccountId account, TokenKind kind, int64_t offset, int64_t limit) {
  return database_.Read([&](sql::Connection& c) -> Result<TokenPage> {
    TokenPage page;
    TRY(page.count, TokenStore::Count(c, account, kind));
    TRY(page.active_count, TokenStore::CountActive(c, account, kind, clock_.Now()));
    TRY(page.tokens, TokenStore::List(c, account, kind, offset, limit));
    return page;
  });
}

Result<AccessToken> TokenService::Find(AccountId account, TokenKind kind, std::string_view uuid) {
  TRY(auto token, database_.Read([&](sql::Connection& c) { return TokenStore::Find(c, account, kind, uuid); }));
  if (!token) return Fail(ErrorCode::kNotFound, "no such access token");
  return std::move(*token);
}

Result<AccessToken> TokenService::Update(const Account& account, TokenKind kind, std::string_view uuid,
                                         const TokenChange& change, const events::Actor& actor) {
  if (change.label) TRY_VOID(CheckLabel(*change.label, kind));
  if (change.description) TRY_VOID(CheckDescription(*change.description));
  if (change.resources) TRY_VOID(CheckResources(*change.resources, account.name));
  return database_.Write([&](sql::Transaction& tx) -> Result<AccessToken> {
    TRY(auto found, TokenStore::Find(tx, account.id, kind, uuid));
    if (!found) return Fail(ErrorCode::kNotFound, "no such access token");
    AccessToken token = std::move(*found);
    if (change.label) token.label = *change.label;
    if (change.description) token.description = *change.description;
    if (change.is_active) token.is_active = *change.is_active;
    if (change.resources) token.resources = *change.resources;
    TRY_VOID(TokenStore::Update(tx, token));
    TRY_VOID(Log(tx, actor, account, "update", token, clock_.Now()));
    tx.OnCommit([this] { cache_.Forget(); });
    return token;
  });
}

Result<void> TokenService::Delete(const Account& account, TokenKind kind, std::string_view uuid,
                                  const events::Actor& actor) {
  return database_.Write([&](sql::Transaction& tx) -> Result<void> {
    TRY(const auto token, TokenStore::Find(tx, account.id, kind, uuid));
    if (!token) return Fail(ErrorCode::kNotFound, "no such access token");
    TRY_VOID(TokenStore::Delete(tx, token->row));
    TRY_VOID(Log(tx, actor, account, "delete", *token, clock_.Now()));
    tx.OnCommit([this] { cache_.Forget(); });
    return {};
  });
}

Result<std::shared_ptr<const Credential>> TokenService::LookUpSecret(std::string_view secret) {
  const std::string hash = HashSecret(secret);
  return LookUpBy("secret:" + hash, [&](sql::Connection& c) { return TokenStore::FindCredentialByHash(c, hash); });
}

Result<std::shared_ptr<const Credential>> TokenService::LookUp(std::string_view uuid) {
  return LookUpBy("token:" + std::string(uuid),
                  [&](sql::Connection& c) { return TokenStore::FindCredentialByUuid(c, uuid); });
}

Result<std::shared_ptr<const Credential>> TokenService::LookUpBy(
    const std::string& key, FunctionRef<Result<std::optional<Credential>>(sql::Connection&)> read) {
  if (auto known = cache_.Find(key)) return known;
  const uint64_t generation = cache_.Generation();
  TRY(auto found, database_.Read([&](sql::Connection& c) { return read(c); }));
  if (!found) return std::shared_ptr<const Credential>();
  auto credential = std::make_shared<const Credential>(std::move(*found));
  cache_.Put(key, credential, generation);
  return credential;
}

void TokenService::MarkUsed(int64_t row) {
  const Timestamp now = clock_.Now();
  std::lock_guard lock(used_mutex_);
  used_[row] = now;
}

Result<void> TokenService::Flush() {
  std::unordered_map<int64_t, Timestamp> used;
  {
    std::lock_guard lock(used_mutex_);
    used.swap(used_);
  }
  if (used.empty()) return {};
  auto written = database_.Write([&](sql::Transaction& tx) -> Result<void> {
    for (const auto& [row, at] : used) TRY_VOID(TokenStore::SetLastUsed(tx, row, at));
    return {};
  });
  if (!written) {
    // Later uses have the word.
    std::lock_guard lock(used_mutex_);
    used_.merge(used);
  }
  return written;
}

}  // namespace berth::accounts
