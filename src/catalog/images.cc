#include "catalog/images.h"

#include <algorithm>
#include <unordered_map>

#include "catalog/clause.h"
#include "catalog/tags.h"
#include "registry/manifest.h"

namespace berth::catalog {
namespace {

// As the indexes of the tables have them.
#define BERTH_ACTIVITY "(CASE WHEN m.last_pulled_at > m.created_at THEN m.last_pulled_at ELSE m.created_at END)"
#define BERTH_PULLED "COALESCE(m.last_pulled_at, 0)"
#define BERTH_BYTES "(m.content_size + m.size)"

constexpr std::string_view kColumns =
    "SELECT m.id, m.digest, m.media_type, m.artifact_type, m.config_media_type, m.size, m.os, m.architecture, "
    "m.variant, "
    "m.created_at, m.last_pulled_at, m.content_size FROM manifest m WHERE m.repository_id = ";
constexpr std::string_view kNoPart =
    " AND NOT EXISTS (SELECT 1 FROM manifest_child c WHERE c.repository_id = m.repository_id AND c.child_digest = "
    "m.digest)";
constexpr std::string_view kTagged = "EXISTS (SELECT 1 FROM tag t WHERE t.manifest_id = m.id)";
constexpr sql::Query kSummary{
    "catalog.images_summary",
    "SELECT COUNT(*), COALESCE(SUM(CASE WHEN " BERTH_ACTIVITY
    " >= $2 THEN 1 ELSE 0 END), 0) FROM manifest m WHERE m.repository_id = $1 AND NOT EXISTS "
    "(SELECT 1 FROM manifest_child c WHERE c.repository_id = m.repository_id AND c.child_digest = m.digest)"};
constexpr sql::Query kCountTags{"catalog.image_tags_count", "SELECT COUNT(*) FROM tag_history WHERE manifest_id = $1"};
constexpr sql::Query kTagsOfImage{
    "catalog.image_tags",
    "SELECT h.name, CASE WHEN t.id IS NULL THEN 0 ELSE 1 END FROM tag_history h "
    "JOIN manifest m ON m.id = h.manifest_id LEFT JOIN tag t ON t.repository_id = m.repository_id "
    "AND t.name = h.name AND t.manifest_id = m.id WHERE h.manifest_id = $1 ORDER BY h.name LIMIT $2 OFFSET $3"};

ImageInfo ReadImage(const sql::Row& row) {
  ImageInfo image;
  image.id = row.IdAt<ManifestId>(0);
  image.digest = row.String(1);
  image.media_type = row.String(2);
  image.is_index = registry::IsIndexType(image.media_type);
  const std::string type = row.Text(3).empty() ? row.String(4) : row.String(3);
  const bool is_image = type.empty() || type == "application/vnd.oci.image.config.v1+json" ||
                        type == "application/vnd.docker.container.image.v1+json";
  if (!is_image) image.artifact_type = type;
  image.size = row.Int(5);
  image.os = row.String(6);
  image.architecture = row.String(7);
  image.variant = row.String(8);
  image.pushed = row.Time(9);
  image.pulled = row.OptionalTime(10);
  image.own_size = image.total_size = image.size + row.Int(11);
  return image;
}

Result<std::vector<ImageInfo>> Fetch(sql::Connection& connection, const Clause& clause) {
  std::vector<ImageInfo> images;
  TRY_VOID(connection.ExecuteDynamic(clause.text, clause.values,
                                     [&](const sql::Row& row) { images.push_back(ReadImage(row)); }));
  return images;
}

std::vector<int64_t> IdsOf(const std::vector<ImageInfo>& images) {
  std::vector<int64_t> ids;
  for (const auto& image : images) ids.push_back(image.id.value);
  return ids;
}

// Tags that they have, and with `history` also those that they had.
Result<void> FillTags(sql::Connection& connection, std::vector<ImageInfo>& images, bool history) {
  if (images.empty()) return {};
  std::unordered_map<int64_t, ImageInfo*> by_id;
  for (auto& image : images) by_id[image.id.value] = &image;
  Clause clause;
  if (history) {
    clause.text =
        "SELECT h.manifest_id, h.name, CASE WHEN t.id IS NULL THEN 0 ELSE 1 END FROM tag_history h JOIN manifest m "
        "ON m.id = h.manifest_id LEFT JOIN tag t ON t.repository_id = m.repository_id AND t.name = h.name "
        "AND t.manifest_id = m.id WHERE h.manifest_id IN (" +
        clause.Params(IdsOf(images)) + ") ORDER BY h.manifest_id, h.name";
  } else {
    clause.text = "SELECT t.manifest_id, t.name, 1 FROM tag t WHERE t.manifest_id IN (" + clause.Params(IdsOf(images)) +
                  ") ORDER BY t.manifest_id, t.name";
  }
  TRY_VOID(connection.ExecuteDynamic(clause.text, clause.values, [&](const sql::Row& row) {
    by_id[row.Int(0)]->tags.push_back({row.String(1), row.Bool(2)});
  }));
  return {};
}

Result<void> FillParents(sql::Connection& connection, RepositoryId repository, std::vector<ImageInfo>& manifests) {
  if (manifests.empty()) return {};
  std::unordered_map<std::string, ImageInfo*> by_digest;
  std::vector<std::string> digests;
  for (auto& manifest : manifests) {
    by_digest[manifest.digest] = &manifest;
    digests.push_back(manifest.digest);
  }
  Clause clause;
  clause.text =
      "SELECT DISTINCT c.child_digest, p.digest FROM manifest_child c JOIN manifest p ON p.id = c.manifest_id "
      "WHERE c.repository_id = " +
      clause.Param(repository);
  clause.text += " AND c.child_digest IN (" + clause.Params(digests) + ") ORDER BY 1, 2";
  TRY_VOID(connection.ExecuteDynamic(clause.text, clause.values, [&](const sql::Row& row) {
    by_digest[row.String(0)]->parents.push_back(row.String(1));
  }));
  return {};
}

// Configurations and layers, as stored; of an index those of its images.
Result<void> FillSizes(sql::Connection& connection, std::vector<ImageInfo>& manifests) {
  if (manifests.empty()) return {};
  std::unordered_map<int64_t, int64_t> sums;
  Clause own;
  own.text =
      "SELECT e.manifest_id, CAST(SUM(b.size) AS BIGINT) FROM manifest_blob e JOIN blob b ON b.id = e.blob_id "
      "WHERE e.manifest_id IN (" +
      own.Params(IdsOf(manifests)) + ") GROUP BY e.manifest_id";
  const auto add = [&](const sql::Row& row) { sums[row.Int(0)] += row.Int(1); };
  TRY_VOID(connection.ExecuteDynamic(own.text, own.values, add));
  Clause parts;
  parts.text =
      "SELECT c.manifest_id, CAST(SUM(m.size + COALESCE((SELECT SUM(b.size) FROM manifest_blob e JOIN blob b ON b.id = "
      "e.blob_id "
      "WHERE e.manifest_id = m.id), 0)) AS BIGINT) FROM manifest_child c JOIN manifest m ON m.repository_id = "
      "c.repository_id "
      "AND m.digest = c.child_digest WHERE c.manifest_id IN (" +
      parts.Params(IdsOf(manifests)) + ") GROUP BY c.manifest_id";
  TRY_VOID(connection.ExecuteDynamic(parts.text, parts.values, add));
  for (auto& manifest : manifests) {
    // Layers that are named but not held here have no edge to a blob; then the manifest's word for them counts.
    manifest.total_size = std::max(manifest.total_size, manifest.size + sums[manifest.id.value]);
  }
  return {};
}

void AddFilter(Clause& clause, const ImageFilter& filter) {
  clause.text += clause.Param(filter.repository) + std::string(kNoPart);
  if (filter.active)
    clause.text +=
        std::string(" AND " BERTH_ACTIVITY) + (*filter.active ? " >= " : " < ") + clause.Param(filter.active_from);
  if (filter.tagged) clause.text += std::string(*filter.tagged ? " AND " : " AND NOT ") + std::string(kTagged);
}

std::string_view OrderText(ImageOrder order) {
  switch (order) {
    case ImageOrder::kActivityUp:
      return BERTH_ACTIVITY ", m.id";
    case ImageOrder::kActivityDown:
      return BERTH_ACTIVITY " DESC, m.id DESC";
    case ImageOrder::kDigestUp:
      return "m.digest";
    case ImageOrder::kDigestDown:
      return "m.digest DESC";
  }
  return "m.id";
}

struct OrderRule {
  std::string_view key;
  bool descending;
};
OrderRule RuleOf(ManifestOrder order) {
  switch (order) {
    case ManifestOrder::kPushedUp:
      return {"m.id", false};  // ids grow as manifests come
    case ManifestOrder::kPushedDown:
      return {"m.id", true};
    case ManifestOrder::kPulledUp:
      return {BERTH_PULLED, false};
    case ManifestOrder::kPulledDown:
      return {BERTH_PULLED, true};
    case ManifestOrder::kSizeUp:
      return {BERTH_BYTES, false};
    case ManifestOrder::kSizeDown:
      return {BERTH_BYTES, true};
  }
  return {"m.id", true};
}

void AddKind(Clause& clause, const ManifestFilter& filter) {
  const std::string indexes =
      "m.media_type IN ('" + std::string(registry::kOciIndex) + "', '" + std::string(registry::kDockerList) + "')";
  const std::string type = "CASE WHEN m.artifact_type <> '' THEN m.artifact_type ELSE m.config_media_type END";
  const std::string plain =
      type + " IN ('', 'application/vnd.oci.image.config.v1+json', 'application/vnd.docker.container.image.v1+json')";
  switch (filter.kind) {
    case ManifestKind::kAny:
      return;
    case ManifestKind::kTagged:
      clause.text += " AND " + std::string(kTagged);
      return;
    case ManifestKind::kUntagged:
      clause.text += " AND NOT " + std::string(kTagged);
      return;
    case ManifestKind::kIndex:
      clause.text += " AND " + indexes;
      return;
    case ManifestKind::kImage:
      clause.text += " AND NOT " + indexes + " AND " + plain;
      return;
    case ManifestKind::kArtifact:
      clause.text += " AND NOT " + indexes + " AND NOT " + plain;
      return;
    case ManifestKind::kStale:
      clause.text += " AND COALESCE(m.last_pulled_at, m.created_at) < " + clause.Param(filter.stale_before);
      return;
  }
}

Result<void> Complete(sql::Connection& connection, RepositoryId repository, std::vector<ImageInfo>& manifests) {
  TRY_VOID(FillTags(connection, manifests, false));
  TRY_VOID(FillParents(connection, repository, manifests));
  return FillSizes(connection, manifests);
}

}  // namespace

Result<int64_t> CountImages(sql::Connection& connection, const ImageFilter& filter) {
  Clause clause;
  clause.text = "SELECT COUNT(*) FROM manifest m WHERE m.repository_id = ";
  AddFilter(clause, filter);
  int64_t count = 0;
  TRY_VOID(connection.ExecuteDynamic(clause.text, clause.values, [&](const sql::Row& row) { count = row.Int(0); }));
  return count;
}

Result<std::vector<ImageInfo>> ListImages(sql::Connection& connection, const ImageFilter& filter, int64_t offset,
                                          int64_t limit) {
  Clause clause;
  clause.text = kColumns;
  AddFilter(clause, filter);
  clause.text += " ORDER BY " + std::string(OrderText(filter.order)) + " LIMIT " + clause.Param(limit) + " OFFSET " +
                 clause.Param(offset);
  TRY(auto images, Fetch(connection, clause));
  TRY_VOID(FillTags(connection, images, true));
  return images;
}

Result<ImageCounts> SummarizeImages(sql::Connection& connection, RepositoryId repository, Timestamp active_from) {
  TRY(const auto counts, connection.One(kSummary, {repository, active_from},
                                        [](const sql::Row& row) { return ImageCounts{row.Int(0), row.Int(1)}; }));
  return counts.value_or(ImageCounts());
}

Result<int64_t> CountTagsOfImage(sql::Connection& connection, ManifestId image) {
  TRY(const auto count, connection.One(kCountTags, {image}, [](const sql::Row& row) { return row.Int(0); }));
  return count.value_or(0);
}

Result<std::vector<ImageTag>> TagsOfImage(sql::Connection& connection, ManifestId image, int64_t offset,
                                          int64_t limit) {
  return connection.All(kTagsOfImage, {image, limit, offset},
                        [](const sql::Row& row) { return ImageTag{row.String(0), row.Bool(1)}; });
}

ManifestPosition PositionOf(const ImageInfo& manifest, ManifestOrder order) {
  const bool by_pull = order == ManifestOrder::kPulledUp || order == ManifestOrder::kPulledDown;
  const bool by_size = order == ManifestOrder::kSizeUp || order == ManifestOrder::kSizeDown;
  if (by_pull) return {manifest.pulled ? ToMicros(*manifest.pulled) : 0, manifest.id.value};
  return {by_size ? manifest.own_size : manifest.id.value, manifest.id.value};
}

Result<std::vector<ImageInfo>> ListManifests(sql::Connection& connection, const ManifestFilter& filter,
                                             const std::optional<ManifestPosition>& after, int64_t limit) {
  const OrderRule rule = RuleOf(filter.order);
  const std::string direction = rule.descending ? " DESC" : "", sign = rule.descending ? " < " : " > ";
  Clause clause;
  clause.text = std::string(kColumns) + clause.Param(filter.repository);
  AddKind(clause, filter);
  if (after) {
    // Said twice: SQLite seeks in an index of an expression only by the expression alone.
    const std::string place = clause.Param(after->key);
    clause.text += " AND " + std::string(rule.key) + (rule.descending ? " <= " : " >= ") + place;
    clause.text +=
        " AND (" + std::string(rule.key) + ", m.id)" + sign + "(" + place + ", " + clause.Param(after->id) + ")";
  }
  clause.text +=
      " ORDER BY " + std::string(rule.key) + direction + ", m.id" + direction + " LIMIT " + clause.Param(limit);
  TRY(auto manifests, Fetch(connection, clause));
  TRY_VOID(Complete(connection, filter.repository, manifests));
  return manifests;
}

Result<std::vector<ImageInfo>> FindManifests(sql::Connection& connection, RepositoryId repository,
                                             const std::vector<std::string>& digests) {
  if (digests.empty()) return std::vector<ImageInfo>();
  Clause clause;
  clause.text = std::string(kColumns) + clause.Param(repository);
  clause.text += " AND m.digest IN (" + clause.Params(digests) + ")";
  TRY(auto manifests, Fetch(connection, clause));
  TRY_VOID(Complete(connection, repository, manifests));
  return manifests;
}

#undef BERTH_ACTIVITY
#undef BERTH_PULLED
#undef BERTH_BYTES

}  // namespace berth::catalog
