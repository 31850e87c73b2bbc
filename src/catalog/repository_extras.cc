#include "catalog/repository_extras.h"

#include <algorithm>

#include "events/event_log.h"
#include "json/writer.h"
#include "limits/plan.h"

namespace berth::catalog {
namespace {

constexpr size_t kMaxCategories = 3;
constexpr size_t kMaxLogo = 256 << 10;

constexpr sql::Query kStar{
    "star.add", "INSERT INTO star (account_id, repository_id, created_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"};
constexpr sql::Query kUnstar{"star.remove", "DELETE FROM star WHERE account_id = $1 AND repository_id = $2"};
constexpr sql::Query kHasStar{"star.has", "SELECT 1 FROM star WHERE account_id = $1 AND repository_id = $2"};
constexpr sql::Query kCountStar{"star.count", "UPDATE repository SET star_count = star_count + $2 WHERE id = $1"};

constexpr sql::Query kDropCategories{"category.drop", "DELETE FROM repository_category WHERE repository_id = $1"};
constexpr sql::Query kAddCategory{
    "category.add", "INSERT INTO repository_category (repository_id, slug, position) VALUES ($1, $2, $3)"};
constexpr sql::Query kCategories{"category.list",
                                 "SELECT slug FROM repository_category WHERE repository_id = $1 ORDER BY position"};

constexpr sql::Query kPutLogo{
    "logo.put",
    "INSERT INTO repository_logo (repository_id, png, updated_at) VALUES ($1, $2, $3) "
    "ON CONFLICT (repository_id) DO UPDATE SET png = excluded.png, updated_at = excluded.updated_at"};
constexpr sql::Query kDropLogo{"logo.drop", "DELETE FROM repository_logo WHERE repository_id = $1"};
constexpr sql::Query kLogo{"logo.get", "SELECT png FROM repository_logo WHERE repository_id = $1"};

constexpr sql::Query kFindUser{"collaborator.user",
                               "SELECT id FROM account WHERE name = $1 AND kind = 'user' AND is_active = 1"};
constexpr sql::Query kAddCollaborator{
    "collaborator.add",
    "INSERT INTO collaborator (repository_id, account_id, created_at) VALUES ($1, $2, $3) "
    "ON CONFLICT DO NOTHING"};
constexpr sql::Query kDropCollaborator{"collaborator.remove",
                                       "DELETE FROM collaborator WHERE repository_id = $1 AND account_id = "
                                       "(SELECT id FROM account WHERE name = $2)"};
constexpr sql::Query kCountCollaborators{"collaborator.count",
                                         "SELECT COUNT(*) FROM collaborator WHERE repository_id = $1"};
constexpr sql::Query kCollaborators{"collaborator.list",
                                    "SELECT a.name FROM collaborator c JOIN account a ON a.id = c.account_id "
                                    "WHERE c.repository_id = $1 ORDER BY a.name LIMIT $2 OFFSET $3"};
// An account without a plan has no limits.
constexpr sql::Query kCollaboratorLimit{
    "collaborator.limit",
    "SELECT COALESCE(p.collaborators, -1) FROM account a LEFT JOIN plan p ON p.name = a.plan WHERE a.id = $1"};

constexpr sql::Query kTeamOf{"team_repository.team", "SELECT name FROM team WHERE id = $1 AND organization_id = $2"};
constexpr sql::Query kPutTeam{
    "team_repository.put",
    "INSERT INTO team_repository (team_id, repository_id, permission, created_at) VALUES ($1, $2, $3, $4) "
    "ON CONFLICT (team_id, repository_id) DO UPDATE SET permission = excluded.permission"};
constexpr sql::Query kDropTeam{"team_repository.drop",
                               "DELETE FROM team_repository WHERE team_id = $1 AND repository_id = $2"};
constexpr sql::Query kFindTeam{
    "team_repository.find",
    "SELECT t.id, t.name, r.permission FROM team_repository r JOIN team t ON t.id = r.team_id "
    "WHERE r.team_id = $1 AND r.repository_id = $2"};
constexpr sql::Query kCountTeams{"team_repository.count",
                                 "SELECT COUNT(*) FROM team_repository WHERE repository_id = $1"};
constexpr sql::Query kTeams{"team_repository.list",
                            "SELECT t.id, t.name, r.permission FROM team_repository r JOIN team t ON t.id = r.team_id "
                            "WHERE r.repository_id = $1 ORDER BY t.name LIMIT $2 OFFSET $3"};

int64_t FirstInt(const sql::Row& row) { return row.Int(0); }
std::string FirstText(const sql::Row& row) { return row.String(0); }
TeamPermission ReadTeam(const sql::Row& row) { return {TeamId(row.Int(0)), row.String(1), row.String(2)}; }

// `what` and `value` become the event's data.
Result<void> AppendEvent(sql::Transaction& tx, const accounts::Caller& caller, const RepositoryInfo& repository,
                         std::string_view type, std::string_view what, std::string_view value, Timestamp now) {
  json::Writer w;
  w.BeginObject().Key(what).String(value).EndObject();
  events::Event event;
  event.type = type;
  event.account_id = repository.owner;
  event.account = repository.namespace_;
  event.repository_id = repository.id;
  event.name = repository.full_name;
  event.data = w.text();
  return events::Append(tx, caller.AsActor(), event, now);
}

uint32_t BigEndian(std::string_view bytes, size_t at) {
  uint32_t value = 0;
  for (size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

// Signature and IHDR (PNG specification §5.2, §11.2.2); the rest is for whoever shows it.
Result<void> CheckLogo(std::string_view png) {
  constexpr std::string_view kSignature("\x89PNG\r\n\x1a\n", 8);
  if (png.size() > kMaxLogo) return Fail(ErrorCode::kTooLarge, "a logo has at most 256 KiB");
  if (png.size() < 33 || !png.starts_with(kSignature) || png.substr(12, 4) != "IHDR") {
    return Fail(ErrorCode::kInvalidArgument, "a logo is a PNG image", "body");
  }
  if (BigEndian(png, 16) != 120 || BigEndian(png, 20) != 120) {
    return Fail(ErrorCode::kInvalidArgument, "a logo is 120 by 120 pixels", "body");
  }
  return {};
}

}  // namespace

const std::vector<Category>& AllCategories() {
  static const std::vector<Category> kAll = {
      {"api-management", "API management"},
      {"content-management-system", "Content management system"},
      {"data-science", "Data science"},
      {"databases-and-storage", "Databases & storage"},
      {"developer-tools", "Developer tools"},
      {"integration-and-delivery", "Integration & delivery"},
      {"internet-of-things", "Internet of things"},
      {"languages-and-frameworks", "Languages & frameworks"},
      {"machine-learning-and-ai", "Machine learning & AI"},
      {"message-queues", "Message queues"},
      {"monitoring-and-observability", "Monitoring & observability"},
      {"networking", "Networking"},
      {"operating-systems", "Operating systems"},
      {"security", "Security"},
      {"web-analytics", "Web analytics"},
      {"web-servers", "Web servers"},
  };
  return kAll;
}

const Category* FindCategory(std::string_view slug) {
  const auto& all = AllCategories();
  const auto found = std::ranges::find(all, slug, &Category::slug);
  return found == all.end() ? nullptr : &*found;
}

Result<void> RepositoryExtras::Star(AccountId account, RepositoryId repository) {
  return database_.Write([&](sql::Transaction& tx) -> Result<void> {
    TRY(const int64_t added, tx.Run(kStar, {account, repository, clock_.Now()}));
    if (added > 0) TRY_VOID(tx.Run(kCountStar, {repository, 1}));
    return {};
  });
}

Result<void> RepositoryExtras::Unstar(AccountId account, RepositoryId repository) {
  return database_.Write([&](sql::Transaction& tx) -> Result<void> {
    TRY(const int64_t removed, tx.Run(kUnstar, {account, repository}));
    if (removed > 0) TRY_VOID(tx.Run(kCountStar, {repository, -1}));
    return {};
  });
}

Result<bool> RepositoryExtras::HasStarred(sql::Connection& connection, AccountId account, RepositoryId repository) {
  TRY(const auto found, connection.One(kHasStar, {account, repository}, FirstInt));
  return found.has_value();
}

Result<void> RepositoryExtras::SetCategories(const accounts::Caller& caller, const RepositoryInfo& repository,
                                             const std::vector<std::string>& slugs) {
  TRY_VOID(CheckEditable(repository));
  if (slugs.size() > kMaxCategories) return Fail(ErrorCode::kInvalidArgument, "at most three categories", "slug");
  for (size_t i = 0; i < slugs.size(); ++i) {
    if (FindCategory(slugs[i]) == nullptr)
      return Fail(ErrorCode::kInvalidArgument, "is no category: '" + slugs[i] + "'", "slug");
    if (std::find(slugs.begin(), slugs.begin() + static_cast<std::ptrdiff_t>(i), slugs[i]) !=
        slugs.begin() + static_cast<std::ptrdiff_t>(i)) {
      return Fail(ErrorCode::kInvalidArgument, "is named twice: '" + slugs[i] + "'", "slug");
    }
  }
  std::string listed;
  for (const std::string& slug : slugs) listed += (listed.empty() ? "" : ",") + slug;
  return database_.Write([&](sql::Transaction& tx) -> Result<void> {
    TRY_VOID(tx.Run(kDropCategories, {repository.id}));
    for (size_t i = 0; i < slugs.size(); ++i) TRY_VOID(tx.Run(kAddCategory, {repository.id, slugs[i], i}));
    return AppendEvent(tx, caller, repository, "repo.category.updated", "categories", listed, clock_.Now());
  });
}

Result<std::vector<std::string>> RepositoryExtras::Categories(sql::Connection& connection, RepositoryId repository) {
  return connection.All(kCategories, {repository}, FirstText);
}

Result<void> RepositoryExtras::SetLogo(const accounts::Caller& caller, const RepositoryInfo& repository,
                                       std::string_view png) {
  TRY_VOID(CheckEditable(repository));
  TRY_VOID(CheckLogo(png));
  return database_.Write([&](sql::Transaction& tx) -> Result<void> {
    const Timestamp now = clock_.Now();
    TRY_VOID(tx.Run(kPutLogo, {repository.id, sql::Bytes{png}, now}));
    return AppendEvent(tx, caller, repository, "repo.update", "logo", "set", now);
  });
}

Result<void> RepositoryExtras::DeleteLogo(const accounts::Caller& caller, const RepositoryInfo& repository) {
  TRY_VOID(CheckEditable(repository));
  return database_.Write([&](sql::Transaction& tx) -> Result<void> {
    TRY(const int64_t removed, tx.Run(kDropLogo, {repository.id}));
    if (removed == 0) return Fail(ErrorCode::kNotFound, "the repository has no logo");
    return AppendEvent(tx, caller, repository, "repo.update", "logo", "deleted", clock_.Now());
  });
}

Result<std::optional<std::string>> RepositoryExtras::Logo(sql::Connection& connection, RepositoryId repository) {
  return connection.One(kLogo, {repository}, [](const sql::Row& row) { return std::string(row.Blob(0)); });
}

Result<void> RepositoryExtras::AddCollaborator(const accounts::Caller& caller, const RepositoryInfo& repository,
                                               std::string_view user) {
  if (repository.owner_is_organization)
    return Fail(ErrorCode::kConflict, "an organization gives rights to teams, not to collaborators");
  return database_.Write([&](sql::Transaction& tx) -> Result<void> {
    TRY(const auto account, tx.One(kFindUser, {user}, FirstInt));
    if (!account) return Fail(ErrorCode::kNotFound, "no such user", "user");
    if (AccountId(*account) == repository.owner) return Fail(ErrorCode::kInvalidArgument, "is the owner", "user");
    if (repository.is_private) {
      TRY(const auto limit, tx.One(kCollaboratorLimit, {repository.owner}, FirstInt));
      TRY(const int64_t present, CountCollaborators(tx, repository.id));
      if (limit && *limit != limits::kUnlimited && present >= *limit) {
        return Fail(ErrorCode::kLimitExceeded,
                    "the plan allows " + std::to_string(*limit) + " collaborators on a private repository", "user");
      }
    }
    TRY(const int64_t added, tx.Run(kAddCollaborator, {repository.id, *account, clock_.Now()}));
    if (added == 0) return {};
    return AppendEvent(tx, caller, repository, "repo.update", "collaborator_added", user, clock_.Now());
  });
}

Result<void> RepositoryExtras::RemoveCollaborator(const accounts::Caller& caller, const RepositoryInfo& repository,
                                                  std::string_view user) {
  return database_.Write([&](sql::Transaction& tx) -> Result<void> {
    TRY(const int64_t removed, tx.Run(kDropCollaborator, {repository.id, user}));
    if (removed == 0) return Fail(ErrorCode::kNotFound, "no such collaborator", "username");
    return AppendEvent(tx, caller, repository, "repo.update", "collaborator_removed", user, clock_.Now());
  });
}

Result<int64_t> RepositoryExtras::CountCollaborators(sql::Connection& connection, RepositoryId repository) {
  TRY(const auto count, connection.One(kCountCollaborators, {repository}, FirstInt));
  return count.value_or(0);
}

Result<std::vector<std::string>> RepositoryExtras::Collaborators(sql::Connection& connection, RepositoryId repository,
                                                                 int64_t offset, int64_t limit) {
  return connection.All(kCollaborators, {repository, limit, offset}, FirstText);
}

Result<TeamPermission> RepositoryExtras::SetTeam(const accounts::Caller& caller, const RepositoryInfo& repository,
                                                 TeamId team, std::string_view permission) {
  if (permission != "read" && permission != "write" && permission != "admin") {
    return Fail(ErrorCode::kInvalidArgument, "must be read, write or admin", "permission");
  }
  return database_.Write([&](sql::Transaction& tx) -> Result<TeamPermission> {
    TRY(auto name, tx.One(kTeamOf, {team, repository.owner}, FirstText));
    if (!name) return Fail(ErrorCode::kNotFound, "no such team in the repository's organization", "group_id");
    const Timestamp now = clock_.Now();
    TRY_VOID(tx.Run(kPutTeam, {team, repository.id, permission, now}));
    TRY_VOID(AppendEvent(tx, caller, repository, "repo.update", "team_permission",
                         *name + ":" + std::string(permission), now));
    return TeamPermission{team, *std::move(name), std::string(permission)};
  });
}

Result<void> RepositoryExtras::RemoveTeam(const accounts::Caller& caller, const RepositoryInfo& repository,
                                          TeamId team) {
  return database_.Write([&](sql::Transaction& tx) -> Result<void> {
    TRY(const auto found, tx.One(kFindTeam, {team, repository.id}, ReadTeam));
    if (!found) return Fail(ErrorCode::kNotFound, "the team has no permission here", "group_id");
    TRY_VOID(tx.Run(kDropTeam, {team, repository.id}));
    return AppendEvent(tx, caller, repository, "repo.update", "team_removed", found->team_name, clock_.Now());
  });
}

Result<std::optional<TeamPermission>> RepositoryExtras::FindTeam(sql::Connection& connection,
                                                                 const RepositoryInfo& repository, TeamId team) {
  return connection.One(kFindTeam, {team, repository.id}, ReadTeam);
}

Result<int64_t> RepositoryExtras::CountTeams(sql::Connection& connection, RepositoryId repository) {
  TRY(const auto count, connection.One(kCountTeams, {repository}, FirstInt));
  return count.value_or(0);
}

Result<std::vector<TeamPermission>> RepositoryExtras::Teams(sql::Connection& connection, RepositoryId repository,
                                                            int64_t offset, int64_t limit) {
  return connection.All(kTeams, {repository, limit, offset}, ReadTeam);
}

}  // namespace berth::catalog
