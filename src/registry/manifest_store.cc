#include "registry/manifest_store.h"

#include "registry/repository_store.h"
#include "registry/review_sql.h"

namespace berth::registry::manifest_store {
namespace {

constexpr sql::Query kLoadByTag{
    "manifest.load_by_tag",
    "SELECT m.repository_id, m.id, t.id, m.digest, m.media_type, m.payload FROM repository r"
    " JOIN tag t ON t.repository_id = r.id AND t.name = $2 JOIN manifest m ON m.id = t.manifest_id WHERE r.full_name = "
    "$1"};
constexpr sql::Query kLoadByDigest{
    "manifest.load_by_digest",
    "SELECT m.repository_id, m.id, 0, m.digest, m.media_type, m.payload FROM repository r"
    " JOIN manifest m ON m.repository_id = r.id AND m.digest = $2 WHERE r.full_name = $1"};
constexpr sql::Query kFind{"manifest.find",
                           "SELECT id, digest, size FROM manifest WHERE repository_id = $1 AND digest = $2"};
constexpr sql::Query kInsert{
    "manifest.insert",
    "INSERT INTO manifest (repository_id, digest, media_type, artifact_type, config_media_type, config_digest, "
    "subject_digest,"
    " annotations, size, content_size, os, architecture, variant, os_version, payload, pushed_by, created_at)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) RETURNING id"};
constexpr sql::Query kInsertBlobEdge{
    "manifest.insert_blob_edge",
    "INSERT INTO manifest_blob (manifest_id, position, repository_id, blob_id) VALUES ($1, $2, $3, $4)"};
constexpr sql::Query kInsertAbsentEdge{
    "manifest.insert_absent_edge",
    "INSERT INTO manifest_absent_blob (manifest_id, position, repository_id, digest) VALUES ($1, $2, $3, $4)"};
constexpr sql::Query kInsertChildEdge{"manifest.insert_child_edge",
                                      "INSERT INTO manifest_child (manifest_id, position, repository_id, child_digest, "
                                      "media_type, size, os, architecture,"
                                      " variant, os_version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"};
constexpr sql::Query kFindTag{"tag.find",
                              "SELECT t.id, t.manifest_id, m.digest FROM tag t JOIN manifest m ON m.id = t.manifest_id"
                              " WHERE t.repository_id = $1 AND t.name = $2"};
constexpr sql::Query kPutTag{"tag.put",
                             "INSERT INTO tag (repository_id, name, manifest_id, created_at, updated_at, pushed_by) "
                             "VALUES ($1, $2, $3, $4, $4, $5)"
                             " ON CONFLICT (repository_id, name) DO UPDATE SET manifest_id = excluded.manifest_id, "
                             "updated_at = excluded.updated_at,"
                             " pushed_by = excluded.pushed_by"};
constexpr sql::Query kRememberTag{
    "tag.remember",
    "INSERT INTO tag_history (manifest_id, name) VALUES ($1, $2) ON CONFLICT (manifest_id, name) DO NOTHING"};
constexpr sql::Query kRemoveTag{"tag.remove", "DELETE FROM tag WHERE id = $1"};
constexpr sql::Query kTagsOf{"tag.of_manifest", "SELECT name FROM tag WHERE manifest_id = $1 ORDER BY name LIMIT $2"};
constexpr sql::Query kListTags{"tag.list",
                               "SELECT name FROM tag WHERE repository_id = $1 AND name > $2 ORDER BY name LIMIT $3"};
constexpr sql::Query kListReferrers{
    "manifest.list_referrers",
    "SELECT digest, media_type, artifact_type, size, annotations FROM manifest"
    " WHERE repository_id = $1 AND subject_digest = $2 AND digest > $3 ORDER BY digest LIMIT $4"};
constexpr sql::Query kListReferrersOfType{"manifest.list_referrers_of_type",
                                          "SELECT digest, media_type, artifact_type, size, annotations FROM manifest"
                                          " WHERE repository_id = $1 AND subject_digest = $2 AND artifact_type = $5 "
                                          "AND digest > $3 ORDER BY digest LIMIT $4"};
constexpr sql::Query kReviewBlobs{"garbage.review_blobs_of_manifest",
                                  "INSERT INTO gc_review (kind, repository_id, object_id, review_after)"
                                  " SELECT DISTINCT 'repository_blob', repository_id, blob_id, $2 FROM manifest_blob "
                                  "WHERE manifest_id = $1" BERTH_OR_PUT_OFF_REVIEW};
constexpr sql::Query kReviewChildren{"garbage.review_children_of_manifest",
                                     "INSERT INTO gc_review (kind, repository_id, object_id, review_after)"
                                     " SELECT DISTINCT 'manifest', m.repository_id, m.id, $2 FROM manifest_child c"
                                     " JOIN manifest m ON m.repository_id = c.repository_id AND m.digest = "
                                     "c.child_digest WHERE c.manifest_id = $1" BERTH_OR_PUT_OFF_REVIEW};
constexpr sql::Query kReviewReferrers{"garbage.review_referrers_of_manifest",
                                      "INSERT INTO gc_review (kind, repository_id, object_id, review_after)"
                                      " SELECT 'manifest', repository_id, id, $3 FROM manifest WHERE repository_id = "
                                      "$1 AND subject_digest = $2" BERTH_OR_PUT_OFF_REVIEW};
constexpr sql::Query kRemove{"manifest.remove", "DELETE FROM manifest WHERE id = $1"};

ServedManifest ToServed(const sql::Row& row) {
  ServedManifest served;
  served.repository = row.IdAt<RepositoryId>(0);
  served.id = row.IdAt<ManifestId>(1);
  served.tag_id = row.Int(2);
  if (auto digest = Digest::Parse(row.Text(3))) served.digest = *std::move(digest);
  served.media_type = row.String(4);
  served.is_index = IsIndexType(served.media_type);
  served.payload = std::make_shared<const std::string>(row.Blob(5));
  return served;
}

std::string ToString(const sql::Row& row) { return row.String(0); }

Referrer ToReferrer(const sql::Row& row) {
  Referrer referrer;
  referrer.digest = row.String(0);
  referrer.media_type = row.String(1);
  referrer.artifact_type = row.String(2);
  referrer.size = row.Int(3);
  referrer.annotations = row.String(4);
  return referrer;
}

}  // namespace

Result<std::optional<ServedManifest>> LoadByTag(sql::Connection& connection, std::string_view repository,
                                                std::string_view tag) {
  return connection.One(kLoadByTag, {repository, tag}, ToServed);
}

Result<std::optional<ServedManifest>> LoadByDigest(sql::Connection& connection, std::string_view repository,
                                                   std::string_view digest) {
  return connection.One(kLoadByDigest, {repository, digest}, ToServed);
}

Result<std::optional<ManifestRow>> Find(sql::Connection& connection, RepositoryId repository, std::string_view digest) {
  return connection.One(kFind, {repository, digest}, [](const sql::Row& row) {
    ManifestRow found;
    found.id = row.IdAt<ManifestId>(0);
    if (auto parsed = Digest::Parse(row.Text(1))) found.digest = *std::move(parsed);
    found.size = row.Int(2);
    return found;
  });
}

Result<ManifestId> Insert(sql::Transaction& tx, const NewManifest& m) {
  const ParsedManifest& parsed = *m.parsed;
  const std::string_view config_type = parsed.config ? std::string_view(parsed.config->media_type) : "";
  const std::string_view config_digest = parsed.config ? std::string_view(parsed.config->digest.text()) : "";
  sql::Value subject;
  if (parsed.subject) subject = sql::Value(parsed.subject->text());
  TRY(auto id, tx.One(kInsert,
                      {m.repository, m.digest->text(), parsed.media_type, parsed.artifact_type, config_type,
                       config_digest, subject, parsed.annotations, m.payload.size(), parsed.content_size,
                       m.platform->os, m.platform->architecture, m.platform->variant, m.platform->os_version,
                       sql::Bytes{m.payload}, m.pushed_by, m.now},
                      [](const sql::Row& row) { return row.IdAt<ManifestId>(0); }));
  if (!id) return Fail(ErrorCode::kInternal, "a new manifest has no id");
  TRY_VOID(repository_store::AddStorage(tx, m.repository, static_cast<int64_t>(m.payload.size())));
  return *id;
}

Result<void> InsertBlobEdge(sql::Transaction& tx, ManifestId manifest, int64_t position, RepositoryId repository,
                            BlobId blob) {
  TRY_VOID(tx.Run(kInsertBlobEdge, {manifest, position, repository, blob}));
  return {};
}

Result<void> InsertAbsentEdge(sql::Transaction& tx, ManifestId manifest, int64_t position, RepositoryId repository,
                              const Digest& digest) {
  TRY_VOID(tx.Run(kInsertAbsentEdge, {manifest, position, repository, digest.text()}));
  return {};
}

Result<void> InsertChildEdge(sql::Transaction& tx, ManifestId manifest, int64_t position, RepositoryId repository,
                             const Descriptor& child) {
  const Platform& p = child.platform;
  TRY_VOID(tx.Run(kInsertChildEdge, {manifest, position, repository, child.digest.text(), child.media_type, child.size,
                                     p.os, p.architecture, p.variant, p.os_version}));
  return {};
}

Result<std::optional<TagRow>> FindTag(sql::Connection& connection, RepositoryId repository, std::string_view tag) {
  return connection.One(kFindTag, {repository, tag},
                        [](const sql::Row& row) { return TagRow{row.Int(0), row.IdAt<ManifestId>(1), row.String(2)}; });
}

Result<void> PutTag(sql::Transaction& tx, RepositoryId repository, std::string_view tag, ManifestId manifest,
                    AccountId pushed_by, Timestamp now) {
  TRY_VOID(tx.Run(kPutTag, {repository, tag, manifest, now, pushed_by}));
  TRY_VOID(tx.Run(kRememberTag, {manifest, tag}));
  return {};
}

Result<void> RemoveTag(sql::Transaction& tx, int64_t tag_id) {
  TRY_VOID(tx.Run(kRemoveTag, {tag_id}));
  return {};
}

Result<std::vector<std::string>> TagsOf(sql::Connection& connection, ManifestId manifest, int64_t limit) {
  return connection.All(kTagsOf, {manifest, limit}, ToString);
}

Result<std::vector<std::string>> ListTags(sql::Connection& connection, RepositoryId repository, std::string_view after,
                                          int64_t limit) {
  return connection.All(kListTags, {repository, after, limit}, ToString);
}

Result<std::vector<Referrer>> ListReferrers(sql::Connection& connection, RepositoryId repository,
                                            std::string_view subject, std::string_view artifact_type,
                                            std::string_view after, int64_t limit) {
  if (artifact_type.empty()) return connection.All(kListReferrers, {repository, subject, after, limit}, ToReferrer);
  return connection.All(kListReferrersOfType, {repository, subject, after, limit, artifact_type}, ToReferrer);
}

Result<void> Remove(sql::Transaction& tx, RepositoryId repository, const ManifestRow& manifest, bool review_manifests,
                    Timestamp due) {
  TRY_VOID(tx.Run(kReviewBlobs, {manifest.id, due}));
  if (review_manifests) {
    TRY_VOID(tx.Run(kReviewChildren, {manifest.id, due}));
    TRY_VOID(tx.Run(kReviewReferrers, {repository, manifest.digest.text(), due}));
  }
  TRY_VOID(tx.Run(kRemove, {manifest.id}));
  return repository_store::AddStorage(tx, repository, -manifest.size);
}

}  // namespace berth::registry::manifest_store
