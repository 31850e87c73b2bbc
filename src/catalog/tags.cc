#include "catalog/tags.h"

#include <algorithm>
#include <unordered_map>

#include "base/text.h"
#include "catalog/clause.h"
#include "registry/manifest.h"

namespace berth::catalog {
namespace {

constexpr std::string_view kColumns =
    "SELECT t.id, t.name, t.updated_at, t.last_pulled_at, t.pushed_by, a.name, m.id, m.digest, m.media_type, "
    "m.artifact_type, "
    "m.config_media_type, m.content_size, m.os, m.architecture, m.variant, m.os_version, m.created_at, "
    "m.last_pulled_at";
constexpr std::string_view kFrom =
    " FROM tag t JOIN manifest m ON m.id = t.manifest_id LEFT JOIN account a ON a.id = t.pushed_by WHERE "
    "t.repository_id = ";
constexpr std::string_view kChildren =
    "SELECT c.manifest_id, c.child_digest, c.os, c.architecture, c.variant, c.os_version, m.id, m.content_size, "
    "m.created_at, "
    "m.last_pulled_at FROM manifest_child c LEFT JOIN manifest m ON m.repository_id = c.repository_id AND m.digest = "
    "c.child_digest "
    "WHERE c.manifest_id IN (";

PlatformImage ReadOwnImage(const sql::Row& row, const TagInfo& tag) {
  PlatformImage image;
  image.digest = tag.digest;
  image.size = tag.full_size;
  image.os = row.String(12);
  image.architecture = row.String(13);
  image.variant = row.String(14);
  image.os_version = row.String(15);
  image.last_pushed = row.OptionalTime(16);
  image.last_pulled = row.OptionalTime(17);
  return image;
}

TagInfo ReadTag(const sql::Row& row) {
  TagInfo tag;
  tag.id = row.Int(0);
  tag.name = row.String(1);
  tag.updated_at = row.Time(2);
  tag.last_pulled = row.OptionalTime(3);
  tag.pushed_by = row.IdAt<AccountId>(4);
  tag.pushed_by_name = row.String(5);
  tag.manifest = row.IdAt<ManifestId>(6);
  tag.digest = row.String(7);
  tag.media_type = row.String(8);
  tag.config_type = row.Text(9).empty() ? row.String(10) : row.String(9);
  tag.is_index = registry::IsIndexType(tag.media_type);
  tag.full_size = row.Int(11);
  if (!tag.is_index) tag.images.push_back(ReadOwnImage(row, tag));
  return tag;
}

PlatformImage ReadChild(const sql::Row& row) {
  PlatformImage image;
  image.digest = row.String(1);
  image.os = row.String(2);
  image.architecture = row.String(3);
  image.variant = row.String(4);
  image.os_version = row.String(5);
  image.present = !row.IsNull(6);
  image.size = row.Int(7);
  image.last_pushed = row.OptionalTime(8);
  image.last_pulled = row.OptionalTime(9);
  return image;
}

int64_t MainSize(const std::vector<PlatformImage>& images) {
  for (const auto& image : images) {
    if (image.architecture == "amd64") return image.size;
  }
  return images.empty() ? 0 : images.front().size;
}

// All children of the page's indexes in one query.
Result<void> FillImages(sql::Connection& connection, std::vector<TagInfo>& tags) {
  std::vector<int64_t> indexes;
  for (const auto& tag : tags) {
    if (tag.is_index) indexes.push_back(tag.manifest.value);
  }
  std::ranges::sort(indexes);
  indexes.erase(std::unique(indexes.begin(), indexes.end()), indexes.end());
  if (indexes.empty()) return {};
  Clause clause;
  clause.text = std::string(kChildren) + clause.Params(indexes) + ") ORDER BY c.manifest_id, c.position";
  std::unordered_map<int64_t, std::vector<PlatformImage>> children;
  TRY_VOID(connection.ExecuteDynamic(clause.text, clause.values,
                                     [&](const sql::Row& row) { children[row.Int(0)].push_back(ReadChild(row)); }));
  for (auto& tag : tags) {
    if (!tag.is_index) continue;
    tag.images = children[tag.manifest.value];
    tag.full_size = MainSize(tag.images);
  }
  return {};
}

void AddFilter(Clause& clause, const TagFilter& filter, const std::string& pattern) {
  clause.text += clause.Param(filter.repository);
  if (!filter.name_contains.empty()) clause.text += " AND t.name LIKE " + clause.Param(pattern) + " ESCAPE '\\'";
  if (filter.architecture.empty() && filter.os.empty()) return;
  std::string own = "m.config_digest <> ''", child = "c.manifest_id = m.id";
  const auto both = [&](const std::string& column, const std::string& value) {
    if (value.empty()) return;
    const std::string parameter = clause.Param(value);
    own += " AND m." + column + " = " + parameter;
    child += " AND c." + column + " = " + parameter;
  };
  both("architecture", filter.architecture);
  both("os", filter.os);
  clause.text += " AND ((" + own + ") OR EXISTS (SELECT 1 FROM manifest_child c WHERE " + child + "))";
}

struct OrderRule {
  std::string_view key;  // what the rows are sorted by
  bool descending;
  bool is_name;
};
OrderRule RuleOf(TagOrder order) {
  switch (order) {
    case TagOrder::kNewestFirst:
      return {"t.updated_at", true, false};
    case TagOrder::kOldestFirst:
      return {"t.updated_at", false, false};
    case TagOrder::kNameUp:
      return {"t.name", false, true};
    case TagOrder::kNameDown:
      return {"t.name", true, true};
    case TagOrder::kLatestPulled:
      return {"COALESCE(t.last_pulled_at, 0)", true, false};
    case TagOrder::kEarliestPulled:
      return {"COALESCE(t.last_pulled_at, 0)", false, false};
    case TagOrder::kLargest:
      return {"m.content_size", true, false};
    case TagOrder::kSmallest:
      return {"m.content_size", false, false};
  }
  return {"t.id", false, false};
}

std::string OrderText(const OrderRule& rule) {
  const std::string_view direction = rule.descending ? " DESC" : "";
  std::string text = " ORDER BY " + std::string(rule.key) + std::string(direction);
  if (!rule.is_name) text += ", t.id" + std::string(direction);  // names are unique
  return text;
}

Result<void> AddPosition(Clause& clause, const OrderRule& rule, const TagPosition& after) {
  const std::string sign = rule.descending ? " < " : " > ";
  if (rule.is_name) {
    clause.text += " AND t.name" + sign + clause.Param(after.key);
    return {};
  }
  const auto number = ParseNumber<int64_t>(after.key);
  if (!number) return Fail(ErrorCode::kInvalidArgument, "is no cursor of this list", "cursor");
  // Said twice: SQLite seeks in an index of an expression only by the expression alone.
  const std::string place = clause.Param(*number);
  clause.text += " AND " + std::string(rule.key) + (rule.descending ? " <= " : " >= ") + place;
  clause.text +=
      " AND (" + std::string(rule.key) + ", t.id)" + sign + "(" + place + ", " + clause.Param(after.id) + ")";
  return {};
}

Result<std::vector<TagInfo>> Fetch(sql::Connection& connection, const Clause& clause) {
  std::vector<TagInfo> tags;
  TRY_VOID(connection.ExecuteDynamic(clause.text, clause.values,
                                     [&](const sql::Row& row) { tags.push_back(ReadTag(row)); }));
  TRY_VOID(FillImages(connection, tags));
  return tags;
}

}  // namespace

TagPosition PositionOf(const TagInfo& tag, TagOrder order) {
  switch (order) {
    case TagOrder::kNewestFirst:
    case TagOrder::kOldestFirst:
      return {std::to_string(ToMicros(tag.updated_at)), tag.id};
    case TagOrder::kNameUp:
    case TagOrder::kNameDown:
      return {tag.name, tag.id};
    case TagOrder::kLatestPulled:
    case TagOrder::kEarliestPulled:
      return {std::to_string(tag.last_pulled ? ToMicros(*tag.last_pulled) : 0), tag.id};
    case TagOrder::kLargest:
    case TagOrder::kSmallest:
      return {std::to_string(tag.is_index ? 0 : tag.full_size), tag.id};
  }
  return {tag.name, tag.id};
}

Result<int64_t> CountTags(sql::Connection& connection, const TagFilter& filter) {
  const std::string pattern = ContainsPattern(filter.name_contains);
  Clause clause;
  const bool by_platform = !filter.architecture.empty() || !filter.os.empty();
  clause.text = "SELECT COUNT(*) FROM tag t" +
                std::string(by_platform ? " JOIN manifest m ON m.id = t.manifest_id" : "") +
                " WHERE t.repository_id = ";
  AddFilter(clause, filter, pattern);
  int64_t count = 0;
  TRY_VOID(connection.ExecuteDynamic(clause.text, clause.values, [&](const sql::Row& row) { count = row.Int(0); }));
  return count;
}

Result<std::vector<TagInfo>> ListTags(sql::Connection& connection, const TagFilter& filter, int64_t offset,
                                      int64_t limit) {
  const std::string pattern = ContainsPattern(filter.name_contains);
  Clause clause;
  clause.text = std::string(kColumns) + std::string(kFrom);
  AddFilter(clause, filter, pattern);
  clause.text += OrderText(RuleOf(filter.order)) + " LIMIT " + clause.Param(limit) + " OFFSET " + clause.Param(offset);
  return Fetch(connection, clause);
}

Result<std::vector<TagInfo>> ListTagsAfter(sql::Connection& connection, const TagFilter& filter,
                                           const std::optional<TagPosition>& after, int64_t limit) {
  const std::string pattern = ContainsPattern(filter.name_contains);
  const OrderRule rule = RuleOf(filter.order);
  Clause clause;
  clause.text = std::string(kColumns) + std::string(kFrom);
  AddFilter(clause, filter, pattern);
  if (after) TRY_VOID(AddPosition(clause, rule, *after));
  clause.text += OrderText(rule) + " LIMIT " + clause.Param(limit);
  return Fetch(connection, clause);
}

Result<std::optional<TagInfo>> FindTag(sql::Connection& connection, RepositoryId repository, std::string_view name) {
  Clause clause;
  clause.text =
      std::string(kColumns) + std::string(kFrom) + clause.Param(repository) + " AND t.name = " + clause.Param(name);
  TRY(auto tags, Fetch(connection, clause));
  if (tags.empty()) return std::optional<TagInfo>();
  return std::optional(std::move(tags.front()));
}

Result<std::vector<PlatformImage>> ChildImages(sql::Connection& connection, ManifestId index) {
  static const std::string text = std::string(kChildren) + "$1) ORDER BY c.position";
  std::vector<PlatformImage> images;
  const std::vector<sql::Value> values{index};
  TRY_VOID(connection.ExecuteDynamic(text, values, [&](const sql::Row& row) { images.push_back(ReadChild(row)); }));
  return images;
}

bool IsActive(Timestamp now, Timestamp pushed, const std::optional<Timestamp>& pulled) {
  const Timestamp since = now - std::chrono::hours(24 * 30);
  return pushed >= since || (pulled && *pulled >= since);
}

bool IsStale(Timestamp now, Timestamp pushed, const std::optional<Timestamp>& pulled) {
  return pulled.value_or(pushed) < now - std::chrono::hours(24 * 182);
}

}  // namespace berth::catalog
