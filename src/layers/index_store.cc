#include "layers/index_store.h"

#include <utility>

namespace berth::layers {
namespace {

constexpr std::string_view kColumns =
    "SELECT b.id, b.digest, b.size, i.state, i.reason, i.version, i.bytes_done, i.attempts, i.updated_at FROM blob b ";
constexpr sql::Query kFind{
    "layers.find",
    "SELECT b.id, b.digest, b.size, i.state, i.reason, i.version, i.bytes_done, i.attempts, i.updated_at FROM blob b "
    "LEFT JOIN layer_index i ON i.blob_id = b.id WHERE b.digest = $1"};
constexpr sql::Query kContents{"layers.contents",
                               "SELECT contents FROM layer_index WHERE blob_id = $1 AND state = 'ready'"};
constexpr sql::Query kRequest{
    "layers.request",
    "INSERT INTO layer_index (blob_id, state, requested_at, updated_at) SELECT id, 'waiting', CAST($2 AS BIGINT), "
    "CAST($2 AS BIGINT) FROM blob "
    "WHERE id = $1 ON CONFLICT (blob_id) DO UPDATE SET state = 'waiting', reason = '', bytes_done = 0, attempts = 0, "
    "contents = NULL, updated_at = $2"};
constexpr sql::Query kBegin{"layers.begin",
                            "UPDATE layer_index SET state = 'running', version = $2, bytes_done = 0, "
                            "attempts = attempts + 1, updated_at = $3 WHERE blob_id = $1"};
constexpr sql::Query kProgress{
    "layers.progress",
    "UPDATE layer_index SET bytes_done = $2, updated_at = $3 WHERE blob_id = $1 AND state = 'running'"};
constexpr sql::Query kGiveBack{"layers.give_back",
                               "UPDATE layer_index SET state = 'waiting', bytes_done = 0, attempts = attempts - 1, "
                               "updated_at = $2 WHERE blob_id = $1 AND state = 'running'"};
constexpr sql::Query kFinish{"layers.finish",
                             "UPDATE layer_index SET state = 'ready', reason = '', contents = $2, updated_at = $3 "
                             "WHERE blob_id = $1"};
constexpr sql::Query kRefuse{"layers.refuse",
                             "UPDATE layer_index SET state = $2, reason = $3, contents = NULL, updated_at = $4 "
                             "WHERE blob_id = $1"};

IndexState StateOf(std::string_view text) {
  if (text == "waiting") return IndexState::kWaiting;
  if (text == "running") return IndexState::kRunning;
  if (text == "ready") return IndexState::kReady;
  if (text == "refused") return IndexState::kRefused;
  return text == "failed" ? IndexState::kFailed : IndexState::kAbsent;
}

IndexRow ReadRow(const sql::Row& row) {
  IndexRow out;
  out.blob = row.IdAt<BlobId>(0);
  out.digest = row.String(1);
  out.size = row.Int(2);
  out.state = StateOf(row.Text(3));
  out.reason = row.String(4);
  out.version = row.Int(5);
  out.bytes_done = row.Int(6);
  out.attempts = row.Int(7);
  out.updated = row.Time(8);
  return out;
}

// "$2, $3, …" for the digests, which follow the repository among the parameters.
std::string Placeholders(size_t count) {
  std::string text;
  for (size_t at = 0; at < count; ++at) text += (at == 0 ? "$" : ", $") + std::to_string(at + 2);
  return text;
}

std::vector<sql::Value> Parameters(RepositoryId repository, const std::vector<std::string>& digests) {
  std::vector<sql::Value> values = {repository};
  for (const std::string& digest : digests) values.emplace_back(digest);
  return values;
}

}  // namespace

namespace index_store {

Result<std::vector<IndexRow>> FindHeld(sql::Connection& connection, RepositoryId repository,
                                       const std::vector<std::string>& digests) {
  std::vector<IndexRow> rows;
  if (digests.empty()) return rows;
  const std::string text = std::string(kColumns) +
                           "JOIN repository_blob h ON h.blob_id = b.id AND h.repository_id = $1 "
                           "LEFT JOIN layer_index i ON i.blob_id = b.id WHERE b.digest IN (" +
                           Placeholders(digests.size()) + ")";
  TRY_VOID(connection.ExecuteDynamic(text, Parameters(repository, digests),
                                     [&](const sql::Row& row) { rows.push_back(ReadRow(row)); }));
  return rows;
}

Result<std::vector<std::string>> FindAbsent(sql::Connection& connection, RepositoryId repository,
                                            const std::vector<std::string>& digests) {
  std::vector<std::string> found;
  if (digests.empty()) return found;
  const std::string text = "SELECT DISTINCT digest FROM manifest_absent_blob WHERE repository_id = $1 AND digest IN (" +
                           Placeholders(digests.size()) + ")";
  TRY_VOID(connection.ExecuteDynamic(text, Parameters(repository, digests),
                                     [&](const sql::Row& row) { found.push_back(row.String(0)); }));
  return found;
}

Result<std::optional<IndexRow>> Find(sql::Connection& connection, std::string_view digest) {
  return connection.One(kFind, {digest}, ReadRow);
}

Result<std::optional<std::string>> ReadContents(sql::Connection& connection, BlobId blob) {
  return connection.One(kContents, {blob}, [](const sql::Row& row) { return std::string(row.Blob(0)); });
}

Result<void> Request(sql::Transaction& tx, BlobId blob, Timestamp now) {
  TRY_VOID(tx.Run(kRequest, {blob, now}));
  return {};
}

Result<bool> Begin(sql::Transaction& tx, BlobId blob, int64_t version, Timestamp now) {
  TRY(const int64_t changed, tx.Run(kBegin, {blob, version, now}));
  return changed > 0;
}

Result<void> SetProgress(sql::Transaction& tx, BlobId blob, int64_t bytes_done, Timestamp now) {
  TRY_VOID(tx.Run(kProgress, {blob, bytes_done, now}));
  return {};
}

Result<void> GiveBack(sql::Transaction& tx, BlobId blob, Timestamp now) {
  TRY_VOID(tx.Run(kGiveBack, {blob, now}));
  return {};
}

Result<void> Finish(sql::Transaction& tx, BlobId blob, std::string_view contents, Timestamp now) {
  TRY_VOID(tx.Run(kFinish, {blob, sql::Bytes{contents}, now}));
  return {};
}

Result<void> Refuse(sql::Transaction& tx, BlobId blob, IndexState state, std::string_view reason, Timestamp now) {
  TRY_VOID(tx.Run(kRefuse, {blob, state == IndexState::kRefused ? "refused" : "failed", reason, now}));
  return {};
}

}  // namespace index_store
}  // namespace berth::layers
