#include "catalog/repository_info.h"

#include <re2/re2.h>

#include <algorithm>

#include "access/badge.h"
#include "accounts/namespace_settings.h"
#include "base/text.h"
#include "catalog/repository_clause.h"
#include "events/event_log.h"
#include "json/describe.h"
#include "limits/quota.h"

namespace berth::catalog {
namespace {

#define BERTH_REPOSITORY_COLUMNS                                                                                  \
  "r.id, r.account_id, r.namespace, r.name, r.full_name, a.kind, a.badge, r.is_private, r.is_archived, "          \
  "r.description, "                                                                                               \
  "r.immutable_mode, r.immutable_rules, r.star_count, r.pull_count, r.storage_size, r.created_at, r.updated_at, " \
  "r.last_pushed_at, r.last_pulled_at, r.badge"

constexpr sql::Query kFind{"catalog.find",
                           "SELECT " BERTH_REPOSITORY_COLUMNS
                           ", r.full_description FROM repository r JOIN account a ON a.id = r.account_id "
                           "WHERE r.full_name = $1"};
constexpr sql::Query kFindById{"catalog.find_by_id",
                               "SELECT " BERTH_REPOSITORY_COLUMNS
                               ", r.full_description FROM repository r JOIN account a ON a.id = r.account_id "
                               "WHERE r.id = $1"};
constexpr sql::Query kMediaTypes{
    "catalog.media_types",
    "SELECT media_type, CASE WHEN artifact_type <> '' THEN artifact_type ELSE config_media_type END "
    "FROM manifest WHERE repository_id = $1 ORDER BY id DESC LIMIT 16"};
constexpr sql::Query kUpdate{
    "catalog.update",
    "UPDATE repository SET description = $2, full_description = $3, is_private = $4, is_archived = $5, "
    "immutable_mode = $6, immutable_rules = $7, updated_at = $8 WHERE id = $1"};
constexpr sql::Query kSetBadge{"catalog.set_badge", "UPDATE repository SET badge = $2 WHERE id = $1"};
RepositoryInfo ReadListed(const sql::Row& row) {
  RepositoryInfo info;
  info.id = RepositoryId(row.Int(0));
  info.owner = AccountId(row.Int(1));
  info.namespace_ = row.String(2);
  info.name = row.String(3);
  info.full_name = row.String(4);
  info.owner_is_organization = row.Text(5) == "organization";
  info.is_private = row.Bool(7);
  info.is_archived = row.Bool(8);
  info.description = row.String(9);
  info.immutable_mode = row.String(10);
  info.immutable_rules = row.String(11);
  info.star_count = row.Int(12);
  info.pull_count = row.Int(13);
  info.storage_size = row.Int(14);
  info.created_at = row.Time(15);
  info.updated_at = row.Time(16);
  info.last_pushed_at = row.OptionalTime(17);
  info.last_pulled_at = row.OptionalTime(18);
  info.badge = access::ShownBadge(row.Text(19), info.namespace_, row.Text(6));
  return info;
}

RepositoryInfo ReadWhole(const sql::Row& row) {
  RepositoryInfo info = ReadListed(row);
  info.full_description = row.String(20);
  return info;
}

// Code points of UTF-8 text.
size_t CountCharacters(std::string_view text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

Result<void> CheckText(std::string_view text, size_t max_characters, const char* field) {
  if (!IsValidUtf8(text)) return Fail(ErrorCode::kInvalidArgument, "must be UTF-8", field);
  if (CountCharacters(text) > max_characters) {
    return Fail(ErrorCode::kInvalidArgument, "may have at most " + std::to_string(max_characters) + " characters",
                field);
  }
  return {};
}

Result<void> CheckRules(const std::vector<std::string>& rules) {
  constexpr size_t kMaxRules = 100, kMaxLength = 1000;
  if (rules.size() > kMaxRules)
    return Fail(ErrorCode::kInvalidArgument, "may have at most 100 rules", "immutable_tags_rules");
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(1 << 20);
  for (const std::string& rule : rules) {
    if (rule.empty() || rule.size() > kMaxLength) {
      return Fail(ErrorCode::kInvalidArgument, "a rule has 1 to 1000 bytes", "immutable_tags_rules");
    }
    const RE2 expression(rule, options);
    if (!expression.ok()) {
      return Fail(ErrorCode::kInvalidArgument, "is no RE2 expression: '" + rule + "': " + expression.error(),
                  "immutable_tags_rules");
    }
  }
  return {};
}

struct UpdateData {
  std::vector<std::string> fields;
};
BOOST_DESCRIBE_STRUCT(UpdateData, (), (fields))

Result<void> AppendEvent(sql::Transaction& tx, const accounts::Caller& caller, const RepositoryInfo& info,
                         std::string_view type, std::string_view data, Timestamp now) {
  events::Event event;
  event.type = type;
  event.account_id = info.owner;
  event.account = info.namespace_;
  event.repository_id = info.id;
  event.name = info.full_name;
  event.data = data;
  return events::Append(tx, caller.AsActor(), event, now);
}

Result<int64_t> CountOf(sql::Connection& connection, const Clause& clause) {
  int64_t count = 0;
  TRY_VOID(connection.ExecuteDynamic("SELECT COUNT(*)" + clause.text, clause.values,
                                     [&](const sql::Row& row) { count = row.Int(0); }));
  return count;
}

}  // namespace

Result<std::optional<RepositoryInfo>> RepositoryInfoService::Find(sql::Connection& connection,
                                                                  std::string_view full_name) {
  return connection.One(kFind, {full_name}, ReadWhole);
}

Result<int64_t> RepositoryInfoService::Count(sql::Connection& connection, const RepositoryFilter& filter) {
  const std::string pattern = ContainsPattern(filter.name_contains);
  return CountOf(connection, MakeRepositoryClause(filter, pattern));
}

Result<std::vector<RepositoryInfo>> RepositoryInfoService::List(sql::Connection& connection,
                                                                const RepositoryFilter& filter, int64_t offset,
                                                                int64_t limit) {
  const std::string pattern = ContainsPattern(filter.name_contains);
  Clause clause = MakeRepositoryClause(filter, pattern);
  // The page is chosen by what stands in the index of its order; only its own rows are read.
  const std::string order = " ORDER BY " + std::string(RepositoryOrderText(filter));
  const std::string star = filter.starred_by ? ", s.created_at" : "";
  std::string text = "SELECT " BERTH_REPOSITORY_COLUMNS " FROM (SELECT r.id" + star + clause.text + order;
  text += " LIMIT " + clause.Param(limit);
  text += " OFFSET " + clause.Param(offset);
  text += ") s JOIN repository r ON r.id = s.id JOIN account a ON a.id = r.account_id" + order;
  std::vector<RepositoryInfo> found;
  TRY_VOID(
      connection.ExecuteDynamic(text, clause.values, [&](const sql::Row& row) { found.push_back(ReadListed(row)); }));
  return found;
}

Result<std::vector<std::pair<std::string, std::string>>> RepositoryInfoService::MediaTypes(sql::Connection& connection,
                                                                                           RepositoryId id) {
  TRY(auto types,
      connection.All(kMediaTypes, {id}, [](const sql::Row& row) { return std::pair(row.String(0), row.String(1)); }));
  std::sort(types.begin(), types.end());
  types.erase(std::unique(types.begin(), types.end()), types.end());
  return types;
}

Result<void> CheckPublicAllowed(sql::Connection& connection, AccountId owner) {
  TRY(const bool allowed, accounts::IsPublicAllowed(connection, owner));
  if (allowed) return {};
  return Fail(ErrorCode::kPermissionDenied, "this namespace has no public repositories", "is_private");
}

Result<void> CheckEditable(const RepositoryInfo& repository) {
  if (!repository.is_archived) return {};
  return Fail(Error(ErrorCode::kRepositoryArchived, "the repository is archived and can only be read"));
}

Result<void> CheckTexts(const RepositoryChange& change) {
  if (change.description) TRY_VOID(CheckText(*change.description, kMaxDescription, "description"));
  if (change.full_description) TRY_VOID(CheckText(*change.full_description, kMaxFullDescription, "full_description"));
  if (change.immutable_rules) TRY_VOID(CheckRules(*change.immutable_rules));
  return {};
}

Result<void> RepositoryInfoService::Apply(sql::Transaction& tx, const accounts::Caller& caller, RepositoryInfo& info,
                                          const RepositoryChange& change) {
  const Timestamp now = clock_.Now();
  UpdateData updated;
  const auto take = [&](auto& member, const auto& wanted, const char* field) {
    if (!wanted || member == *wanted) return false;
    member = *wanted;
    updated.fields.emplace_back(field);
    return true;
  };
  take(info.description, change.description, "description");
  take(info.full_description, change.full_description, "full_description");
  // A request that takes the repository out of the archive may describe it anew.
  if (!updated.fields.empty() && change.is_archived.value_or(true)) TRY_VOID(CheckEditable(info));
  take(info.is_archived, change.is_archived, "status");
  const bool described = !updated.fields.empty();
  const bool flipped = take(info.is_private, change.is_private, "is_private");
  if (flipped)
    TRY_VOID(info.is_private ? limits::CheckPrivateRepositories(tx, info.owner) : CheckPublicAllowed(tx, info.owner));
  bool immutability = take(info.immutable_mode, change.immutable_mode, "immutable_tags");
  if (change.immutable_rules) {
    immutability =
        take(info.immutable_rules, std::optional(json::Encode(*change.immutable_rules)), "immutable_tags_rules") ||
        immutability;
  }
  if (updated.fields.empty()) return {};
  info.updated_at = now;
  TRY_VOID(tx.Run(kUpdate, {info.id, info.description, info.full_description, info.is_private, info.is_archived,
                            info.immutable_mode, info.immutable_rules, now}));
  if (described) TRY_VOID(AppendEvent(tx, caller, info, "repo.update", json::Encode(updated), now));
  if (flipped) {
    TRY_VOID(AppendEvent(tx, caller, info, "repo.change_privacy",
                         info.is_private ? R"({"is_private":true})" : R"({"is_private":false})", now));
  }
  if (immutability) TRY_VOID(AppendEvent(tx, caller, info, "repo.immutable.tags.updated", json::Encode(updated), now));
  return {};
}

Result<void> RepositoryInfoService::SetBadge(const accounts::Caller& caller, RepositoryId id, std::string_view badge) {
  if (!badge.empty() && badge != "official" && badge != "verified_publisher" && badge != "open_source")
    return Fail(ErrorCode::kInvalidArgument, "must be none, official, verified_publisher or open_source", "badge");
  return database_.Write([&](sql::Transaction& tx) -> Result<void> {
    TRY(const auto info, tx.One(kFindById, {id}, ReadWhole));
    if (!info) return Fail(ErrorCode::kNameUnknown, "no such repository");
    TRY_VOID(tx.Run(kSetBadge, {id, badge}));
    return AppendEvent(tx, caller, *info, "repo.update", json::Encode(UpdateData{{"badge"}}), clock_.Now());
  });
}

Result<RepositoryInfo> RepositoryInfoService::Change(const accounts::Caller& caller, RepositoryId id,
                                                     const RepositoryChange& change) {
  TRY_VOID(CheckTexts(change));
  return database_.Write([&](sql::Transaction& tx) -> Result<RepositoryInfo> {
    TRY(auto info, tx.One(kFindById, {id}, ReadWhole));
    if (!info) return Fail(ErrorCode::kNameUnknown, "no such repository");
    TRY_VOID(Apply(tx, caller, *info, change));
    return *std::move(info);
  });
}

Result<RepositoryInfo> RepositoryInfoService::DescribeNew(sql::Transaction& tx, RepositoryId id,
                                                          const RepositoryChange& texts) {
  TRY_VOID(CheckTexts(texts));
  TRY(auto info, tx.One(kFindById, {id}, ReadWhole));
  if (!info) return Fail(ErrorCode::kNameUnknown, "no such repository");
  info->description = texts.description.value_or("");
  info->full_description = texts.full_description.value_or("");
  TRY_VOID(tx.Run(kUpdate, {id, info->description, info->full_description, info->is_private, info->is_archived,
                            info->immutable_mode, info->immutable_rules, info->updated_at}));
  return *std::move(info);
}

}  // namespace berth::catalog
