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

std::string Sentence(Random& random, int64_t words) {
  std::string text = Word(random);
  text.front() = static_cast<char>(text.front() - 'a' + 'A');
  for (int64_t i = 1; i < words; ++i) text += " " + Word(random);
  return text + ".";
}

std::string Readme(Random& random, const std::string& name) {
  std::string text = "# " + name + "\n\n" + Sentence(random, 12) + "\n\n## Use\n\n    docker run " + name + "\n\n";
  for (int64_t i = Between(random, 1, 4); i > 0; --i) text += "- " + Sentence(random, Between(random, 4, 16)) + "\n";
  return text;
}

}  // namespace berth::seed
