#include "sql/migrator.h"

#include "base/clock.h"

namespace berth::sql {
namespace {

constexpr Query kCreateTable{"schema.create",
                             "CREATE TABLE IF NOT EXISTS schema_version ("
                             "number BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, applied_at BIGINT NOT NULL)"};
constexpr Query kLockTable{"schema.lock", "LOCK TABLE schema_version IN EXCLUSIVE MODE"};
constexpr Query kLast{"schema.last", "SELECT COALESCE(MAX(number), 0) FROM schema_version"};
constexpr Query kRecord{"schema.record", "INSERT INTO schema_version (number, name, applied_at) VALUES ($1, $2, $3)"};

Result<int> LastApplied(Connection& connection) {
  TRY(auto last, connection.One(kLast, {}, [](const Row& row) { return static_cast<int>(row.Int(0)); }));
  return last.value_or(0);
}

Result<void> CreateTable(Database& database) {
  constexpr int kAttempts = 5;
  for (int attempt = 1;; ++attempt) {
    auto done = database.Write([](Transaction& tx) { return tx.Run(kCreateTable); });
    if (done) return {};
    // PostgreSQL lets two IF NOT EXISTS meet: the second fails on its catalogue's unique index.
    if (attempt == kAttempts || done.error().code != ErrorCode::kAlreadyExists) return Fail(done.error());
  }
}

Result<void> Refuse(int found, int known) {
  return Fail(ErrorCode::kPreconditionFailed,
              "the database has schema " + std::to_string(found) + ", this program knows schemas up to " +
                  std::to_string(known) + ": it was used by a newer program, run that one or restore an older backup");
}

Result<void> ApplyOne(Transaction& tx, Dialect dialect, const Migration& migration, int known) {
  // Before the transaction's first look at data, so that it sees what the process before it has done.
  if (dialect == Dialect::kPostgres) TRY_VOID(tx.Run(kLockTable));
  TRY(const int last, LastApplied(tx));
  if (last > known) return Refuse(last, known);
  if (last >= migration.number) return {};
  auto done = tx.ExecuteDynamic(migration.sql, {}, [](const Row&) {});
  if (!done) {
    Error error = std::move(done).error();
    error.message =
        "migration " + std::to_string(migration.number) + " (" + std::string(migration.name) + "): " + error.message;
    return Fail(std::move(error));
  }
  TRY_VOID(tx.Run(kRecord, {migration.number, migration.name, SystemClock().Now()}));
  return {};
}

}  // namespace

Result<void> Migrate(Database& database, std::span<const Migration> migrations) {
  TRY_VOID(CreateTable(database));
  TRY(const int last, database.Read([](Connection& c) { return LastApplied(c); }));
  const int known = migrations.empty() ? 0 : migrations.back().number;
  if (last > known) return Refuse(last, known);
  for (const Migration& migration : migrations) {
    if (migration.number <= last) continue;
    TRY_VOID(database.Write([&](Transaction& tx) { return ApplyOne(tx, database.dialect(), migration, known); }));
  }
  return {};
}

}  // namespace berth::sql
