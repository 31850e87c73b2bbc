// The event log: one row for every change, written in the transaction that makes it. The audit log, webhooks,
// statistics and search read it with cursors. Types are Docker Hub's audit names ("repo.tag.push"); data is a JSON
// object.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/id.h"
#include "base/result.h"
#include "sql/database.h"

namespace berth::events {

// Who did it, as the log keeps it.
struct Actor {
  AccountId id;
  std::string name;        // user or organization name; "" for the system
  std::string credential;  // "pat:<uuid>", "oat:<uuid>", "session:<uuid>", ""
  std::string address;
};

struct Event {
  std::string_view type;
  AccountId account_id;  // the namespace it happened in
  std::string_view account;
  RepositoryId repository_id;    // 0 when it concerns no repository
  std::string_view name;         // what it happened to: "ns/repo", a team, a member
  std::string_view data = "{}";  // JSON object
};

Result<void> Append(sql::Transaction& tx, const Actor& actor, const Event& event, Timestamp now);

}  // namespace berth::events
