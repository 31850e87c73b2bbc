#include "app/pull_limits.h"

#include "json/writer.h"
#include "limits/plan.h"

namespace berth::app {
namespace {

// Namespaces and single repositories.
constexpr sql::Query kPublishers{"pull_limits.publishers",
                                 "SELECT name FROM account WHERE badge IN ('verified_publisher', 'open_source') UNION "
                                 "ALL SELECT full_name FROM repository WHERE badge <> '' AND badge IN "
                                 "('verified_publisher', 'open_source')"};

// Docker Hub's words; clients show them to their users.
std::string RefusalText(const accounts::Caller& caller) {
  if (caller.IsAnonymous()) {
    return "You have reached your unauthenticated pull rate limit. https://www.docker.com/increase-rate-limit";
  }
  return "You have reached your pull rate limit as '" + caller.name +
         "'. You may increase the limit by upgrading. https://www.docker.com/increase-rate-limit";
}

http::Response Refusal(const accounts::Caller& caller, const limits::PullVerdict& verdict, const std::string& headers) {
  json::Writer w;
  w.BeginObject().Key("errors").BeginArray().BeginObject();
  w.Key("code").String("TOOMANYREQUESTS").Key("message").String(RefusalText(caller)).EndObject().EndArray().EndObject();
  auto response = http::Response::Json(429, std::move(w).Take());
  response.headers += headers;
  response.Add("Retry-After", verdict.retry_after_seconds);
  return response;
}

}  // namespace

Result<void> PullLimits::LoadPublishers() {
  auto names = std::make_shared<Names>();
  TRY_VOID(database_.Read([&](sql::Connection& c) -> Result<void> {
    TRY_VOID(c.Each(kPublishers, {}, [&](const sql::Row& row) { names->insert(row.String(0)); }));
    return {};
  }));
  publishers_.store(std::move(names));
  return {};
}

Result<void> PullLimits::Load() {
  TRY_VOID(limiter_.Load(database_));
  return LoadPublishers();
}

Result<void> PullLimits::Flush() {
  if (!enabled_) return {};
  TRY_VOID(limiter_.Flush(database_));
  return LoadPublishers();
}

Result<void> PullLimits::Set(accounts::Caller& caller) {
  if (!enabled_) return {};
  return database_.Read([&](sql::Connection& c) -> Result<void> {
    TRY(const auto plan, caller.IsAnonymous() ? limits::PlanStore::Find(c, limits::kAnonymousPlan)
                                              : limits::PlanStore::FindOfAccount(c, caller.account));
    if (!plan || plan->pulls == limits::kUnlimited) return {};
    caller.pull_limit = plan->pulls;
    caller.pull_window_seconds = plan->pull_window_seconds;
    return {};
  });
}

bool PullLimits::IsUnlimited(std::string_view repository) const {
  const auto slash = repository.find('/');
  if (slash == std::string_view::npos) return false;
  const auto publishers = publishers_.load();
  return publishers->contains(repository.substr(0, slash)) || publishers->contains(repository);
}

api::registry::PullGate PullLimits::Gate() {
  return [this](const http::Request& request, const accounts::Caller& caller, const registry::ServedManifest& manifest,
                bool counts, std::string& headers) -> std::optional<http::Response> {
    if (caller.pull_limit < 0 || !enabled_ || IsUnlimited(request.Param("name"))) return std::nullopt;
    const limits::PullLimit limit{caller.pull_limit, caller.pull_window_seconds};
    const std::string key = caller.IsAnonymous() ? limits::AddressKey(request.peer) : caller.uuid;
    const auto verdict = counts ? limiter_.Count(key, limit, manifest.is_index) : limiter_.Peek(key, limit);
    // hub-tool wants exactly one ';' and one '=' and no space.
    const std::string window = ";w=" + std::to_string(limit.window_seconds) + "\r\n";
    headers += "ratelimit-limit: " + std::to_string(limit.pulls) + window;
    headers += "ratelimit-remaining: " + std::to_string(verdict.remaining) + window;
    headers += "docker-ratelimit-source: " + (caller.IsAnonymous() ? std::string(request.peer) : caller.uuid) + "\r\n";
    if (counts && !verdict.allowed) return Refusal(caller, verdict, headers);
    return std::nullopt;
  };
}

}  // namespace berth::app
