#include "settings/settings.h"

#include <arpa/inet.h>

#include <array>
#include <map>

#include "base/log.h"
#include "base/text.h"
#include "json/describe.h"

namespace berth::settings {
namespace {

constexpr sql::Query kLoad{"settings.load", "SELECT name, value FROM server_setting"};
constexpr sql::Query kSave{
    "settings.save",
    "INSERT INTO server_setting (name, value, updated_at, updated_by) VALUES ($1, $2, $3, $4) ON CONFLICT (name) DO "
    "UPDATE SET value = excluded.value, updated_at = excluded.updated_at, updated_by = excluded.updated_by"};

constexpr size_t kMaxServerName = 100, kMaxAnnouncement = 1000, kMaxProxies = 100;  // characters, entries
constexpr int64_t kMostRequests = 1'000'000'000;

std::string ToText(bool value) { return value ? "true" : "false"; }
std::string ToText(int64_t value) { return std::to_string(value); }
std::string ToText(const std::string& value) { return value; }
std::string ToText(const std::vector<std::string>& value) { return json::Encode(value); }

bool FromText(std::string_view text, bool& out) {
  out = text == "true";
  return out || text == "false";
}
bool FromText(std::string_view text, int64_t& out) {
  const auto number = ParseNumber<int64_t>(text);
  if (number) out = *number;
  return number.has_value();
}
bool FromText(std::string_view text, std::string& out) {
  out = text;
  return true;
}
bool FromText(std::string_view text, std::vector<std::string>& out) {
  auto list = json::Decode<std::vector<std::string>>(text);
  if (list) out = *std::move(list);
  return list.has_value();
}

// Every setting once: its name in the database, in Settings and in SettingsChange.
template <typename Visit>
void ForEach(Visit&& visit) {
  visit("server_name", &Settings::server_name, &SettingsChange::server_name);
  visit("announcement", &Settings::announcement, &SettingsChange::announcement);
  visit("sign_up", &Settings::sign_up, &SettingsChange::sign_up);
  visit("organizations_by_all", &Settings::organizations_by_all, &SettingsChange::organizations_by_all);
  visit("private_by_default", &Settings::private_by_default, &SettingsChange::private_by_default);
  visit("pull_limits", &Settings::pull_limits, &SettingsChange::pull_limits);
  visit("hub_requests_a_minute", &Settings::hub_requests_a_minute, &SettingsChange::hub_requests_a_minute);
  visit("registry_requests_a_minute", &Settings::registry_requests_a_minute,
        &SettingsChange::registry_requests_a_minute);
  visit("trusted_proxies", &Settings::trusted_proxies, &SettingsChange::trusted_proxies);
  visit("setup_complete", &Settings::setup_complete, &SettingsChange::setup_complete);
}

size_t CountCharacters(std::string_view text) {
  size_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xc0) != 0x80 ? 1 : 0;
  return count;
}

Result<void> CheckText(const std::optional<std::string>& text, size_t min, size_t max, const char* field) {
  if (!text) return {};
  if (!IsValidUtf8(*text) || text->find('\0') != std::string::npos)
    return Fail(ErrorCode::kInvalidArgument, "must be UTF-8 text", field);
  const size_t characters = CountCharacters(*text);
  if (characters < min || characters > max) {
    return Fail(ErrorCode::kInvalidArgument,
                "must have " + std::to_string(min) + " to " + std::to_string(max) + " characters", field);
  }
  return {};
}

Result<void> CheckNumber(const std::optional<int64_t>& number, const char* field) {
  if (number && (*number < 0 || *number > kMostRequests))
    return Fail(ErrorCode::kInvalidArgument, "must be between 1 and 1000000000", field);
  return {};
}

// "10.0.0.0/8", "::1".
bool IsNetwork(const std::string& entry) {
  const auto slash = entry.find('/');
  const std::string address = entry.substr(0, slash);
  std::array<unsigned char, 16> bytes{};
  const bool v4 = inet_pton(AF_INET, address.c_str(), bytes.data()) == 1;
  if (!v4 && inet_pton(AF_INET6, address.c_str(), bytes.data()) != 1) return false;
  if (slash == std::string::npos) return true;
  const auto bits = ParseNumber<unsigned>(entry.substr(slash + 1));
  return bits && *bits <= (v4 ? 32U : 128U);
}

}  // namespace

Result<void> SettingsStore::Check(const SettingsChange& change) {
  TRY_VOID(CheckText(change.server_name, 1, kMaxServerName, "server_name"));
  TRY_VOID(CheckText(change.announcement, 0, kMaxAnnouncement, "announcement"));
  TRY_VOID(CheckNumber(change.hub_requests_a_minute, "hub_requests_a_minute"));
  TRY_VOID(CheckNumber(change.registry_requests_a_minute, "registry_requests_a_minute"));
  for (const std::string& entry : change.trusted_proxies.value_or(std::vector<std::string>())) {
    if (!IsNetwork(entry))
      return Fail(ErrorCode::kInvalidArgument, "is no address or network: " + entry, "trusted_proxies");
  }
  if (change.trusted_proxies && change.trusted_proxies->size() > kMaxProxies)
    return Fail(ErrorCode::kInvalidArgument, "may have at most 100 entries", "trusted_proxies");
  return {};
}

Result<Settings> SettingsStore::Load(sql::Connection& connection, const Settings& defaults) {
  std::map<std::string, std::string, std::less<>> rows;
  TRY_VOID(connection.Each(kLoad, {}, [&](const sql::Row& row) { rows[row.String(0)] = row.String(1); }));
  Settings settings = defaults;
  ForEach([&](const char* name, auto member, auto) {
    const auto row = rows.find(name);
    if (row == rows.end()) return;
    auto value = settings.*member;
    if (FromText(row->second, value)) {
      settings.*member = std::move(value);
    } else {
      log::Warn("settings", "a setting can't be read; the configured one is in force", {{"name", name}});
    }
  });
  return settings;
}

Result<Settings> SettingsStore::Save(sql::Transaction& tx, const Settings& current, const SettingsChange& change,
                                     const events::Actor& actor, Timestamp now) {
  TRY_VOID(Check(change));
  Settings settings = current;
  std::map<std::string, std::string> changed;
  ForEach([&](const char* name, auto member, auto wanted) {
    const auto& value = change.*wanted;
    if (!value || settings.*member == *value) return;
    settings.*member = *value;
    changed[name] = ToText(*value);
  });
  if (changed.empty()) return settings;
  for (const auto& [name, value] : changed) TRY_VOID(tx.Run(kSave, {name, value, now, actor.name}));
  const std::string data = json::Encode(changed);
  events::Event event;
  event.type = "server.settings.update";
  event.name = "server";
  event.data = data;
  TRY_VOID(events::Append(tx, actor, event, now));
  return settings;
}

LiveSettings::LiveSettings(sql::Database& database, const Clock& clock, Settings defaults)
    : database_(database),
      clock_(clock),
      defaults_(std::move(defaults)),
      current_(std::make_shared<const Settings>(defaults_)) {}

void LiveSettings::Take(const Settings& settings, std::optional<uint64_t> version) {
  const std::lock_guard lock(mutex_);
  if (version && *version != version_) return;
  if (!version) ++version_;
  if (told_ && *current_.load() == settings) return;
  told_ = true;
  current_.store(std::make_shared<const Settings>(settings));
  for (const Listener& listener : listeners_) listener(settings);
}

Result<void> LiveSettings::Refresh() {
  const uint64_t version = version_;
  TRY(const Settings settings, database_.Read([&](sql::Connection& c) { return SettingsStore::Load(c, defaults_); }));
  Take(settings, version);
  return {};
}

Result<Settings> LiveSettings::UpdateIn(sql::Transaction& tx, const SettingsChange& change,
                                        const events::Actor& actor) {
  TRY(const Settings before, SettingsStore::Load(tx, defaults_));
  TRY(Settings after, SettingsStore::Save(tx, before, change, actor, clock_.Now()));
  tx.OnCommit([this, after] { Take(after, std::nullopt); });
  return after;
}

Result<Settings> LiveSettings::Update(const SettingsChange& change, const events::Actor& actor) {
  return database_.Write([&](sql::Transaction& tx) { return UpdateIn(tx, change, actor); });
}

}  // namespace berth::settings
