#include "sql/sqlite/handle.h"

#include <fcntl.h>
#include <unistd.h>

#include <mutex>

#include "base/text.h"
#include "sql/parameters.h"

namespace berth::sql::sqlite {
namespace {

class SqliteRow final : public Row {
 public:
  explicit SqliteRow(sqlite3_stmt* stmt) : stmt_(stmt) {}
  bool IsNull(int column) const override { return sqlite3_column_type(stmt_, column) == SQLITE_NULL; }
  int64_t Int(int column) const override { return sqlite3_column_int64(stmt_, column); }
  std::string_view Text(int column) const override {
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(stmt_, column));
    return text == nullptr ? std::string_view() : std::string_view(text, Size(column));
  }
  std::string_view Blob(int column) const override {
    const auto* bytes = static_cast<const char*>(sqlite3_column_blob(stmt_, column));
    return bytes == nullptr ? std::string_view() : std::string_view(bytes, Size(column));
  }

 private:
  size_t Size(int column) const { return static_cast<size_t>(sqlite3_column_bytes(stmt_, column)); }
  sqlite3_stmt* stmt_;
};

int BindValue(sqlite3_stmt* stmt, int index, const Value& value) {
  struct Binder {
    sqlite3_stmt* stmt;
    int index;
    int operator()(std::monostate) const { return sqlite3_bind_null(stmt, index); }
    int operator()(int64_t n) const { return sqlite3_bind_int64(stmt, index, n); }
    // An empty view may have no address, which SQLite would take for NULL.
    int operator()(std::string_view t) const {
      return sqlite3_bind_text64(stmt, index, t.data() == nullptr ? "" : t.data(), t.size(), SQLITE_STATIC,
                                 SQLITE_UTF8);
    }
    int operator()(Bytes b) const {
      return sqlite3_bind_blob64(stmt, index, b.data.data() == nullptr ? "" : b.data.data(), b.data.size(),
                                 SQLITE_STATIC);
    }
  };
  return std::visit(Binder{stmt, index}, value.variant());
}

// The database holds password hashes: the owner alone may read it. SQLite gives the WAL the same mode.
Result<void> CreateFile(const std::filesystem::path& file, bool sync) {
  const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return {};  // it is there, or opening it will say what is wrong
  ::close(fd);
  if (!sync) return {};
  const int folder =
      ::open(file.has_parent_path() ? file.parent_path().c_str() : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = folder >= 0 && ::fsync(folder) == 0;
  if (folder >= 0) ::close(folder);
  if (!synced) return Fail(ErrorCode::kUnavailable, "cannot sync the folder of " + file.string());
  return {};
}

std::string Settings(const SqliteOptions& options, Access access) {
  std::string sql =
      "PRAGMA foreign_keys=ON; PRAGMA mmap_size=0; PRAGMA temp_store=MEMORY; PRAGMA wal_autocheckpoint=0;";
  sql += "PRAGMA journal_size_limit=" + std::to_string(64 << 20) + ";";
  sql += "PRAGMA cache_size=-" + std::to_string(options.cache_bytes_per_connection / 1024) + ";";
  sql += options.sync ? "PRAGMA synchronous=FULL;" : "PRAGMA synchronous=OFF;";
  sql += access == Access::kRead ? "PRAGMA query_only=ON;" : "";
  return sql;
}

}  // namespace

class Handle::InUse {
 public:
  explicit InUse(Statement& statement) : statement_(statement) { statement_.busy = true; }
  ~InUse() {
    sqlite3_reset(statement_.stmt.get());
    statement_.busy = false;
  }
  InUse(const InUse&) = delete;
  InUse& operator=(const InUse&) = delete;

 private:
  Statement& statement_;
};

Result<std::unique_ptr<Handle>> Handle::Open(const SqliteOptions& options, Access access) {
  // Memory statistics would put one lock around every allocation of every connection.
  static std::once_flag once;
  std::call_once(once, [] { sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); });

  TRY_VOID(CreateFile(options.file, options.sync));
  sqlite3* db = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const int code = sqlite3_open_v2(options.file.c_str(), &db, flags, nullptr);
  std::unique_ptr<Handle> handle(new Handle(db));
  const std::string name = "opening " + options.file.string();
  if (code != SQLITE_OK) return Fail(MakeError(db, code, name));
  sqlite3_busy_timeout(db, 10'000);
  // A text in double quotes is a column's name, as in PostgreSQL, never a string.
  sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
  sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);

  std::string mode;
  TRY_VOID(handle->ExecuteDynamic("PRAGMA journal_mode=WAL", {}, [&](const Row& row) { mode = row.String(0); }));
  if (mode != "wal")
    return Fail(ErrorCode::kUnavailable, name + ": the file system or folder does not allow a write-ahead log");
  TRY_VOID(handle->ExecuteDynamic(Settings(options, access), {}, [](const Row&) {}));
  return handle;
}

Handle::~Handle() {
  statements_.clear();
  sqlite3_close(db_);
}

Result<Handle::Statement> Handle::Prepare(std::string_view name, std::string_view sql, unsigned flags,
                                          std::string_view* tail) {
  sqlite3_stmt* raw = nullptr;
  const char* end = nullptr;
  const int code = sqlite3_prepare_v3(db_, sql.data(), static_cast<int>(sql.size()), flags, &raw, &end);
  if (code != SQLITE_OK) return Fail(MakeError(db_, code, name));
  if (tail != nullptr) *tail = sql.substr(static_cast<size_t>(end - sql.data()));
  Statement statement;
  statement.stmt.reset(raw);
  for (int i = 1; i <= sqlite3_bind_parameter_count(raw); ++i) {
    const char* parameter = sqlite3_bind_parameter_name(raw, i);
    const auto number = ParseNumber<int>(parameter == nullptr || *parameter != '$' ? "" : parameter + 1);
    if (!number || *number < 1)
      return Fail(ErrorCode::kInternal, std::string(name) + ": parameters are written $1 to $n");
    statement.numbers.push_back(*number);
    statement.parameters = std::max(statement.parameters, *number);
  }
  return statement;
}

Result<Handle::Statement*> Handle::Cached(const Query& query) {
  auto found = statements_.find(query.text.data());
  // The address is only a hint: a text made at run time may lie where another one lay.
  if (found != statements_.end() && !found->second.busy && query.text != sqlite3_sql(found->second.stmt.get())) {
    statements_.erase(found);
    found = statements_.end();
  }
  if (found == statements_.end()) {
    TRY(Statement made, Prepare(query.name, query.text, SQLITE_PREPARE_PERSISTENT, nullptr));
    found = statements_.emplace(query.text.data(), std::move(made)).first;
  }
  return &found->second;
}

Result<void> Handle::Bind(Statement& statement, std::string_view name, std::span<const Value> params) {
  if (static_cast<size_t>(statement.parameters) != params.size()) {
    return Fail(ErrorCode::kInternal, std::string(name) + ": " + std::to_string(params.size()) +
                                          " parameters for $1 to $" + std::to_string(statement.parameters));
  }
  TRY_VOID(CheckParameters(name, params));
  for (size_t i = 0; i < statement.numbers.size(); ++i) {
    const Value& value = params[static_cast<size_t>(statement.numbers[i]) - 1];
    const int code = BindValue(statement.stmt.get(), static_cast<int>(i) + 1, value);
    if (code != SQLITE_OK) return Fail(MakeError(db_, code, name));
  }
  return {};
}

Result<int64_t> Handle::Step(Statement& statement, std::string_view name, std::span<const Value> params,
                             RowHandler on_row) {
  sqlite3_stmt* stmt = statement.stmt.get();
  const InUse in_use(statement);
  TRY_VOID(Bind(statement, name, params));
  const int64_t changes_before = sqlite3_total_changes64(db_);
  const SqliteRow row(stmt);
  int64_t rows = 0;
  int code;
  while ((code = sqlite3_step(stmt)) == SQLITE_ROW) {
    ++rows;
    on_row(row);
  }
  if (code != SQLITE_DONE) return Fail(MakeError(db_, code, name));
  if (sqlite3_column_count(stmt) > 0) return rows;
  return sqlite3_total_changes64(db_) == changes_before ? 0 : sqlite3_changes64(db_);
}

Result<int64_t> Handle::Execute(const Query& query, std::span<const Value> params, RowHandler on_row) {
  TRY(Statement * cached, Cached(query));
  if (!cached->busy) return Step(*cached, query.name, params, on_row);
  TRY(Statement again, Prepare(query.name, query.text, 0, nullptr));
  return Step(again, query.name, params, on_row);
}

Result<int64_t> Handle::ExecuteDynamic(std::string_view sql, std::span<const Value> params, RowHandler on_row) {
  constexpr std::string_view kName = "dynamic";
  int64_t count = 0;
  while (!sql.empty()) {
    std::string_view rest;
    TRY(Statement statement, Prepare(kName, sql, 0, &rest));
    sql = rest;
    if (!statement.stmt) continue;  // spaces or a comment
    TRY(count, Step(statement, kName, params, on_row));
  }
  return count;
}

Result<void> Handle::Run(const Query& query) {
  TRY_VOID(Execute(query, {}, [](const Row&) {}));
  return {};
}

}  // namespace berth::sql::sqlite
