#include "app/serve.h"

#include <csignal>
#include <cstdio>
#include <iostream>
#include <limits>
#include <optional>

#include "accounts/accounts.h"
#include "accounts/bootstrap.h"
#include "api/hub/gate.h"
#include "api/hub/hub_api.h"
#include "api/ops/access_log.h"
#include "api/ops/health.h"
#include "api/registry/registry_api.h"
#include "api/registry/token_handlers.h"
#include "app/background.h"
#include "app/mail_sender.h"
#include "app/measured.h"
#include "app/metrics_sampler.h"
#include "app/pull_limits.h"
#include "app/server_panel.h"
#include "app/storage.h"
#include "app/version.h"
#include "base/log.h"
#include "base/text.h"
#include "catalog/storage_survey.h"
#include "events/reader.h"
#include "http_server/server.h"
#include "jobs/runner.h"
#include "layers/layer_service.h"
#include "notifications/notifier.h"
#include "registry/maintenance.h"
#include "registry/registry.h"
#include "settings/settings.h"
#include "web/web_routes.h"

namespace berth::app {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

log::Level ReadLevel(const std::string& text) {
  if (text == "debug") return log::Level::kDebug;
  if (text == "warn") return log::Level::kWarn;
  return text == "error" ? log::Level::kError : log::Level::kInfo;
}

registry::MissingReferences ReadMissingReferences(const std::string& text) {
  if (text == "refuse") return registry::MissingReferences::kRefuse;
  return text == "allow" ? registry::MissingReferences::kAllow : registry::MissingReferences::kAllowInIndexes;
}

settings::Settings ConfiguredSettings(const Config& config) {
  settings::Settings configured;
  configured.sign_up = config.sign_up;
  configured.pull_limits = config.pull_limits != "off";
  configured.hub_requests_a_minute = config.api_rate_limit;
  configured.trusted_proxies = config.trusted_proxies;
  return configured;
}

registry::Options RegistryOptions(const Config& config, const settings::LiveSettings& settings) {
  registry::Options options;
  options.gc_grace = config.gc_grace;
  options.gc_interval = config.gc_interval;
  options.gc_untagged = config.gc_untagged;
  options.upload_expiry = config.upload_expiry;
  options.max_open_uploads = static_cast<size_t>(config.max_uploads);
  options.max_manifest_bytes = config.max_manifest;
  options.cache_bytes = config.manifest_cache;
  options.max_page = config.max_page;
  options.private_by_default = [&settings] { return settings.Get()->private_by_default; };
  options.missing_references = ReadMissingReferences(config.missing_references);
  return options;
}

// Docker's clients compare the name with nothing, but keep what they were told under it; scripts have it built in.
std::string ServiceName(const Config& config) {
  if (!config.service.empty()) return config.service;
  const bool dockers = config.registry_host == "docker.io" || config.registry_host.ends_with(".docker.io");
  return dockers ? "registry.docker.io" : "berth";
}

// The web interface's address; empty: as each request says.
std::string PageUrl(const Config& config) {
  if (!config.external_url.empty() || config.hub_host.empty()) return config.external_url;
  const bool secure = !config.tls_cert.empty() || !config.trusted_proxies.empty();
  return (secure ? "https://" : "http://") + config.hub_host;
}

accounts::AccountsOptions AccountOptions(const Config& config) {
  accounts::AccountsOptions options;
  options.registry_token.service = ServiceName(config);
  options.registry_token.lifetime = std::chrono::duration_cast<seconds>(config.token_ttl);
  return options;
}

http_server::Options ServerOptions(const Config& config, const settings::Settings& settings) {
  const auto whole = [](Duration d) { return std::max(seconds(1), std::chrono::ceil<seconds>(d)); };
  http_server::Options options;
  options.listen = config.listen;
  if (!config.tls_cert.empty()) options.tls = {config.tls_cert, config.tls_key};
  options.io_threads = config.io_threads;
  options.pool_threads = config.pool_threads;
  options.max_head_bytes = config.max_head;
  options.max_connections = config.max_connections;
  options.max_uploads = config.max_uploads;
  options.idle_timeout = whole(config.idle_timeout);
  options.head_timeout = whole(config.head_timeout);
  options.body_timeout = whole(config.body_timeout);
  options.drain_timeout = whole(config.drain_timeout);
  options.trusted_proxies = settings.trusted_proxies;
  return options;
}

// Everything that lives as long as the server, in the order it is made.
class Application {
 public:
  static Result<std::unique_ptr<Application>> Open(const Config& config);

  Result<void> Start();
  void Reload();
  void Stop();

 private:
  Application(const Config& config, std::unique_ptr<sql::Database> database, crypto::SecretBox box,
              std::unique_ptr<BlobStore> blobs);

  api::registry::TokenRules TokenRules();
  api::registry::RequestGate RequestGate();
  void FollowSettings();
  void AddRoutes();
  void AddBackground();
  void AddFigures();
  void AddGarbageFigures();
  void AddJobFigures();
  // Every kind of job that this program knows; before the runner starts.
  void RegisterJobs();
  void Welcome(uint16_t port) const;

  const Config config_;
  const SystemClock clock_;
  api::ops::Metrics metrics_;
  std::optional<FolderLock> lock_;
  MeasuredDatabase database_;
  const crypto::SecretBox box_;
  std::unique_ptr<BlobStore> blobs_;
  settings::LiveSettings settings_;
  accounts::Accounts accounts_;
  accounts::SecondFactorService second_factor_;
  accounts::DeviceSignInService devices_;
  accounts::AccountLinks links_;
  PullLimits pull_limits_;
  registry::Registry registry_;
  catalog::RepositoryInfoService repositories_;
  catalog::RepositoryExtras extras_;
  registry::Maintenance maintenance_;
  catalog::ImageConfigs image_configs_;
  catalog::ImageDeletion deletion_;
  catalog::Search search_;
  catalog::StorageSurvey survey_;
  layers::LayerService layers_;
  jobs::Runner jobs_;
  accounts::BootstrapOutcome bootstrap_;
  http::Router router_;
  api::registry::TokenHandlers token_handlers_;
  api::registry::RegistryApi registry_api_;
  api::hub::RequestLimiter registry_limiter_;
  MetricsSampler sampler_;
  ProgramPanel panel_;
  api::hub::HubApi hub_api_;
  api::hub::HubGate hub_gate_;
  std::unique_ptr<http_server::Server> server_;
  MailSender mail_sender_;
  notifications::Notifier notifier_;
  Background background_;
};

Application::Application(const Config& config, std::unique_ptr<sql::Database> database, crypto::SecretBox box,
                         std::unique_ptr<BlobStore> blobs)
    : config_(config),
      database_(std::move(database), metrics_),
      box_(std::move(box)),
      blobs_(Measured(std::move(blobs), metrics_)),
      settings_(database_, clock_, ConfiguredSettings(config)),
      accounts_(database_, box_, clock_, AccountOptions(config)),
      second_factor_(database_, box_, clock_),
      devices_(database_, clock_),
      links_(database_, accounts_.cache, clock_),
      pull_limits_(database_, clock_),
      registry_(database_, *blobs_, clock_, RegistryOptions(config, settings_)),
      repositories_(database_, clock_),
      extras_(database_, clock_),
      maintenance_(registry_),
      image_configs_(registry_.blobs()),
      deletion_(database_, registry_.manifests()),
      search_(database_),
      survey_(database_, clock_),
      layers_(database_, *blobs_, clock_, {}),
      jobs_(database_, clock_, {}),
      token_handlers_(database_, accounts_, TokenRules()),
      registry_api_{registry_,           accounts_.registry_tokens, config.external_url,
                    pull_limits_.Gate(), config.auth_host,          RequestGate()},
      registry_limiter_(clock_, 0),
      sampler_(database_, metrics_, clock_),
      panel_({config_, database_, *blobs_, settings_, background_, sampler_, clock_}),
      hub_api_{database_,
               accounts_,
               second_factor_,
               devices_,
               links_,
               registry_,
               repositories_,
               extras_,
               image_configs_,
               deletion_,
               search_,
               jobs_,
               settings_,
               panel_,
               layers_,
               clock_,
               {!config.smtp_url.empty(), PageUrl(config), std::string(kVersion), config.registry_host}},
      hub_gate_(accounts_.hub_tokens, database_, clock_, config.api_rate_limit),
      mail_sender_(database_, clock_, {config.smtp_url, config.smtp_from, config.smtp_user, config.smtp_password},
                   PageUrl(config)),
      notifier_(database_, clock_),
      background_(clock_) {}

api::registry::TokenRules Application::TokenRules() {
  api::registry::TokenRules rules;
  rules.needs_second_factor = [this](AccountId account) { return second_factor_.IsEnabled(account); };
  rules.limit_pulls = [this](accounts::Caller& caller) { return pull_limits_.Set(caller); };
  return rules;
}

api::registry::RequestGate Application::RequestGate() {
  return [this](const http::Request& request, const accounts::Caller& caller) -> std::optional<http::Response> {
    if (!registry_limiter_.HasLimit()) return std::nullopt;  // pulls pay nothing for it
    const std::string key = caller.IsAnonymous() ? limits::AddressKey(request.peer) : caller.uuid;
    const auto verdict = registry_limiter_.Count(key);
    if (verdict.allowed) return std::nullopt;
    auto response = http::Response::Json(
        429, R"({"errors":[{"code":"TOOMANYREQUESTS","message":"too many requests","detail":null}]})");
    response.Add("Retry-After", std::max<int64_t>(1, verdict.reset - ToUnixSeconds(clock_.Now())));
    return response;
  };
}

void Application::FollowSettings() {
  settings_.Listen([this](const settings::Settings& settings) {
    pull_limits_.SetEnabled(settings.pull_limits);
    hub_gate_.SetLimit(settings.hub_requests_a_minute);
    registry_limiter_.SetLimit(settings.registry_requests_a_minute);
    if (!server_) return;
    if (auto done = server_->SetTrustedProxies(settings.trusted_proxies); !done)
      log::Warn("settings", "trusted proxies stay as they were", {{"error", done.error().message}});
  });
}

Result<std::unique_ptr<Application>> Application::Open(const Config& config) {
  if (!config.smtp_url.empty() && config.smtp_from.empty())
    return Fail(ErrorCode::kInvalidArgument, "--smtp-url needs --smtp-from");
  // Requests may name any host; what is mailed must lead here.
  if (!config.smtp_url.empty() && PageUrl(config).empty())
    return Fail(ErrorCode::kInvalidArgument, "--smtp-url needs --external-url or --hub-host, for the links in mail");
  if (config.tls_cert.empty() != config.tls_key.empty()) {
    return Fail(ErrorCode::kInvalidArgument, "--tls-cert and --tls-key go together");
  }
  TRY_VOID(PrepareDataFolder(config.data));
  std::optional<FolderLock> lock;
  if (config.database.empty()) {
    TRY(auto taken, FolderLock::Take(config.data));
    lock.emplace(std::move(taken));
  }
  TRY(auto database, OpenDatabase(config));
  TRY(auto box, OpenSecretBox(config));
  TRY(auto blobs, OpenBlobs(config));
  std::unique_ptr<Application> app(new Application(config, std::move(database), std::move(box), std::move(blobs)));
  app->lock_ = std::move(lock);
  TRY_VOID(events::AdoptRestoredLog(app->database_));
  TRY(app->bootstrap_, accounts::Bootstrap(app->database_, app->accounts_.hasher, config.data, app->clock_));
  TRY_VOID(app->pull_limits_.Load());
  app->FollowSettings();
  TRY_VOID(app->settings_.Refresh());
  app->AddRoutes();
  app->AddFigures();
  app->AddGarbageFigures();
  app->AddJobFigures();
  app->RegisterJobs();
  return app;
}

void Application::AddRoutes() {
  api::ops::AddOpsRoutes(router_, metrics_,
                         {{"database",
                           [this] {
                             constexpr static sql::Query kProbe{"readiness.probe", "SELECT 1"};
                             return database_.Read([](sql::Connection& c) -> Result<void> {
                               TRY_VOID(c.Run(kProbe));
                               return {};
                             });
                           }},
                          {"blobs", [this] { return blobs_->Probe(); }}});
  token_handlers_.AddRoutes(router_);
  api::registry::AddRoutes(router_, registry_api_);
  api::hub::AddHubRoutes(router_, hub_api_, hub_gate_);
  web::AddWebRoutes(router_);
}

void Application::AddFigures() {
  metrics_.AddGauge("berth_start_time_seconds", "When the server started, in Unix seconds",
                    [start = ToUnixSeconds(clock_.Now())] { return static_cast<double>(start); });
}

void Application::AddGarbageFigures() {
  const auto count = [this](std::string name, std::string help, const std::atomic<int64_t>& total) {
    metrics_.AddCounter("berth_garbage_" + name + "_total", std::move(help),
                        [&total] { return static_cast<double>(total.load()); });
  };
  const registry::GarbageTotals& totals = registry_.garbage().totals();
  count("manifests", "Manifests collected", totals.manifests);
  count("blobs", "Blobs collected", totals.blobs);
  count("bytes", "Bytes of collected blobs", totals.bytes);
  count("orphan_files", "Files removed that the database did not know of", totals.orphan_files);
  count("uploads", "Expired uploads removed", totals.uploads);
}

void Application::AddJobFigures() {
  const auto gauge = [this](std::string state, int64_t jobs::Depth::* count) {
    metrics_.AddGauge("berth_jobs_" + state, "Background jobs that are " + state, [this, count]() -> double {
      const auto depth = database_.Read([](sql::Connection& c) { return jobs::CountJobs(c); });
      return depth ? static_cast<double>((*depth).*count) : std::numeric_limits<double>::quiet_NaN();
    });
  };
  gauge("ready", &jobs::Depth::ready);
  gauge("running", &jobs::Depth::running);
  gauge("dead", &jobs::Depth::dead);
}

void Application::RegisterJobs() {
  // What looks at a flag, where jobs have a token.
  const auto until_stopped = [](const std::stop_token& stop, auto work) -> Result<void> {
    std::atomic<bool> stopped{false};
    const std::stop_callback on_stop(stop, [&stopped] { stopped = true; });
    TRY_VOID(work(stopped));
    if (stopped) return Fail(ErrorCode::kUnavailable, "the server stops");
    return {};
  };
  jobs_.Register(std::string(layers::LayerService::kJobKind), layers::LayerService::Policy(),
                 [this](const jobs::Job& job, const std::stop_token& stop) { return layers_.RunJob(job, stop); });
  layers_.set_wake([this] { jobs_.Wake(); });
  jobs_.Register("expired_sessions", {.every = minutes(10)},
                 [this](const jobs::Job&, const std::stop_token&) -> Result<void> {
                   TRY_VOID(accounts_.sessions.DeleteExpired(1000));
                   return {};
                 });
  jobs_.Register("storage_survey", {.every = minutes(10)},
                 [this](const jobs::Job&, const std::stop_token& stop) { return survey_.Run(stop); });
  // Asked for by an administrator; the collector comes round by itself as well.
  jobs_.Register(std::string(registry::kGarbageJob), {},
                 [this, until_stopped](const jobs::Job&, const std::stop_token& stop) {
                   return until_stopped(stop, [this](const std::atomic<bool>& stopped) -> Result<void> {
                     TRY_VOID(registry_.garbage().Collect(stopped, true));
                     return {};
                   });
                 });
  // Walks all files. The lease is short, so that one that was killed does not keep the next away for long.
  const Duration sweep_interval = std::max<Duration>(config_.gc_sweep_interval, seconds(1));
  jobs_.Register(std::string(registry::kSweepJob), {.lease = minutes(1), .every = sweep_interval},
                 [this, until_stopped](const jobs::Job&, const std::stop_token& stop) {
                   return until_stopped(
                       stop, [this](const std::atomic<bool>& stopped) { return maintenance_.Sweep(stopped); });
                 });
}

void Application::AddBackground() {
  background_.EveryAndAtEnd("token use", seconds(5), [this] { return accounts_.tokens.Flush(); });
  background_.EveryAndAtEnd("pull limits", seconds(5), [this] { return pull_limits_.Flush(); });
  background_.Every("settings", settings::kRefreshInterval, [this] { return settings_.Refresh(); });
  background_.Every("metrics", MetricsSampler::kInterval, [this] { return sampler_.Sample(); });
  background_.Every("mail", seconds(5), [this] { return mail_sender_.Run(); });
  background_.Every("sent mail", minutes(60), [this] { return mail_sender_.Forget(); });
  background_.Every("notifications", seconds(2), [this] { return notifier_.ReadLog(); });
  background_.Every("warnings", minutes(5), [this] { return notifier_.LookAround(); });
  maintenance_.Start();
}

Result<void> Application::Start() {
  http_server::Hooks hooks;
  hooks.connections = [this](int delta) { metrics_.AddConnections(delta); };
  hooks.done = [this](const http_server::RequestDone& d) {
    metrics_.ObserveRequest(
        {d.request->trace.operation, http::ToString(d.request->method), d.status, d.bytes_in, d.bytes_out, d.duration});
    if (log::AccessLogEnabled()) api::ops::WriteAccessLine({d.request, d.status, d.bytes_in, d.bytes_out, d.duration});
  };
  server_ = http_server::MakeServer(ServerOptions(config_, *settings_.Get()), router_, std::move(hooks));
  TRY(const uint16_t port, server_->Start());
  TRY_VOID(jobs_.Start());
  AddBackground();
  Welcome(port);
  return {};
}

// What a person at the terminal needs first; on standard error, beside the log.
void Application::Welcome(uint16_t port) const {
  const auto colon = config_.listen.rfind(':');
  std::string host = config_.listen.substr(0, colon);
  if (host == "127.0.0.1" || host == "0.0.0.0" || host.empty() || host == "[::]" || host == "[::1]") host = "localhost";
  const std::string address = host + ":" + std::to_string(port);
  std::string text = "\nBerth " + std::string(kVersion) + " serves " +
                     (config_.tls_cert.empty() ? "http://" : "https://") + address + ", data in " + config_.data + "\n";
  if (bootstrap_.created) {
    text += "First start: the administrator is 'admin', the password is in " + bootstrap_.password_file.string() + "\n";
  }
  text += "\n  docker login " + address + " -u admin --password-stdin < " + config_.data + "/initial-admin-password\n" +
          "  docker tag alpine " + address + "/admin/alpine && docker push " + address + "/admin/alpine\n" +
          "  docker pull " + address + "/admin/alpine\n\n";
  std::fputs(text.c_str(), stderr);
}

void Application::Reload() {
  if (config_.tls_cert.empty()) return;
  if (auto done = server_->ReloadTls(); !done) {
    log::Error("server", "certificates were not reloaded", {{"error", done.error().message}});
  } else {
    log::Info("server", "certificates reloaded");
  }
}

void Application::Stop() {
  server_->Drain();
  jobs_.Stop();  // running handlers see the request and give their jobs back
  background_.Stop();
  maintenance_.Stop();
  server_.reset();
  log::Info("server", "stopped");
}

}  // namespace

Result<void> Serve(const Config& given) {
  Config config = given;
  // Blocked before any thread starts, so that only sigwait below sees them.
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);

  FitOpenFiles(config);
  log::Configure({.level = ReadLevel(config.log_level), .access_log = config.access_log});
  TRY(const auto app, Application::Open(config));
  TRY_VOID(app->Start());
  int signal = 0;
  while (sigwait(&signals, &signal) == 0) {
    if (signal != SIGHUP) break;
    app->Reload();
  }
  app->Stop();
  log::Flush();
  return {};
}

}  // namespace berth::app
