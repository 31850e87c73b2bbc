// For the suites of this folder and of api/registry: a registry on a fresh database and blob folder, with two users.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>

#include "blob/blob_store.h"
#include "registry/registry.h"
#include "sql/test_databases.h"

namespace berth::registry {

class RegistryTest : public sql::DatabaseTest {
 protected:
  RegistryTest() {
    alice_ = AddUser("alice");
    bob_ = AddUser("bob");
    Restart();
  }
  ~RegistryTest() override {
    registry_.reset();
    blobs_.reset();
  }

  // As after a restart of the program, with changed options if any.
  void Restart() {
    registry_.reset();
    blobs_.reset();
    FilesystemBlobOptions blob_options;
    blob_options.folder = folder() / "blobs";
    blob_options.sync = false;
    auto opened = OpenFilesystemBlobStore(blob_options);
    ASSERT_TRUE(opened) << opened.error().message;
    blobs_ = *std::move(opened);
    registry_ = std::make_unique<Registry>(database(), *blobs_, clock_, options_);
  }

  accounts::Caller AddUser(const std::string& name) {
    static constexpr sql::Query kInsert{"test.add_user",
                                        "INSERT INTO account (uuid, name, kind, email_verified, created_at, updated_at)"
                                        " VALUES ($1, $1, 'user', 1, 1, 1) RETURNING id"};
    accounts::Caller caller;
    caller.kind = accounts::CredentialKind::kPassword;
    caller.name = name;
    caller.uuid = name;
    auto id = database().Write([&](sql::Transaction& tx) {
      return tx.One(kInsert, {name}, [](const sql::Row& row) { return row.IdAt<AccountId>(0); });
    });
    EXPECT_TRUE(id) << id.error().message;
    if (id && *id) caller.account = **id;
    return caller;
  }

  Repository Repo(const std::string& name, const accounts::Caller& caller) {
    auto repository = registry().repositories().FindOrCreateForPush(caller, *RepositoryName::Parse(name));
    EXPECT_TRUE(repository) << repository.error().message;
    return repository ? *repository : Repository();
  }

  Result<Digest> PushBlob(const Repository& repository, const accounts::Caller& caller, std::string_view bytes) {
    TRY(auto writer, registry().uploads().StartWhole(caller, repository, DigestAlgorithm::kSha256));
    TRY_VOID(writer->Append(bytes));
    const Digest digest = DigestOf(bytes);
    TRY_VOID(registry().uploads().Finish(std::move(writer), repository, digest));
    return digest;
  }

  static std::string Describe(std::string_view type, const Digest& digest, size_t size) {
    return R"({"mediaType":")" + std::string(type) + R"(","digest":")" + digest.text() + R"(","size":)" +
           std::to_string(size) + "}";
  }
  static std::string ImageText(const Digest& config, const std::vector<Digest>& layers, const std::string& extra = "") {
    std::string list;
    for (const Digest& layer : layers) {
      list += (list.empty() ? "" : ",") + Describe("application/vnd.oci.image.layer.v1.tar", layer, 5);
    }
    return R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":)" +
           Describe("application/vnd.oci.image.config.v1+json", config, 2) + R"(,"layers":[)" + list + "]" + extra +
           "}";
  }
  static std::string IndexText(const std::vector<Digest>& children) {
    std::string list;
    for (const Digest& child : children) list += (list.empty() ? "" : ",") + Describe(kOciManifest, child, 10);
    return R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[)" + list + "]}";
  }

  Result<StoredManifest> Put(const Repository& repository, const accounts::Caller& caller, const std::string& payload,
                             std::vector<std::string> tags) {
    PutManifest request;
    request.payload = payload;
    request.tags = std::move(tags);
    return registry().manifests().Put(caller, repository, request);
  }
  // An image of one config and one layer made of `seed`, tagged; answers its digest.
  Digest PushImage(const Repository& repository, const accounts::Caller& caller, const std::string& seed,
                   std::vector<std::string> tags) {
    const auto config = PushBlob(repository, caller, R"({"os":"linux","architecture":"amd64","seed":")" + seed + "\"}");
    const auto layer = PushBlob(repository, caller, "layer " + seed);
    EXPECT_TRUE(config && layer);
    auto stored = Put(repository, caller, ImageText(*config, {*layer}), std::move(tags));
    EXPECT_TRUE(stored) << stored.error().message;
    return stored ? stored->digest : Digest();
  }

  int64_t Count(std::string_view sql_text) {
    int64_t count = -1;
    auto read = database().Read([&](sql::Connection& c) -> Result<int64_t> {
      return c.ExecuteDynamic(sql_text, {}, [&](const sql::Row& row) { count = row.Int(0); });
    });
    EXPECT_TRUE(read) << read.error().message;
    return count;
  }
  void Execute(std::string_view sql_text) {
    auto done =
        database().Write([&](sql::Transaction& tx) { return tx.ExecuteDynamic(sql_text, {}, [](const sql::Row&) {}); });
    ASSERT_TRUE(done) << done.error().message;
  }

  Registry& registry() { return *registry_; }
  BlobStore& blobs() { return *blobs_; }
  ManualClock& clock() { return clock_; }
  Options& options() { return options_; }  // taken over by Restart
  const accounts::Caller& alice() const { return alice_; }
  const accounts::Caller& bob() const { return bob_; }

 private:
  ManualClock clock_;
  Options options_;
  std::unique_ptr<BlobStore> blobs_;
  std::unique_ptr<Registry> registry_;
  accounts::Caller alice_, bob_;
};

}  // namespace berth::registry
