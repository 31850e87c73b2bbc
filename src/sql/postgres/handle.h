// One connection to a PostgreSQL server with its prepared statements. Not thread-safe; may move between threads.
//
// Statements travel in libpq's pipeline mode: BEGIN, a first preparation and the statement itself share one round trip,
// and the end of a reading transaction is not waited for.
#pragma once

#include <libpq-fe.h>

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "sql/database.h"
#include "sql/open.h"

namespace berth::sql::postgres {

// Why a statement failed, beside its Error.
enum class Trouble {
  kNone,
  kStatement,  // the statement is at fault
  kClash,      // a constraint refused it, perhaps because of a row that was committed after the transaction began
  kConflict,   // the transaction must run again (serialization failure, deadlock)
  kLost,       // the connection is gone
};

struct Outcome {
  Result<int64_t> result;
  Trouble trouble = Trouble::kNone;
};

class Handle {
 public:
  static Result<std::unique_ptr<Handle>> Open(const PostgresOptions& options);

  // Runs a statement, preceded by `begin` (empty: a transaction is open). A connection that turns out to be dead with
  // `begin` is opened again: nothing can have happened on it.
  Outcome Execute(const Query& query, std::span<const Value> params, RowHandler on_row, const char* begin);
  Outcome ExecuteDynamic(std::string_view sql, std::span<const Value> params, RowHandler on_row, const char* begin);

  Outcome Commit();  // waits for the answer
  // Ends a transaction whose end no one has to know of; does not wait.
  void End(const char* statement);
  bool IsLost() const { return PQstatus(conn_.get()) != CONNECTION_OK; }

 private:
  struct Finish {
    void operator()(PGconn* c) const { PQfinish(c); }
  };
  struct Prepared {
    std::string text;
    std::string types;
    std::string name;
  };
  class Arguments;

  explicit Handle(PostgresOptions options) : options_(std::move(options)) {}
  Result<void> Connect();
  Outcome Attempt(const Query& query, bool cached, const Arguments& arguments, RowHandler on_row, const char* begin);
  Outcome RunScript(std::string_view sql, const char* begin);
  template <typename Try>
  Outcome WithReconnect(const char* begin, Try&& attempt);
  const Prepared* FindPrepared(const Query& query, const std::string& types) const;
  bool Settle();  // reads what End left behind
  Outcome Failure(std::string_view name, const PGresult* result);

  const PostgresOptions options_;
  std::unique_ptr<PGconn, Finish> conn_;
  std::unordered_map<const char*, std::vector<Prepared>> prepared_;  // by address of the text; a few types each
  int unread_syncs_ = 0;
  int next_name_ = 0;
};

}  // namespace berth::sql::postgres
