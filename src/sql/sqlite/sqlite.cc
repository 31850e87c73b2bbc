#include "sql/open.h"
#include "sql/parameters.h"
#include "sql/sqlite/read_pool.h"
#include "sql/sqlite/writer.h"

namespace berth::sql {
namespace sqlite {
namespace {

constexpr Query kBegin{"begin", "BEGIN"};
constexpr Query kCommit{"commit", "COMMIT"};

// Begins before the first statement, so that every statement of the body sees the same snapshot.
class ReadTransaction final : public Connection {
 public:
  explicit ReadTransaction(Handle& handle) : handle_(handle) {}
  ~ReadTransaction() override {
    if (!handle_.IsAutocommit()) (void)handle_.Run(kCommit);
  }
  Result<int64_t> Execute(const Query& query, std::span<const Value> params, RowHandler on_row) override {
    TRY_VOID(Begin());
    return handle_.Execute(query, params, on_row);
  }
  Result<int64_t> ExecuteDynamic(std::string_view sql, std::span<const Value> params, RowHandler on_row) override {
    TRY_VOID(Begin());
    return handle_.ExecuteDynamic(sql, params, on_row);
  }

 private:
  Result<void> Begin() {
    if (!handle_.IsAutocommit()) return {};
    return handle_.Run(kBegin);
  }
  Handle& handle_;
};

class SqliteDatabase final : public Database {
 public:
  SqliteDatabase(const SqliteOptions& options, std::unique_ptr<Handle> handle)
      : readers_(options), writer_(options, std::move(handle)) {}
  Dialect dialect() const override { return Dialect::kSqlite; }

 protected:
  Result<void> DoRead(FunctionRef<Result<void>(Connection&)> body) override {
    TRY_VOID(CheckNotInsideWrite());
    ReadPool::Lease lease = readers_.Acquire();
    TRY(Handle * handle, lease.handle());
    ReadTransaction transaction(*handle);
    return body(transaction);
  }
  Result<void> DoWrite(WriteBody body, Durability durability) override {
    TRY_VOID(CheckNotInsideWrite());
    return writer_.Write(body, durability);
  }

 private:
  ReadPool readers_;
  Writer writer_;
};

}  // namespace
}  // namespace sqlite

Result<std::unique_ptr<Database>> OpenSqlite(const SqliteOptions& options) {
  std::error_code ignored;  // opening says what is wrong
  if (options.file.has_parent_path()) std::filesystem::create_directories(options.file.parent_path(), ignored);
  TRY(auto handle, sqlite::Handle::Open(options, sqlite::Access::kWrite));
  return std::make_unique<sqlite::SqliteDatabase>(options, std::move(handle));
}

}  // namespace berth::sql
