// What namespaces, repositories and tags take on the disk, as the last survey (storage_survey.h) counted it. Reading
// costs by the page, never by the store; each answer carries the time of the count.
//
// Bytes are those of blobs, each once, and of manifests. `own` would be freed if the row alone went, `shared` is used
// by something else too. What is told of a namespace, its repositories and tags leaves foreign private repositories out
// of account: otherwise a push would tell whether somebody else has the same bytes. Only the server's list counts them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "base/result.h"
#include "sql/database.h"

namespace berth::catalog {

enum class StorageOrder { kOwn, kShared, kTotal, kName };  // greatest first, names from A to Z

struct StoredBytes {
  int64_t own = 0;
  int64_t shared = 0;
};

struct StorageRow {
  std::string name;  // of the namespace; "ns/repo"; of the tag
  StoredBytes bytes;
  std::optional<int64_t> repositories;
  std::optional<int64_t> tags;
  int64_t manifests = 0;
  std::optional<Timestamp> last_pushed;
};

// Where the page before ended.
struct StorageCursor {
  int64_t value = 0;  // of the column that is sorted by; 0 for names
  std::string name;
};

struct StoragePage {
  StoredBytes total;                     // of everything that the rows belong to
  std::optional<Timestamp> computed_at;  // empty: nothing has been counted yet
  std::vector<StorageRow> rows;
};

struct StorageQuery {
  StorageOrder order = StorageOrder::kTotal;
  std::optional<StorageCursor> after;
  int64_t limit = 50;
};

// Which repositories of a namespace are listed, as in RepositoryFilter.
struct StorageViewer {
  bool with_private = false;
  AccountId viewer;
  std::vector<std::string> named;  // full names
};

Result<StoragePage> ServerStorage(sql::Connection& connection, const StorageQuery& query);
Result<StoragePage> NamespaceStorage(sql::Connection& connection, AccountId account, const StorageViewer& viewer,
                                     const StorageQuery& query);
Result<StoragePage> RepositoryStorage(sql::Connection& connection, RepositoryId repository, const StorageQuery& query);
// Where the page behind `row` begins.
StorageCursor After(const StorageRow& row, StorageOrder order);

}  // namespace berth::catalog
