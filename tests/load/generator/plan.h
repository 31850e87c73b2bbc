// What the load generator does: its options and the requests it sends.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace berth::load {

// In which order a connection works through the targets.
enum class Order {
  kLoop,  // round and round until the time is over, each connection from a place of its own
  kOnce,  // every target, one after the other, then done
  kOwn,   // connection n sends target n (modulo their number), then done
};

// One request and the answer it must get.
struct Target {
  std::string head;        // the whole request head, as sent
  std::uint64_t body = 0;  // bytes of (meaningless) body to send after it
  int status = 0;          // the status to be answered
  std::string sha256;      // lower-case hex of the answer's body; empty when it is not compared
  bool bodiless = false;   // HEAD: the answer has no body, whatever its Content-Length
};

struct Options {
  std::uint16_t port = 0;
  int connections = 1;
  double seconds = 0;            // 0: until standard input ends, or everything is done
  double rate = 0;               // requests a second over all connections; 0: as fast as answered
  std::uint64_t read_rate = 0;   // bytes a second and connection; 0: unthrottled
  std::uint64_t write_rate = 0;  // bytes a second and connection; 0: unthrottled
  Order order = Order::kLoop;
  bool skip_pauses = false;  // requests that met a pause of the machine do not count
  bool hold = false;         // once done, keep the connections, wait for a line, do it all again
  std::vector<Target> targets;
};

// Reads the command line and the target file it names. A target line is
//   METHOD PATH STATUS [SHA256|-] [BODY-BYTES]
// On a mistake, prints one line to standard error and returns nothing.
std::optional<Options> ParseOptions(int argc, char** argv);

}  // namespace berth::load
