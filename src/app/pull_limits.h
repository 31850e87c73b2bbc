// Docker Hub's pull limits, while they are on: the token service writes the plan's numbers into tokens, the registry
// counts by them. Pulls of what verified publishers and sponsored open source publish are neither limited nor counted.
// Thread-safe.
#pragma once

#include <atomic>
#include <memory>
#include <set>
#include <string>

#include "accounts/caller.h"
#include "api/registry/registry_api.h"
#include "base/result.h"
#include "limits/pull_limiter.h"
#include "sql/database.h"

namespace berth::app {

class PullLimits {
 public:
  PullLimits(sql::Database& database, const Clock& clock) : database_(database), limiter_(clock) {}

  // Whether there are limits at all. Turned on, they reach a client with its next token; turned off, at once.
  void SetEnabled(bool enabled) { enabled_ = enabled; }
  // Takes over the running windows and the list of publishers.
  Result<void> Load();
  // For the token service.
  Result<void> Set(accounts::Caller& caller);
  // For the registry; never blocks.
  api::registry::PullGate Gate();
  // Every few seconds and at the end.
  Result<void> Flush();

 private:
  using Names = std::set<std::string, std::less<>>;

  Result<void> LoadPublishers();
  bool IsUnlimited(std::string_view repository) const;

  sql::Database& database_;
  limits::PullLimiter limiter_;
  std::atomic<bool> enabled_{false};
  std::atomic<std::shared_ptr<const Names>> publishers_{std::make_shared<const Names>()};
};

}  // namespace berth::app
