#include "events/reader.h"

namespace berth::events {
namespace {

constexpr sql::Query kReadAfter{"event.read_after",
                                "SELECT txid, id, type, account_id, account, repository_id, name, actor_id, actor, "
                                "credential, address, data, created_at "
                                "FROM settled_event WHERE (txid, id) > ($1, $2) ORDER BY txid, id LIMIT $3"};
constexpr sql::Query kEnd{"event.end", "SELECT txid, id FROM settled_event ORDER BY txid DESC, id DESC LIMIT 1"};
constexpr sql::Query kLoad{"event_cursor.load", "SELECT txid, event_id FROM event_cursor WHERE consumer = $1"};
constexpr sql::Query kSave{"event_cursor.save",
                           "INSERT INTO event_cursor (consumer, txid, event_id) VALUES ($1, $2, $3) "
                           "ON CONFLICT (consumer) DO UPDATE SET txid = excluded.txid, event_id = excluded.event_id"};
constexpr sql::Query kIsForeign{"event.is_foreign",
                                "SELECT 1 FROM event WHERE txid >= (SELECT next_txid FROM event_horizon) LIMIT 1"};
constexpr sql::Query kAdopt{"event.adopt", "UPDATE event SET txid = 0 WHERE txid <> 0"};
constexpr sql::Query kAdoptCursors{"event_cursor.adopt", "UPDATE event_cursor SET txid = 0 WHERE txid <> 0"};

Cursor CursorOf(const sql::Row& row) { return {row.Int(0), row.IdAt<EventId>(1)}; }

StoredEvent EventOf(const sql::Row& row) {
  return {.position = CursorOf(row),
          .type = row.Text(2),
          .account_id = row.IdAt<AccountId>(3),
          .account = row.Text(4),
          .repository_id = row.IdAt<RepositoryId>(5),
          .name = row.Text(6),
          .actor_id = row.IdAt<AccountId>(7),
          .actor = row.Text(8),
          .credential = row.Text(9),
          .address = row.Text(10),
          .data = row.Text(11),
          .created_at = row.Time(12)};
}

}  // namespace

Result<Cursor> ReadAfter(sql::Connection& connection, const Cursor& after, int64_t limit,
                         FunctionRef<void(const StoredEvent&)> visit) {
  Cursor last = after;
  TRY_VOID(connection.Each(kReadAfter, {after.txid, after.id, limit}, [&](const sql::Row& row) {
    const StoredEvent event = EventOf(row);
    last = event.position;
    visit(event);
  }));
  return last;
}

Result<Cursor> EndOfLog(sql::Connection& connection) {
  TRY(auto end, connection.One(kEnd, {}, CursorOf));
  return end.value_or(Cursor{});
}

Result<Cursor> LoadCursor(sql::Connection& connection, std::string_view consumer) {
  TRY(auto cursor, connection.One(kLoad, {consumer}, CursorOf));
  return cursor.value_or(Cursor{});
}

Result<void> SaveCursor(sql::Transaction& tx, std::string_view consumer, const Cursor& cursor) {
  TRY_VOID(tx.Run(kSave, {consumer, cursor.txid, cursor.id}));
  return {};
}

Result<void> AdoptRestoredLog(sql::Database& database) {
  return database.Write([](sql::Transaction& tx) -> Result<void> {
    TRY(const int64_t foreign, tx.Run(kIsForeign));
    if (foreign == 0) return {};
    // All of them, so that the order by id remains.
    TRY_VOID(tx.Run(kAdopt));
    TRY_VOID(tx.Run(kAdoptCursors));
    return {};
  });
}

}  // namespace berth::events
