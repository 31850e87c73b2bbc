// The collector and the layer index together: each belongs to a folder that must not know of the other.
#include <gtest/gtest.h>

#include <atomic>

#include "layers/layer_service.h"
#include "layers/test_tar.h"
#include "registry/fsck.h"
#include "registry/garbage.h"
#include "registry/test_registry.h"

namespace berth::app {
namespace {

using layers::Gzip;
using layers::IndexProgress;
using layers::LayerService;
using layers::OpenImage;
using layers::TarText;

class LayerGarbageTest : public registry::RegistryTest {
 protected:
  // An image of one config and these layers, tagged.
  Digest Image(const registry::Repository& repository, const std::vector<std::string>& contents,
               const std::string& tag) {
    const auto config = PushBlob(repository, alice(), R"({"os":"linux","architecture":"amd64"})");
    EXPECT_TRUE(config);
    std::vector<Digest> pushed;
    for (const std::string& bytes : contents) {
      const auto layer = PushBlob(repository, alice(), bytes);
      EXPECT_TRUE(layer);
      pushed.push_back(*layer);
    }
    const auto image = Put(repository, alice(), ImageText(*config, pushed), {tag});
    EXPECT_TRUE(image);
    return image->digest;
  }
  Result<layers::Indexed<OpenImage>> Open(const registry::Repository& repository, const std::string& bytes) {
    return service().OpenLayer(repository.id, DigestOf(bytes).text());
  }
  bool IsReady(const registry::Repository& repository, const std::string& bytes) {
    const auto opened = Open(repository, bytes);
    return opened && std::holds_alternative<OpenImage>(*opened);
  }
  // Asks for the layer and reads it, as the runner would.
  void Index(const registry::Repository& repository, const std::string& bytes) {
    ASSERT_TRUE(Open(repository, bytes));
    ASSERT_EQ(RunJobs(), 1);
    ASSERT_TRUE(IsReady(repository, bytes));
  }
  int RunJobs() {
    const jobs::Policies kinds{{std::string(LayerService::kJobKind), LayerService::Policy()}};
    for (int runs = 0;; ++runs) {
      const auto job = database().Write([&](sql::Transaction& tx) { return jobs::Claim(tx, kinds, clock().Now()); });
      EXPECT_TRUE(job);
      if (!job || !*job) return runs;
      EXPECT_TRUE(service().RunJob(**job, std::stop_token()));
      EXPECT_TRUE(database().Write(
          [&](sql::Transaction& tx) { return jobs::Complete(tx, **job, kinds.begin()->second, clock().Now()); }));
    }
  }
  void CollectAfterTheGrace() {
    clock().Advance(options().gc_grace + std::chrono::seconds(1));
    const std::atomic<bool> stop{false};
    const auto done = registry().garbage().Run(stop);
    ASSERT_TRUE(done) << done.error().message;
  }
  bool HasFile(const std::string& bytes) { return blobs().Open(DigestOf(bytes)).has_value(); }
  int64_t Indexes() { return Count("SELECT COUNT(*) FROM layer_index WHERE contents IS NOT NULL"); }
  void ExpectClean() {
    const auto report = registry::Fsck(database(), blobs(), {});
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_TRUE(report->findings.empty()) << report->ToJson();
  }
  // What it keeps in memory lasts over a test, as in the server.
  LayerService& service() { return service_; }

 private:
  LayerService service_{database(), blobs(), clock(), {}};
};
INSTANTIATE_TEST_SUITE_P(Backends, LayerGarbageTest, sql::AllBackends(), sql::BackendName);

TEST_P(LayerGarbageTest, AnIndexGoesWithItsLayerAndOthersStay) {
  const registry::Repository repository = Repo("alice/app", alice());
  const std::string shared = Gzip(TarText().File("etc/motd", "hello\n").End());
  const std::string single = Gzip(TarText().File("opt/only", "here\n").End());
  const Digest kept = Image(repository, {shared}, "kept");
  const Digest dropped = Image(repository, {shared, single}, "dropped");
  Index(repository, shared);
  Index(repository, single);
  EXPECT_EQ(Indexes(), 2);

  ASSERT_TRUE(registry().manifests().DeleteManifest(alice(), repository, dropped));
  CollectAfterTheGrace();
  EXPECT_FALSE(HasFile(single));
  EXPECT_TRUE(HasFile(shared));
  EXPECT_EQ(Indexes(), 1);
  EXPECT_EQ(Count("SELECT COUNT(*) FROM layer_index"), 1);
  EXPECT_EQ(Open(repository, single).error().code, ErrorCode::kBlobUnknown) << "also what is still in memory";
  EXPECT_TRUE(IsReady(repository, shared));
  ExpectClean();

  ASSERT_TRUE(registry().manifests().DeleteManifest(alice(), repository, kept));
  CollectAfterTheGrace();
  EXPECT_FALSE(HasFile(shared));
  EXPECT_EQ(Count("SELECT COUNT(*) FROM layer_index"), 0);
  EXPECT_EQ(Open(repository, shared).error().code, ErrorCode::kBlobUnknown);
  ExpectClean();
}

TEST_P(LayerGarbageTest, AnIndexStaysAsLongAsAnyRepositoryHoldsItsLayer) {
  const registry::Repository one = Repo("alice/one", alice());
  const registry::Repository two = Repo("alice/two", alice());
  const std::string layer = Gzip(TarText().File("a", "1").End());
  const Digest image = Image(one, {layer}, "v1");
  Image(two, {layer}, "v1");
  Index(one, layer);
  ASSERT_TRUE(registry().manifests().DeleteManifest(alice(), one, image));
  CollectAfterTheGrace();
  EXPECT_TRUE(HasFile(layer));
  EXPECT_EQ(Indexes(), 1);
  EXPECT_EQ(Open(one, layer).error().code, ErrorCode::kBlobUnknown) << "it lies in the other repository only";
  EXPECT_TRUE(IsReady(two, layer));
  ExpectClean();
}

TEST_P(LayerGarbageTest, AJobForACollectedLayerEndsAndAPushBringsTheIndexBack) {
  const registry::Repository repository = Repo("alice/app", alice());
  const std::string layer = Gzip(TarText().File("a", "1").End());
  const Digest image = Image(repository, {layer}, "v1");
  ASSERT_TRUE(Open(repository, layer));  // asked for, not yet read
  ASSERT_TRUE(registry().manifests().DeleteManifest(alice(), repository, image));
  CollectAfterTheGrace();
  EXPECT_EQ(Count("SELECT COUNT(*) FROM layer_index"), 0);
  EXPECT_EQ(RunJobs(), 1);
  EXPECT_EQ(Count("SELECT COUNT(*) FROM job"), 0);
  EXPECT_EQ(Count("SELECT COUNT(*) FROM layer_index"), 0);

  Image(repository, {layer}, "v2");
  EXPECT_FALSE(IsReady(repository, layer));
  EXPECT_EQ(RunJobs(), 1);
  EXPECT_TRUE(IsReady(repository, layer));
  ExpectClean();
}

TEST_P(LayerGarbageTest, AVanishedOrBrokenLayerIsFoundByFsckAndItsIndexServesNoBytes) {
  const registry::Repository repository = Repo("alice/app", alice());
  const std::string layer = Gzip(TarText().File("a", "1").End());
  Image(repository, {layer}, "v1");
  Index(repository, layer);
  ASSERT_TRUE(blobs().Quarantine(DigestOf(layer)));
  const auto report = registry::Fsck(database(), blobs(), {});
  ASSERT_TRUE(report);
  ASSERT_EQ(report->findings.size(), 1u);
  EXPECT_EQ(report->findings[0].kind, registry::FindingKind::kBlobMissing);
  const auto image = Open(repository, layer);  // what is known of it can still be looked at
  ASSERT_TRUE(image && std::holds_alternative<OpenImage>(*image));
  const auto& open = std::get<OpenImage>(*image);
  EXPECT_FALSE(service().Preview(open, *open.tree->Find("/a", true)));
}

}  // namespace
}  // namespace berth::app
