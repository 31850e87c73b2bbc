// What the connections of one load class do.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "connection.h"
#include "plan.h"

namespace berth::bench {

enum class Step { kMore, kDone, kError };

// One connection's operations. An operation is one or more requests, each made from the
// answer before; its latency is from the first to the last. Owned by a lane of the runner.
class Worker {
 public:
  virtual ~Worker() = default;
  // Fills the first request of the next operation; false when there is nothing more to do.
  virtual bool Begin(Request& request) = 0;
  // Judges an answer. kMore: `request` holds the next one. kDone, kError: the operation ended.
  virtual Step Next(const Response& response, Request& request) = 0;
};

// Makes the workers of one class and holds what they share.
class Workload {
 public:
  virtual ~Workload() = default;
  virtual std::unique_ptr<Worker> MakeWorker(uint64_t lane) = 0;
};

// Kinds: list, range, walk (workload.cc); push, mount (upload_workloads.cc).
// The keys of each stand in bench/client/README.md. Dies on an unknown kind.
std::unique_ptr<Workload> MakeWorkload(const Section& section, const std::string& host, Content& content);
std::unique_ptr<Workload> MakePush(const Section& section, const std::string& host, Content& content);
std::unique_ptr<Workload> MakeMount(const Section& section, const std::string& host, Content& content);

// Values of the Authorization header, one for each lane in turn; none when not given.
class Authorizations {
 public:
  explicit Authorizations(const Section& section);
  // The header line with its line end, or nothing.
  const std::string& Of(uint64_t lane) const { return lines_[lane % lines_.size()]; }

 private:
  std::vector<std::string> lines_;
};

std::string Head(const std::string& method, const std::string& path, const std::string& host,
                 const std::string& more_headers);
// The path and query of a Location or Link target that may be absolute.
std::string PathOf(const std::string& location);

}  // namespace berth::bench
