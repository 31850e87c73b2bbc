// Reading the event log from where a consumer left off. At least once: a consumer that saves its cursor in the
// transaction that does its work sees every event exactly once.
//
//   auto cursor = LoadCursor(connection, "webhooks");
//   auto page = ReadAfter(connection, *cursor, 100, [](const StoredEvent& e) { … });   // answers the cursor after the
//   last one SaveCursor(tx, "webhooks", *page);
#pragma once

#include <string_view>

#include "base/clock.h"
#include "base/function_ref.h"
#include "base/id.h"
#include "base/result.h"
#include "sql/database.h"

namespace berth::events {

// A place in the log: after the event `id` of the database transaction `txid`. The default is the beginning.
struct Cursor {
  int64_t txid = 0;
  EventId id;
  auto operator<=>(const Cursor&) const = default;
};

// Views are valid only while the visitor runs.
struct StoredEvent {
  Cursor position;
  std::string_view type;
  AccountId account_id;
  std::string_view account;
  RepositoryId repository_id;
  std::string_view name;
  AccountId actor_id;
  std::string_view actor;
  std::string_view credential;
  std::string_view address;
  std::string_view data;  // JSON object
  Timestamp created_at;
};

// Hands over at most `limit` settled events behind `after`, in order, and answers the cursor behind the last one
// (`after` itself when there is none). An event settles when no running transaction can still come before it: with
// PostgreSQL, moments after its commit, so poll as well as wait.
Result<Cursor> ReadAfter(sql::Connection& connection, const Cursor& after, int64_t limit,
                         FunctionRef<void(const StoredEvent&)> visit);

// The end of the log as it stands: for a consumer that starts with what happens next.
Result<Cursor> EndOfLog(sql::Connection& connection);

// The beginning, for a consumer that has saved none.
Result<Cursor> LoadCursor(sql::Connection& connection, std::string_view consumer);
Result<void> SaveCursor(sql::Transaction& tx, std::string_view consumer, const Cursor& cursor);

// Call at start-up: a PostgreSQL dump that was restored into another server carries transaction ids of the old one,
// which would hide events. Does nothing otherwise.
Result<void> AdoptRestoredLog(sql::Database& database);

}  // namespace berth::events
