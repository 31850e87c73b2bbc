#include "registry/upload_store.h"

namespace berth::registry::upload_store {
namespace {

constexpr sql::Query kInsert{"upload.insert",
                             "INSERT INTO upload (id, repository_id, account_id, algorithm, created_at, expires_at) "
                             "VALUES ($1, $2, $3, $4, $5, $6)"};
constexpr sql::Query kFind{"upload.find",
                           "SELECT id, repository_id, account_id, algorithm, expires_at FROM upload WHERE id = $1"};
constexpr sql::Query kListExpired{"upload.list_expired",
                                  "SELECT id, repository_id, account_id, algorithm, expires_at FROM upload WHERE "
                                  "expires_at <= $1 ORDER BY expires_at LIMIT $2"};
constexpr sql::Query kProlong{"upload.prolong", "UPDATE upload SET expires_at = $2 WHERE id = $1"};
constexpr sql::Query kRemove{"upload.remove", "DELETE FROM upload WHERE id = $1"};

UploadRow ToUpload(const sql::Row& row) {
  UploadRow upload;
  upload.id = row.String(0);
  upload.repository = row.IdAt<RepositoryId>(1);
  upload.account = row.IdAt<AccountId>(2);
  upload.algorithm = ParseDigestAlgorithm(row.Text(3)).value_or(DigestAlgorithm::kSha256);
  upload.expires = row.Time(4);
  return upload;
}

}  // namespace

Result<void> Insert(sql::Transaction& tx, const UploadRow& upload, Timestamp now) {
  TRY_VOID(
      tx.Run(kInsert, {upload.id, upload.repository, upload.account, ToString(upload.algorithm), now, upload.expires}));
  return {};
}

Result<std::optional<UploadRow>> Find(sql::Connection& connection, std::string_view id) {
  return connection.One(kFind, {id}, ToUpload);
}

Result<std::vector<UploadRow>> ListExpired(sql::Connection& connection, Timestamp now, int64_t limit) {
  return connection.All(kListExpired, {now, limit}, ToUpload);
}

Result<void> Prolong(sql::Transaction& tx, std::string_view id, Timestamp expires) {
  TRY_VOID(tx.Run(kProlong, {id, expires}));
  return {};
}

Result<void> Remove(sql::Transaction& tx, std::string_view id) {
  TRY_VOID(tx.Run(kRemove, {id}));
  return {};
}

}  // namespace berth::registry::upload_store
