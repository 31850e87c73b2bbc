// The threads that work the queue off.
//
//   Runner runner(database, clock, {});
//   runner.Register("gc", {.every = minutes(1)}, [&](const Job&, std::stop_token stop) { return collector.Run(stop);
//   }); runner.Start(); … tx.OnCommit([&] { runner.Wake(); });   // optional: otherwise a job is seen within
//   poll_interval runner.Stop();
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

#include "jobs/queue.h"

namespace berth::jobs {

// Runs outside of any transaction and may open its own; must be idempotent. An error, or an exception, is a failed
// attempt. Long ones look at the token: when stop is requested, returning an error gives the job back without counting
// the attempt.
using Handler = std::function<Result<void>(const Job&, std::stop_token)>;

// Thread-safe after Start. The database and the clock must outlive it.
class Runner {
 public:
  struct Options {
    int threads = 2;
    std::chrono::milliseconds poll_interval{1000};
  };
  Runner(sql::Database& database, const Clock& clock, Options options);
  ~Runner();  // stops
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  // Before Start. A kind with policy.every gets its one job at Start, due at once; afterwards its turn is kept over
  // restarts, unless policy.every has become shorter.
  void Register(std::string kind, const Policy& policy, Handler handler);
  Result<void> Start();
  void Wake();
  void Stop();  // waits for the running handlers

 private:
  struct Running {
    Job job;
    Duration lease;
    Timestamp renew_at;
  };

  void Work(const std::stop_token& stop);
  void RenewLeases(const std::stop_token& stop);
  Result<std::optional<Job>> ClaimOne();
  void RunOne(const Job& job, const std::stop_token& stop);
  Result<void> CallHandler(const Job& job, const std::stop_token& stop);
  Result<void> Conclude(const Job& job, const Result<void>& outcome, bool stopping);
  void Wait(const std::stop_token& stop, std::chrono::milliseconds time);

  sql::Database& database_;
  const Clock& clock_;
  const Options options_;
  Policies policies_;
  std::map<std::string, Handler, std::less<>> handlers_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  uint64_t wakes_ = 0;            // guarded by mutex_
  std::vector<Running> running_;  // guarded by mutex_
  std::vector<std::jthread> threads_;
};

}  // namespace berth::jobs
