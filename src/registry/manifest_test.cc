#include "registry/manifest.h"

#include <gtest/gtest.h>

namespace berth::registry {
namespace {

const std::string kDigest = "sha256:" + std::string(64, 'a');
const std::string kOther = "sha512:" + std::string(128, 'b');

std::string Describe(const std::string& type, const std::string& digest, const std::string& rest = "") {
  return R"({"mediaType":")" + type + R"(","digest":")" + digest + R"(","size":7)" + rest + "}";
}
const std::string kConfig = Describe("application/vnd.oci.image.config.v1+json", kDigest);
const std::string kLayer = Describe("application/vnd.oci.image.layer.v1.tar+gzip", kOther);

std::string Image(const std::string& extra = "", const std::string& type = std::string(kOciManifest)) {
  return R"({"schemaVersion":2,"mediaType":")" + type + R"(","config":)" + kConfig + R"(,"layers":[)" + kLayer + "," +
         kLayer + "]" + extra + "}";
}
std::string Index(const std::string& children, const std::string& extra = "") {
  return R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[)" + children + "]" +
         extra + "}";
}

void ExpectInvalid(const std::string& payload, std::string_view content_type, std::string_view part) {
  const auto parsed = ParseManifest(payload, content_type);
  ASSERT_FALSE(parsed) << payload;
  EXPECT_EQ(parsed.error().code, ErrorCode::kManifestInvalid);
  EXPECT_NE(parsed.error().message.find(part), std::string::npos) << parsed.error().message;
}

TEST(Manifest, ReadsAnImage) {
  const auto parsed = ParseManifest(Image(R"(,"annotations":{"a":"b"},"unknown":{"x":[1]})"), kOciManifest);
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_FALSE(parsed->is_index);
  EXPECT_EQ(parsed->config->digest.text(), kDigest);
  ASSERT_EQ(parsed->layers.size(), 2u);
  EXPECT_EQ(parsed->layers[0].digest.text(), kOther);
  EXPECT_EQ(parsed->content_size, 14);
  EXPECT_EQ(parsed->artifact_type, "application/vnd.oci.image.config.v1+json");
  EXPECT_EQ(parsed->annotations, R"({"a":"b"})");
  EXPECT_FALSE(parsed->subject);
}

TEST(Manifest, ReadsAnArtifact) {
  const std::string subject = R"(,"artifactType":"a/b","subject":)" + Describe("x/y", kOther);
  const auto parsed =
      ParseManifest(R"({"schemaVersion":2,"config":)" + kConfig + R"(,"layers":[])" + subject + "}", kOciManifest);
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(parsed->artifact_type, "a/b");
  EXPECT_EQ(parsed->subject->text(), kOther);
  EXPECT_TRUE(parsed->layers.empty());
}

TEST(Manifest, ReadsAnIndexWithPlatforms) {
  const std::string platform = R"(,"platform":{"os":"linux","architecture":"arm","variant":"v7","os.version":"1"})";
  const auto parsed = ParseManifest(Index(Describe(std::string(kOciManifest), kDigest, platform)), kOciIndex);
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_TRUE(parsed->is_index);
  ASSERT_EQ(parsed->children.size(), 1u);
  EXPECT_EQ(parsed->children[0].platform.os, "linux");
  EXPECT_EQ(parsed->children[0].platform.architecture, "arm");
  EXPECT_EQ(parsed->children[0].platform.variant, "v7");
  EXPECT_EQ(parsed->children[0].platform.os_version, "1");
  EXPECT_TRUE(ParseManifest(Index(""), kOciIndex)) << "an empty index is one";
}

TEST(Manifest, KnowsLayersThatMayStayAway) {
  for (const char* type : {"application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
                           "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"}) {
    const auto parsed = ParseManifest(
        R"({"schemaVersion":2,"config":)" + kConfig + R"(,"layers":[)" + Describe(type, kDigest) + "]}", kOciManifest);
    ASSERT_TRUE(parsed);
    EXPECT_FALSE(parsed->layers[0].distributable) << type;
  }
}

TEST(Manifest, TakesTheTypeFromEitherSide) {
  EXPECT_EQ(ParseManifest(Image(), "")->media_type, kOciManifest);
  EXPECT_EQ(ParseManifest(Image(), "application/json")->media_type, kOciManifest);
  EXPECT_EQ(ParseManifest(Image(), std::string(kOciManifest) + "; charset=utf-8")->media_type, kOciManifest);
  EXPECT_EQ(ParseManifest(Image("", std::string(kDockerManifest)), kDockerManifest)->media_type, kDockerManifest);
  ExpectInvalid(Image(), kDockerManifest, "Content-Type");
  ExpectInvalid(R"({"schemaVersion":2})", "", "neither");
  ExpectInvalid(R"({"schemaVersion":2})", "text/plain", "unknown manifest type");
}

TEST(Manifest, RefusesSchema1Clearly) {
  ExpectInvalid(R"({"schemaVersion":1,"name":"x"})", "application/vnd.docker.distribution.manifest.v1+prettyjws",
                "schema 1");
  ExpectInvalid(R"({"schemaVersion":1})", kDockerManifest, "schema 1");
}

TEST(Manifest, RefusesWhatTwoReadersCouldReadDifferently) {
  ExpectInvalid(R"({"schemaVersion":2,"schemaVersion":2})", kOciManifest, "duplicate");
  ExpectInvalid(Image(R"(,"annotations":{"a":"b","a":"c"})"), kOciManifest, "duplicate");
  ExpectInvalid(Image() + "x", kOciManifest, "JSON");
  ExpectInvalid(Image() + Image(), kOciManifest, "JSON");
  ExpectInvalid(Image(R"(,"manifests":[])"), kOciManifest, "manifests");
  ExpectInvalid(Index("", R"(,"layers":[])"), kOciIndex, "layers");
  ExpectInvalid(Index("", R"(,"config":{})"), kOciIndex, "config");
}

TEST(Manifest, RefusesBrokenDescriptors) {
  const auto with_config = [](const std::string& config) {
    return R"({"schemaVersion":2,"config":)" + config + R"(,"layers":[]})";
  };
  ExpectInvalid(with_config("7"), kOciManifest, "config must be a descriptor");
  ExpectInvalid(with_config(R"({"digest":")" + kDigest + R"(","size":1})"), kOciManifest, "config.mediaType");
  ExpectInvalid(with_config(R"({"mediaType":"a","digest":"sha256:12","size":1})"), kOciManifest, "config.digest");
  ExpectInvalid(with_config(R"({"mediaType":"a","digest":")" + kDigest + R"(","size":-1})"), kOciManifest,
                "config.size");
  ExpectInvalid(with_config(R"({"mediaType":"a","digest":")" + kDigest + R"(","size":1.5})"), kOciManifest,
                "config.size");
  ExpectInvalid(with_config(R"({"mediaType":"a","digest":")" + kDigest + R"(","size":"1"})"), kOciManifest,
                "config.size");
  ExpectInvalid(R"({"schemaVersion":2,"layers":[]})", kOciManifest, "config is missing");
  ExpectInvalid(R"({"schemaVersion":2,"config":)" + kConfig + R"(,"layers":{}})", kOciManifest,
                "layers must be an array");
  ExpectInvalid(R"({"schemaVersion":2,"config":)" + kConfig + R"(,"layers":[)" + kLayer + ",3]}", kOciManifest,
                "layers[1]");
  ExpectInvalid(Image(R"(,"subject":{"digest":"nope"})"), kOciManifest, "subject");
  ExpectInvalid(Image(R"(,"annotations":{"a":1})"), kOciManifest, "annotations");
  ExpectInvalid("[]", kOciManifest, "object");
  ExpectInvalid("", kOciManifest, "JSON");
  ExpectInvalid(R"({"mediaType":"application/vnd.oci.image.manifest.v1+json"})", kOciManifest, "schemaVersion");
}

TEST(Manifest, RefusesSizesThatOverflow) {
  const std::string huge = R"({"mediaType":"a","digest":")" + kDigest + R"(","size":9223372036854775807})";
  ExpectInvalid(R"({"schemaVersion":2,"config":)" + kConfig + R"(,"layers":[)" + huge + "," + huge + "]}", kOciManifest,
                "too large");
}

TEST(Manifest, ReadsThePlatformOfAConfiguration) {
  const auto platform =
      ParseConfigPlatform(R"({"os":"linux","architecture":"arm64","variant":"v8","os.version":"x","rootfs":{}})");
  EXPECT_EQ(platform.os, "linux");
  EXPECT_EQ(platform.architecture, "arm64");
  EXPECT_EQ(platform.variant, "v8");
  EXPECT_EQ(platform.os_version, "x");
  EXPECT_EQ(ParseConfigPlatform("no json").os, "");
  EXPECT_EQ(ParseConfigPlatform(R"({"os":7})").os, "");
}

}  // namespace
}  // namespace berth::registry
