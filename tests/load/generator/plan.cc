#include "plan.h"

#include <fstream>
#include <iostream>
#include <sstream>

namespace berth::load {
namespace {

Target MakeTarget(const std::string& line, const std::string& headers) {
  std::istringstream words(line);
  std::string method;
  std::string path;
  Target target;
  words >> method >> path >> target.status >> target.sha256 >> target.body;
  if (target.sha256 == "-") target.sha256.clear();
  target.bodiless = method == "HEAD";
  target.head = method + " " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n" + headers;
  if (target.body > 0) {
    target.head += "Content-Type: application/octet-stream\r\nContent-Length: " + std::to_string(target.body) + "\r\n";
  }
  target.head += "\r\n";
  return target;
}

bool ReadTargets(const std::string& file, const std::string& headers, Options& options) {
  std::ifstream lines(file);
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty()) options.targets.push_back(MakeTarget(line, headers));
  }
  if (options.targets.empty()) std::cerr << "no targets in " << file << "\n";
  return !options.targets.empty();
}

bool SetOrder(const std::string& value, Options& options) {
  if (value == "loop")
    options.order = Order::kLoop;
  else if (value == "once")
    options.order = Order::kOnce;
  else if (value == "own")
    options.order = Order::kOwn;
  else
    return false;
  return true;
}

// Sets one named option; false when there is no such option or the value is bad.
bool SetOption(const std::string& name, const std::string& value, Options& options) {
  if (name == "--order") return SetOrder(value, options);
  std::istringstream number(value);
  if (name == "--port")
    number >> options.port;
  else if (name == "--connections")
    number >> options.connections;
  else if (name == "--seconds")
    number >> options.seconds;
  else if (name == "--rate")
    number >> options.rate;
  else if (name == "--read-rate")
    number >> options.read_rate;
  else if (name == "--write-rate")
    number >> options.write_rate;
  else
    return false;
  return !number.fail() && number.eof();
}

}  // namespace

std::optional<Options> ParseOptions(int argc, char** argv) {
  Options options;
  std::string headers;
  std::string file;
  for (int i = 1; i < argc; ++i) {
    const std::string name = argv[i];
    if (name == "--hold" || name == "--skip-pauses") {
      (name == "--hold" ? options.hold : options.skip_pauses) = true;
      continue;
    }
    const std::string value = ++i < argc ? argv[i] : "";
    if (name == "--header") {
      headers += value + "\r\n";
    } else if (name == "--targets") {
      file = value;
    } else if (!SetOption(name, value, options)) {
      std::cerr << "bad option or value: " << name << " " << value << "\n";
      return std::nullopt;
    }
  }
  if (!ReadTargets(file, headers, options)) return std::nullopt;
  return options;
}

}  // namespace berth::load
