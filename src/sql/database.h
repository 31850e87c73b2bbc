// The database behind every store: SQLite embedded, or anything that speaks PostgreSQL's protocol. Only src/app knows
// which.
//
// SQL is written once, in the subset that both understand: $1…$n parameters (bound by number), RETURNING, ON CONFLICT,
// BIGINT/INTEGER, TEXT, BLOB/BYTEA by migration only. No functions that one of them lacks. Text compares bytewise in
// both.
//
// Threads: a Database may be used by any number of threads at once. A Connection belongs to the callback it was handed
// to.
#pragma once

#include <functional>
#include <initializer_list>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/function_ref.h"
#include "base/result.h"
#include "sql/value.h"

namespace berth::sql {

// A statement's text with a short name for metrics and errors. Make them `constexpr` at namespace scope;
// drivers cache prepared statements by the address of the text.
struct Query {
  std::string_view name;
  std::string_view text;
};

using Params = std::initializer_list<Value>;
using RowHandler = FunctionRef<void(const Row&)>;

class Connection {
 public:
  virtual ~Connection() = default;

  // Runs the statement, hands every row to `on_row`, and answers the number of rows returned, or changed where none is
  // returned. Errors: kAlreadyExists (unique violation), kConflict (foreign key), kOutOfSpace, kUnavailable (connection
  // lost, read-only folder), kInvalidArgument (a text parameter with NUL or that is not UTF-8), kInternal (wrong SQL,
  // CHECK, NOT NULL).
  virtual Result<int64_t> Execute(const Query& query, std::span<const Value> params, RowHandler on_row) = 0;

  // Like Execute for SQL made at run time (filters and sort fields from allow-lists only); not cached by address.
  // Without parameters it may be several statements, of which none should return rows.
  virtual Result<int64_t> ExecuteDynamic(std::string_view sql, std::span<const Value> params, RowHandler on_row) = 0;

  Result<int64_t> Run(const Query& query, Params params = {}) {
    return Execute(query, std::span(params.begin(), params.size()), [](const Row&) {});
  }
  Result<int64_t> Each(const Query& query, Params params, RowHandler on_row) {
    return Execute(query, std::span(params.begin(), params.size()), on_row);
  }
  // The first row mapped, or empty when there is none.
  template <typename Map>
  auto One(const Query& query, Params params, Map&& map)
      -> Result<std::optional<std::invoke_result_t<Map, const Row&>>> {
    std::optional<std::invoke_result_t<Map, const Row&>> found;
    auto done = Execute(query, std::span(params.begin(), params.size()), [&](const Row& row) {
      if (!found) found.emplace(map(row));
    });
    if (!done) return Fail(std::move(done).error());
    return found;
  }
  template <typename Map>
  auto All(const Query& query, Params params, Map&& map) -> Result<std::vector<std::invoke_result_t<Map, const Row&>>> {
    std::vector<std::invoke_result_t<Map, const Row&>> rows;
    auto done =
        Execute(query, std::span(params.begin(), params.size()), [&](const Row& row) { rows.push_back(map(row)); });
    if (!done) return Fail(std::move(done).error());
    return rows;
  }
};

// A writing transaction. Serializable in both databases. A statement that fails spoils it, in both: the following
// statements answer the same error and nothing is committed, whatever the body answers. Say ON CONFLICT where a
// conflict is expected.
class Transaction : public Connection {
 public:
  // Runs after the commit has become durable, on the thread that called Write (cache invalidation, waking consumers).
  // Must not use the database. Dropped when the transaction does not commit.
  virtual void OnCommit(std::function<void()> hook) = 0;
};

enum class Dialect { kSqlite, kPostgres };

// What a commit must survive before Write answers.
enum class Durability {
  kPowerLoss,   // synced to disk
  kProcessEnd,  // kill -9, but not a power loss: for what a client can simply begin again
};

class Database {
 public:
  virtual ~Database() = default;
  virtual Dialect dialect() const = 0;
  // True when an indexed read does not leave the process, so that it may run on an I/O thread.
  bool IsEmbedded() const { return dialect() == Dialect::kSqlite; }

  // Runs `body(Connection&)` on a consistent snapshot. `body` returns Result<T>; Read answers it.
  template <typename Body>
  auto Read(Body&& body) -> std::invoke_result_t<Body, Connection&> {
    return Carry<Connection>([this](FunctionRef<Result<void>(Connection&)> f) { return DoRead(f); }, body);
  }

  // Runs `body(Transaction&)` in a transaction and answers after it is durable (SQLite: WAL synced; transactions that
  // wait together share the sync). An error from `body` rolls back. `body` may run more than once (serialization
  // conflicts) and, with SQLite, on another thread: keep side effects out of it, do no other I/O in it, and never call
  // Read or Write in it.
  template <typename Body>
  auto Write(Body&& body, Durability durability = Durability::kPowerLoss) -> std::invoke_result_t<Body, Transaction&> {
    return Carry<Transaction>([&](FunctionRef<Result<void>(Transaction&)> f) { return DoWrite(f, durability); }, body);
  }

 protected:
  virtual Result<void> DoRead(FunctionRef<Result<void>(Connection&)> body) = 0;
  // A driver may give more durability than is asked for.
  virtual Result<void> DoWrite(FunctionRef<Result<void>(Transaction&)> body, Durability durability) = 0;

 private:
  template <typename C, typename Runner, typename Body>
  static auto Carry(Runner&& run, Body& body) -> std::invoke_result_t<Body, C&> {
    using R = std::invoke_result_t<Body, C&>;
    std::optional<R> result;
    auto outcome = run([&](C& connection) -> Result<void> {
      result.reset();
      result.emplace(body(connection));
      if (!*result) return Fail(result->error());
      return {};
    });
    if (!outcome) return Fail(std::move(outcome).error());
    return std::move(*result);
  }
};

}  // namespace berth::sql
