#include "app/config.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <limits>

#include "base/text.h"

namespace berth::app {
namespace {

std::string FormatDuration(Duration d) {
  const int64_t micros = d.count();
  constexpr int64_t kSecond = 1'000'000;
  if (micros == 0) return "0s";
  if (micros % (3600 * kSecond) == 0) return std::to_string(micros / (3600 * kSecond)) + "h";
  if (micros % (60 * kSecond) == 0) return std::to_string(micros / (60 * kSecond)) + "m";
  if (micros % kSecond == 0) return std::to_string(micros / kSecond) + "s";
  return std::to_string(micros / 1000) + "ms";
}

std::string FormatBytes(uint64_t bytes) {
  if (bytes != 0 && bytes % (1 << 20) == 0) return std::to_string(bytes >> 20) + "MiB";
  if (bytes != 0 && bytes % (1 << 10) == 0) return std::to_string(bytes >> 10) + "KiB";
  return std::to_string(bytes);
}

// One declaration an option; the type of the member says how its text is read.
class Declarer {
 public:
  explicit Declarer(CLI::App& app) : app_(app) {}

  void Add(const std::string& name, std::string& value, const std::string& help) {
    Finish(app_.add_option("--" + name, value, help)->type_name("TEXT"), name, value);
  }
  void Choice(const std::string& name, std::string& value, std::vector<std::string> choices, const std::string& help) {
    auto* option = app_.add_option("--" + name, value, help)->check(CLI::IsMember(std::move(choices)));
    Finish(option, name, value);
  }
  void Add(const std::string& name, bool& value, const std::string& help) {
    auto* option = app_.add_flag("--" + name + ",!--no-" + name, value, help);
    Finish(option, name, value ? "true" : "false");
  }
  void Add(const std::string& name, Duration& value, const std::string& help) {
    const auto read = [&value](const CLI::results_t& text) {
      const auto micros = ParseDurationMicros(text.back());
      if (!micros) return false;
      value = Duration(*micros);
      return true;
    };
    Finish(app_.add_option("--" + name, read, help)->type_name("DURATION"), name, FormatDuration(value));
  }
  void AddBytes(const std::string& name, uint64_t& value, const std::string& help) {
    const auto read = [&value](const CLI::results_t& text) {
      const auto bytes = ParseByteSize(text.back());
      if (!bytes || *bytes == 0) return false;
      value = *bytes;
      return true;
    };
    Finish(app_.add_option("--" + name, read, help)->type_name("SIZE"), name, FormatBytes(value));
  }
  template <typename N>
  void AddNumber(const std::string& name, N& value, N low, N high, const std::string& help) {
    auto* option = app_.add_option("--" + name, value, help)->check(CLI::Range(low, high))->type_name("NUMBER");
    Finish(option, name, std::to_string(value));
  }
  void AddList(const std::string& name, std::vector<std::string>& value, const std::string& help) {
    auto* option = app_.add_option("--" + name, value, help)->delimiter(',')->type_name("TEXT,...");
    option->group(app_.get_name());
  }

 private:
  void Finish(CLI::Option* option, const std::string&, const std::string& shown) {
    option->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
    option->default_str(shown);
  }

  CLI::App& app_;
};

std::string EnvironmentName(const std::string& option) {
  std::string name = "BERTH_";
  for (const char c : option) name += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return name;
}

bool Names(const std::string& argument, const std::string& option) {
  return argument == "--" + option || argument.starts_with("--" + option + "=") || argument == "--no-" + option;
}

std::string Joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ",") + part;
  return text;
}

// A URL without what may be a password in it: before its host, or in its query. Anything else as asterisks.
std::string Masked(const std::string& text) {
  const std::string stars = "********";
  if (text.empty()) return text;
  const auto scheme = text.find("://");
  if (scheme == std::string::npos) return stars;
  const auto at = text.rfind('@'), query = text.find('?');
  const std::string head = text.substr(0, scheme + 3);
  if (at != std::string::npos && query < at) return head + stars;
  const auto host = at == std::string::npos ? scheme + 3 : at + 1;
  const std::string tail = query == std::string::npos ? "" : "?" + stars;
  return head + (at == std::string::npos ? "" : stars + "@") + text.substr(host, query - host) + tail;
}

void DeclareHouse(Declarer& d, Config& c) {
  d.Add("data", c.data, "Folder that holds everything: database, blobs, secrets");
  d.Add("listen", c.listen, "Address and port to listen on");
  d.Add("tls-cert", c.tls_cert,
        "PEM file with the certificate chain; with --tls-key, serves HTTPS (SIGHUP reads both again)");
  d.Add("tls-key", c.tls_key, "PEM file with the certificate's private key");
  d.Add("database", c.database, "postgres://USER:PASSWORD@HOST:PORT/NAME instead of SQLite in the data folder");
  d.AddNumber("database-connections", c.database_connections, 2, 1000, "PostgreSQL connections at most");
  d.Add("secret-key", c.secret_key,
        "64 hex digits that seal the server's secrets; empty: the file secret-key in the data folder");
  d.Add("external-url", c.external_url, "URL by which clients reach this server; empty: as each request says");
  d.Add("service", c.service,
        "Service name in token challenges; empty: berth, or Docker's own with a registry host of docker.io");
  d.Add("hub-host", c.hub_host, "Host name by which people reach the web interface, when it is not the registry's");
  d.Add("registry-host", c.registry_host,
        "Host name to write before an image's name, when it is not the web interface's");
  d.Add("auth-host", c.auth_host, "Host name of the token service in challenges, when it is another");
  d.AddList("trusted-proxies", c.trusted_proxies, "Addresses or CIDRs whose X-Forwarded-* headers are believed");
}

void DeclareRegistry(Declarer& d, Config& c) {
  d.Add("gc-grace", c.gc_grace, "How long what nothing refers to is kept before it is collected");
  d.Add("gc-interval", c.gc_interval, "How often the collector looks for work that is due");
  d.Add("gc-sweep-interval", c.gc_sweep_interval,
        "How often all files are compared with what the database knows of; counted over restarts");
  d.Add("gc-untagged", c.gc_untagged, "Collect manifests that no tag, index or subject reaches");
  d.Add("upload-expiry", c.upload_expiry, "How long an unfinished upload is kept");
  d.Choice("missing-references", c.missing_references, {"refuse", "indexes", "allow"},
           "Manifests that refer to what was not pushed: refuse; allow indexes without some of their images; allow "
           "also images "
           "without some of their blobs");
  d.AddBytes("manifest-cache", c.manifest_cache, "Memory for manifests and blob look-ups that are asked for often");
  d.AddBytes("max-manifest", c.max_manifest, "Largest manifest accepted");
}

void DeclareServer(Declarer& d, Config& c) {
  d.AddBytes("max-head", c.max_head, "Largest request head accepted");
  d.AddNumber<int64_t>("max-page", c.max_page, 1, 100000, "Largest page of tags or repositories in the registry API");
  d.AddNumber("max-uploads", c.max_uploads, 1, 100000, "Uploads that may run at once");
  d.AddNumber("max-connections", c.max_connections, 0, 10'000'000,
              "Connections at once; 0: what the open-file limit leaves");
  d.Add("idle-timeout", c.idle_timeout, "Closes a connection without requests after this time");
  d.Add("head-timeout", c.head_timeout, "Time that a request head may take");
  d.Add("body-timeout", c.body_timeout, "Time without progress after which a slow client is cut off");
  d.Add("drain-timeout", c.drain_timeout, "Time that running requests get after SIGTERM");
  d.AddNumber("io-threads", c.io_threads, 0, 1024, "Threads that serve sockets; 0: one a core");
  d.AddNumber("pool-threads", c.pool_threads, 2, 4096, "Threads for work that waits for the disk or the database");
  d.Choice("log-level", c.log_level, {"debug", "info", "warn", "error"}, "Least severity that is logged");
  d.Add("access-log", c.access_log, "One JSON line on standard output for every request");
}

void DeclareHub(Declarer& d, Config& c) {
  d.Add("token-ttl", c.token_ttl, "Life of a registry token");
  d.Add("sign-up", c.sign_up, "Anybody may create an account");
  d.Choice("pull-limits", c.pull_limits, {"off", "docker-hub"}, "Pull limits by plan");
  d.AddNumber<int64_t>("api-rate-limit", c.api_rate_limit, 0, 1'000'000'000,
                       "Hub API requests a minute for one user or address; 0: no limit");
  d.Add(
      "smtp-url", c.smtp_url,
      "smtp://HOST:PORT or smtps://HOST:PORT for mail, with --smtp-from and --external-url or --hub-host; empty: links "
      "are shown to the administrator");
  d.Add("smtp-from", c.smtp_from, "Sender of mail");
  d.Add("smtp-user", c.smtp_user, "User name at the mail server");
  d.Add("smtp-password", c.smtp_password, "Password at the mail server");
}

}  // namespace

void DeclareOptions(CLI::App& app, Config& config) {
  Declarer declarer(app);
  app.set_config("--config", "", "TOML file with these options as keys");
  app.allow_config_extras(false);
  DeclareHouse(declarer, config);
  DeclareRegistry(declarer, config);
  DeclareServer(declarer, config);
  DeclareHub(declarer, config);
}

std::vector<std::string> WithEnvironment(const CLI::App& app, std::vector<std::string> arguments) {
  std::vector<std::string> result;
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_lnames().empty()) continue;
    const std::string& name = option->get_lnames().front();
    if (name == "help") continue;
    const char* value = std::getenv(EnvironmentName(name).c_str());
    const bool given = std::ranges::any_of(arguments, [&](const std::string& a) { return Names(a, name); });
    if (value != nullptr && !given) result.push_back("--" + name + "=" + value);
  }
  std::ranges::move(arguments, std::back_inserter(result));
  return result;
}

std::vector<ConfigEntry> DescribeOptions(const CLI::App& app, const std::vector<std::string>& arguments) {
  std::vector<ConfigEntry> entries;
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_lnames().empty()) continue;
    ConfigEntry entry;
    entry.name = option->get_lnames().front();
    if (entry.name == "help") continue;
    const bool flag = std::ranges::any_of(arguments, [&](const std::string& a) { return Names(a, entry.name); });
    entry.default_value = option->get_default_str();
    entry.value = option->count() > 0 ? Joined(option->reduced_results()) : entry.default_value;
    entry.source = flag                                                          ? "flag"
                   : std::getenv(EnvironmentName(entry.name).c_str()) != nullptr ? "environment"
                   : option->count() > 0                                         ? "file"
                                                                                 : "default";
    entry.description = option->get_description();
    entry.secret = entry.name == "secret-key" || entry.name == "smtp-password" || entry.name == "database" ||
                   entry.name == "smtp-url";
    if (entry.secret) entry.value = Masked(entry.value);
    entries.push_back(std::move(entry));
  }
  return entries;
}

std::string ConfigReference(const CLI::App& app) {
  std::string out =
      "# Every option of `berth serve`, as a TOML file. The same name works as a flag (--name) and in the "
      "environment.\n";
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_lnames().empty()) continue;
    const std::string& name = option->get_lnames().front();
    if (name == "help" || name == "config") continue;
    const std::string value = option->get_default_str();
    const bool bare = value == "true" || value == "false" || ParseNumber<int64_t>(value).has_value();
    out += "\n# " + option->get_description() + "\n# --" + name + ", " + EnvironmentName(name) + "\n";
    if (option->get_type_name() == "TEXT,...") {
      out += "# " + name + " = []\n";
    } else {
      out += name + " = " + (bare ? value : "\"" + value + "\"") + "\n";
    }
  }
  return out;
}

}  // namespace berth::app
