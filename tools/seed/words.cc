#include <algorithm>
#include <array>
#include <cmath>

#include "seed.h"

namespace berth::seed {
namespace {

constexpr std::array<std::string_view, 64> kWords{
    "alpine", "api",    "app",     "backup", "base",     "batch",   "bot",    "bridge",  "build",  "cache",  "chart",
    "client", "cloud",  "cron",    "data",   "database", "deploy",  "edge",   "editor",  "engine", "export", "feed",
    "filter", "forge",  "gateway", "graph",  "grid",     "guard",   "hub",    "index",   "ingest", "job",    "kit",
    "lab",    "log",    "mail",    "map",    "mesh",     "metrics", "mirror", "monitor", "nginx",  "node",   "notify",
    "panel",  "parser", "portal",  "proxy",  "python",   "queue",   "redis",  "relay",   "report", "router", "runner",
    "search", "server", "shell",   "stack",  "store",    "stream",  "tools",  "vault",   "worker"};

constexpr std::array<std::string_view, 24> kFirstNames{
    "bianca", "alice", "carol",  "dmitri", "erik",    "fatima", "george", "hanna", "ines", "jonas", "kenji", "lucia",
    "marek",  "nadia", "oliver", "priya",  "quentin", "rosa",   "samuel", "tara",  "umut", "vera",  "wanda", "yusuf"};
constexpr std::array<std::string_view, 16> kLastNames{"Baker",  "Nguyen", "Petrov", "Okafor", "Lindberg", "Silva",
                                                      "Moreau", "Tanaka", "Novak",  "Haddad", "Weber",    "Castro",
                                                      "Kaya",   "Murphy", "Rossi",  "Larsen"};
constexpr std::array<std::string_view, 12> kOrganizations{"library",     "acme",      "grafton",    "harborline",
                                                          "nordwind",    "papercut",  "quillworks", "lumenlab",
                                                          "brightforge", "tidewater", "orchard",    "cedarhill"};
constexpr std::array<std::string_view, 6> kKinds{"Corporation", "Labs", "Systems", "Software", "Works", "Research"};

constexpr std::array<std::string_view, 16> kVirtues{
    "with an HTTP API",        "for small teams",         "that fits in 20 MB",     "with metrics built in",
    "for the build pipeline",  "for development",         "with sensible defaults", "without a daemon",
    "for many tenants",        "with TLS from the start", "in one static binary",   "for batch work at night",
    "that starts in a second", "behind the storefront",   "for edge devices",       "with rolling updates"};

constexpr std::array<Thing, 32> kThings{{
    {"agent", "Build agent", "integration-and-delivery"},
    {"analytics", "Web analytics", "web-analytics"},
    {"api", "API server", "api-management"},
    {"archive", "Document archive", "content-management-system"},
    {"backup", "Backup tool", "databases-and-storage"},
    {"balancer", "Load balancer", "networking"},
    {"broker", "Message broker", "message-queues"},
    {"cache", "Cache", "databases-and-storage"},
    {"classifier", "Text classifier", "machine-learning-and-ai"},
    {"collector", "Metrics collector", "monitoring-and-observability"},
    {"compiler", "Compiler and its tools", "languages-and-frameworks"},
    {"dashboard", "Dashboard", "monitoring-and-observability"},
    {"database", "Document database", "databases-and-storage"},
    {"dns", "Name server", "networking"},
    {"exporter", "Metrics exporter", "monitoring-and-observability"},
    {"gateway", "API gateway", "api-management"},
    {"linter", "Code linter", "developer-tools"},
    {"notebook", "Notebook server", "data-science"},
    {"os", "Base system", "operating-systems"},
    {"pages", "Site generator", "content-management-system"},
    {"proxy", "Reverse proxy", "web-servers"},
    {"queue", "Work queue", "message-queues"},
    {"registry", "Device registry", "internet-of-things"},
    {"runner", "Job runner", "integration-and-delivery"},
    {"runtime", "Language runtime", "languages-and-frameworks"},
    {"scanner", "Vulnerability scanner", "security"},
    {"search", "Search index", "databases-and-storage"},
    {"sensor", "Sensor bridge", "internet-of-things"},
    {"tools", "Debugging tools", "developer-tools"},
    {"trainer", "Model trainer", "machine-learning-and-ai"},
    {"vault", "Secret store", "security"},
    {"web", "Web server", "web-servers"},
}};

template <size_t N>
std::string_view Pick(Random& random, const std::array<std::string_view, N>& words) {
  return words[random() % N];
}

std::string Capitalized(std::string_view word) {
  std::string text(word);
  text.front() = static_cast<char>(text.front() - 'a' + 'A');
  return text;
}

// The first have names of their own; after those a number tells them apart.
template <size_t N>
std::string NameOf(Random& random, const std::array<std::string_view, N>& names, int64_t index, const char* prefix) {
  if (index < static_cast<int64_t>(N)) return std::string(names[static_cast<size_t>(index)]);
  return prefix + Word(random) + std::to_string(index);
}

}  // namespace

Random RandomFor(const Options& options, std::string_view kind, int64_t index) {
  uint64_t state = options.seed * 0x9e3779b97f4a7c15ULL + static_cast<uint64_t>(index);
  for (const char c : kind) state = (state ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return Random(state);
}

// Not std::uniform_int_distribution: its numbers differ between libraries.
int64_t Between(Random& random, int64_t low, int64_t high) {
  return low + static_cast<int64_t>(random() % static_cast<uint64_t>(high - low + 1));
}

int64_t Skewed(Random& random, int64_t mean, int64_t most) {
  const double share = (static_cast<double>(random() >> 11) + 1) / 9007199254740993.0;  // (0, 1)
  const double value = static_cast<double>(mean) * 0.3 * std::pow(share, -0.7);
  return std::min(most, static_cast<int64_t>(std::min(value, 9e15)));
}

std::string Word(Random& random) { return std::string(kWords[random() % kWords.size()]); }

std::string UserName(Random& random, int64_t index) { return NameOf(random, kFirstNames, index, ""); }

std::string OrganizationName(Random& random, int64_t index) { return NameOf(random, kOrganizations, index, "org-"); }

std::string FullName(Random& random, std::string_view name, bool is_organization) {
  const std::string_view last = is_organization ? Pick(random, kKinds) : Pick(random, kLastNames);
  return Capitalized(name.substr(0, name.find_first_of("-0123456789"))) + " " + std::string(last);
}

std::string RepositoryName(int64_t index, const Thing& thing) {
  const auto at = static_cast<size_t>(index);
  // Each word meets each thing once before names repeat.
  const std::string name = std::string(kWords[at % kWords.size()]) + "-" + std::string(thing.noun);
  const bool is_new = at < kWords.size() * kThings.size();
  return is_new ? name : name + "-" + std::to_string(index);
}

const Thing& ThingOf(int64_t index) {
  const auto at = static_cast<size_t>(index);
  return kThings[(at + at / kWords.size()) % kThings.size()];
}

std::string Describe(Random& random, const Thing& thing) {
  return std::string(thing.title) + " " + std::string(Pick(random, kVirtues));
}

std::string Readme(Random& random, const std::string& name, const Thing& thing) {
  std::string text = "# " + name + "\n\n" + Describe(random, thing) +
                     ".\n\n## Run it\n\n```sh\ndocker run -p 8080:8080 " + name +
                     "\n```\n\n## Settings\n\n| variable | default | what for |\n| --- | --- | --- |\n";
  text += "| `PORT` | `8080` | where it listens |\n| `WORKERS` | `" + std::to_string(Between(random, 1, 16)) +
          "` | how much at once |\n\n## What is inside\n\n";
  for (int64_t i = Between(random, 2, 4); i > 0; --i) {
    text += "- " + Describe(random, kThings[random() % kThings.size()]) + "\n";
  }
  return text;
}

}  // namespace berth::seed
