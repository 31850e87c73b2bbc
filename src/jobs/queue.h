// The leased job queue. A job is ready, running under a lease, or dead; done jobs are gone. A lease that runs out (a
// crash) makes the job claimable again, so a job may run more than once: handlers must be idempotent.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "base/result.h"
#include "sql/database.h"

namespace berth::jobs {

using JobId = Id<struct JobTag>;

struct Job {
  JobId id;
  std::string kind;
  std::string key;
  std::string payload;  // JSON, the kind's own
  int attempts = 0;     // with this one
  int64_t claim = 0;    // which lease this is
};

struct NewJob {
  std::string_view kind;
  std::string_view key;  // not empty: at most one such job of the kind
  std::string_view payload = "{}";
  Timestamp run_after{};  // not before
};

// How a kind is treated.
struct Policy {
  Duration lease = std::chrono::minutes(5);        // renewed while the handler runs
  int max_attempts = 12;                           // then it is dead
  Duration first_pause = std::chrono::seconds(5);  // after the first failure; doubles
  Duration max_pause = std::chrono::hours(1);
  Duration every{};  // > 0: runs for ever in this rhythm, is never dead
};
using Policies = std::map<std::string, Policy, std::less<>>;

// A job with a key that is there already takes the new payload and the earlier time; one that is running runs once more
// afterwards; a dead one comes back to life.
Result<void> Enqueue(sql::Transaction& tx, const NewJob& job, Timestamp now);

// Is there anything of these kinds to claim?
Result<bool> HasDue(sql::Connection& connection, const Policies& kinds, Timestamp now);

// Takes the job that has been due for longest, or none. A job whose lease ran out on its last attempt dies here.
Result<std::optional<Job>> Claim(sql::Transaction& tx, const Policies& kinds, Timestamp now);

// The holder's words. kConflict when the lease was lost: the job is someone else's, or gone.
Result<void> Renew(sql::Transaction& tx, const Job& job, Timestamp leased_until);
Result<void> Complete(sql::Transaction& tx, const Job& job, const Policy& policy, Timestamp now);
Result<void> Fail(sql::Transaction& tx, const Job& job, const Policy& policy, std::string_view error, Timestamp now);
Result<void> GiveBack(sql::Transaction& tx, const Job& job, Timestamp now);  // undone, as if never claimed

// The pause before the next attempt: doubling, bounded, somewhere in its upper half so that many failures spread.
Duration PauseAfter(const Policy& policy, int attempts);

struct DeadJob {
  JobId id;
  std::string kind;
  std::string key;
  std::string payload;
  int attempts = 0;
  std::string last_error;
  Timestamp created_at;
};
// Ascending by id, behind `after`.
Result<std::vector<DeadJob>> ListDead(sql::Connection& connection, JobId after, int64_t limit);
// kNotFound when there is no such dead job.
Result<void> Replay(sql::Transaction& tx, JobId id, Timestamp now);
Result<void> Discard(sql::Transaction& tx, JobId id);

// For the administrator's list.
struct JobState {
  JobId id;
  std::string kind;
  std::string key;
  std::string state;  // "ready", "running", "dead"
  int attempts = 0;
  std::string last_error;
  Timestamp created_at;
  Timestamp run_after;
  std::optional<Timestamp> leased_until;  // while it runs
};
// Ascending by id, behind `after`; empty `state` or `kind`: any.
Result<std::vector<JobState>> ListJobs(sql::Connection& connection, std::string_view state, std::string_view kind,
                                       JobId after, int64_t limit);
Result<std::optional<JobState>> FindJob(sql::Connection& connection, JobId id);
// A dead job comes back to life, a waiting one becomes due. kNotFound; kConflict while it runs.
Result<void> RunNow(sql::Transaction& tx, JobId id, Timestamp now);
// kNotFound; kConflict while it runs, and for one that comes round for ever.
Result<void> DiscardIdle(sql::Transaction& tx, JobId id);
// Whether one of the kind waits or runs, on whatever copy.
Result<bool> IsUnderWay(sql::Connection& connection, std::string_view kind);

// The key of the one job of a kind that runs in a rhythm.
inline constexpr std::string_view kPeriodicKey = "periodic";

// How many are in each state, for metrics.
struct Depth {
  int64_t ready = 0;
  int64_t running = 0;
  int64_t dead = 0;
};
Result<Depth> CountJobs(sql::Connection& connection);

}  // namespace berth::jobs
