#include "registry/repository_service.h"

#include "access/decision.h"
#include "accounts/namespace_settings.h"
#include "events/event_log.h"
#include "json/writer.h"
#include "limits/quota.h"
#include "registry/review_sql.h"

namespace berth::registry {
namespace {

constexpr int64_t kDeleteBatch = 500;  // rows of a kind in one transaction

constexpr sql::Query kDeleteTags{
    "repository.delete_tags",
    "DELETE FROM tag WHERE id IN (SELECT id FROM tag WHERE repository_id = $1 ORDER BY id LIMIT $2)"};
constexpr sql::Query kDeleteManifests{
    "repository.delete_manifests",
    "DELETE FROM manifest WHERE id IN (SELECT id FROM manifest WHERE repository_id = $1 ORDER BY digest LIMIT $2)"};
// The blobs are reviewed one by one after the grace time, as when any other last reference goes.
constexpr sql::Query kReviewHeld{"repository.review_held",
                                 "INSERT INTO gc_review (kind, repository_id, object_id, review_after)"
                                 " SELECT 'blob', 0, blob_id, $3 FROM repository_blob WHERE repository_id = $1 ORDER "
                                 "BY blob_id LIMIT $2" BERTH_OR_PUT_OFF_REVIEW};
constexpr sql::Query kDeleteHolds{
    "repository.delete_holds",
    "DELETE FROM repository_blob WHERE repository_id = $1 AND blob_id IN"
    " (SELECT blob_id FROM repository_blob WHERE repository_id = $1 ORDER BY blob_id LIMIT $2)"};

Error UnknownName(std::string_view full_name) {
  return Error(ErrorCode::kNameUnknown, "repository name not known to registry").WithDetail(std::string(full_name));
}

std::string PrivacyJson(bool is_private) {
  json::Writer w;
  w.BeginObject().Key("is_private").Bool(is_private).EndObject();
  return std::move(w).Take();
}

}  // namespace

Result<void> RepositoryService::CheckWritable(const Repository& repository) {
  if (!repository.is_archived) return {};
  return Fail(Error(ErrorCode::kRepositoryArchived, "the repository is archived and can only be read")
                  .WithDetail(repository.full_name));
}

Result<Repository> RepositoryService::Find(std::string_view full_name) {
  TRY(auto found, database_.Read([&](sql::Connection& c) { return repository_store::Find(c, full_name); }));
  if (!found) return Fail(UnknownName(full_name));
  return *std::move(found);
}

Result<Repository> RepositoryService::Insert(sql::Transaction& tx, const accounts::Caller& caller,
                                             const RepositoryName& name, std::optional<bool> is_private) {
  TRY(auto owner, repository_store::FindNamespace(tx, name.namespace_));
  if (!owner) return Fail(UnknownName(name.full));
  TRY(const auto verdict,
      access::DecideNamespace(tx, caller, owner->account, name.namespace_, access::NamespaceAction::kCreateRepository));
  if (verdict == access::Verdict::kHidden) return Fail(UnknownName(name.full));
  if (verdict != access::Verdict::kAllowed) {
    return Fail(Error(ErrorCode::kDenied, "requested access to the resource is denied").WithDetail(name.full));
  }
  const Timestamp now = clock_.Now();
  const bool by_default = owner->default_private || (options_.private_by_default && options_.private_by_default());
  bool hidden = is_private.value_or(by_default);
  TRY(const bool public_allowed, accounts::IsPublicAllowed(tx, owner->account));
  if (!hidden && !public_allowed) {
    if (is_private)
      return Fail(ErrorCode::kPermissionDenied, "this namespace has no public repositories", "is_private");
    hidden = true;
  }
  if (hidden) TRY_VOID(limits::CheckPrivateRepositories(tx, owner->account));
  TRY(const RepositoryId id, repository_store::Insert(tx, name, owner->account, hidden, now));
  events::Event event;
  event.type = "repo.create";
  event.account_id = owner->account;
  event.account = name.namespace_;
  event.repository_id = id;
  event.name = name.full;
  const std::string data = PrivacyJson(hidden);
  event.data = data;
  TRY_VOID(events::Append(tx, caller.AsActor(), event, now));
  TRY(auto made, repository_store::FindById(tx, id));
  if (!made) return Fail(ErrorCode::kInternal, "a new repository is not there");
  return *std::move(made);
}

Result<Repository> RepositoryService::FindOrCreateForPush(const accounts::Caller& caller, const RepositoryName& name) {
  TRY(auto found, database_.Read([&](sql::Connection& c) { return repository_store::Find(c, name.full); }));
  if (!found) {
    auto made = database_.Write([&](sql::Transaction& tx) -> Result<Repository> {
      TRY(auto there, repository_store::Find(tx, name.full));  // another push was first
      if (there) return *std::move(there);
      return Insert(tx, caller, name, std::nullopt);
    });
    if (!made) return made;
    found = *std::move(made);
  }
  TRY_VOID(CheckWritable(*found));
  return *std::move(found);
}

Result<Repository> RepositoryService::Create(const accounts::Caller& caller, const RepositoryName& name,
                                             std::optional<bool> is_private) {
  return database_.Write([&](sql::Transaction& tx) { return Create(tx, caller, name, is_private); });
}

Result<Repository> RepositoryService::Create(sql::Transaction& tx, const accounts::Caller& caller,
                                             const RepositoryName& name, std::optional<bool> is_private) {
  TRY(auto there, repository_store::Find(tx, name.full));
  if (there) return Fail(ErrorCode::kAlreadyExists, "the repository exists already", "name");
  return Insert(tx, caller, name, is_private);
}

Result<bool> RepositoryService::DeletePart(sql::Transaction& tx, const accounts::Caller& caller, RepositoryId id) {
  TRY(auto repository, repository_store::FindById(tx, id));
  if (!repository) return true;
  tx.OnCommit([this] {
    caches_.manifests.Clear();
    caches_.holds.Clear();
  });
  const Timestamp due = clock_.Now() + options_.gc_grace;
  TRY(const int64_t tags, tx.Run(kDeleteTags, {id, kDeleteBatch}));
  if (tags == kDeleteBatch) return false;
  TRY(const int64_t manifests, tx.Run(kDeleteManifests, {id, kDeleteBatch}));
  if (manifests == kDeleteBatch) return false;
  TRY_VOID(tx.Run(kReviewHeld, {id, kDeleteBatch, due}));
  TRY(const int64_t holds, tx.Run(kDeleteHolds, {id, kDeleteBatch}));
  if (holds == kDeleteBatch) return false;
  TRY_VOID(repository_store::Remove(tx, id));
  events::Event event;
  event.type = "repo.delete";
  event.account_id = repository->account;
  event.account = repository->namespace_;
  event.repository_id = id;
  event.name = repository->full_name;
  TRY_VOID(events::Append(tx, caller.AsActor(), event, clock_.Now()));
  return true;
}

Result<void> RepositoryService::Delete(const accounts::Caller& caller, RepositoryId id) {
  while (true) {
    TRY(const bool gone, database_.Write([&](sql::Transaction& tx) { return DeletePart(tx, caller, id); }));
    if (gone) return {};
  }
}

}  // namespace berth::registry
