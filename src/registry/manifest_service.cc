#include "registry/manifest_service.h"

#include <unistd.h>

#include <algorithm>
#include <limits>

#include "base/log.h"
#include "events/event_log.h"
#include "json/writer.h"
#include "registry/immutable_tags.h"
#include "registry/repository_service.h"

namespace berth::registry {
namespace {

constexpr uint64_t kMaxConfigBytes = 1 << 20;  // larger ones are no image configurations

Error UnknownManifest(std::string_view reference) {
  return Error(ErrorCode::kManifestUnknown, "manifest unknown to registry").WithDetail(std::string(reference));
}

std::string TagEventData(std::string_view tag, const std::string& digest) {
  json::Writer w;
  w.BeginObject().Key("tag").String(tag).Key("digest").String(digest).EndObject();
  return std::move(w).Take();
}

Result<void> AppendTagEvent(sql::Transaction& tx, const accounts::Caller& caller, const Repository& repository,
                            std::string_view type, std::string_view tag, const std::string& digest, Timestamp now) {
  const std::string data = TagEventData(tag, digest);
  events::Event event;
  event.type = type;
  event.account_id = repository.account;
  event.account = repository.namespace_;
  event.repository_id = repository.id;
  event.name = repository.full_name;
  event.data = data;
  return events::Append(tx, caller.AsActor(), event, now);
}

Result<Digest> CheckDigest(const PutManifest& request) {
  if (!request.digest) return DigestOf(request.payload);
  Digest actual = DigestOf(request.payload, request.digest->algorithm());
  if (actual != *request.digest) {
    return Fail(
        Error(ErrorCode::kDigestInvalid, "provided digest did not match the manifest").WithDetail(actual.text()));
  }
  return actual;
}

std::optional<std::string> ReadWhole(const BlobFile& file) {
  if (file.size() > kMaxConfigBytes) return std::nullopt;
  std::string text(file.size(), '\0');
  size_t at = 0;
  while (at < text.size()) {
    const ssize_t n = ::pread(file.fd(), text.data() + at, text.size() - at, static_cast<off_t>(at));
    if (n <= 0) return std::nullopt;
    at += static_cast<size_t>(n);
  }
  return text;
}

}  // namespace

// The platform of an image stands in its configuration only. What can't be read has none.
Platform ManifestService::ReadPlatform(RepositoryId repository, const ParsedManifest& parsed) {
  if (!parsed.config || parsed.config->size > static_cast<int64_t>(kMaxConfigBytes)) return {};
  const Digest& digest = parsed.config->digest;
  const auto held = database_.Read([&](sql::Connection& c) { return hold_store::FindHeld(c, repository, digest); });
  if (!held || !*held) return {};
  const auto file = blobs_.Open(digest);
  if (!file) return {};
  const auto text = ReadWhole(**file);
  return text ? ParseConfigPlatform(*text) : Platform();
}

Result<Repository> ManifestService::Writable(sql::Connection& connection, RepositoryId id) {
  TRY(auto repository, repository_store::FindById(connection, id));
  if (!repository) return Fail(ErrorCode::kNameUnknown, "repository name not known to registry");
  TRY_VOID(RepositoryService::CheckWritable(*repository));
  return *std::move(repository);
}

Result<void> ManifestService::StoreBlobEdges(sql::Transaction& tx, ManifestId id,
                                             const manifest_store::NewManifest& manifest) {
  std::vector<const Descriptor*> descriptors;
  if (manifest.parsed->config) descriptors.push_back(&*manifest.parsed->config);
  for (const Descriptor& layer : manifest.parsed->layers) descriptors.push_back(&layer);
  int64_t position = 0;
  for (const Descriptor* descriptor : descriptors) {
    TRY(const auto held, hold_store::FindHeld(tx, manifest.repository, descriptor->digest));
    if (held) {
      TRY_VOID(manifest_store::InsertBlobEdge(tx, id, position++, manifest.repository, held->id));
      continue;
    }
    if (descriptor->distributable && options_.missing_references != MissingReferences::kAllow) {
      return Fail(Error(ErrorCode::kManifestBlobUnknown, "manifest references a blob unknown to registry")
                      .WithDetail(descriptor->digest.text()));
    }
    TRY_VOID(manifest_store::InsertAbsentEdge(tx, id, position++, manifest.repository, descriptor->digest));
  }
  return {};
}

Result<void> ManifestService::StoreChildEdges(sql::Transaction& tx, ManifestId id,
                                              const manifest_store::NewManifest& manifest) {
  int64_t position = 0;
  for (const Descriptor& child : manifest.parsed->children) {
    if (options_.missing_references == MissingReferences::kRefuse) {
      TRY(const auto there, manifest_store::Find(tx, manifest.repository, child.digest.text()));
      if (!there) {
        return Fail(Error(ErrorCode::kManifestBlobUnknown, "index references a manifest unknown to registry")
                        .WithDetail(child.digest.text()));
      }
    }
    TRY_VOID(manifest_store::InsertChildEdge(tx, id, position++, manifest.repository, child));
  }
  return {};
}

// The row and its edges, unless the repository has the manifest already.
Result<ManifestId> ManifestService::Store(sql::Transaction& tx, const manifest_store::NewManifest& manifest) {
  TRY(const auto there, manifest_store::Find(tx, manifest.repository, manifest.digest->text()));
  if (there) return there->id;
  TRY(const ManifestId id, manifest_store::Insert(tx, manifest));
  TRY_VOID(StoreBlobEdges(tx, id, manifest));
  TRY_VOID(StoreChildEdges(tx, id, manifest));
  return id;
}

Result<void> ManifestService::PointTag(sql::Transaction& tx, const accounts::Caller& caller,
                                       const Repository& repository, const std::string& tag, ManifestId manifest,
                                       const Digest& digest, Timestamp now) {
  TRY(const auto old, manifest_store::FindTag(tx, repository.id, tag));
  if (old && old->manifest != manifest) {
    TRY_VOID(CheckMutable(repository, tag));
    if (options_.gc_untagged) {
      TRY_VOID(hold_store::Review(tx, hold_store::ReviewKind::kManifest, repository.id, old->manifest.value,
                                  now + options_.gc_grace));
    }
  }
  // The same digest again counts as pushed anew, immutable or not.
  TRY_VOID(manifest_store::PutTag(tx, repository.id, tag, manifest, caller.account, now));
  tx.OnCommit([this, name = repository.full_name, tag] { cache_.Invalidate(name, tag); });
  return AppendTagEvent(tx, caller, repository, "repo.tag.push", tag, digest.text(), now);
}

Result<StoredManifest> ManifestService::Put(const accounts::Caller& caller, const Repository& repository,
                                            const PutManifest& request) {
  if (request.payload.size() > options_.max_manifest_bytes)
    return Fail(ErrorCode::kTooLarge, "the manifest is too large");
  for (const std::string& tag : request.tags) TRY_VOID(CheckTag(tag));
  TRY(const Digest digest, CheckDigest(request));
  TRY(const ParsedManifest parsed, ParseManifest(request.payload, request.content_type));
  const Platform platform = ReadPlatform(repository.id, parsed);
  TRY_VOID(database_.Write([&](sql::Transaction& tx) -> Result<void> {
    TRY(const Repository current, Writable(tx, repository.id));
    manifest_store::NewManifest manifest;
    manifest.repository = repository.id;
    manifest.digest = &digest;
    manifest.parsed = &parsed;
    manifest.platform = &platform;
    manifest.payload = request.payload;
    manifest.pushed_by = caller.account;
    manifest.now = clock_.Now();
    TRY(const ManifestId id, Store(tx, manifest));
    for (const std::string& tag : request.tags) {
      TRY_VOID(PointTag(tx, caller, current, tag, id, digest, manifest.now));
    }
    if (request.tags.empty() && options_.gc_untagged) {
      TRY_VOID(hold_store::Review(tx, hold_store::ReviewKind::kManifest, repository.id, id.value,
                                  manifest.now + options_.gc_grace));
    }
    return repository_store::MarkPushed(tx, repository.id, manifest.now);
  }));
  return StoredManifest{digest, parsed.subject};
}

ServedManifestPtr ManifestService::GetCached(std::string_view repository, std::string_view reference) {
  return database_.IsEmbedded() ? cache_.Find(repository, reference) : nullptr;
}

Result<ServedManifestPtr> ManifestService::Get(std::string_view repository, std::string_view reference) {
  // Another copy of the server may change a shared database behind our back, so only an embedded one is remembered.
  const bool remember = database_.IsEmbedded();
  if (remember) {
    if (auto cached = cache_.Find(repository, reference)) return cached;
  }
  const bool by_digest = Digest::LooksLikeDigest(reference);
  if (by_digest) {
    TRY_VOID(Digest::Parse(reference));
  } else {
    TRY_VOID(CheckTag(reference));
  }
  const uint64_t ticket = cache_.Ticket(repository, reference);
  TRY(auto found, database_.Read([&](sql::Connection& c) {
    return by_digest ? manifest_store::LoadByDigest(c, repository, reference)
                     : manifest_store::LoadByTag(c, repository, reference);
  }));
  if (!found) return Fail(UnknownManifest(reference));
  auto served = std::make_shared<const ServedManifest>(*std::move(found));
  if (remember) cache_.Insert(repository, reference, served, served->payload->size(), ticket);
  return served;
}

Result<void> ManifestService::RemoveTag(sql::Transaction& tx, const accounts::Caller& caller,
                                        const Repository& repository, const std::string& tag, const TagRow& row,
                                        Timestamp now) {
  TRY_VOID(CheckMutable(repository, tag));
  TRY_VOID(manifest_store::RemoveTag(tx, row.id));
  tx.OnCommit([this, name = repository.full_name, tag] { cache_.Invalidate(name, tag); });
  return AppendTagEvent(tx, caller, repository, "repo.tag.delete", tag, row.manifest_digest, now);
}

Result<ManifestService::Retagged> ManifestService::Retag(const accounts::Caller& caller, const Repository& repository,
                                                         std::string_view tag, std::string_view source) {
  TRY_VOID(CheckTag(tag));
  return database_.Write([&](sql::Transaction& tx) -> Result<Retagged> {
    TRY(const Repository current, Writable(tx, repository.id));
    std::string wanted(source);
    if (!Digest::LooksLikeDigest(source)) {
      TRY(const auto from, manifest_store::FindTag(tx, current.id, source));
      if (!from) return Fail(UnknownManifest(source));
      wanted = from->manifest_digest;
    }
    TRY(const auto manifest, manifest_store::Find(tx, current.id, wanted));
    if (!manifest) return Fail(UnknownManifest(source));
    TRY(const auto old, manifest_store::FindTag(tx, current.id, tag));
    TRY_VOID(PointTag(tx, caller, current, std::string(tag), manifest->id, manifest->digest, clock_.Now()));
    return Retagged{wanted, old ? old->manifest_digest : ""};
  });
}

Result<void> ManifestService::DeleteTag(const accounts::Caller& caller, const Repository& repository,
                                        std::string_view tag) {
  TRY_VOID(CheckTag(tag));
  return database_.Write([&](sql::Transaction& tx) -> Result<void> {
    TRY(const Repository current, Writable(tx, repository.id));
    TRY(const auto row, manifest_store::FindTag(tx, current.id, tag));
    if (!row) return Fail(UnknownManifest(tag));
    const Timestamp now = clock_.Now();
    if (options_.gc_untagged) {
      TRY_VOID(hold_store::Review(tx, hold_store::ReviewKind::kManifest, current.id, row->manifest.value,
                                  now + options_.gc_grace));
    }
    return RemoveTag(tx, caller, current, std::string(tag), *row, now);
  });
}

Result<void> ManifestService::DeleteManifest(const accounts::Caller& caller, const Repository& repository,
                                             const Digest& digest) {
  return database_.Write([&](sql::Transaction& tx) -> Result<void> {
    TRY(const Repository current, Writable(tx, repository.id));
    TRY(const auto manifest, manifest_store::Find(tx, current.id, digest.text()));
    if (!manifest) return Fail(UnknownManifest(digest.text()));
    const Timestamp now = clock_.Now();
    TRY(const auto tags, manifest_store::TagsOf(tx, manifest->id, std::numeric_limits<int64_t>::max()));
    for (const std::string& tag : tags) {
      TRY(const auto row, manifest_store::FindTag(tx, current.id, tag));
      if (row) TRY_VOID(RemoveTag(tx, caller, current, tag, *row, now));
    }
    tx.OnCommit([this, name = current.full_name, digest] { cache_.Invalidate(name, digest.text()); });
    return manifest_store::Remove(tx, current.id, *manifest, options_.gc_untagged, now + options_.gc_grace);
  });
}

Result<std::vector<std::string>> ManifestService::ListTags(RepositoryId repository, std::string_view after,
                                                           int64_t limit) {
  limit = std::clamp<int64_t>(limit, 0, options_.max_page + 1);
  return database_.Read([&](sql::Connection& c) { return manifest_store::ListTags(c, repository, after, limit); });
}

Result<std::vector<Referrer>> ManifestService::ListReferrers(RepositoryId repository, const Digest& subject,
                                                             std::string_view artifact_type, std::string_view after,
                                                             int64_t limit) {
  limit = std::clamp<int64_t>(limit, 0, options_.max_page + 1);
  return database_.Read([&](sql::Connection& c) {
    return manifest_store::ListReferrers(c, repository, subject.text(), artifact_type, after, limit);
  });
}

}  // namespace berth::registry
