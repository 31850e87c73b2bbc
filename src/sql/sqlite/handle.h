// One SQLite connection with its prepared statements. Not thread-safe; may move between threads.
#pragma once

#include <sqlite3.h>

#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "sql/database.h"
#include "sql/open.h"

namespace berth::sql::sqlite {

enum class Access { kRead, kWrite };

// The domain's error for the last failure on `db` with the extended result code `code`.
Error MakeError(sqlite3* db, int code, std::string_view query_name);

class Handle {
 public:
  static Result<std::unique_ptr<Handle>> Open(const SqliteOptions& options, Access access);
  ~Handle();
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

  // As Connection's; without any transaction of their own.
  Result<int64_t> Execute(const Query& query, std::span<const Value> params, RowHandler on_row);
  Result<int64_t> ExecuteDynamic(std::string_view sql, std::span<const Value> params, RowHandler on_row);
  Result<void> Run(const Query& query);

  // False after BEGIN; some errors (disk full) end the transaction by themselves.
  bool IsAutocommit() const { return sqlite3_get_autocommit(db_) != 0; }
  sqlite3* db() const { return db_; }

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* s) const { sqlite3_finalize(s); }
  };
  struct Statement {
    std::unique_ptr<sqlite3_stmt, Finalize> stmt;
    std::vector<int> numbers;  // by SQLite's parameter index - 1: the n of its "$n"
    int parameters = 0;        // the highest of them
    bool busy = false;         // being stepped: a row handler may run the same query
  };
  class InUse;

  explicit Handle(sqlite3* db) : db_(db) {}
  Result<Statement> Prepare(std::string_view name, std::string_view sql, unsigned flags, std::string_view* tail);
  Result<Statement*> Cached(const Query& query);
  Result<int64_t> Step(Statement& statement, std::string_view name, std::span<const Value> params, RowHandler on_row);
  Result<void> Bind(Statement& statement, std::string_view name, std::span<const Value> params);

  sqlite3* db_;
  std::unordered_map<const char*, Statement> statements_;  // by address of the text
};

}  // namespace berth::sql::sqlite
