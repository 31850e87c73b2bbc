// Every option of `berth serve`, declared once: flag --name, environment BERTH_NAME, key of the TOML file; `berth
// config` prints them.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"

namespace CLI {
class App;
}

namespace berth::app {

// An option as it was read, for the administrator. Secrets, also those inside URLs, are asterisks already.
struct ConfigEntry {
  std::string name;
  std::string value;
  std::string default_value;
  std::string source;  // "default", "file", "environment", "flag"
  bool secret = false;
  std::string description;
};

struct Config {
  std::string data = "./data";
  std::string listen = "127.0.0.1:5000";
  std::string tls_cert;
  std::string tls_key;
  std::string database;  // empty: SQLite in the data folder
  int database_connections = 16;
  std::string secret_key;  // seals the server's secrets; empty: <data>/secret-key

  std::string external_url;  // what clients reach us by; empty: what each request says
  std::string service;       // empty: by the registry host
  // Every host name serves everything; these are the ones that answers and challenges name. "name" or "name:port".
  std::string hub_host;
  std::string registry_host;
  std::string auth_host;
  std::vector<std::string> trusted_proxies;

  Duration gc_grace = std::chrono::hours(24);
  Duration gc_interval = std::chrono::seconds(10);
  Duration gc_sweep_interval = std::chrono::hours(24);
  bool gc_untagged = false;
  Duration upload_expiry = std::chrono::hours(24);
  std::string missing_references = "indexes";
  uint64_t manifest_cache = 32 << 20;

  uint64_t max_manifest = 4 << 20;
  uint64_t max_head = 32 << 10;
  int64_t max_page = 1000;
  int max_uploads = 512;
  int max_connections = 0;
  Duration idle_timeout = std::chrono::seconds(75);
  Duration head_timeout = std::chrono::seconds(15);
  Duration body_timeout = std::chrono::seconds(60);
  Duration drain_timeout = std::chrono::seconds(30);
  int io_threads = 0;
  int pool_threads = 64;

  Duration token_ttl = std::chrono::minutes(5);
  bool sign_up = true;
  std::string pull_limits = "off";  // off | docker-hub
  int64_t api_rate_limit = 0;       // Hub API requests a minute for one user or address; 0: none
  std::string smtp_url;
  std::string smtp_from;
  std::string smtp_user;
  std::string smtp_password;

  std::string log_level = "info";
  bool access_log = true;

  std::vector<ConfigEntry> entries;  // all of the above; filled by the command line
};

// Declares the options on `app`; parsing writes into `config`, which must outlive `app`.
void DeclareOptions(CLI::App& app, Config& config);

// Arguments with what the environment says put in front: "--name=value" for every option that argv does not name
// itself.
std::vector<std::string> WithEnvironment(const CLI::App& app, std::vector<std::string> arguments);

// Every option of `app` after it has parsed; `arguments` are those of the command line, without the environment.
std::vector<ConfigEntry> DescribeOptions(const CLI::App& app, const std::vector<std::string>& arguments);

// The reference that `berth config` prints: every option with its flag, variable, key, default and meaning, as a TOML
// file.
std::string ConfigReference(const CLI::App& app);

}  // namespace berth::app
