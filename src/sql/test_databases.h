// For store suites: every backend the suite must run on. SQLite in a fresh temporary folder always; PostgreSQL in a
// fresh schema when BERTH_TEST_POSTGRES holds a postgres:// URI (the test script starts a server; under CI its absence
// fails the suite).
//
//   class TagStoreTest : public sql::DatabaseTest {};
//   INSTANTIATE_TEST_SUITE_P(Backends, TagStoreTest, sql::AllBackends(), sql::BackendName);
//   TEST_P(TagStoreTest, FindsWhatWasPut) { auto& db = database(); ... }   // migrated and empty
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>

#include "sql/database.h"

namespace berth::sql {

class DatabaseTest : public ::testing::TestWithParam<Dialect> {
 protected:
  DatabaseTest();
  ~DatabaseTest() override;
  Database& database() { return *database_; }
  // Opens the same data again (what a restart sees), closing the first handle.
  void Reopen();
  // A second handle on the same data: another process.
  std::unique_ptr<Database> OpenAgain() const;
  const std::filesystem::path& folder() const { return folder_; }

 private:
  std::filesystem::path folder_;
  std::string schema_;
  std::unique_ptr<Database> database_;
};

::testing::internal::ParamGenerator<Dialect> AllBackends();
std::string BackendName(const ::testing::TestParamInfo<Dialect>& info);

}  // namespace berth::sql
