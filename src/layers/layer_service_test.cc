#include "layers/layer_service.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "layers/test_tar.h"
#include "sql/test_databases.h"

namespace berth::layers {
namespace {

// One repository that holds the layers given to it.
class LayerServiceTest : public sql::DatabaseTest {
 protected:
  LayerServiceTest() {
    FilesystemBlobOptions options;
    options.folder = folder() / "blobs";
    options.sync = false;
    auto opened = OpenFilesystemBlobStore(options);
    EXPECT_TRUE(opened);
    blobs_ = *std::move(opened);
    Execute(
        "INSERT INTO account (id, uuid, name, kind, email_verified, created_at, updated_at) VALUES "
        "(1, 'u', 'alice', 'user', 1, 1, 1)");
    Execute(
        "INSERT INTO repository (id, account_id, namespace, name, full_name, created_at, updated_at) VALUES "
        "(1, 1, 'alice', 'app', 'alice/app', 1, 1), (2, 1, 'alice', 'other', 'alice/other', 1, 1)");
    Restart();
  }

  // As after a restart: what is in memory is gone.
  void Restart() { service_ = std::make_unique<LayerService>(database(), *blobs_, clock_, options_); }

  void Execute(std::string_view sql_text) {
    auto done =
        database().Write([&](sql::Transaction& tx) { return tx.ExecuteDynamic(sql_text, {}, [](const sql::Row&) {}); });
    ASSERT_TRUE(done) << done.error().message;
  }
  int64_t Count(std::string_view sql_text) {
    int64_t count = -1;
    auto read = database().Read([&](sql::Connection& c) {
      return c.ExecuteDynamic(sql_text, {}, [&](const sql::Row& row) { count = row.Int(0); });
    });
    EXPECT_TRUE(read) << read.error().message;
    return count;
  }

  // A stored blob that repository 1 holds; answers its digest.
  std::string Push(std::string_view bytes) {
    const Digest digest = DigestOf(bytes);
    const std::string key = "00000000-0000-4000-8000-00000000000" + std::to_string(pushed_ % 10);
    auto upload = blobs_->CreateUpload(key);
    EXPECT_TRUE(upload && (*upload)->Append(bytes));
    EXPECT_TRUE(blobs_->Publish(key, *std::move(upload), digest));
    const std::string id = std::to_string(++pushed_);
    Execute("INSERT INTO blob (id, digest, size, created_at) VALUES (" + id + ", '" + digest.text() + "', " +
            std::to_string(bytes.size()) + ", 1)");
    Execute("INSERT INTO repository_blob (repository_id, blob_id, leased_until) VALUES (1, " + id + ", 1)");
    return digest.text();
  }

  // Runs what is in the queue, as the runner would; answers how many jobs there were.
  int RunJobs() {
    const jobs::Policies policies = {{std::string(LayerService::kJobKind), LayerService::Policy()}};
    int runs = 0;
    while (true) {
      auto job = database().Write([&](sql::Transaction& tx) { return jobs::Claim(tx, policies, clock_.Now()); });
      EXPECT_TRUE(job) << job.error().message;
      if (!job || !*job) return runs;
      const auto outcome = service_->RunJob(**job, stop_.get_token());
      const auto& policy = policies.begin()->second;
      auto concluded = database().Write([&](sql::Transaction& tx) -> Result<void> {
        if (outcome) return jobs::Complete(tx, **job, policy, clock_.Now());
        if (stop_.stop_requested()) return jobs::GiveBack(tx, **job, clock_.Now());
        return jobs::Fail(tx, **job, policy, outcome.error().message, clock_.Now());
      });
      EXPECT_TRUE(concluded) << concluded.error().message;
      ++runs;
      if (stop_.stop_requested()) return runs;
    }
  }

  static std::vector<LayerRef> Refs(const std::vector<std::string>& digests) {
    std::vector<LayerRef> refs;
    for (const auto& digest : digests) refs.push_back({digest, "application/vnd.oci.image.layer.v1.tar+gzip"});
    return refs;
  }
  IndexProgress Progress(const Result<Indexed<OpenImage>>& opened) {
    EXPECT_TRUE(opened) << opened.error().message;
    if (!opened || !std::holds_alternative<IndexProgress>(*opened)) {
      ADD_FAILURE() << "is ready";
      return {};
    }
    return std::get<IndexProgress>(*opened);
  }
  OpenImage Ready(const Result<Indexed<OpenImage>>& opened) {
    EXPECT_TRUE(opened) << opened.error().message;
    if (!opened || !std::holds_alternative<OpenImage>(*opened)) {
      ADD_FAILURE() << "is not ready: " << std::get<IndexProgress>(*opened).reason;
      return {};
    }
    return std::get<OpenImage>(*opened);
  }

  static constexpr RepositoryId kHere{1};
  static constexpr RepositoryId kElsewhere{2};
  ManualClock clock_;
  LayerService::Options options_;
  std::unique_ptr<BlobStore> blobs_;
  std::unique_ptr<LayerService> service_;
  std::stop_source stop_;
  int64_t pushed_ = 0;
};

using State = IndexProgress::State;

TEST_P(LayerServiceTest, ReadsOnceAndRemembers) {
  const auto low = Push(Gzip(TarText().File("etc/motd", "hello\n").File("a", "1").End()));
  const auto high = Push(Zstd(TarText().File("etc/motd", "bye\n").Whiteout("a").End()));
  int wakes = 0;
  service_->set_wake([&] { ++wakes; });

  const auto progress = Progress(service_->OpenLayers(kHere, Refs({low, high, low})));
  EXPECT_EQ(progress.state, State::kWaiting);
  EXPECT_EQ(progress.layers_total, 2);
  EXPECT_EQ(progress.layers_done, 0);
  EXPECT_GT(progress.bytes_total, 0);
  EXPECT_EQ(wakes, 1);
  // Asking again enqueues nothing anew.
  Progress(service_->OpenLayers(kHere, Refs({low, high})));
  EXPECT_EQ(wakes, 1);
  EXPECT_EQ(RunJobs(), 2);

  for (int round = 0; round < 2; ++round) {
    const auto image = Ready(service_->OpenLayers(kHere, Refs({low, high})));
    const auto motd = image.tree->Find("/etc/motd", true);
    ASSERT_TRUE(motd);
    EXPECT_EQ(image.tree->At(*motd).change, Change::kChanged);
    const auto preview = service_->Preview(image, *motd);
    ASSERT_TRUE(preview) << preview.error().message;
    EXPECT_EQ(preview->text, "bye\n");
    EXPECT_EQ(preview->layer, high);
    EXPECT_FALSE(preview->binary);
    EXPECT_EQ(preview->media_type, "text/plain");
    EXPECT_EQ(image.tree->At(*image.tree->Find("/a", true)).change, Change::kDeleted);
    Restart();
  }
  EXPECT_EQ(RunJobs(), 0);
  const auto single = Ready(service_->OpenLayer(kHere, high));
  EXPECT_EQ(single.tree->At(*single.tree->Find("/a", true)).type, FileType::kWhiteout);
}

TEST_P(LayerServiceTest, IndexGoesWithTheBlob) {
  const auto layer = Push(Gzip(TarText().File("a", "1").End()));
  Progress(service_->OpenLayers(kHere, Refs({layer})));
  RunJobs();
  EXPECT_EQ(Count("SELECT COUNT(*) FROM layer_index WHERE contents IS NOT NULL"), 1);
  Execute("DELETE FROM repository_blob");
  Execute("DELETE FROM blob");
  EXPECT_EQ(Count("SELECT COUNT(*) FROM layer_index"), 0);
}

TEST_P(LayerServiceTest, JobsOfBlobsThatAreGoneEnd) {
  const auto layer = Push(Gzip(TarText().File("a", "1").End()));
  Progress(service_->OpenLayers(kHere, Refs({layer})));
  Execute("DELETE FROM repository_blob");
  Execute("DELETE FROM blob");
  EXPECT_EQ(RunJobs(), 1);
  EXPECT_EQ(Count("SELECT COUNT(*) FROM job"), 0);
}

TEST_P(LayerServiceTest, RefusalsAreRemembered) {
  const auto good = Push(Gzip(TarText().File("a", "1").End()));
  const auto bad = Push(Gzip(TarText().File("../../etc/passwd", "1").End()));
  Progress(service_->OpenLayers(kHere, Refs({good, bad})));
  RunJobs();
  clock_.Advance(std::chrono::hours(24));
  const auto progress = Progress(service_->OpenLayers(kHere, Refs({good, bad})));
  EXPECT_EQ(progress.state, State::kFailed);
  EXPECT_EQ(progress.reason, "Layer " + bad + " can't be read. A name leads out of its folder: ../../etc/passwd.");
  EXPECT_EQ(progress.layers_done, 1);
  EXPECT_EQ(RunJobs(), 0);
  Ready(service_->OpenLayer(kHere, good));
}

// What an older program has read or refused is read once more.
TEST_P(LayerServiceTest, OlderIndexesAreMadeAnew) {
  const auto layer = Push(Gzip(TarText().File("a", "1").End()));
  Progress(service_->OpenLayers(kHere, Refs({layer})));
  RunJobs();
  Execute("UPDATE layer_index SET version = 0");
  Restart();
  EXPECT_EQ(Progress(service_->OpenLayers(kHere, Refs({layer}))).state, State::kWaiting);
  EXPECT_EQ(RunJobs(), 1);
  Ready(service_->OpenLayers(kHere, Refs({layer})));
}

TEST_P(LayerServiceTest, BrokenIndexesAreMadeAnew) {
  const auto layer = Push(Gzip(TarText().File("a", "1").End()));
  Progress(service_->OpenLayers(kHere, Refs({layer})));
  RunJobs();
  Execute(GetParam() == sql::Dialect::kSqlite ? "UPDATE layer_index SET contents = x'00'"
                                              : "UPDATE layer_index SET contents = '\\x00'::bytea");
  Restart();
  Progress(service_->OpenLayers(kHere, Refs({layer})));
  EXPECT_EQ(RunJobs(), 1);
  Ready(service_->OpenLayers(kHere, Refs({layer})));
}

TEST_P(LayerServiceTest, BytesThatAreMissingFailAndAreTriedAgain) {
  const std::string bytes = Gzip(TarText().File("a", "1").End());
  const auto layer = Push(bytes);
  ASSERT_TRUE(blobs_->Delete(*Digest::Parse(layer)));
  Progress(service_->OpenLayers(kHere, Refs({layer})));
  for (int attempt = 0; attempt < options_.max_attempts; ++attempt) {
    EXPECT_EQ(RunJobs(), 1);
    clock_.Advance(std::chrono::minutes(1));
  }
  EXPECT_EQ(RunJobs(), 0);
  const auto progress = Progress(service_->OpenLayers(kHere, Refs({layer})));
  EXPECT_EQ(progress.state, State::kFailed);
  EXPECT_EQ(progress.reason, "Layer " + layer + " can't be read. Its bytes can't be read at the moment.");

  const std::string key = "00000000-0000-4000-8000-000000000099";
  auto upload = blobs_->CreateUpload(key);
  ASSERT_TRUE(upload && (*upload)->Append(bytes));
  ASSERT_TRUE(blobs_->Publish(key, *std::move(upload), *Digest::Parse(layer)));
  clock_.Advance(options_.retry_failed + Duration(1));
  EXPECT_EQ(Progress(service_->OpenLayers(kHere, Refs({layer}))).state, State::kWaiting);
  EXPECT_EQ(RunJobs(), 1);
  Ready(service_->OpenLayers(kHere, Refs({layer})));
}

// A layer that ends the process each time is not read for ever.
TEST_P(LayerServiceTest, CrashesAreCounted) {
  const auto layer = Push(Gzip(TarText().File("a", "1").End()));
  Progress(service_->OpenLayers(kHere, Refs({layer})));
  Execute("UPDATE layer_index SET state = 'running', attempts = 3");
  EXPECT_EQ(RunJobs(), 1);
  EXPECT_EQ(Progress(service_->OpenLayers(kHere, Refs({layer}))).reason,
            "Layer " + layer + " can't be read. Reading it was broken off several times.");
}

TEST_P(LayerServiceTest, LostJobsAreEnqueuedAgain) {
  const auto layer = Push(Gzip(TarText().File("a", "1").End()));
  Progress(service_->OpenLayers(kHere, Refs({layer})));
  Execute("DELETE FROM job");
  Progress(service_->OpenLayers(kHere, Refs({layer})));
  EXPECT_EQ(RunJobs(), 0);
  clock_.Advance(options_.lost_after + Duration(1));
  Progress(service_->OpenLayers(kHere, Refs({layer})));
  EXPECT_EQ(RunJobs(), 1);
  Ready(service_->OpenLayers(kHere, Refs({layer})));
}

TEST_P(LayerServiceTest, StoppingLosesNoAttempt) {
  const auto layer = Push(TarText().File("a", std::string(20 << 20, 'x')).End());
  Progress(service_->OpenLayers(kHere, Refs({layer})));
  stop_.request_stop();
  EXPECT_EQ(RunJobs(), 1);
  EXPECT_EQ(Count("SELECT attempts FROM layer_index"), 0);
  EXPECT_EQ(Count("SELECT COUNT(*) FROM layer_index WHERE state = 'waiting'"), 1);
  stop_ = std::stop_source();
  EXPECT_EQ(RunJobs(), 1);
  Ready(service_->OpenLayers(kHere, Refs({layer})));
}

TEST_P(LayerServiceTest, OnlyWhatTheRepositoryHolds) {
  const auto layer = Push(Gzip(TarText().File("a", "1").End()));
  const auto hidden = service_->OpenLayer(kElsewhere, layer);
  ASSERT_FALSE(hidden);
  EXPECT_EQ(hidden.error().code, ErrorCode::kBlobUnknown);
  EXPECT_EQ(RunJobs(), 0);
  const std::string foreign = "sha256:" + std::string(64, '1');
  const auto unknown = service_->OpenLayer(kHere, foreign);
  ASSERT_FALSE(unknown);
  // A layer that a manifest names and that lies elsewhere.
  Execute(
      "INSERT INTO manifest (id, repository_id, digest, media_type, size, payload, created_at) VALUES "
      "(1, 1, 'sha256:m', 't', 1, '', 1)");
  Execute("INSERT INTO manifest_absent_blob (manifest_id, position, repository_id, digest) VALUES (1, 0, 1, '" +
          foreign + "')");
  EXPECT_EQ(Progress(service_->OpenLayer(kHere, foreign)).state, State::kFailed);
  EXPECT_EQ(Progress(service_->OpenLayers(kHere, Refs({layer, foreign}))).reason,
            "Layer " + foreign + " is not stored here: it is fetched from somewhere else, or was never pushed.");
}

TEST_P(LayerServiceTest, LayersThatAreNoFileSystems) {
  const auto layer = Push("{}");
  const auto progress = Progress(service_->OpenLayers(kHere, {{layer, "application/vnd.in-toto+json"}}));
  EXPECT_EQ(progress.state, State::kFailed);
  EXPECT_EQ(progress.reason, "Layer " + layer + " is application/vnd.in-toto+json, which is no file system.");
  EXPECT_EQ(RunJobs(), 0);
  EXPECT_EQ(Ready(service_->OpenLayers(kHere, {})).tree->Children(kRoot).size(), 0U);
  for (const char* type : {"application/vnd.oci.image.layer.v1.tar", "application/vnd.oci.image.layer.v1.tar+zstd",
                           "application/vnd.docker.image.rootfs.diff.tar.gzip",
                           "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
                           "application/vnd.cncf.helm.chart.content.v1.tar+gzip"}) {
    EXPECT_TRUE(IsFileSystemType(type)) << type;
  }
  for (const char* type : {"application/vnd.oci.empty.v1+json", "application/vnd.oci.image.layer.v1.tar+encrypted"}) {
    EXPECT_FALSE(IsFileSystemType(type)) << type;
  }
}

TEST_P(LayerServiceTest, PreviewsAreBounded) {
  options_.preview_bytes = 1000;
  Restart();
  std::string text(999, 'x');
  text += "\xc3\xa9 and more";
  const auto layer = Push(Gzip(TarText()
                                   .File("long.txt", text)
                                   .File("binary", std::string("\x7f"
                                                               "ELF\0\1",
                                                               6))
                                   .File("empty", "")
                                   .Hardlink("link", "long.txt")
                                   .File("latin1", "caf\xe9")
                                   .File("run.sh", "#!/bin/sh\necho \x1b[1m\n")
                                   .End()));
  Progress(service_->OpenLayer(kHere, layer));
  RunJobs();
  const auto image = Ready(service_->OpenLayer(kHere, layer));
  const auto preview = [&](const char* path) {
    auto shown = service_->Preview(image, *image.tree->Find(path, true));
    EXPECT_TRUE(shown) << shown.error().message;
    return shown ? *shown : FilePreview();
  };
  for (const char* path : {"/long.txt", "/link"}) {
    const auto shown = preview(path);
    EXPECT_EQ(shown.text, std::string(999, 'x'));  // no half characters
    EXPECT_TRUE(shown.truncated);
    EXPECT_FALSE(shown.binary);
    EXPECT_EQ(shown.size, static_cast<int64_t>(text.size()));
  }
  EXPECT_TRUE(preview("/binary").binary);
  EXPECT_EQ(preview("/binary").text, "");
  EXPECT_EQ(preview("/binary").media_type, "application/x-executable");
  EXPECT_TRUE(preview("/latin1").binary);
  EXPECT_FALSE(preview("/empty").binary);
  EXPECT_FALSE(preview("/empty").truncated);
  EXPECT_EQ(preview("/run.sh").media_type, "text/x-shellscript");
}

TEST_P(LayerServiceTest, Compares) {
  const auto base = Push(Gzip(TarText().File("a", "1").End()));
  const auto target = Push(Gzip(TarText().File("a", "2").File("b", "").End()));
  auto compared = service_->CompareLayers(kHere, Refs({base}), Refs({target}));
  ASSERT_TRUE(compared);
  EXPECT_EQ(std::get<IndexProgress>(*compared).layers_total, 2);
  RunJobs();
  for (int round = 0; round < 2; ++round) {
    compared = service_->CompareLayers(kHere, Refs({base}), Refs({target}));
    ASSERT_TRUE(compared);
    const auto& difference = *std::get<std::shared_ptr<const TreeDifference>>(*compared);
    EXPECT_EQ(difference.changed, 1);
    EXPECT_EQ(difference.added, 1);
  }
}

TEST_P(LayerServiceTest, LittleMemoryOnlyMeansMoreWork) {
  options_.cache_bytes = 10;
  Restart();
  const auto layer = Push(Gzip(TarText().File("a", "1").End()));
  Progress(service_->OpenLayers(kHere, Refs({layer})));
  RunJobs();
  const auto image = Ready(service_->OpenLayers(kHere, Refs({layer})));
  EXPECT_EQ(service_->Preview(image, *image.tree->Find("/a", true))->text, "1");
}

INSTANTIATE_TEST_SUITE_P(Backends, LayerServiceTest, sql::AllBackends(), sql::BackendName);

}  // namespace
}  // namespace berth::layers
