#include "jobs/runner.h"

#include <algorithm>

#include "base/log.h"
#include "base/priority.h"

namespace berth::jobs {
namespace {
constexpr sql::Query kPlacePeriodic{
    "job.place_periodic",
    "INSERT INTO job (kind, key, run_after, created_at) VALUES ($1, $2, $3, $3) ON CONFLICT DO NOTHING"};
// The rhythm may have been made shorter since the last round.
constexpr sql::Query kHastenPeriodic{
    "job.hasten_periodic",
    "UPDATE job SET run_after = $3 WHERE kind = $1 AND key = $2 AND state = 'ready' AND run_after > $3"};
}  // namespace

Runner::Runner(sql::Database& database, const Clock& clock, Options options)
    : database_(database), clock_(clock), options_(options) {}

Runner::~Runner() { Stop(); }

void Runner::Register(std::string kind, const Policy& policy, Handler handler) {
  policies_[kind] = policy;
  handlers_[std::move(kind)] = std::move(handler);
}

Result<void> Runner::Start() {
  TRY_VOID(database_.Write([&](sql::Transaction& tx) -> Result<void> {
    for (const auto& [kind, policy] : policies_) {
      if (policy.every <= Duration::zero()) continue;
      TRY_VOID(tx.Run(kPlacePeriodic, {kind, kPeriodicKey, clock_.Now()}));
      TRY_VOID(tx.Run(kHastenPeriodic, {kind, kPeriodicKey, clock_.Now() + policy.every}));
    }
    return {};
  }));
  for (int i = 0; i < options_.threads; ++i) threads_.emplace_back([this](const std::stop_token& stop) { Work(stop); });
  threads_.emplace_back([this](const std::stop_token& stop) { RenewLeases(stop); });
  return {};
}

void Runner::Wake() {
  {
    const std::lock_guard lock(mutex_);
    ++wakes_;
  }
  wake_.notify_all();
}

void Runner::Stop() {
  for (auto& thread : threads_) thread.request_stop();
  threads_.clear();  // joins
}

void Runner::Wait(const std::stop_token& stop, std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  const uint64_t before = wakes_;
  wake_.wait_for(lock, stop, time, [&] { return wakes_ != before; });
}

void Runner::Work(const std::stop_token& stop) {
  GiveWay(kBackgroundNice);
  while (!stop.stop_requested()) {
    uint64_t wakes_before;
    {
      const std::lock_guard lock(mutex_);
      wakes_before = wakes_;
    }
    auto job = ClaimOne();
    if (!job) log::Warn("jobs", "claim", {{"error", job.error().message}});
    if (job && *job) {
      RunOne(**job, stop);
      continue;
    }
    // What was enqueued since the look at the queue is not slept over.
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, stop, options_.poll_interval, [&] { return wakes_ != wakes_before; });
  }
}

Result<std::optional<Job>> Runner::ClaimOne() {
  // Looking is cheap, a write transaction is not.
  TRY(const bool due, database_.Read([&](sql::Connection& c) { return HasDue(c, policies_, clock_.Now()); }));
  if (!due) return std::optional<Job>();
  return database_.Write([&](sql::Transaction& tx) { return Claim(tx, policies_, clock_.Now()); });
}

void Runner::RunOne(const Job& job, const std::stop_token& stop) {
  const Policy& policy = policies_.find(job.kind)->second;
  {
    const std::lock_guard lock(mutex_);
    running_.push_back({job, policy.lease, clock_.Now() + policy.lease / 3});
  }
  const auto outcome = CallHandler(job, stop);
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(running_, [&](const Running& r) { return r.job.id == job.id && r.job.claim == job.claim; });
  }
  if (!outcome) {
    log::Warn(
        "jobs", "attempt failed",
        {{"kind", job.kind}, {"id", job.id.value}, {"attempt", job.attempts}, {"error", outcome.error().message}});
  }
  // Without a conclusion the lease runs out, and the job comes again.
  if (auto concluded = Conclude(job, outcome, stop.stop_requested()); !concluded) {
    log::Warn("jobs", "conclude", {{"kind", job.kind}, {"id", job.id.value}, {"error", concluded.error().message}});
  }
}

Result<void> Runner::CallHandler(const Job& job, const std::stop_token& stop) {
  try {
    return handlers_.find(job.kind)->second(job, stop);
  } catch (const std::exception& e) {
    return berth::Fail(ErrorCode::kInternal, std::string("exception: ") + e.what());
  }
}

Result<void> Runner::Conclude(const Job& job, const Result<void>& outcome, bool stopping) {
  const Policy& policy = policies_.find(job.kind)->second;
  return database_.Write([&](sql::Transaction& tx) -> Result<void> {
    const Timestamp now = clock_.Now();
    if (outcome) return Complete(tx, job, policy, now);
    if (stopping) return GiveBack(tx, job, now);
    return Fail(tx, job, policy, outcome.error().message, now);
  });
}

void Runner::RenewLeases(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    Wait(stop, options_.poll_interval);
    std::vector<Running> due;
    const Timestamp now = clock_.Now();
    {
      const std::lock_guard lock(mutex_);
      for (Running& r : running_) {
        if (r.renew_at > now) continue;
        r.renew_at = now + r.lease / 3;
        due.push_back(r);
      }
    }
    for (const Running& r : due) {
      auto renewed = database_.Write([&](sql::Transaction& tx) { return Renew(tx, r.job, now + r.lease); });
      // A job that has just finished has no lease any more: that is no news.
      if (!renewed && renewed.error().code != ErrorCode::kConflict) {
        log::Warn("jobs", "renew", {{"kind", r.job.kind}, {"id", r.job.id.value}, {"error", renewed.error().message}});
      }
    }
  }
}

}  // namespace berth::jobs
