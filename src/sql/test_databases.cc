#include "sql/test_databases.h"

#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <stdexcept>

#include "sql/migrator.h"
#include "sql/open.h"

namespace berth::sql {
namespace {

constexpr const char* kPostgresVariable = "BERTH_TEST_POSTGRES";

template <typename T>
T OrThrow(Result<T> result) {
  if (!result) throw std::runtime_error("test database: " + result.error().message);
  return *std::move(result);
}

std::filesystem::path NewFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "berth-test.XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("test database: no temporary folder");
  return name;
}

std::string PostgresUri() {
  const char* uri = std::getenv(kPostgresVariable);
  if (uri == nullptr || *uri == '\0') throw std::runtime_error(std::string(kPostgresVariable) + " is not set");
  return uri;
}

std::unique_ptr<Database> OpenServer(const std::string& schema) {
  return OrThrow(OpenPostgres({.uri = PostgresUri(), .max_connections = 8, .schema = schema}));
}

void RunOnServer(const std::string& statement) {
  const auto server = OpenServer("");
  auto done = server->Write([&](Transaction& tx) { return tx.ExecuteDynamic(statement, {}, [](const Row&) {}); });
  OrThrow(std::move(done));
}

std::string NewSchemaName() {
  static std::atomic<int> count{0};
  return "test_" + std::to_string(::getpid()) + "_" + std::to_string(++count);
}

}  // namespace

DatabaseTest::DatabaseTest() : folder_(NewFolder()) {
  if (GetParam() == Dialect::kPostgres) {
    schema_ = NewSchemaName();
    RunOnServer("DROP SCHEMA IF EXISTS " + schema_ + " CASCADE; CREATE SCHEMA " + schema_);
  }
  database_ = OpenAgain();
  if (auto migrated = Migrate(*database_, Migrations(GetParam())); !migrated) {
    throw std::runtime_error("test database: " + migrated.error().message);
  }
}

DatabaseTest::~DatabaseTest() {
  database_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
  if (!schema_.empty()) RunOnServer("DROP SCHEMA " + schema_ + " CASCADE");
}

void DatabaseTest::Reopen() {
  database_.reset();
  database_ = OpenAgain();
}

std::unique_ptr<Database> DatabaseTest::OpenAgain() const {
  if (GetParam() == Dialect::kPostgres) return OpenServer(schema_);
  return OrThrow(OpenSqlite({.file = folder_ / "berth.db", .sync = false}));
}

::testing::internal::ParamGenerator<Dialect> AllBackends() {
  if (std::getenv(kPostgresVariable) == nullptr && std::getenv("CI") == nullptr)
    return ::testing::Values(Dialect::kSqlite);
  return ::testing::Values(Dialect::kSqlite, Dialect::kPostgres);
}

std::string BackendName(const ::testing::TestParamInfo<Dialect>& info) {
  return info.param == Dialect::kPostgres ? "Postgres" : "Sqlite";
}

}  // namespace berth::sql
