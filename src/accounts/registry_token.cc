#include "accounts/registry_token.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <optional>

#include "accounts/token_store.h"
#include "base/text.h"
#include "crypto/jwt.h"
#include "crypto/random.h"
#include "json/value.h"
#include "json/writer.h"

namespace berth::accounts {
namespace {

using std::chrono::seconds;

constexpr seconds kShortestLifetime{60};
// Clients begin with the token at once; clocks of copies may differ by a little.
constexpr seconds kBackdate{5};
constexpr std::string_view kOfficial = "library/";

constexpr auto kKinds = std::to_array<std::pair<CredentialKind, std::string_view>>({
    {CredentialKind::kAnonymous, "anonymous"},
    {CredentialKind::kPassword, "password"},
    {CredentialKind::kSession, "session"},
    {CredentialKind::kPersonalToken, "pat"},
    {CredentialKind::kOrganizationToken, "oat"},
});

std::string_view KindText(CredentialKind kind) {
  const auto found = std::find_if(kKinds.begin(), kKinds.end(), [&](const auto& entry) { return entry.first == kind; });
  return found == kKinds.end() ? "" : found->second;
}

std::optional<CredentialKind> ParseKind(std::string_view text) {
  const auto found =
      std::find_if(kKinds.begin(), kKinds.end(), [&](const auto& entry) { return entry.second == text; });
  if (found == kKinds.end()) return std::nullopt;
  return found->first;
}

void WriteTexts(json::Writer& w, const std::vector<std::string>& texts) {
  w.BeginArray();
  for (const auto& text : texts) w.String(text);
  w.EndArray();
}

void WriteAccess(json::Writer& w, const std::vector<AccessEntry>& access) {
  w.Key("access").BeginArray();
  for (const auto& entry : access) {
    w.BeginObject().Key("type").String(entry.type);
    if (!entry.klass.empty()) w.Key("class").String(entry.klass);
    w.Key("name").String(entry.name).Key("actions");
    WriteTexts(w, entry.actions);
    w.EndObject();
  }
  w.EndArray();
}

// What the registry has to know of the caller beside the specification's claims, so that it needs no look at the
// database.
void WriteCaller(json::Writer& w, const Caller& caller) {
  w.Key("berth").BeginObject();
  w.Key("kind").String(KindText(caller.kind)).Key("account").Int(caller.account.value).Key("uuid").String(caller.uuid);
  w.Key("credential").String(caller.credential_id).Key("scope").String(ToString(caller.scope));
  w.Key("admin").Bool(caller.is_site_admin).Key("verified").Bool(caller.email_verified);
  if (caller.pull_limit >= 0)
    w.Key("pull_limit").Int(caller.pull_limit).Key("pull_window").Int(caller.pull_window_seconds);
  if (!caller.resources.empty()) {
    w.Key("resources").BeginArray();
    for (const auto& resource : caller.resources) {
      w.BeginObject().Key("type").String(resource.type).Key("path").String(resource.path).Key("scopes");
      WriteTexts(w, resource.scopes);
      w.EndObject();
    }
    w.EndArray();
  }
  w.EndObject();
}

std::string TextAt(const json::Value& object, std::string_view key) {
  const auto member = object.Find(key);
  return std::string(member ? member->AsString().value_or("") : "");
}

bool BoolAt(const json::Value& object, std::string_view key) {
  const auto member = object.Find(key);
  return member && member->AsBool().value_or(false);
}

int64_t IntAt(const json::Value& object, std::string_view key, int64_t absent) {
  const auto member = object.Find(key);
  return member ? member->AsInt().value_or(absent) : absent;
}

std::vector<std::string> TextsAt(const json::Value& object, std::string_view key) {
  std::vector<std::string> texts;
  const auto member = object.Find(key);
  if (member && member->IsArray()) {
    member->EachElement([&](json::Value element) { texts.emplace_back(element.AsString().value_or("")); });
  }
  return texts;
}

std::vector<AccessEntry> ReadAccess(const json::Value& claims) {
  std::vector<AccessEntry> access;
  const auto entries = claims.Find("access");
  if (entries && entries->IsArray()) {
    entries->EachElement([&](json::Value entry) {
      access.push_back(
          {TextAt(entry, "type"), TextAt(entry, "class"), TextAt(entry, "name"), TextsAt(entry, "actions")});
    });
  }
  return access;
}

std::optional<Caller> ReadCaller(const json::Value& claims) {
  const auto own = claims.Find("berth");
  const auto kind = own ? ParseKind(TextAt(*own, "kind")) : std::nullopt;
  const auto scope = own ? ParseTokenScope(TextAt(*own, "scope")) : std::nullopt;
  const auto account = own ? own->Find("account") : std::nullopt;
  const auto account_id = account ? account->AsInt() : std::nullopt;
  if (!kind || !scope || !account_id) return std::nullopt;
  Caller caller;
  caller.kind = *kind;
  caller.account = AccountId(*account_id);
  caller.uuid = TextAt(*own, "uuid");
  caller.name = TextAt(claims, "sub");
  caller.credential_id = TextAt(*own, "credential");
  caller.scope = *scope;
  caller.is_site_admin = BoolAt(*own, "admin");
  caller.email_verified = BoolAt(*own, "verified");
  caller.pull_limit = IntAt(*own, "pull_limit", -1);
  caller.pull_window_seconds = IntAt(*own, "pull_window", 0);
  const auto resources = own->Find("resources");
  if (resources && resources->IsArray()) {
    resources->EachElement([&](json::Value entry) {
      caller.resources.push_back({TextAt(entry, "type"), TextAt(entry, "path"), TextsAt(entry, "scopes")});
    });
  }
  return caller;
}

std::string_view WithoutOfficial(std::string_view name) {
  return name.starts_with(kOfficial) ? name.substr(kOfficial.size()) : name;
}

bool Contains(const std::vector<std::string>& texts, std::string_view text) {
  return std::find(texts.begin(), texts.end(), text) != texts.end();
}

// From the end of the signature, which is as good as random; only tokens with a right signature are ever kept under it,
// and the whole text is compared after.
uint64_t Fingerprint(std::string_view token) {
  uint64_t parts[2];
  std::memcpy(parts, token.data() + token.size() - sizeof parts, sizeof parts);
  uint64_t mixed = parts[0] ^ (parts[1] * 0x9e3779b97f4a7c15u);
  mixed ^= mixed >> 29;
  mixed *= 0xbf58476d1ce4e5b9u;
  return mixed ^ (mixed >> 32);
}

constexpr size_t kThreadEntries = 512;

struct Slot {
  uint64_t serial = 0;
  std::shared_ptr<const RegistryTokens::Verdict> verdict;
};

Slot& SlotOfThisThread(uint64_t fingerprint) {
  thread_local std::vector<Slot> slots(kThreadEntries);
  return slots[fingerprint % kThreadEntries];
}

uint64_t NextSerial() {
  static std::atomic<uint64_t> last{0};
  return ++last;
}

}  // namespace

bool RegistryAccess::Allows(std::string_view repository, std::string_view action) const {
  const std::string_view wanted = WithoutOfficial(repository);
  return std::any_of(access.begin(), access.end(), [&](const AccessEntry& entry) {
    return entry.type == "repository" && WithoutOfficial(entry.name) == wanted &&
           (Contains(entry.actions, action) || Contains(entry.actions, "*"));
  });
}

bool RegistryAccess::AllowsCatalog() const {
  return std::any_of(access.begin(), access.end(), [](const AccessEntry& entry) {
    return entry.type == "registry" && entry.name == "catalog" && Contains(entry.actions, "*");
  });
}

RegistryTokens::RegistryTokens(SigningKeys& keys, const Clock& clock, RegistryTokenOptions options)
    : keys_(keys), clock_(clock), options_(std::move(options)), serial_(NextSerial()) {
  options_.lifetime = std::max(options_.lifetime, kShortestLifetime);
}

Result<IssuedRegistryToken> RegistryTokens::Issue(const Caller& caller, const std::vector<AccessEntry>& access) {
  IssuedRegistryToken issued;
  issued.issued = clock_.Now();
  issued.expires = issued.issued + options_.lifetime;
  json::Writer w;
  w.BeginObject();
  w.Key("iss").String(options_.issuer).Key("sub").String(caller.name).Key("aud").String(options_.service);
  w.Key("exp").Int(ToUnixSeconds(issued.expires)).Key("nbf").Int(ToUnixSeconds(issued.issued - kBackdate));
  w.Key("iat").Int(ToUnixSeconds(issued.issued)).Key("jti").String(crypto::NewUuid());
  WriteAccess(w, access);
  WriteCaller(w, caller);
  w.EndObject();
  TRY(const auto keys, keys_.Current());
  issued.token = keys->Sign(w.text());
  if (issued.token.size() > crypto::KeySet::kMaxTokenBytes) {
    return Fail(ErrorCode::kInvalidArgument, "too many scopes for one token", "scope");
  }
  return issued;
}

Result<std::shared_ptr<const RegistryAccess>> RegistryTokens::Verify(std::string_view token) {
  constexpr size_t kShortest = 64;
  if (token.size() < kShortest) return Fail(ErrorCode::kUnauthenticated, "invalid token");
  const uint64_t fingerprint = Fingerprint(token);
  Slot& slot = SlotOfThisThread(fingerprint);
  if (slot.serial != serial_ || slot.verdict->token != token) {
    TRY(auto verdict, Remembered(fingerprint, token));
    slot.verdict = std::move(verdict);
    slot.serial = serial_;
  }
  const RegistryAccess& access = slot.verdict->access;
  if (access.expires <= clock_.Now()) return Fail(ErrorCode::kTokenExpired, "token expired");
  return std::shared_ptr<const RegistryAccess>(slot.verdict, &access);
}

Result<std::shared_ptr<const RegistryTokens::Verdict>> RegistryTokens::Remembered(uint64_t fingerprint,
                                                                                  std::string_view token) {
  Shard& shard = shards_[fingerprint >> 60];
  {
    std::lock_guard lock(shard.mutex);
    const auto found = shard.verdicts.find(fingerprint);
    if (found != shard.verdicts.end() && found->second->token == token) return found->second;
  }
  TRY(auto verdict, Check(token));
  std::lock_guard lock(shard.mutex);
  if (shard.verdicts.size() >= kShardEntries) {
    const Timestamp now = clock_.Now();
    std::erase_if(shard.verdicts, [&](const auto& entry) { return entry.second->access.expires <= now; });
    if (shard.verdicts.size() >= kShardEntries) shard.verdicts.clear();
  }
  shard.verdicts.insert_or_assign(fingerprint, verdict);
  return verdict;
}

Result<std::shared_ptr<const RegistryTokens::Verdict>> RegistryTokens::Check(std::string_view token) {
  TRY(const std::string kid, crypto::PeekKid(token));
  TRY(const auto keys, keys_.ForKid(kid));
  TRY(const auto verified,
      keys->Verify(token, {.issuer = options_.issuer, .audience = options_.service, .now = clock_.Now()}));
  const json::Value claims = verified.claims.root();
  auto caller = ReadCaller(claims);
  if (!caller) return Fail(ErrorCode::kUnauthenticated, "invalid token");
  auto verdict = std::make_shared<Verdict>();
  verdict->token = std::string(token);
  verdict->access.caller = std::move(*caller);
  verdict->access.access = ReadAccess(claims);
  verdict->access.expires = verified.expires;
  return std::shared_ptr<const Verdict>(std::move(verdict));
}

namespace {

// Inside a quoted string; what could end it is left out. Repository names and addresses hold none of it.
void AppendParameter(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append("=\"");
  for (const char c : value) {
    if (c >= 0x20 && c < 0x7f && c != '"' && c != '\\') out.push_back(c);
  }
  out.push_back('"');
}

}  // namespace

std::string BearerChallenge(std::string_view realm, std::string_view service, std::string_view scope,
                            std::string_view error) {
  std::string challenge = "Bearer ";
  AppendParameter(challenge, "realm", realm);
  AppendParameter(challenge, ",service", service);
  if (!scope.empty()) AppendParameter(challenge, ",scope", scope);
  if (!error.empty()) AppendParameter(challenge, ",error", error);
  return challenge;
}

}  // namespace berth::accounts
