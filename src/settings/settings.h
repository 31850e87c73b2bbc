// What an administrator changes while the server runs. Kept in the database, over the configured defaults; each change
// writes its event (server.settings.update) in the same transaction.
//
// In force at once on the copy of the program that made the change, on every other within kRefreshInterval and the time
// of one read. What travels in registry tokens (pull limits) reaches clients when their tokens end.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "events/event_log.h"
#include "sql/database.h"

namespace berth::settings {

struct Settings {
  std::string server_name = "Berth";
  std::string announcement;           // shown on every page; empty: none
  bool sign_up = true;                // anybody may open an account
  bool organizations_by_all = true;   // false: only administrators make organizations
  bool private_by_default = false;    // repositories that nobody said anything about are private
  bool pull_limits = false;           // by plan
  int64_t hub_requests_a_minute = 0;  // of one user or address; 0: no limit
  int64_t registry_requests_a_minute = 0;
  std::vector<std::string> trusted_proxies;  // addresses or CIDRs
  bool setup_complete = false;               // the first-run wizard has been through

  bool operator==(const Settings&) const = default;
};

// Empty members stay as they are.
struct SettingsChange {
  std::optional<std::string> server_name, announcement;
  std::optional<bool> sign_up, organizations_by_all, private_by_default, pull_limits, setup_complete;
  std::optional<int64_t> hub_requests_a_minute, registry_requests_a_minute;
  std::optional<std::vector<std::string>> trusted_proxies;
};

inline constexpr std::chrono::seconds kRefreshInterval{2};

// Stateless: the rows. Values are text; a row that this program can't read counts as not there.
class SettingsStore {
 public:
  static Result<Settings> Load(sql::Connection& connection, const Settings& defaults);
  // What Save would refuse. kInvalidArgument with the field's name as in Settings.
  static Result<void> Check(const SettingsChange& change);
  // Writes what differs from `current` and its event. kInvalidArgument with the field's name as in Settings.
  static Result<Settings> Save(sql::Transaction& tx, const Settings& current, const SettingsChange& change,
                               const events::Actor& actor, Timestamp now);
};

// The copy that everybody asks. Thread-safe.
class LiveSettings {
 public:
  using Listener = std::function<void(const Settings&)>;

  LiveSettings(sql::Database& database, const Clock& clock, Settings defaults);

  // Never blocks.
  std::shared_ptr<const Settings> Get() const { return current_.load(); }
  // Told of the settings at the first Refresh and after each change, on the thread that learned of it; must not use the
  // database. Before the first Refresh only.
  void Listen(Listener listener) { listeners_.push_back(std::move(listener)); }
  // What the database says now.
  Result<Settings> Read(sql::Connection& connection) const { return SettingsStore::Load(connection, defaults_); }
  // Takes over what is in the database; call it at the start and then every kRefreshInterval.
  Result<void> Refresh();
  Result<Settings> Update(const SettingsChange& change, const events::Actor& actor);
  // For a transaction that changes more than settings: Save, in force once it has committed.
  Result<Settings> UpdateIn(sql::Transaction& tx, const SettingsChange& change, const events::Actor& actor);

 private:
  // `version`: what the settings were read after; a change since then has the newer word.
  void Take(const Settings& settings, std::optional<uint64_t> version);

  sql::Database& database_;
  const Clock& clock_;
  const Settings defaults_;
  std::mutex mutex_;  // one Take at a time
  bool told_ = false;
  std::atomic<uint64_t> version_{0};  // changes made here
  std::vector<Listener> listeners_;
  std::atomic<std::shared_ptr<const Settings>> current_;
};

}  // namespace berth::settings
