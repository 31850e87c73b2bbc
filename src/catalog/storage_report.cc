#include "catalog/storage_report.h"

#include "catalog/clause.h"

namespace berth::catalog {
namespace {

constexpr sql::Query kReport{"storage.report", "SELECT computed_at, bytes FROM storage_report WHERE id = 1"};
constexpr sql::Query kNamespaceTotal{"storage.namespace_total",
                                     "SELECT visible_own, visible_shared FROM storage_namespace WHERE account_id = $1"};
constexpr sql::Query kRepositoryTotal{"storage.repository_total",
                                      "SELECT own, shared FROM storage_repository WHERE repository_id = $1"};

std::string_view ColumnOf(StorageOrder order) {
  switch (order) {
    case StorageOrder::kOwn:
      return "own";
    case StorageOrder::kShared:
      return "shared";
    case StorageOrder::kTotal:
      return "total";
    case StorageOrder::kName:
      break;
  }
  return "name";
}

// Begins behind the cursor, in the order of the index of that column. The clause has a WHERE already; `name` is what
// the rows are told apart by.
void AddPage(Clause& clause, const StorageQuery& query, const std::string& table) {
  const std::string column = table + "." + std::string(ColumnOf(query.order)), name = table + ".name";
  if (query.order == StorageOrder::kName) {
    if (query.after) clause.text += " AND " + name + " > " + clause.Param(query.after->name);
    clause.text += " ORDER BY " + name;
  } else {
    if (query.after) {
      const std::string value = clause.Param(query.after->value);
      clause.text += " AND " + column + " <= " + value + " AND (" + column + " < " + value + " OR " + name + " > " +
                     clause.Param(query.after->name) + ")";
    }
    clause.text += " ORDER BY " + column + " DESC, " + name;
  }
  clause.text += " LIMIT " + clause.Param(query.limit);
}

Result<void> ReadComputedAt(sql::Connection& connection, StoragePage& page, int64_t* bytes = nullptr) {
  TRY_VOID(connection.Each(kReport, {}, [&](const sql::Row& row) {
    page.computed_at = row.Time(0);
    if (bytes != nullptr) *bytes = row.Int(1);
  }));
  return {};
}

Result<void> ReadTotal(sql::Connection& connection, const sql::Query& query, int64_t id, StoragePage& page) {
  TRY_VOID(connection.Each(query, {id}, [&](const sql::Row& row) { page.total = {row.Int(0), row.Int(1)}; }));
  return {};
}

}  // namespace

StorageCursor After(const StorageRow& row, StorageOrder order) {
  const std::string name = row.name.substr(row.name.find('/') + 1);
  switch (order) {
    case StorageOrder::kOwn:
      return {row.bytes.own, name};
    case StorageOrder::kShared:
      return {row.bytes.shared, name};
    case StorageOrder::kTotal:
      return {row.bytes.own + row.bytes.shared, name};
    case StorageOrder::kName:
      break;
  }
  return {0, name};
}

// The whole server shares with nobody.
Result<StoragePage> ServerStorage(sql::Connection& connection, const StorageQuery& query) {
  StoragePage page;
  TRY_VOID(ReadComputedAt(connection, page, &page.total.own));
  Clause clause;
  clause.text =
      "SELECT s.name, s.own, s.shared, s.repositories, s.tags, s.manifests, s.last_pushed_at FROM storage_namespace s "
      "WHERE 1 = 1";
  AddPage(clause, query, "s");
  TRY_VOID(connection.ExecuteDynamic(clause.text, clause.values, [&](const sql::Row& row) {
    page.rows.push_back(
        {row.String(0), {row.Int(1), row.Int(2)}, row.Int(3), row.Int(4), row.Int(5), row.OptionalTime(6)});
  }));
  return page;
}

Result<StoragePage> NamespaceStorage(sql::Connection& connection, AccountId account, const StorageViewer& viewer,
                                     const StorageQuery& query) {
  StoragePage page;
  TRY_VOID(ReadComputedAt(connection, page));
  TRY_VOID(ReadTotal(connection, kNamespaceTotal, account.value, page));
  Clause clause;
  clause.text =
      "SELECT r.full_name, s.own, s.shared, s.tags, s.manifests, s.last_pushed_at FROM storage_repository s JOIN "
      "repository r ON r.id = s.repository_id WHERE s.account_id = " +
      clause.Param(account);
  if (!viewer.with_private) {
    const std::string who = clause.Param(viewer.viewer);
    clause.text +=
        " AND (r.is_private = 0 OR EXISTS (SELECT 1 FROM collaborator c WHERE c.repository_id = r.id AND c.account_id "
        "= " +
        who +
        ") OR EXISTS (SELECT 1 FROM team_repository t JOIN team_member m ON m.team_id = t.team_id WHERE "
        "t.repository_id = r.id AND m.account_id = " +
        who + ")";
    for (const std::string& name : viewer.named) clause.text += " OR r.full_name = " + clause.Param(name);
    clause.text += ")";
  }
  AddPage(clause, query, "s");
  TRY_VOID(connection.ExecuteDynamic(clause.text, clause.values, [&](const sql::Row& row) {
    page.rows.push_back(
        {row.String(0), {row.Int(1), row.Int(2)}, std::nullopt, row.Int(3), row.Int(4), row.OptionalTime(5)});
  }));
  return page;
}

Result<StoragePage> RepositoryStorage(sql::Connection& connection, RepositoryId repository, const StorageQuery& query) {
  StoragePage page;
  TRY_VOID(ReadComputedAt(connection, page));
  TRY_VOID(ReadTotal(connection, kRepositoryTotal, repository.value, page));
  Clause clause;
  clause.text =
      "SELECT s.name, s.own, s.shared, s.manifests, s.last_pushed_at FROM storage_tag s WHERE s.repository_id = " +
      clause.Param(repository);
  AddPage(clause, query, "s");
  TRY_VOID(connection.ExecuteDynamic(clause.text, clause.values, [&](const sql::Row& row) {
    page.rows.push_back(
        {row.String(0), {row.Int(1), row.Int(2)}, std::nullopt, std::nullopt, row.Int(3), row.OptionalTime(4)});
  }));
  return page;
}

}  // namespace berth::catalog
