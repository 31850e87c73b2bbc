#include "registry/fsck.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "registry/test_registry.h"

namespace berth::registry {
namespace {

class FsckTest : public RegistryTest {
 protected:
  FsckReport Check(bool quarantine = true) {
    FsckOptions options;
    options.quarantine = quarantine;
    auto report = Fsck(database(), blobs(), options);
    EXPECT_TRUE(report);
    return report ? *std::move(report) : FsckReport();
  }
  static bool Has(const FsckReport& report, FindingKind kind, const std::string& object) {
    for (const Finding& finding : report.findings) {
      if (finding.kind == kind && finding.object == object) return true;
    }
    return false;
  }
  std::filesystem::path FileOf(const Digest& digest) {
    return folder() / "blobs" / "sha256" / std::string(digest.hex().substr(0, 2)) / std::string(digest.hex());
  }
};
INSTANTIATE_TEST_SUITE_P(Backends, FsckTest, sql::AllBackends(), sql::BackendName);

TEST_P(FsckTest, AHealthyStoreIsClean) {
  const Repository repository = Repo("alice/app", alice());
  const Digest image = PushImage(repository, alice(), "1", {"v1", "v2"});
  ASSERT_TRUE(Put(repository, alice(), IndexText({image, DigestOf("absent")}), {"multi"}));
  ASSERT_TRUE(PushBlob(repository, alice(), "unused"));
  ASSERT_TRUE(registry().uploads().Start(alice(), repository, DigestAlgorithm::kSha256));
  const auto report = Check();
  EXPECT_TRUE(report.IsClean()) << report.ToJson();
  EXPECT_TRUE(report.findings.empty()) << report.ToJson();
  EXPECT_EQ(report.ExitStatus(), 0);
  EXPECT_EQ(report.blobs, 3);
  EXPECT_EQ(report.manifests, 2);
  EXPECT_EQ(report.tags, 3);
  EXPECT_EQ(report.repositories, 1);
}

TEST_P(FsckTest, ACorruptBlobIsFoundAndMovedAside) {
  const Repository repository = Repo("alice/app", alice());
  const Digest digest = *PushBlob(repository, alice(), "12345");
  {
    std::FILE* file = std::fopen(FileOf(digest).c_str(), "r+");
    ASSERT_NE(file, nullptr);
    std::fputs("1234x", file);
    std::fclose(file);
  }
  EXPECT_TRUE(Has(Check(false), FindingKind::kBlobCorrupt, digest.text()));
  EXPECT_TRUE(std::filesystem::exists(FileOf(digest))) << "only reported";
  const auto report = Check();
  EXPECT_EQ(report.ExitStatus(), 1);
  ASSERT_EQ(report.findings.size(), 1u);
  EXPECT_TRUE(report.findings[0].quarantined);
  EXPECT_FALSE(std::filesystem::exists(FileOf(digest)));
  EXPECT_TRUE(Has(Check(), FindingKind::kBlobMissing, digest.text()));
  ASSERT_TRUE(PushBlob(repository, alice(), "12345"));
  EXPECT_TRUE(Check().IsClean()) << "pushing again heals";
}

TEST_P(FsckTest, EveryKindOfDamageIsFound) {
  const Repository repository = Repo("alice/app", alice());
  const Digest image = PushImage(repository, alice(), "1", {"v1"});
  const Digest unused = *PushBlob(repository, alice(), "unused");
  const Digest cut = *PushBlob(repository, alice(), "cut me");
  std::filesystem::resize_file(FileOf(cut), 2);
  EXPECT_TRUE(Has(Check(), FindingKind::kBlobSize, cut.text()));
  Execute("DELETE FROM gc_review");
  EXPECT_TRUE(Has(Check(), FindingKind::kReviewMissing, unused.text()));
  Execute("UPDATE repository SET storage_size = 1");
  EXPECT_TRUE(Has(Check(), FindingKind::kStorageSize, "alice/app"));
  Execute("DELETE FROM manifest_blob WHERE position = 0");
  EXPECT_TRUE(Has(Check(), FindingKind::kEdgeMissing, image.text()));
  Execute("UPDATE manifest_blob SET blob_id = (SELECT id FROM blob WHERE digest = '" + unused.text() + "')");
  EXPECT_TRUE(Has(Check(), FindingKind::kEdgeStray, image.text()));
  Execute("DELETE FROM repository_blob");
  EXPECT_TRUE(Has(Check(), FindingKind::kHoldMissing, unused.text()));
  Execute("UPDATE manifest SET size = size + 1");
  EXPECT_TRUE(Has(Check(), FindingKind::kManifestCorrupt, image.text()));
}

TEST_P(FsckTest, LeftoversAreToldButHarmless) {
  ASSERT_TRUE(blobs().CreateUpload("00000000-0000-4000-8000-000000000001"));
  auto upload = blobs().CreateUpload("00000000-0000-4000-8000-000000000002");
  ASSERT_TRUE((*upload)->Append("orphan"));
  ASSERT_TRUE(blobs().Publish("00000000-0000-4000-8000-000000000002", *std::move(upload), DigestOf("orphan")));
  const auto report = Check();
  EXPECT_TRUE(Has(report, FindingKind::kUploadLeftover, "00000000-0000-4000-8000-000000000001"));
  EXPECT_TRUE(Has(report, FindingKind::kOrphanFile, DigestOf("orphan").text()));
  EXPECT_EQ(report.ExitStatus(), 0);
  EXPECT_NE(report.ToJson().find(R"("clean":true)"), std::string::npos);
  EXPECT_NE(FormatFinding(report.findings[0]).find("orphan-file sha256:"), std::string::npos);
}

}  // namespace
}  // namespace berth::registry
