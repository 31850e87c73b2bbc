#include <cstring>

#include "crypto/random.h"
#include "seed.h"

namespace berth::seed {
namespace {

constexpr int64_t kImages = 40;

// A tar archive (POSIX ustar) of one file.
std::string Tar(const std::string& name, const std::string& text) {
  std::string header(512, '\0');
  const auto put = [&](size_t at, const std::string& value) {
    std::memcpy(header.data() + at, value.data(), value.size());
  };
  const auto octal = [](size_t value, int digits) {
    std::string out(static_cast<size_t>(digits), '0');
    for (size_t i = out.size(); i-- > 0; value >>= 3) out[i] = static_cast<char>('0' + (value & 7));
    return out;
  };
  put(0, name);
  put(100, "0000644");
  put(108, "0000000");
  put(116, "0000000");
  put(124, octal(text.size(), 11));
  put(136, "00000000000");
  put(148, "        ");
  put(156, "0");
  put(257, std::string("ustar\0", 6) + "00");
  size_t sum = 0;
  for (const char c : header) sum += static_cast<unsigned char>(c);
  put(148, octal(sum, 6) + std::string("\0 ", 2));
  std::string body = text;
  body.resize((text.size() + 511) / 512 * 512, '\0');
  return header + body + std::string(1024, '\0');
}

Result<StoredBlob> Store(sql::Database& database, BlobStore& blobs, const std::string& bytes, Timestamp now) {
  const Digest digest = DigestOf(bytes);
  const std::string key = crypto::NewUuid();
  TRY(const auto guard, blobs.Guard(digest, GuardMode::kPublish));
  TRY(auto upload, blobs.CreateUpload(key));
  TRY_VOID(upload->Append(bytes));
  TRY_VOID(blobs.Publish(key, std::move(upload), digest));
  TRY(const auto row, database.Write([&](sql::Transaction& tx) {
    return registry::hold_store::InsertBlob(tx, digest, bytes.size(), now);
  }));
  return StoredBlob{digest, row};
}

std::string DescriptorText(std::string_view type, const Digest& digest, size_t size, const std::string& more = "") {
  return R"({"mediaType":")" + std::string(type) + R"(","digest":")" + digest.text() + R"(","size":)" +
         std::to_string(size) + more + "}";
}

std::string ConfigText(const std::string& architecture, const Digest& first, const Digest& second,
                       const std::string& word) {
  return R"({"architecture":")" + architecture +
         R"(","os":"linux","created":"2026-01-02T03:04:05Z","config":{"Env":["PATH=/usr/bin:/bin"],)" +
         R"("Entrypoint":["/bin/)" + word +
         R"("],"ExposedPorts":{"8080/tcp":{}},"Labels":{"org.opencontainers.image.title":")" + word +
         R"("}},"rootfs":{"type":"layers","diff_ids":[")" + first.text() + R"(",")" + second.text() +
         R"("]},"history":[)" + R"({"created":"2026-01-02T03:04:05Z","created_by":"ADD rootfs.tar / # buildkit"},)" +
         R"({"created":"2026-01-02T03:04:05Z","created_by":"EXPOSE map[8080/tcp:{}]","empty_layer":true},)" +
         R"({"created":"2026-01-02T03:04:05Z","created_by":"COPY )" + word + R"( /bin/ # buildkit"}]})";
}

Result<Image> Finish(std::string payload, std::string_view type) {
  Image image;
  TRY(image.parsed, registry::ParseManifest(payload, type));
  image.digest = DigestOf(payload);
  image.payload = std::move(payload);
  return image;
}

Result<Image> MakePart(sql::Database& database, BlobStore& blobs, const Options& options, int64_t index,
                       const std::string& architecture) {
  Random random = RandomFor(options, "image " + architecture, index);
  const std::string word = Word(random);
  constexpr std::string_view kLayer = "application/vnd.oci.image.layer.v1.tar";
  // The lower layer is shared by all images of an architecture.
  const std::string base = Tar("etc/os-release", "NAME=Seed\nARCH=" + architecture + "\n");
  const std::string own =
      Tar("bin/" + word, "#!/bin/sh\necho " + word + " " + std::to_string(index) + "\n" +
                             std::string(static_cast<size_t>(Between(random, 100, 20'000)), '#') + "\n");
  TRY(const auto first, Store(database, blobs, base, options.now));
  TRY(const auto second, Store(database, blobs, own, options.now));
  const std::string config = ConfigText(architecture, first.digest, second.digest, word);
  TRY(const auto stored, Store(database, blobs, config, options.now));
  TRY(Image image,
      Finish(R"({"schemaVersion":2,"mediaType":")" + std::string(registry::kOciManifest) + R"(","config":)" +
                 DescriptorText("application/vnd.oci.image.config.v1+json", stored.digest, config.size()) +
                 R"(,"layers":[)" + DescriptorText(kLayer, first.digest, base.size()) + "," +
                 DescriptorText(kLayer, second.digest, own.size()) + "]}",
             registry::kOciManifest));
  image.platform = registry::ParseConfigPlatform(config);
  image.blobs = {stored, first, second};
  return image;
}

}  // namespace

Result<std::vector<MultiImage>> MakeImages(sql::Database& database, BlobStore& blobs, const Options& options) {
  std::vector<MultiImage> images;
  for (int64_t i = 0; i < kImages; ++i) {
    MultiImage image;
    std::string list;
    for (const std::string architecture : {"amd64", "arm64"}) {
      TRY(Image part, MakePart(database, blobs, options, i, architecture));
      list += (list.empty() ? "" : ",") +
              DescriptorText(registry::kOciManifest, part.digest, part.payload.size(),
                             R"(,"platform":{"os":"linux","architecture":")" + architecture + "\"}");
      image.parts.push_back(std::move(part));
    }
    TRY(image.index, Finish(R"({"schemaVersion":2,"mediaType":")" + std::string(registry::kOciIndex) +
                                R"(","manifests":[)" + list + "]}",
                            registry::kOciIndex));
    images.push_back(std::move(image));
  }
  return images;
}

}  // namespace berth::seed
