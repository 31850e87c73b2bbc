#include "app/server_panel.h"

#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "app/version.h"
#include "jobs/queue.h"

namespace berth::app {
namespace {

using api::hub::ConfigurationEntry;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::string_view kOk = "ok", kDegraded = "degraded", kFailing = "failing";
constexpr int64_t kGiB = 1 << 30;
constexpr minutes kLateJob{15};

constexpr sql::Query kProbe{"health.probe", "SELECT COUNT(*) FROM server_setting"};
constexpr sql::Query kOldestDue{"health.oldest_due",
                                "SELECT run_after FROM job WHERE state = 'ready' ORDER BY run_after, id LIMIT 1"};

struct Disk {
  int64_t free = 0;
  int64_t size = 0;
};

std::optional<Disk> ReadDisk(const std::string& folder) {
  struct statvfs facts{};
  if (statvfs(folder.c_str(), &facts) != 0) return std::nullopt;
  const auto block = static_cast<int64_t>(facts.f_frsize);
  return Disk{static_cast<int64_t>(facts.f_bavail) * block, static_cast<int64_t>(facts.f_blocks) * block};
}

int Rank(std::string_view status) { return status == kFailing ? 2 : status == kDegraded ? 1 : 0; }

std::string Mebibytes(int64_t bytes) { return std::to_string(bytes >> 20) + " MiB"; }

std::string Text(bool value) { return value ? "true" : "false"; }

std::string Joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ",") + part;
  return text;
}

}  // namespace

// Options that a setting stands over show the setting, as soon as it says something else.
std::vector<ConfigurationEntry> ProgramPanel::Configuration() const {
  const auto settings = parts_.settings.Get();
  const Config& config = parts_.config;
  struct Override {
    bool differs;
    std::string value;
  };
  const std::map<std::string, Override, std::less<>> overrides{
      {"sign-up", {settings->sign_up != config.sign_up, Text(settings->sign_up)}},
      {"pull-limits",
       {settings->pull_limits != (config.pull_limits != "off"), settings->pull_limits ? "docker-hub" : "off"}},
      {"api-rate-limit",
       {settings->hub_requests_a_minute != config.api_rate_limit, std::to_string(settings->hub_requests_a_minute)}},
      {"trusted-proxies", {settings->trusted_proxies != config.trusted_proxies, Joined(settings->trusted_proxies)}}};
  std::vector<ConfigurationEntry> entries;
  for (const ConfigEntry& read : config.entries) {
    ConfigurationEntry entry{read.name,   read.value, read.default_value, read.source,
                             read.secret, true,       read.description};
    if (const auto found = overrides.find(read.name); found != overrides.end()) {
      entry.restart_needed = false;
      if (found->second.differs) {
        entry.value = found->second.value;
        entry.source = "settings";
      }
    }
    entries.push_back(std::move(entry));
  }
  return entries;
}

ProgramPanel::Finding ProgramPanel::CheckDatabase() const {
  const auto start = std::chrono::steady_clock::now();
  const auto read = parts_.database.Read([](sql::Connection& c) -> Result<void> {
    TRY_VOID(c.Run(kProbe));
    return {};
  });
  if (!read) return {std::string(kFailing), read.error().message};
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start);
  const bool slow = took > std::chrono::milliseconds(1000);
  return {std::string(slow ? kDegraded : kOk), "answered in " + std::to_string(took.count()) + " ms"};
}

ProgramPanel::Finding ProgramPanel::CheckBlobs() const {
  const auto probed = parts_.blobs.Probe();
  if (!probed) return {std::string(kFailing), probed.error().message};
  return {std::string(kOk), "takes and gives bytes"};
}

ProgramPanel::Finding ProgramPanel::CheckDisk() const {
  const auto disk = ReadDisk(parts_.config.data);
  if (!disk) return {std::string(kFailing), "the data folder can't be asked for its space"};
  const std::string detail = Mebibytes(disk->free) + " free of " + Mebibytes(disk->size);
  if (disk->free < kGiB / 4) return {std::string(kFailing), detail};
  if (disk->free < 2 * kGiB || disk->free < disk->size / 50) return {std::string(kDegraded), detail};
  return {std::string(kOk), detail};
}

ProgramPanel::Finding ProgramPanel::CheckQueue() const {
  jobs::Depth depth;
  std::optional<Timestamp> oldest;
  const auto read = parts_.database.Read([&](sql::Connection& c) -> Result<void> {
    TRY(depth, jobs::CountJobs(c));
    TRY(oldest, c.One(kOldestDue, {}, [](const sql::Row& row) { return row.Time(0); }));
    return {};
  });
  if (!read) return {std::string(kFailing), read.error().message};
  const std::string detail = std::to_string(depth.ready) + " waiting, " + std::to_string(depth.running) + " running, " +
                             std::to_string(depth.dead) + " failed";
  if (oldest && parts_.clock.Now() - *oldest > kLateJob)
    return {std::string(kDegraded), detail + "; the oldest has been due for too long"};
  return {std::string(depth.dead > 0 ? kDegraded : kOk), detail};
}

ProgramPanel::Finding ProgramPanel::CheckWorkers() const {
  const Timestamp now = parts_.clock.Now();
  std::string failures;
  size_t count = 0;
  for (const auto& task : parts_.background.Outcomes()) {
    ++count;
    const Timestamp last = task.finished_at.value_or(started_at_);
    const bool late = now - last > task.interval * 3 + minutes(2);
    if (task.error.empty() && !late) continue;
    failures += (failures.empty() ? "" : "; ") + task.name + ": " + (late ? "has not come round" : task.error);
  }
  if (!failures.empty()) return {std::string(kDegraded), failures};
  return {std::string(kOk), std::to_string(count) + " at work"};
}

api::hub::ServerHealth ProgramPanel::Health() {
  const std::array<std::pair<const char*, Finding>, 5> findings{{{"database", CheckDatabase()},
                                                                 {"blobs", CheckBlobs()},
                                                                 {"disk", CheckDisk()},
                                                                 {"jobs", CheckQueue()},
                                                                 {"workers", CheckWorkers()}}};
  api::hub::ServerHealth health;
  health.status = kOk;
  const std::lock_guard lock(mutex_);
  for (const auto& [name, finding] : findings) {
    const Timestamp now = parts_.clock.Now();
    auto [state, is_new] = states_.try_emplace(name, State{finding.status, finding.status == kOk ? started_at_ : now});
    if (!is_new && state->second.status != finding.status) state->second = {finding.status, now};
    health.checks.push_back({name, finding.status, finding.detail, state->second.since});
    if (Rank(finding.status) > Rank(health.status)) health.status = finding.status;
  }
  return health;
}

api::hub::ProgramFacts ProgramPanel::Facts() const {
  api::hub::ProgramFacts facts;
  facts.version = kVersion;
  facts.commit = kCommit;
  if (kBuiltAt > 0) facts.built_at = Timestamp(seconds(kBuiltAt));
  facts.started_at = started_at_;
  facts.uptime_seconds = ToUnixSeconds(parts_.clock.Now()) - ToUnixSeconds(started_at_);
  std::array<char, 256> hostname{};
  if (gethostname(hostname.data(), hostname.size() - 1) == 0) facts.hostname = hostname.data();
  facts.database = parts_.database.IsEmbedded() ? "SQLite" : "PostgreSQL";
  facts.blob_store = "filesystem";
  if (const auto disk = ReadDisk(parts_.config.data)) facts.free_bytes = disk->free;
  return facts;
}

}  // namespace berth::app
