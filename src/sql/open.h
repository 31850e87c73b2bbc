// The doors to the two drivers; only src/app and the store tests open them.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "base/result.h"
#include "sql/database.h"

namespace berth::sql {

struct SqliteOptions {
  std::filesystem::path file;
  bool sync = true;  // WAL with synchronous=FULL; false only for tests
  int64_t cache_bytes_per_connection = 2 << 20;
};
// One writer thread with group commit, one read connection a thread (bounded, reused).
Result<std::unique_ptr<Database>> OpenSqlite(const SqliteOptions& options);

struct PostgresOptions {
  std::string uri;  // postgres://user:password@host:port/database?sslmode=…
  int max_connections = 16;
  std::string schema;  // search_path for tests; empty: the server's default
};
// A pool of connections; transactions are SERIALIZABLE and retried on conflict; a lost connection is reopened.
Result<std::unique_ptr<Database>> OpenPostgres(const PostgresOptions& options);

}  // namespace berth::sql
