#include "jobs/queue.h"

#include <algorithm>
#include <random>

namespace berth::jobs {
namespace {

using sql::Query;

constexpr Query kEnqueue{"job.enqueue",
                         "INSERT INTO job (kind, key, payload, run_after, created_at) VALUES ($1, $2, $3, $4, $5) "
                         "ON CONFLICT (kind, key) WHERE key <> '' DO UPDATE SET payload = excluded.payload, "
                         "run_after = CASE WHEN job.state = 'ready' AND job.run_after < excluded.run_after THEN "
                         "job.run_after ELSE excluded.run_after END, "
                         "again = CASE WHEN job.state = 'running' THEN 1 ELSE 0 END, "
                         "attempts = CASE WHEN job.state = 'dead' THEN 0 ELSE job.attempts END, "
                         "state = CASE WHEN job.state = 'dead' THEN 'ready' ELSE job.state END"};
constexpr Query kTake{
    "job.take",
    "UPDATE job SET state = 'running', attempts = attempts + 1, claims = claims + 1, again = 0, leased_until = $2 "
    "WHERE id = $1"};
constexpr Query kBury{"job.bury", "UPDATE job SET state = 'dead', leased_until = 0, last_error = $2 WHERE id = $1"};
constexpr Query kRenew{"job.renew",
                       "UPDATE job SET leased_until = $3 WHERE id = $1 AND claims = $2 AND state = 'running'"};
constexpr Query kDone{"job.done", "DELETE FROM job WHERE id = $1 AND claims = $2 AND state = 'running' AND again = 0"};
constexpr Query kDoneOnce{"job.done_once",
                          "UPDATE job SET state = 'ready', attempts = 0, again = 0, leased_until = 0, last_error = '' "
                          "WHERE id = $1 AND claims = $2 AND state = 'running' AND again = 1"};
constexpr Query kNextRound{"job.next_round",
                           "UPDATE job SET state = 'ready', attempts = 0, leased_until = 0, last_error = '', "
                           "run_after = CASE WHEN again = 1 AND run_after < $3 THEN run_after ELSE $3 END, again = 0 "
                           "WHERE id = $1 AND claims = $2 AND state = 'running'"};
constexpr Query kRetry{"job.retry",
                       "UPDATE job SET state = 'ready', leased_until = 0, again = 0, run_after = $3, last_error = $4 "
                       "WHERE id = $1 AND claims = $2 AND state = 'running'"};
constexpr Query kGiveBack{
    "job.give_back",
    "UPDATE job SET state = 'ready', leased_until = 0, again = 0, run_after = $3, attempts = attempts - 1 "
    "WHERE id = $1 AND claims = $2 AND state = 'running'"};
constexpr Query kDie{"job.die",
                     "UPDATE job SET state = 'dead', leased_until = 0, again = 0, last_error = $3 "
                     "WHERE id = $1 AND claims = $2 AND state = 'running'"};
constexpr Query kListDead{"job.list_dead",
                          "SELECT id, kind, key, payload, attempts, last_error, created_at FROM job "
                          "WHERE state = 'dead' AND id > $1 ORDER BY id LIMIT $2"};
constexpr Query kReplay{
    "job.replay", "UPDATE job SET state = 'ready', attempts = 0, run_after = $2 WHERE id = $1 AND state = 'dead'"};
constexpr Query kDiscard{"job.discard", "DELETE FROM job WHERE id = $1 AND state = 'dead'"};
constexpr Query kCount{"job.count", "SELECT state, COUNT(*) FROM job GROUP BY state"};

#define BERTH_JOB_COLUMNS "id, kind, key, state, attempts, last_error, created_at, run_after, leased_until"
constexpr Query kFindJob{"job.find", "SELECT " BERTH_JOB_COLUMNS " FROM job WHERE id = $1"};
constexpr Query kRunNow{"job.run_now",
                        "UPDATE job SET attempts = CASE WHEN state = 'dead' THEN 0 ELSE attempts END, state = 'ready', "
                        "run_after = $2 WHERE id = $1 AND state <> 'running'"};
constexpr Query kDiscardIdle{"job.discard_idle",
                             "DELETE FROM job WHERE id = $1 AND state <> 'running' AND key <> 'periodic'"};
constexpr Query kIsUnderWay{"job.is_under_way", "SELECT 1 FROM job WHERE kind = $1 AND state <> 'dead' LIMIT 1"};

JobState ReadState(const sql::Row& row) {
  JobState job;
  job.id = row.IdAt<JobId>(0);
  job.kind = row.String(1);
  job.key = row.String(2);
  job.state = row.String(3);
  job.attempts = static_cast<int>(row.Int(4));
  job.last_error = row.String(5);
  job.created_at = row.Time(6);
  job.run_after = row.Time(7);
  if (job.state == "running") job.leased_until = row.Time(8);
  return job;
}

// The kinds this program knows vary, and one that it does not know must be left to a newer one.
struct DueQuery {
  std::string text;
  std::vector<sql::Value> params;
};

DueQuery MakeDueQuery(const Policies& kinds, Timestamp now) {
  DueQuery query{.text = "SELECT id, kind, key, payload, attempts, claims FROM job WHERE kind IN (", .params = {now}};
  for (const auto& [kind, policy] : kinds) {
    query.params.emplace_back(kind);
    query.text += (query.params.size() > 2 ? ", $" : "$") + std::to_string(query.params.size());
  }
  query.text +=
      ") AND ((state = 'ready' AND run_after <= $1) OR (state = 'running' AND leased_until <= $1)) ORDER BY run_after, "
      "id LIMIT 1";
  return query;
}

Result<std::optional<Job>> FindDue(sql::Connection& connection, const Policies& kinds, Timestamp now) {
  std::optional<Job> due;
  if (kinds.empty()) return due;
  const DueQuery query = MakeDueQuery(kinds, now);
  TRY_VOID(connection.ExecuteDynamic(query.text, query.params, [&](const sql::Row& row) {
    due = Job{.id = row.IdAt<JobId>(0),
              .kind = row.String(1),
              .key = row.String(2),
              .payload = row.String(3),
              .attempts = static_cast<int>(row.Int(4)),
              .claim = row.Int(5)};
  }));
  return due;
}

Result<void> RequireOne(Result<int64_t> changed, ErrorCode code, std::string_view message) {
  TRY(const int64_t count, std::move(changed));
  if (count == 0) return berth::Fail(code, std::string(message));
  return {};
}

Result<void> RequireLease(Result<int64_t> changed) {
  return RequireOne(std::move(changed), ErrorCode::kConflict, "the job's lease was lost");
}

// Errors may quote anything; the column takes text of bounded size.
std::string_view Shorten(std::string_view error) {
  constexpr size_t kMax = 2000;
  if (error.size() <= kMax) return error;
  size_t end = kMax;
  while (end > 0 && (static_cast<unsigned char>(error[end]) & 0xC0) == 0x80) --end;
  return error.substr(0, end);
}

}  // namespace

Result<void> Enqueue(sql::Transaction& tx, const NewJob& job, Timestamp now) {
  TRY_VOID(tx.Run(kEnqueue, {job.kind, job.key, job.payload, std::max(job.run_after, now), now}));
  return {};
}

Result<bool> HasDue(sql::Connection& connection, const Policies& kinds, Timestamp now) {
  TRY(const auto due, FindDue(connection, kinds, now));
  return due.has_value();
}

Result<std::optional<Job>> Claim(sql::Transaction& tx, const Policies& kinds, Timestamp now) {
  for (;;) {
    TRY(auto job, FindDue(tx, kinds, now));
    if (!job) return job;
    const Policy& policy = kinds.find(job->kind)->second;
    if (job->attempts >= policy.max_attempts && policy.every <= Duration::zero()) {
      TRY_VOID(tx.Run(kBury, {job->id, "its worker disappeared on the last attempt"}));
      continue;
    }
    TRY_VOID(tx.Run(kTake, {job->id, now + policy.lease}));
    ++job->attempts;
    ++job->claim;
    return job;
  }
}

Result<void> Renew(sql::Transaction& tx, const Job& job, Timestamp leased_until) {
  return RequireLease(tx.Run(kRenew, {job.id, job.claim, leased_until}));
}

Result<void> Complete(sql::Transaction& tx, const Job& job, const Policy& policy, Timestamp now) {
  if (policy.every > Duration::zero()) return RequireLease(tx.Run(kNextRound, {job.id, job.claim, now + policy.every}));
  TRY(const int64_t gone, tx.Run(kDone, {job.id, job.claim}));
  if (gone > 0) return {};
  return RequireLease(tx.Run(kDoneOnce, {job.id, job.claim}));
}

Result<void> Fail(sql::Transaction& tx, const Job& job, const Policy& policy, std::string_view error, Timestamp now) {
  const bool periodic = policy.every > Duration::zero();
  if (job.attempts >= policy.max_attempts && !periodic)
    return RequireLease(tx.Run(kDie, {job.id, job.claim, Shorten(error)}));
  Duration pause = PauseAfter(policy, job.attempts);
  if (periodic) pause = std::min(pause, policy.every);
  return RequireLease(tx.Run(kRetry, {job.id, job.claim, now + pause, Shorten(error)}));
}

Result<void> GiveBack(sql::Transaction& tx, const Job& job, Timestamp now) {
  return RequireLease(tx.Run(kGiveBack, {job.id, job.claim, now}));
}

Duration PauseAfter(const Policy& policy, int attempts) {
  const int doublings = std::clamp(attempts - 1, 0, 40);
  Duration pause = policy.first_pause;
  for (int i = 0; i < doublings && pause < policy.max_pause; ++i) pause *= 2;
  pause = std::min(pause, policy.max_pause);
  thread_local std::mt19937_64 random(std::random_device{}());
  return Duration(std::uniform_int_distribution<int64_t>(pause.count() / 2, pause.count())(random));
}

Result<std::vector<DeadJob>> ListDead(sql::Connection& connection, JobId after, int64_t limit) {
  return connection.All(kListDead, {after, limit}, [](const sql::Row& row) {
    return DeadJob{.id = row.IdAt<JobId>(0),
                   .kind = row.String(1),
                   .key = row.String(2),
                   .payload = row.String(3),
                   .attempts = static_cast<int>(row.Int(4)),
                   .last_error = row.String(5),
                   .created_at = row.Time(6)};
  });
}

Result<void> Replay(sql::Transaction& tx, JobId id, Timestamp now) {
  return RequireOne(tx.Run(kReplay, {id, now}), ErrorCode::kNotFound, "there is no such dead job");
}

Result<void> Discard(sql::Transaction& tx, JobId id) {
  return RequireOne(tx.Run(kDiscard, {id}), ErrorCode::kNotFound, "there is no such dead job");
}

Result<std::vector<JobState>> ListJobs(sql::Connection& connection, std::string_view state, std::string_view kind,
                                       JobId after, int64_t limit) {
  std::string text = "SELECT " BERTH_JOB_COLUMNS " FROM job WHERE id > $1";
  std::vector<sql::Value> values{after};
  const auto add = [&](std::string_view column, std::string_view value) {
    if (value.empty()) return;
    values.emplace_back(value);
    text += " AND " + std::string(column) + " = $" + std::to_string(values.size());
  };
  add("state", state);
  add("kind", kind);
  values.emplace_back(limit);
  text += " ORDER BY id LIMIT $" + std::to_string(values.size());
  std::vector<JobState> found;
  TRY_VOID(connection.ExecuteDynamic(text, values, [&](const sql::Row& row) { found.push_back(ReadState(row)); }));
  return found;
}

Result<std::optional<JobState>> FindJob(sql::Connection& connection, JobId id) {
  return connection.One(kFindJob, {id}, ReadState);
}

Result<void> RunNow(sql::Transaction& tx, JobId id, Timestamp now) {
  TRY(const auto job, FindJob(tx, id));
  if (!job) return berth::Fail(ErrorCode::kNotFound, "there is no such job");
  return RequireOne(tx.Run(kRunNow, {id, now}), ErrorCode::kConflict, "the job is running");
}

Result<void> DiscardIdle(sql::Transaction& tx, JobId id) {
  TRY(const auto job, FindJob(tx, id));
  if (!job) return berth::Fail(ErrorCode::kNotFound, "there is no such job");
  if (job->key == kPeriodicKey) return berth::Fail(ErrorCode::kConflict, "this job comes round for ever");
  return RequireOne(tx.Run(kDiscardIdle, {id}), ErrorCode::kConflict, "the job is running");
}

Result<bool> IsUnderWay(sql::Connection& connection, std::string_view kind) {
  TRY(const auto found, connection.One(kIsUnderWay, {kind}, [](const sql::Row& row) { return row.Int(0); }));
  return found.has_value();
}

Result<Depth> CountJobs(sql::Connection& connection) {
  Depth depth;
  TRY_VOID(connection.Each(kCount, {}, [&](const sql::Row& row) {
    const std::string_view state = row.Text(0);
    (state == "ready" ? depth.ready : state == "running" ? depth.running : depth.dead) = row.Int(1);
  }));
  return depth;
}

}  // namespace berth::jobs
