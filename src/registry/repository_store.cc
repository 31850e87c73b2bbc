#include "registry/repository_store.h"

namespace berth::registry::repository_store {
namespace {

#define BERTH_REPOSITORY_COLUMNS                                                                                 \
  "SELECT id, account_id, namespace, name, full_name, is_private, is_archived, immutable_mode, immutable_rules," \
  " storage_size FROM repository "

constexpr sql::Query kFind{"repository.find", BERTH_REPOSITORY_COLUMNS "WHERE full_name = $1"};
constexpr sql::Query kFindById{"repository.find_by_id", BERTH_REPOSITORY_COLUMNS "WHERE id = $1"};
#undef BERTH_REPOSITORY_COLUMNS
constexpr sql::Query kFindNamespace{"repository.find_namespace",
                                    "SELECT id, default_private FROM account WHERE name = $1 AND is_active = 1"};
constexpr sql::Query kInsert{
    "repository.insert",
    "INSERT INTO repository (account_id, namespace, name, full_name, is_private, created_at, updated_at)"
    " VALUES ($1, $2, $3, $4, $5, $6, $6) RETURNING id"};
constexpr sql::Query kAddStorage{"repository.add_storage",
                                 "UPDATE repository SET storage_size = storage_size + $2 WHERE id = $1"};
constexpr sql::Query kMarkPushed{"repository.mark_pushed",
                                 "UPDATE repository SET last_pushed_at = $2, updated_at = $2 WHERE id = $1"};
constexpr sql::Query kRemove{"repository.remove", "DELETE FROM repository WHERE id = $1"};

Repository ToRepository(const sql::Row& row) {
  Repository repository;
  repository.id = row.IdAt<RepositoryId>(0);
  repository.account = row.IdAt<AccountId>(1);
  repository.namespace_ = row.String(2);
  repository.name = row.String(3);
  repository.full_name = row.String(4);
  repository.is_private = row.Bool(5);
  repository.is_archived = row.Bool(6);
  repository.immutable_mode = row.String(7);
  repository.immutable_rules = row.String(8);
  repository.storage_size = row.Int(9);
  return repository;
}

}  // namespace

Result<std::optional<Repository>> Find(sql::Connection& connection, std::string_view full_name) {
  return connection.One(kFind, {full_name}, ToRepository);
}

Result<std::optional<Repository>> FindById(sql::Connection& connection, RepositoryId id) {
  return connection.One(kFindById, {id}, ToRepository);
}

Result<std::optional<NamespaceRow>> FindNamespace(sql::Connection& connection, std::string_view name) {
  return connection.One(kFindNamespace, {name},
                        [](const sql::Row& row) { return NamespaceRow{row.IdAt<AccountId>(0), row.Bool(1)}; });
}

Result<RepositoryId> Insert(sql::Transaction& tx, const RepositoryName& name, AccountId account, bool is_private,
                            Timestamp now) {
  TRY(auto id, tx.One(kInsert, {account, name.namespace_, name.name, name.full, is_private, now},
                      [](const sql::Row& row) { return row.IdAt<RepositoryId>(0); }));
  if (!id) return Fail(ErrorCode::kInternal, "a new repository has no id");
  return *id;
}

Result<void> AddStorage(sql::Transaction& tx, RepositoryId id, int64_t bytes) {
  if (bytes != 0) TRY_VOID(tx.Run(kAddStorage, {id, bytes}));
  return {};
}

Result<void> MarkPushed(sql::Transaction& tx, RepositoryId id, Timestamp now) {
  TRY_VOID(tx.Run(kMarkPushed, {id, now}));
  return {};
}

Result<void> Remove(sql::Transaction& tx, RepositoryId id) {
  TRY_VOID(tx.Run(kRemove, {id}));
  return {};
}

}  // namespace berth::registry::repository_store
