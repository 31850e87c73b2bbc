#include "plan.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

namespace berth::bench {
namespace {

std::string Trim(const std::string& text) {
  const size_t first = text.find_first_not_of(" \t\r");
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

}  // namespace

void Die(const std::string& message) {
  std::fprintf(stderr, "berth-bench-client: %s\n", message.c_str());
  std::exit(2);
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) Die("cannot read " + path);
  std::ostringstream text;
  text << file.rdbuf();
  return std::move(text).str();
}

std::string Section::Text(const std::string& key, const std::string& otherwise) const {
  const auto found = values.find(key);
  return found == values.end() ? otherwise : found->second;
}

double Section::Number(const std::string& key, double otherwise) const {
  const auto found = values.find(key);
  if (found == values.end()) return otherwise;
  char* end = nullptr;
  const double value = std::strtod(found->second.c_str(), &end);
  if (end == found->second.c_str() || *end != '\0') Die("not a number: " + key);
  return value;
}

uint64_t Section::Integer(const std::string& key, uint64_t otherwise) const {
  const auto found = values.find(key);
  if (found == values.end()) return otherwise;
  char* end = nullptr;
  const uint64_t value = std::strtoull(found->second.c_str(), &end, 10);
  if (end == found->second.c_str() || *end != '\0') Die("not an integer: " + key);
  return value;
}

std::vector<std::string> Section::Lines(const std::string& key) const {
  std::vector<std::string> lines;
  if (!Has(key)) return lines;
  std::istringstream text(ReadFile(Text(key)));
  for (std::string line; std::getline(text, line);) {
    if (!line.empty()) lines.push_back(line);
  }
  if (lines.empty()) Die("empty file for " + key);
  return lines;
}

Plan ReadPlan(const std::string& path) {
  Plan plan;
  plan.global.name = "global";
  Section* section = &plan.global;
  std::istringstream text(ReadFile(path));
  for (std::string line; std::getline(text, line);) {
    line = Trim(line);
    if (line.empty() || line[0] == '#') continue;
    if (line.front() == '[' && line.back() == ']') {
      section = &plan.classes.emplace_back();
      section->name = line.substr(1, line.size() - 2);
      continue;
    }
    const size_t equals = line.find('=');
    if (equals == std::string::npos) Die("not a key = value line: " + line);
    section->values[Trim(line.substr(0, equals))] = Trim(line.substr(equals + 1));
  }
  return plan;
}

}  // namespace berth::bench
