// The plan file: what to run, as sections of "key = value" lines.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace berth::bench {

// One section of the plan. A missing key takes the default given; a malformed
// number ends the program with a line that names the key.
class Section {
 public:
  std::string name;
  std::map<std::string, std::string> values;

  bool Has(const std::string& key) const { return values.contains(key); }
  std::string Text(const std::string& key, const std::string& otherwise = "") const;
  uint64_t Integer(const std::string& key, uint64_t otherwise) const;
  double Number(const std::string& key, double otherwise) const;
  // The file's lines named by `key`; an empty vector when the key is missing.
  std::vector<std::string> Lines(const std::string& key) const;
};

// The lines before the first "[name]" are `global`; each "[name]" is a load class.
struct Plan {
  Section global;
  std::vector<Section> classes;
};

Plan ReadPlan(const std::string& path);
std::string ReadFile(const std::string& path);

// Prints one line to standard error and ends the program with status 2.
[[noreturn]] void Die(const std::string& message);

}  // namespace berth::bench
