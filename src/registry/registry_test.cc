// The services together, on every database.
#include "registry/registry.h"

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <set>
#include <thread>

#include "registry/test_registry.h"

namespace berth::registry {
namespace {

class ServicesTest : public RegistryTest {};
INSTANTIATE_TEST_SUITE_P(Backends, ServicesTest, sql::AllBackends(), sql::BackendName);

template <typename T>
ErrorCode CodeOf(const Result<T>& result) {
  return result ? ErrorCode::kInternal : result.error().code;
}

TEST_P(ServicesTest, PushAndPullAnImage) {
  const Repository repository = Repo("alice/app", alice());
  const Digest digest = PushImage(repository, alice(), "1", {"v1", "latest"});
  for (const std::string& reference : {std::string("v1"), std::string("latest"), digest.text()}) {
    for (int again = 0; again < 2; ++again) {  // from the database, then from the cache
      const auto served = registry().manifests().Get("alice/app", reference);
      ASSERT_TRUE(served) << reference;
      EXPECT_EQ((*served)->digest, digest);
      EXPECT_EQ(DigestOf(*(*served)->payload), digest);
      EXPECT_EQ((*served)->media_type, kOciManifest);
    }
  }
  EXPECT_EQ(Count("SELECT COUNT(*) FROM manifest WHERE os = 'linux' AND architecture = 'amd64'"), 1);
  EXPECT_EQ(Count("SELECT COUNT(*) FROM event WHERE type = 'repo.create'"), 1);
  EXPECT_EQ(Count("SELECT COUNT(*) FROM event WHERE type = 'repo.tag.push'"), 2);
}

TEST_P(ServicesTest, RepositoriesAreMadeInOnesOwnNamespaceOnly) {
  const auto name = *RepositoryName::Parse("alice/app");
  EXPECT_FALSE(registry().repositories().FindOrCreateForPush(bob(), name));
  EXPECT_EQ(CodeOf(registry().repositories().FindOrCreateForPush(alice(), *RepositoryName::Parse("nobody/app"))),
            ErrorCode::kNameUnknown);
  EXPECT_EQ(CodeOf(registry().repositories().Find("alice/app")), ErrorCode::kNameUnknown);
  Execute("UPDATE account SET default_private = 1 WHERE name = 'alice'");
  EXPECT_TRUE(Repo("alice/app", alice()).is_private);
  EXPECT_EQ(CodeOf(registry().repositories().Create(alice(), name, false)), ErrorCode::kAlreadyExists);
}

TEST_P(ServicesTest, WithoutPublicRepositoriesAPushMakesAPrivateOne) {
  Execute("INSERT INTO namespace_policy (account_id, public_allowed) SELECT id, 0 FROM account WHERE name = 'alice'");
  EXPECT_TRUE(Repo("alice/app", alice()).is_private);
  auto& repositories = registry().repositories();
  EXPECT_EQ(CodeOf(repositories.Create(alice(), *RepositoryName::Parse("alice/open"), false)),
            ErrorCode::kPermissionDenied);
  EXPECT_TRUE(repositories.Create(alice(), *RepositoryName::Parse("alice/shut"), true)->is_private);
  EXPECT_FALSE(Repo("bob/app", bob()).is_private);
}

TEST_P(ServicesTest, ArchivedRepositoriesCanOnlyBeRead) {
  const Repository repository = Repo("alice/app", alice());
  const Digest digest = PushImage(repository, alice(), "1", {"v1"});
  Execute("UPDATE repository SET is_archived = 1");
  EXPECT_EQ(CodeOf(registry().repositories().FindOrCreateForPush(alice(), *RepositoryName::Parse("alice/app"))),
            ErrorCode::kRepositoryArchived);
  EXPECT_EQ(CodeOf(PushBlob(repository, alice(), "new")), ErrorCode::kRepositoryArchived);
  EXPECT_EQ(CodeOf(registry().manifests().DeleteTag(alice(), repository, "v1")), ErrorCode::kRepositoryArchived);
  EXPECT_EQ(CodeOf(registry().manifests().DeleteManifest(alice(), repository, digest)), ErrorCode::kRepositoryArchived);
  EXPECT_TRUE(registry().manifests().Get("alice/app", "v1"));
}

TEST_P(ServicesTest, AManifestNeedsItsBlobsInItsOwnRepository) {
  const Repository one = Repo("alice/one", alice());
  const Repository two = Repo("alice/two", alice());
  const auto config = PushBlob(one, alice(), "{}");
  ASSERT_TRUE(config);
  const auto missing = Put(two, alice(), ImageText(*config, {}), {"v1"});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::kManifestBlobUnknown);
  EXPECT_EQ(missing.error().detail, config->text());
  EXPECT_EQ(Count("SELECT COUNT(*) FROM manifest"), 0);
  EXPECT_EQ(Count("SELECT COUNT(*) FROM tag"), 0);
  EXPECT_TRUE(Put(one, alice(), ImageText(*config, {}), {"v1"}));
}

TEST_P(ServicesTest, PolicySaysWhatMayBeMissing) {
  const Digest absent = DigestOf("absent");
  const std::string image = ImageText(absent, {});
  const std::string index = IndexText({absent});
  const auto accepts = [&](MissingReferences policy, const std::string& payload) {
    options().missing_references = policy;
    Restart();
    return Put(Repo("alice/app", alice()), alice(), payload, {}).has_value();
  };
  EXPECT_FALSE(accepts(MissingReferences::kRefuse, image));
  EXPECT_FALSE(accepts(MissingReferences::kRefuse, index));
  EXPECT_FALSE(accepts(MissingReferences::kAllowInIndexes, image));
  EXPECT_TRUE(accepts(MissingReferences::kAllowInIndexes, index));
  EXPECT_TRUE(accepts(MissingReferences::kAllow, image));
}

TEST_P(ServicesTest, ABlobThatComesLateIsKeptForItsManifest) {
  options().missing_references = MissingReferences::kAllow;
  Restart();
  const Repository repository = Repo("alice/app", alice());
  ASSERT_TRUE(Put(repository, alice(), ImageText(DigestOf("late"), {}), {"v1"}));
  EXPECT_EQ(Count("SELECT COUNT(*) FROM manifest_absent_blob"), 1);
  ASSERT_TRUE(PushBlob(repository, alice(), "late"));
  EXPECT_EQ(Count("SELECT COUNT(*) FROM manifest_absent_blob"), 0);
  EXPECT_EQ(Count("SELECT COUNT(*) FROM manifest_blob"), 1);
}

TEST_P(ServicesTest, NondistributableLayersMayStayAway) {
  const Repository repository = Repo("alice/app", alice());
  const auto config = PushBlob(repository, alice(), "{}");
  const std::string payload =
      R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":)" +
      Describe("application/vnd.oci.image.config.v1+json", *config, 2) + R"(,"layers":[)" +
      Describe("application/vnd.oci.image.layer.nondistributable.v1.tar", DigestOf("away"), 5) + "]}";
  EXPECT_TRUE(Put(repository, alice(), payload, {"v1"}));
}

TEST_P(ServicesTest, ATagSwitchIsSeenAtOnce) {
  const Repository repository = Repo("alice/app", alice());
  for (int i = 0; i < 5; ++i) {
    const Digest digest = PushImage(repository, alice(), std::to_string(i), {"latest"});
    EXPECT_EQ((*registry().manifests().Get("alice/app", "latest"))->digest, digest);
  }
  ASSERT_TRUE(registry().manifests().DeleteTag(alice(), repository, "latest"));
  EXPECT_EQ(CodeOf(registry().manifests().Get("alice/app", "latest")), ErrorCode::kManifestUnknown);
}

TEST_P(ServicesTest, DeletingATagLeavesOtherTagsAndTheManifest) {
  const Repository repository = Repo("alice/app", alice());
  const Digest digest = PushImage(repository, alice(), "1", {"a", "b"});
  ASSERT_TRUE(registry().manifests().DeleteTag(alice(), repository, "a"));
  EXPECT_EQ(CodeOf(registry().manifests().Get("alice/app", "a")), ErrorCode::kManifestUnknown);
  EXPECT_TRUE(registry().manifests().Get("alice/app", "b"));
  EXPECT_TRUE(registry().manifests().Get("alice/app", digest.text()));
  EXPECT_EQ(CodeOf(registry().manifests().DeleteTag(alice(), repository, "a")), ErrorCode::kManifestUnknown);
}

TEST_P(ServicesTest, DeletingAManifestTakesItsTags) {
  const Repository repository = Repo("alice/app", alice());
  const Digest digest = PushImage(repository, alice(), "1", {"a", "b"});
  const Digest other = PushImage(repository, alice(), "2", {"c"});
  ASSERT_TRUE(registry().manifests().Get("alice/app", digest.text()));
  ASSERT_TRUE(registry().manifests().Get("alice/app", "a"));
  ASSERT_TRUE(registry().manifests().DeleteManifest(alice(), repository, digest));
  for (const std::string& reference : {std::string("a"), std::string("b"), digest.text()}) {
    EXPECT_EQ(CodeOf(registry().manifests().Get("alice/app", reference)), ErrorCode::kManifestUnknown) << reference;
  }
  EXPECT_EQ((*registry().manifests().Get("alice/app", "c"))->digest, other);
  EXPECT_EQ(CodeOf(registry().manifests().DeleteManifest(alice(), repository, digest)), ErrorCode::kManifestUnknown);
}

TEST_P(ServicesTest, ImmutableTagsStay) {
  const Repository repository = Repo("alice/app", alice());
  const Digest digest = PushImage(repository, alice(), "1", {"v1", "dev"});
  Execute(R"(UPDATE repository SET immutable_mode = 'rules', immutable_rules = '["^v[0-9]+"]')");
  const auto config = PushBlob(repository, alice(), "{\"new\":1}");
  const std::string changed = ImageText(*config, {});
  EXPECT_EQ(CodeOf(Put(repository, alice(), changed, {"v1"})), ErrorCode::kTagImmutable);
  EXPECT_EQ(CodeOf(Put(repository, alice(), changed, {"dev", "v1"})), ErrorCode::kTagImmutable);
  EXPECT_EQ((*registry().manifests().Get("alice/app", "dev"))->digest, digest) << "all tags of a request or none";
  EXPECT_TRUE(Put(repository, alice(), changed, {"dev", "v2"}));
  EXPECT_EQ(CodeOf(registry().manifests().DeleteTag(alice(), repository, "v1")), ErrorCode::kTagImmutable);
  EXPECT_EQ(CodeOf(registry().manifests().DeleteManifest(alice(), repository, digest)), ErrorCode::kTagImmutable);
  PushImage(repository, alice(), "1", {"v1"});  // the same digest again succeeds
  Execute("UPDATE repository SET immutable_mode = 'all'");
  EXPECT_EQ(CodeOf(registry().manifests().DeleteTag(alice(), repository, "dev")), ErrorCode::kTagImmutable);
}

TEST_P(ServicesTest, TagsAreListedInByteOrderAndPrefixesDoNotVanish) {
  const Repository repository = Repo("alice/app", alice());
  const std::vector<std::string> sorted = {"1", "1.0", "1.0-a", "10", "A", "Z", "_", "a", "a-b", "aa", "b"};
  std::vector<std::string> shuffled(sorted.rbegin(), sorted.rend());
  PushImage(repository, alice(), "1", shuffled);
  EXPECT_EQ(*registry().manifests().ListTags(repository.id, "", 100), sorted);
  std::vector<std::string> paged;
  std::string last;
  while (true) {
    const auto page = registry().manifests().ListTags(repository.id, last, 3);
    ASSERT_TRUE(page);
    if (page->empty()) break;
    paged.insert(paged.end(), page->begin(), page->end());
    last = page->back();
  }
  EXPECT_EQ(paged, sorted);
  EXPECT_EQ(registry().manifests().ListTags(repository.id, "1.0", 1)->front(), "1.0-a");
}

TEST_P(ServicesTest, ReferrersArePagedAndFiltered) {
  const Repository repository = Repo("alice/app", alice());
  const auto config = PushBlob(repository, alice(), "{}");
  const Digest subject = DigestOf("not pushed yet");
  std::set<std::string> expected;
  for (int i = 0; i < 10; ++i) {
    const std::string extra = R"(,"artifactType":"type/)" + std::to_string(i % 2) + R"(","annotations":{"n":")" +
                              std::to_string(i) + R"("},"subject":)" + Describe(kOciManifest, subject, 1);
    const auto stored = Put(repository, alice(), ImageText(*config, {}, extra), {});
    ASSERT_TRUE(stored);
    EXPECT_EQ(stored->subject, subject);
    expected.insert(stored->digest.text());
  }
  std::set<std::string> seen;
  std::string last;
  for (int pages = 0; pages < 4; ++pages) {
    const auto page = registry().manifests().ListReferrers(repository.id, subject, "", last, 3);
    ASSERT_TRUE(page);
    for (const Referrer& referrer : *page) {
      EXPECT_GT(referrer.digest, last);
      EXPECT_NE(referrer.annotations.find("\"n\""), std::string::npos);
      last = referrer.digest;
      seen.insert(last);
    }
  }
  EXPECT_EQ(seen, expected);
  EXPECT_EQ(registry().manifests().ListReferrers(repository.id, subject, "type/1", "", 100)->size(), 5u);
  EXPECT_TRUE(registry().manifests().ListReferrers(repository.id, DigestOf("x"), "", "", 100)->empty());
}

TEST_P(ServicesTest, ReferrersWithoutArtifactTypeHaveTheConfigs) {
  const Repository repository = Repo("alice/app", alice());
  const auto config = PushBlob(repository, alice(), "{}");
  const Digest subject = DigestOf("s");
  ASSERT_TRUE(
      Put(repository, alice(), ImageText(*config, {}, R"(,"subject":)" + Describe(kOciManifest, subject, 1)), {}));
  const auto list = registry().manifests().ListReferrers(repository.id, subject, "", "", 10);
  ASSERT_EQ(list->size(), 1u);
  EXPECT_EQ(list->front().artifact_type, "application/vnd.oci.image.config.v1+json");
}

TEST_P(ServicesTest, BlobsAreReadThroughARepositoryThatHoldsThem) {
  const Repository one = Repo("alice/one", alice());
  Repo("alice/two", alice());
  const auto digest = PushBlob(one, alice(), "bytes");
  EXPECT_TRUE(registry().blobs().Open("alice/one", *digest));
  EXPECT_EQ(CodeOf(registry().blobs().Open("alice/two", *digest)), ErrorCode::kBlobUnknown);
  EXPECT_EQ(CodeOf(registry().blobs().Open("alice/none", *digest)), ErrorCode::kBlobUnknown);
}

TEST_P(ServicesTest, AVanishedFileIsPushedAgain) {
  const Repository repository = Repo("alice/app", alice());
  const auto digest = PushBlob(repository, alice(), "bytes");
  ASSERT_TRUE(blobs().Delete(*digest));
  EXPECT_EQ(CodeOf(registry().blobs().Open("alice/app", *digest)), ErrorCode::kBlobUnknown);
  ASSERT_TRUE(PushBlob(repository, alice(), "bytes"));
  EXPECT_TRUE(registry().blobs().Open("alice/app", *digest));
}

TEST_P(ServicesTest, MountNeedsReadRightsOnAHolder) {
  const Repository source = Repo("alice/source", alice());
  const auto digest = PushBlob(source, alice(), "secret bytes");
  Execute("UPDATE repository SET is_private = 1");
  const Repository target = Repo("bob/target", bob());
  BlobService::MountSource from;
  from.repository = "alice/source";
  EXPECT_FALSE(*registry().blobs().Mount(bob(), target, *digest, from));
  EXPECT_FALSE(*registry().blobs().Mount(bob(), target, *digest, {})) << "nor anonymously";
  EXPECT_FALSE(*registry().blobs().Mount(bob(), target, DigestOf("missing"), from)) << "exactly like a miss";
  EXPECT_EQ(CodeOf(registry().blobs().Open("bob/target", *digest)), ErrorCode::kBlobUnknown);
  const Repository own = Repo("alice/own", alice());
  EXPECT_TRUE(*registry().blobs().Mount(alice(), own, *digest, {}));
  EXPECT_TRUE(registry().blobs().Open("alice/own", *digest));
  from.readable = true;  // the token says so
  EXPECT_TRUE(*registry().blobs().Mount(bob(), target, *digest, from));
}

TEST_P(ServicesTest, MountFromANamedRepositoryLooksOnlyThere) {
  const Repository source = Repo("alice/source", alice());
  const auto digest = PushBlob(source, alice(), "bytes");
  Repo("alice/other", alice());
  BlobService::MountSource from;
  from.repository = "alice/other";
  EXPECT_FALSE(*registry().blobs().Mount(alice(), Repo("alice/target", alice()), *digest, from));
}

TEST_P(ServicesTest, ADeletedBlobIsGoneFromThatRepositoryOnly) {
  const Repository one = Repo("alice/one", alice());
  const Repository two = Repo("alice/two", alice());
  const auto digest = PushBlob(one, alice(), "bytes");
  ASSERT_TRUE(PushBlob(two, alice(), "bytes"));
  EXPECT_TRUE(registry().blobs().Open("alice/one", *digest)) << "and is remembered";
  ASSERT_TRUE(registry().blobs().Delete(one.id, *digest));
  EXPECT_EQ(CodeOf(registry().blobs().Open("alice/one", *digest)), ErrorCode::kBlobUnknown);
  EXPECT_TRUE(registry().blobs().Open("alice/two", *digest));
  EXPECT_EQ(CodeOf(registry().blobs().Delete(one.id, *digest)), ErrorCode::kBlobUnknown);
}

TEST_P(ServicesTest, ABlobInUseIsNotDeleted) {
  const Repository repository = Repo("alice/app", alice());
  const Digest digest = PushImage(repository, alice(), "1", {"v1"});
  EXPECT_EQ(CodeOf(registry().blobs().Delete(repository.id, DigestOf("layer 1"))), ErrorCode::kMethodNotAllowed);
  ASSERT_TRUE(registry().manifests().DeleteManifest(alice(), repository, digest));
  EXPECT_TRUE(registry().blobs().Delete(repository.id, DigestOf("layer 1")));
}

TEST_P(ServicesTest, AnUploadBelongsToItsRepositoryAndAccount) {
  const Repository repository = Repo("alice/app", alice());
  const Repository other = Repo("alice/other", alice());
  const auto started = registry().uploads().Start(alice(), repository, DigestAlgorithm::kSha256);
  ASSERT_TRUE(started);
  for (int restarted = 0; restarted < 2; ++restarted) {
    EXPECT_EQ(CodeOf(registry().uploads().Open(bob(), repository, started->id)), ErrorCode::kBlobUploadUnknown);
    EXPECT_EQ(CodeOf(registry().uploads().Find(bob(), repository, started->id)), ErrorCode::kBlobUploadUnknown);
    EXPECT_EQ(CodeOf(registry().uploads().Cancel(bob(), repository, started->id)), ErrorCode::kBlobUploadUnknown);
    EXPECT_EQ(CodeOf(registry().uploads().Open(alice(), other, started->id)), ErrorCode::kBlobUploadUnknown);
    EXPECT_TRUE(registry().uploads().Find(alice(), repository, started->id));
    Restart();
  }
  EXPECT_EQ(CodeOf(registry().uploads().Open(alice(), repository, "../../etc/passwd")), ErrorCode::kBlobUploadUnknown);
}

TEST_P(ServicesTest, AnUploadSurvivesARestart) {
  const Repository repository = Repo("alice/app", alice());
  const auto started = registry().uploads().Start(alice(), repository, DigestAlgorithm::kSha256);
  {
    auto writer = registry().uploads().Open(alice(), repository, started->id);
    ASSERT_TRUE(writer);
    ASSERT_TRUE((*writer)->Append("first "));
  }
  Restart();
  EXPECT_EQ(registry().uploads().Find(alice(), repository, started->id)->size, 6u);
  auto writer = registry().uploads().Open(alice(), repository, started->id);
  ASSERT_TRUE(writer) << writer.error().message;
  ASSERT_TRUE((*writer)->Append("second"));
  ASSERT_TRUE(registry().uploads().Finish(*std::move(writer), repository, DigestOf("first second")));
  EXPECT_TRUE(registry().blobs().Open("alice/app", DigestOf("first second")));
  EXPECT_EQ(CodeOf(registry().uploads().Find(alice(), repository, started->id)), ErrorCode::kBlobUploadUnknown);
  EXPECT_TRUE(blobs().ListUploads()->empty());
}

TEST_P(ServicesTest, TwoWritersDoNotInterleave) {
  const Repository repository = Repo("alice/app", alice());
  const auto started = registry().uploads().Start(alice(), repository, DigestAlgorithm::kSha256);
  auto one = registry().uploads().Open(alice(), repository, started->id);
  ASSERT_TRUE(one);
  EXPECT_EQ(CodeOf(registry().uploads().Open(alice(), repository, started->id)), ErrorCode::kConflict);
  EXPECT_EQ(CodeOf(registry().uploads().Cancel(alice(), repository, started->id)), ErrorCode::kConflict);
  one->reset();
  EXPECT_TRUE(registry().uploads().Open(alice(), repository, started->id));
}

TEST_P(ServicesTest, AWrongDigestIsRefusedAndDropsTheUpload) {
  const Repository repository = Repo("alice/app", alice());
  const auto started = registry().uploads().Start(alice(), repository, DigestAlgorithm::kSha256);
  auto writer = registry().uploads().Open(alice(), repository, started->id);
  ASSERT_TRUE((*writer)->Append("bytes"));
  EXPECT_EQ(CodeOf(registry().uploads().Finish(*std::move(writer), repository, DigestOf("other"))),
            ErrorCode::kDigestInvalid);
  EXPECT_EQ(CodeOf(registry().uploads().Find(alice(), repository, started->id)), ErrorCode::kBlobUploadUnknown);
  EXPECT_TRUE(blobs().ListUploads()->empty());
  EXPECT_EQ(Count("SELECT COUNT(*) FROM blob"), 0);
}

TEST_P(ServicesTest, TheAlgorithmMayChangeAtTheEnd) {
  const Repository repository = Repo("alice/app", alice());
  const auto started = registry().uploads().Start(alice(), repository, DigestAlgorithm::kSha256);
  auto writer = registry().uploads().Open(alice(), repository, started->id);
  ASSERT_TRUE((*writer)->Append("bytes"));
  const Digest digest = DigestOf("bytes", DigestAlgorithm::kSha512);
  ASSERT_TRUE(registry().uploads().Finish(*std::move(writer), repository, digest));
  EXPECT_TRUE(registry().blobs().Open("alice/app", digest));
}

TEST_P(ServicesTest, OpenUploadsAreBounded) {
  options().max_open_uploads = 2;
  Restart();
  const Repository repository = Repo("alice/app", alice());
  std::vector<std::string> ids;
  for (int i = 0; i < 4; ++i)
    ids.push_back(registry().uploads().Start(alice(), repository, DigestAlgorithm::kSha256)->id);
  auto one = registry().uploads().Open(alice(), repository, ids[0]);  // was put out of memory meanwhile
  auto two = registry().uploads().Open(alice(), repository, ids[1]);
  ASSERT_TRUE(one);
  ASSERT_TRUE(two);
  EXPECT_EQ(CodeOf(registry().uploads().Open(alice(), repository, ids[2])), ErrorCode::kTooManyRequests);
  one->reset();
  EXPECT_TRUE(registry().uploads().Open(alice(), repository, ids[2]));
}

TEST_P(ServicesTest, UploadsWithoutProgressExpire) {
  const Repository repository = Repo("alice/app", alice());
  const auto idle = registry().uploads().Start(alice(), repository, DigestAlgorithm::kSha256);
  const auto busy = registry().uploads().Start(alice(), repository, DigestAlgorithm::kSha256);
  auto writer = registry().uploads().Open(alice(), repository, busy->id);
  clock().Advance(options().upload_expiry + std::chrono::seconds(1));
  EXPECT_EQ(*registry().uploads().Expire(100), 1);
  EXPECT_EQ(CodeOf(registry().uploads().Find(alice(), repository, idle->id)), ErrorCode::kBlobUploadUnknown);
  EXPECT_TRUE(registry().uploads().Find(alice(), repository, busy->id)) << "a writer is at it";
  writer->reset();
  clock().Advance(options().upload_expiry + std::chrono::seconds(1));
  Restart();
  EXPECT_EQ(*registry().uploads().Expire(100), 1);
  EXPECT_TRUE(blobs().ListUploads()->empty());
}

TEST_P(ServicesTest, FilesOfUnknownUploadsGoAfterTheExpiry) {
  ASSERT_TRUE(blobs().CreateUpload("00000000-0000-4000-8000-000000000001"));
  clock().Advance(SystemClock().Now() - clock().Now());  // files carry real times
  EXPECT_EQ(*registry().uploads().DropStrangers(), 0);
  clock().Advance(options().upload_expiry + std::chrono::seconds(1));
  Restart();  // how long a file has lain there does not begin anew
  EXPECT_EQ(*registry().uploads().DropStrangers(), 1);
  EXPECT_TRUE(blobs().ListUploads()->empty());
}

TEST_P(ServicesTest, PullsAreCountedAndWrittenLater) {
  const Repository repository = Repo("alice/app", alice());
  const Digest image = PushImage(repository, alice(), "1", {"v1"});
  ASSERT_TRUE(Put(repository, alice(), IndexText({image}), {"multi"}));
  const auto by_tag = *registry().manifests().Get("alice/app", "v1");
  const auto index = *registry().manifests().Get("alice/app", "multi");
  for (int i = 0; i < 3; ++i) registry().pulls().Count(*by_tag);
  registry().pulls().Count(*index);
  EXPECT_EQ(Count("SELECT pull_count FROM repository"), 0);
  ASSERT_TRUE(registry().pulls().Flush());
  ASSERT_TRUE(registry().pulls().Flush());
  EXPECT_EQ(Count("SELECT pull_count FROM repository"), 3) << "an index alone is no pull";
  EXPECT_EQ(Count("SELECT COUNT(*) FROM tag WHERE last_pulled_at IS NOT NULL"), 2);
  EXPECT_EQ(Count("SELECT COUNT(*) FROM manifest WHERE last_pulled_at IS NOT NULL"), 2);
}

TEST_P(ServicesTest, StorageSizeFollowsWhatIsHeld) {
  const Repository repository = Repo("alice/app", alice());
  ASSERT_TRUE(PushBlob(repository, alice(), "12345"));
  ASSERT_TRUE(PushBlob(repository, alice(), "12345"));
  EXPECT_EQ(Count("SELECT storage_size FROM repository"), 5);
  ASSERT_TRUE(registry().blobs().Delete(repository.id, DigestOf("12345")));
  EXPECT_EQ(Count("SELECT storage_size FROM repository"), 0);
  const Digest digest = PushImage(repository, alice(), "1", {"v1"});
  const int64_t full = Count("SELECT storage_size FROM repository");
  const int64_t manifest_size = Count("SELECT size FROM manifest");
  ASSERT_TRUE(registry().manifests().DeleteManifest(alice(), repository, digest));
  EXPECT_EQ(Count("SELECT storage_size FROM repository"), full - manifest_size);
}

TEST_P(ServicesTest, TheCatalogueShowsWhatTheCallerMayPull) {
  for (const char* name : {"alice/b", "alice/a", "alice/a-b", "alice/a/b"}) Repo(name, alice());
  Execute("UPDATE repository SET is_private = 1 WHERE full_name = 'alice/b'");
  Repo("bob/x", bob());
  using Names = std::vector<std::string>;
  EXPECT_EQ(registry().catalog().List(alice(), "", 100)->names,
            (Names{"alice/a", "alice/a-b", "alice/a/b", "alice/b", "bob/x"}));
  EXPECT_EQ(registry().catalog().List(bob(), "", 100)->names, (Names{"alice/a", "alice/a-b", "alice/a/b", "bob/x"}));
  const auto page = registry().catalog().List(bob(), "alice/a", 2);
  EXPECT_EQ(page->names, (Names{"alice/a-b", "alice/a/b"}));
  EXPECT_TRUE(page->more);
  EXPECT_FALSE(registry().catalog().List(bob(), "alice/a/b", 1)->more);
}

TEST_P(ServicesTest, DeletingARepositoryTakesEverythingOfIt) {
  const Repository repository = Repo("alice/app", alice());
  for (int i = 0; i < 3; ++i) PushImage(repository, alice(), std::to_string(i), {"t" + std::to_string(i)});
  const Repository other = Repo("alice/other", alice());
  const Digest kept = PushImage(other, alice(), "1", {"v1"});
  ASSERT_TRUE(registry().manifests().Get("alice/app", "t0"));
  ASSERT_TRUE(registry().repositories().Delete(alice(), repository.id));
  EXPECT_EQ(CodeOf(registry().repositories().Find("alice/app")), ErrorCode::kNameUnknown);
  EXPECT_EQ(CodeOf(registry().manifests().Get("alice/app", "t0")), ErrorCode::kManifestUnknown);
  EXPECT_EQ((*registry().manifests().Get("alice/other", "v1"))->digest, kept);
  EXPECT_EQ(Count("SELECT COUNT(*) FROM manifest"), 1);
  EXPECT_EQ(Count("SELECT COUNT(*) FROM event WHERE type = 'repo.delete'"), 1);
  EXPECT_TRUE(registry().repositories().Delete(alice(), repository.id)) << "again";
}

TEST_P(ServicesTest, ConcurrentPushesOfOneImageAllSucceed) {
  const Repository repository = Repo("alice/app", alice());
  const auto push = [&](int thread, int image) -> Result<void> {
    TRY(const auto config, PushBlob(repository, alice(), "{}"));
    TRY(const auto layer, PushBlob(repository, alice(), "shared " + std::to_string(image)));
    TRY_VOID(Put(repository, alice(), ImageText(config, {layer}), {"t" + std::to_string(thread)}));
    return {};
  };
  std::mutex mutex;
  std::vector<std::string> failures;
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 5; ++i) {
        const auto pushed = push(t, i);
        const std::lock_guard lock(mutex);
        if (!pushed) failures.push_back(pushed.error().message);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(failures, std::vector<std::string>());
  EXPECT_EQ(Count("SELECT COUNT(*) FROM blob"), 6);
  EXPECT_EQ(Count("SELECT COUNT(*) FROM manifest"), 5);
  EXPECT_EQ(Count("SELECT COUNT(*) FROM tag"), 8);
}

}  // namespace
}  // namespace berth::registry
