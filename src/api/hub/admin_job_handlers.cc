// Background jobs and the garbage collector. For administrators of the server.
#include "api/hub/caller_rules.h"
#include "api/hub/cursor.h"
#include "api/hub/hub_api.h"
#include "jobs/queue.h"
#include "registry/garbage.h"

namespace berth::api::hub {
namespace {

struct ListRequest {
  std::optional<int64_t> limit;
  std::string cursor;
  std::string state;
  std::string kind;
};
BOOST_DESCRIBE_STRUCT(ListRequest, (), (limit, cursor, state, kind))

struct JobRequest {
  std::string job_id;
};
BOOST_DESCRIBE_STRUCT(JobRequest, (), (job_id))

struct JobView {
  std::string id;
  std::string kind;
  std::string key;
  std::string state;
  int64_t attempts = 0;
  Timestamp created_at;
  Timestamp run_after;
  std::optional<Timestamp> leased_until;
  std::string last_error;
};
BOOST_DESCRIBE_STRUCT(JobView, (), (id, kind, key, state, attempts, created_at, run_after, leased_until, last_error))

struct JobList {
  std::vector<JobView> items;
  std::optional<std::string> next;
  std::map<std::string, int64_t> counts;
};
BOOST_DESCRIBE_STRUCT(JobList, (), (items, next, counts))

struct GarbageView {
  bool running = false;
  int64_t waiting_items = 0;
  int64_t waiting_bytes = 0;
  int64_t due_items = 0;
  std::optional<Timestamp> last_started_at;
  std::optional<Timestamp> last_finished_at;
  int64_t last_freed_items = 0;
  int64_t last_freed_bytes = 0;
  int64_t total_freed_bytes = 0;
  int64_t grace_seconds = 0;
};
BOOST_DESCRIBE_STRUCT(GarbageView, (),
                      (running, waiting_items, waiting_bytes, due_items, last_started_at, last_finished_at,
                       last_freed_items, last_freed_bytes, total_freed_bytes, grace_seconds))

JobView MakeView(const jobs::JobState& job) {
  return {std::to_string(job.id.value),
          job.kind,
          job.key,
          job.state,
          job.attempts,
          job.created_at,
          job.run_after,
          job.leased_until,
          job.last_error};
}

// What is no number is no job.
Result<jobs::JobId> ReadId(const std::string& text) {
  const auto number = ParseNumber<int64_t>(text);
  if (!number) return Fail(ErrorCode::kNotFound, "there is no such job", "job_id");
  return jobs::JobId(*number);
}

Result<void> Note(sql::Transaction& tx, const HubApi& api, const Call& call, std::string_view type,
                  std::string_view name) {
  events::Event event;
  event.type = type;
  event.name = name;
  return events::Append(tx, call.caller.AsActor(), event, api.clock.Now());
}

Result<jobs::JobState> RequireJob(sql::Connection& c, jobs::JobId id) {
  TRY(auto job, jobs::FindJob(c, id));
  if (!job) return Fail(ErrorCode::kNotFound, "there is no such job", "job_id");
  return *std::move(job);
}

Result<JobList> ListJobs(const HubApi& api, const Call& call, const ListRequest& request) {
  TRY_VOID(RequireSiteAdmin(call.caller));
  if (!request.state.empty() && request.state != "ready" && request.state != "running" && request.state != "dead")
    return Fail(ErrorCode::kInvalidArgument, "must be ready, running or dead", "state");
  TRY(const auto cursor, ReadCursor(request.cursor, "cursor"));
  const int64_t limit = std::clamp<int64_t>(request.limit.value_or(50), 1, 200);
  return api.database.Read([&](sql::Connection& c) -> Result<JobList> {
    JobList list;
    TRY(const auto depth, jobs::CountJobs(c));
    list.counts = {{"ready", depth.ready}, {"running", depth.running}, {"dead", depth.dead}};
    TRY(const auto found,
        jobs::ListJobs(c, request.state, request.kind, jobs::JobId(cursor ? cursor->id : 0), limit + 1));
    for (const auto& job : found) {
      if (static_cast<int64_t>(list.items.size()) == limit) {
        list.next = MakeCursor({"", ParseNumber<int64_t>(list.items.back().id).value_or(0)});
        break;
      }
      list.items.push_back(MakeView(job));
    }
    return list;
  });
}

Result<JobView> GetJob(const HubApi& api, const Call& call, const JobRequest& request) {
  TRY_VOID(RequireSiteAdmin(call.caller));
  TRY(const auto id, ReadId(request.job_id));
  TRY(const auto job, api.database.Read([&](sql::Connection& c) { return RequireJob(c, id); }));
  return MakeView(job);
}

Result<NoContent> DiscardJob(const HubApi& api, const Call& call, const JobRequest& request) {
  TRY_VOID(RequireSiteAdmin(call.caller));
  TRY(const auto id, ReadId(request.job_id));
  return api.database.Write([&](sql::Transaction& tx) -> Result<NoContent> {
    TRY(const auto job, RequireJob(tx, id));
    TRY_VOID(jobs::DiscardIdle(tx, id));
    TRY_VOID(Note(tx, api, call, "server.job.discard", job.kind));
    return NoContent{};
  });
}

Result<JobView> RetryJob(const HubApi& api, const Call& call, const JobRequest& request) {
  TRY_VOID(RequireSiteAdmin(call.caller));
  TRY(const auto id, ReadId(request.job_id));
  return api.database.Write([&](sql::Transaction& tx) -> Result<JobView> {
    TRY_VOID(jobs::RunNow(tx, id, api.clock.Now()));
    TRY(const auto job, RequireJob(tx, id));
    TRY_VOID(Note(tx, api, call, "server.job.retry", job.kind));
    tx.OnCommit([&runner = api.jobs] { runner.Wake(); });
    return MakeView(job);
  });
}

Result<GarbageView> ReadGarbage(const HubApi& api, sql::Connection& c) {
  TRY(const auto status, registry::ReadGarbageStatus(c, api.clock.Now()));
  TRY(const bool under_way, jobs::IsUnderWay(c, registry::kGarbageJob));
  GarbageView view;
  view.running = under_way || api.registry.garbage().IsRunning();
  view.waiting_items = status.waiting_items;
  view.waiting_bytes = status.waiting_bytes;
  view.due_items = status.due_items;
  view.last_started_at = status.last_started_at;
  view.last_finished_at = status.last_finished_at;
  view.last_freed_items = status.last_freed_items;
  view.last_freed_bytes = status.last_freed_bytes;
  view.total_freed_bytes = status.total_freed_bytes;
  view.grace_seconds = std::chrono::floor<std::chrono::seconds>(api.registry.options().gc_grace).count();
  return view;
}

Result<GarbageView> GetGarbage(const HubApi& api, const Call& call, const NoRequest&) {
  TRY_VOID(RequireSiteAdmin(call.caller));
  return api.database.Read([&](sql::Connection& c) { return ReadGarbage(api, c); });
}

// One that is asked for twice runs once, or once more when it has begun already.
Result<GarbageView> RunGarbage(const HubApi& api, const Call& call, const NoRequest&) {
  TRY_VOID(RequireSiteAdmin(call.caller));
  return api.database.Write([&](sql::Transaction& tx) -> Result<GarbageView> {
    TRY_VOID(jobs::Enqueue(tx, {.kind = registry::kGarbageJob, .key = "asked"}, api.clock.Now()));
    TRY_VOID(Note(tx, api, call, "server.garbage.run", "server"));
    tx.OnCommit([&runner = api.jobs] { runner.Wake(); });
    return ReadGarbage(api, tx);
  });
}

}  // namespace

void AddAdminJobRoutes(OperationTable& table) {
  using http::Method;
  const std::string base = "/api/berth/v1/admin";
  const std::string job = base + "/jobs/{job_id}";
  table.Add(Method::kGet, base + "/jobs", "ListJobs", &ListJobs);
  table.Add(Method::kGet, job, "GetJob", &GetJob);
  table.Add(Method::kDelete, job, "DiscardJob", &DiscardJob, {.success = 204});
  table.Add(Method::kPost, job + "/retry", "RetryJob", &RetryJob, {.success = 202});
  table.Add(Method::kGet, base + "/garbage", "GetGarbage", &GetGarbage);
  table.Add(Method::kPost, base + "/garbage/run", "RunGarbage", &RunGarbage, {.success = 202});
}

}  // namespace berth::api::hub
