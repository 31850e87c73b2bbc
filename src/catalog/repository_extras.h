// Stars, categories, logos, collaborators and team permissions of a repository. Each change writes its event. The
// caller's right is the surface's business. Thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "accounts/caller.h"
#include "base/clock.h"
#include "base/result.h"
#include "catalog/repository_info.h"
#include "sql/database.h"

namespace berth::catalog {

struct Category {
  std::string_view slug;
  std::string_view name;
};
// Docker Hub's list, by name.
const std::vector<Category>& AllCategories();
const Category* FindCategory(std::string_view slug);

struct TeamPermission {
  TeamId team;
  std::string team_name;
  std::string permission;  // "read", "write", "admin"
};

class RepositoryExtras {
 public:
  RepositoryExtras(sql::Database& database, const Clock& clock) : database_(database), clock_(clock) {}

  // Both succeed when there is nothing to do.
  Result<void> Star(AccountId account, RepositoryId repository);
  Result<void> Unstar(AccountId account, RepositoryId repository);
  static Result<bool> HasStarred(sql::Connection& connection, AccountId account, RepositoryId repository);

  // At most three of AllCategories. kInvalidArgument, field `slug`.
  Result<void> SetCategories(const accounts::Caller& caller, const RepositoryInfo& repository,
                             const std::vector<std::string>& slugs);
  static Result<std::vector<std::string>> Categories(sql::Connection& connection, RepositoryId repository);

  // A PNG of 120 × 120 pixels, at most 256 KiB. kInvalidArgument.
  Result<void> SetLogo(const accounts::Caller& caller, const RepositoryInfo& repository, std::string_view png);
  Result<void> DeleteLogo(const accounts::Caller& caller, const RepositoryInfo& repository);  // kNotFound
  static Result<std::optional<std::string>> Logo(sql::Connection& connection, RepositoryId repository);

  // Personal namespaces only. kNotFound: no such user; kConflict: organizations have teams; kLimitExceeded: the plan.
  Result<void> AddCollaborator(const accounts::Caller& caller, const RepositoryInfo& repository, std::string_view user);
  Result<void> RemoveCollaborator(const accounts::Caller& caller, const RepositoryInfo& repository,
                                  std::string_view user);
  static Result<int64_t> CountCollaborators(sql::Connection& connection, RepositoryId repository);
  static Result<std::vector<std::string>> Collaborators(sql::Connection& connection, RepositoryId repository,
                                                        int64_t offset, int64_t limit);

  // kNotFound: no such team in the repository's organization; kInvalidArgument: no such permission.
  Result<TeamPermission> SetTeam(const accounts::Caller& caller, const RepositoryInfo& repository, TeamId team,
                                 std::string_view permission);
  Result<void> RemoveTeam(const accounts::Caller& caller, const RepositoryInfo& repository, TeamId team);
  static Result<std::optional<TeamPermission>> FindTeam(sql::Connection& connection, const RepositoryInfo& repository,
                                                        TeamId team);
  static Result<int64_t> CountTeams(sql::Connection& connection, RepositoryId repository);
  static Result<std::vector<TeamPermission>> Teams(sql::Connection& connection, RepositoryId repository, int64_t offset,
                                                   int64_t limit);

 private:
  sql::Database& database_;
  const Clock& clock_;
};

}  // namespace berth::catalog
