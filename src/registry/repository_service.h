// Repositories: found, made on first push, deleted. Thread-safe.
#pragma once

#include <optional>
#include <string_view>

#include "accounts/caller.h"
#include "base/clock.h"
#include "base/result.h"
#include "registry/caches.h"
#include "registry/options.h"
#include "registry/repository_store.h"
#include "sql/database.h"

namespace berth::registry {

class RepositoryService {
 public:
  RepositoryService(sql::Database& database, const Clock& clock, const Options& options, Caches& caches)
      : database_(database), clock_(clock), options_(options), caches_(caches) {}

  Result<Repository> Find(std::string_view full_name);  // kNameUnknown

  // For a push: makes the repository when the caller may make one in its namespace, with the namespace's default
  // privacy. kDenied (the caller may not), kNameUnknown (no such namespace, or it is hidden), kRepositoryArchived.
  Result<Repository> FindOrCreateForPush(const accounts::Caller& caller, const RepositoryName& name);

  // Makes one by request. `is_private` empty: the namespace's default, or the server's. The caller's right is checked.
  // kAlreadyExists as well.
  Result<Repository> Create(const accounts::Caller& caller, const RepositoryName& name, std::optional<bool> is_private);
  // The same as a part of `tx`.
  Result<Repository> Create(sql::Transaction& tx, const accounts::Caller& caller, const RepositoryName& name,
                            std::optional<bool> is_private);

  // Deletes tags, manifests and holds in transactions of bounded size, then the repository; blobs become garbage after
  // the grace time. The caller's right is the surface's business. A repository too large for one transaction empties
  // visibly.
  Result<void> Delete(const accounts::Caller& caller, RepositoryId id);

  // Nobody may write to an archived repository. kRepositoryArchived.
  static Result<void> CheckWritable(const Repository& repository);

 private:
  Result<Repository> Insert(sql::Transaction& tx, const accounts::Caller& caller, const RepositoryName& name,
                            std::optional<bool> is_private);
  // True when the repository is gone.
  Result<bool> DeletePart(sql::Transaction& tx, const accounts::Caller& caller, RepositoryId id);

  sql::Database& database_;
  const Clock& clock_;
  const Options& options_;
  Caches& caches_;
};

}  // namespace berth::registry
