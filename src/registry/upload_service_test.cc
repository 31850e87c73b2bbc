// Uploads in large pieces: what is hashed is what the file holds, also when a write fails in the middle.
#include "registry/upload_service.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <random>
#include <thread>
#include <vector>

#include "registry/test_registry.h"

namespace berth::registry {
namespace {

constexpr size_t kMebibyte = 1 << 20;

std::string Random(size_t size, unsigned seed) {
  std::mt19937_64 generator(seed);
  std::string bytes(size, '\0');
  for (char& c : bytes) c = static_cast<char>(generator());
  return bytes;
}

// While it lives, no file of this process grows beyond `bytes`: a write across the limit is cut short, the next fails.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    rlimit limit = before_;
    limit.rlim_cur = bytes;
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  void (*handler_)(int);
  rlimit before_{};
};

class UploadServiceTest : public RegistryTest {
 protected:
  UploadServiceTest() { repository_ = Repo("alice/app", alice()); }

  UploadService& uploads() { return registry().uploads(); }
  const Repository& repository() const { return repository_; }
  std::string Begin(DigestAlgorithm algorithm = DigestAlgorithm::kSha256) {
    auto started = uploads().Start(alice(), repository_, algorithm);
    EXPECT_TRUE(started) << started.error().message;
    return started ? started->id : "";
  }
  std::unique_ptr<UploadService::Writer> Open(const std::string& id) {
    auto writer = uploads().Open(alice(), repository_, id);
    EXPECT_TRUE(writer) << writer.error().message;
    return writer ? *std::move(writer) : nullptr;
  }
  uint64_t SizeOf(const std::string& id) {
    auto status = uploads().Find(alice(), repository_, id);
    EXPECT_TRUE(status) << status.error().message;
    return status ? status->size : 0;
  }
  std::string Stored(const Digest& digest) {
    auto file = blobs().Open(digest);
    EXPECT_TRUE(file) << file.error().message;
    if (!file) return "";
    std::string bytes((*file)->size(), '\0');
    EXPECT_EQ(::pread((*file)->fd(), bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
    return bytes;
  }

 private:
  Repository repository_;
};
INSTANTIATE_TEST_SUITE_P(Backends, UploadServiceTest, sql::AllBackends(), sql::BackendName);

TEST_P(UploadServiceTest, PiecesOfAnySizeInBothAlgorithms) {
  const std::string bytes = Random(5 * kMebibyte, 1);
  for (const auto algorithm : {DigestAlgorithm::kSha256, DigestAlgorithm::kSha512}) {
    auto writer = Open(Begin(algorithm));
    ASSERT_TRUE(writer);
    size_t at = 0;
    for (const size_t size : {kMebibyte, kMebibyte, size_t{300'001}, size_t{7}, kMebibyte, size_t{256} << 10}) {
      ASSERT_TRUE(writer->Append(std::string_view(bytes).substr(at, size)));
      at += size;
    }
    const std::string expected = bytes.substr(0, at);
    const Digest digest = DigestOf(expected, algorithm);
    ASSERT_TRUE(uploads().Finish(std::move(writer), repository(), digest));
    EXPECT_TRUE(Stored(digest) == expected);
  }
}

TEST_P(UploadServiceTest, AfterAFailedWriteTheSamePieceGoesOn) {
  const std::string bytes = Random(4 * kMebibyte, 2);
  const std::string_view view(bytes);
  for (const bool same_request : {true, false}) {
    const std::string id = Begin();
    auto writer = Open(id);
    ASSERT_TRUE(writer->Append(view.substr(0, kMebibyte)));
    ASSERT_TRUE(writer->Append(view.substr(kMebibyte, kMebibyte)));
    {
      const FileSizeLimit limit(2 * kMebibyte + (512 << 10));
      EXPECT_FALSE(writer->Append(view.substr(2 * kMebibyte, kMebibyte)));
    }
    EXPECT_EQ(writer->size(), 2 * kMebibyte);
    if (!same_request) {
      writer.reset();
      EXPECT_EQ(SizeOf(id), 2 * kMebibyte);
      writer = Open(id);
    }
    ASSERT_TRUE(writer->Append(view.substr(2 * kMebibyte, kMebibyte)));
    ASSERT_TRUE(writer->Append(view.substr(3 * kMebibyte)));
    ASSERT_TRUE(uploads().Finish(std::move(writer), repository(), DigestOf(bytes)));
    EXPECT_TRUE(Stored(DigestOf(bytes)) == bytes);
    ASSERT_TRUE(blobs().Delete(DigestOf(bytes)));
  }
}

TEST_P(UploadServiceTest, AFailedWriteLeavesWhatWasThere) {
  const std::string bytes = Random(3 * kMebibyte, 3);
  auto writer = Open(Begin());
  ASSERT_TRUE(writer->Append(std::string_view(bytes).substr(0, kMebibyte)));
  {
    const FileSizeLimit limit(kMebibyte);
    EXPECT_FALSE(writer->Append(std::string_view(bytes).substr(kMebibyte)));
  }
  const std::string kept = bytes.substr(0, kMebibyte);
  ASSERT_TRUE(uploads().Finish(std::move(writer), repository(), DigestOf(kept)));
  EXPECT_TRUE(Stored(DigestOf(kept)) == kept);
}

TEST_P(UploadServiceTest, LargeUploadsGoOnAfterARestart) {
  const std::string bytes = Random(3 * kMebibyte + 17, 4);
  const std::string id = Begin(DigestAlgorithm::kSha512);
  {
    auto writer = Open(id);
    ASSERT_TRUE(writer->Append(std::string_view(bytes).substr(0, kMebibyte)));
    ASSERT_TRUE(writer->Append(std::string_view(bytes).substr(kMebibyte, 500'003)));
  }
  Restart();
  EXPECT_EQ(SizeOf(id), kMebibyte + 500'003);
  auto writer = Open(id);
  ASSERT_TRUE(writer->Append(std::string_view(bytes).substr(kMebibyte + 500'003)));
  const Digest digest = DigestOf(bytes, DigestAlgorithm::kSha512);
  ASSERT_TRUE(uploads().Finish(std::move(writer), repository(), digest));
  EXPECT_TRUE(Stored(digest) == bytes);
}

TEST_P(UploadServiceTest, ManyLargeUploadsAtOnce) {
  std::vector<std::thread> threads;
  for (unsigned number = 0; number < 6; ++number) {
    threads.emplace_back([this, number] {
      const std::string bytes = Random(2 * kMebibyte, 10 + number);
      auto writer = Open(Begin());
      for (size_t at = 0; at < bytes.size(); at += 512 << 10) {
        EXPECT_TRUE(writer->Append(std::string_view(bytes).substr(at, 512 << 10)));
      }
      EXPECT_TRUE(uploads().Finish(std::move(writer), repository(), DigestOf(bytes)));
      EXPECT_TRUE(Stored(DigestOf(bytes)) == bytes);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

// In an embedded database a row is a durable write: no upload has one that does not need it.
TEST_P(UploadServiceTest, RowsAndFilesComeWhenTheyAreNeeded) {
  const bool embedded = database().IsEmbedded();
  const std::string id = Begin();
  EXPECT_EQ(Count("SELECT COUNT(*) FROM upload"), embedded ? 0 : 1);
  EXPECT_TRUE(blobs().ListUploads()->empty());
  EXPECT_EQ(SizeOf(id), 0u);
  {
    auto writer = Open(id);
    ASSERT_TRUE(writer->Append("some"));
    EXPECT_EQ(Count("SELECT COUNT(*) FROM upload"), embedded ? 0 : 1);
    ASSERT_TRUE(writer->Keep());
    EXPECT_EQ(Count("SELECT COUNT(*) FROM upload"), 1);
  }
  auto writer = Open(id);
  ASSERT_TRUE(writer->Append(" bytes"));
  ASSERT_TRUE(uploads().Finish(std::move(writer), repository(), DigestOf("some bytes")));
  EXPECT_EQ(Stored(DigestOf("some bytes")), "some bytes");
  EXPECT_EQ(Count("SELECT COUNT(*) FROM upload"), 0);
}

// Copies of the server share a database and the blobs; requests of one upload may reach any of them.
TEST_P(UploadServiceTest, AnotherCopyMayGetTheNextRequest) {
  if (database().IsEmbedded()) GTEST_SKIP() << "belongs to one process";
  Registry other(database(), blobs(), clock(), options());
  const std::string id = Begin();
  {
    auto writer = other.uploads().Open(alice(), repository(), id);
    ASSERT_TRUE(writer) << writer.error().message;
    ASSERT_TRUE((*writer)->Append("bytes"));
  }
  EXPECT_EQ(SizeOf(id), 5u);
  ASSERT_TRUE(Open(id)->Append(" here"));
  {
    auto writer = other.uploads().Open(alice(), repository(), id);
    ASSERT_TRUE(writer) << writer.error().message;
    ASSERT_TRUE((*writer)->Append(" and there"));
  }
  EXPECT_EQ(SizeOf(id), 20u);
  ASSERT_TRUE(uploads().Finish(Open(id), repository(), DigestOf("bytes here and there")));
  EXPECT_EQ(Stored(DigestOf("bytes here and there")), "bytes here and there");
  EXPECT_EQ(other.uploads().Open(alice(), repository(), id).error().code, ErrorCode::kBlobUploadUnknown);
}

TEST_P(UploadServiceTest, CopiesOfTheServerWriteToAnUploadOneAtATime) {
  if (database().IsEmbedded()) GTEST_SKIP() << "belongs to one process";
  Registry other(database(), blobs(), clock(), options());
  const std::string id = Begin();
  auto writer = Open(id);
  ASSERT_TRUE(writer->Append("bytes"));
  EXPECT_EQ(other.uploads().Open(alice(), repository(), id).error().code, ErrorCode::kConflict);
  EXPECT_EQ(other.uploads().Cancel(alice(), repository(), id).error().code, ErrorCode::kConflict);
  clock().Advance(options().upload_expiry + std::chrono::seconds(1));
  EXPECT_EQ(other.uploads().Expire(10), 0) << "it goes on here";
  writer.reset();
  EXPECT_TRUE(other.uploads().Open(alice(), repository(), id));
  EXPECT_TRUE(uploads().Open(alice(), repository(), id)) << "the other has let go";
}

TEST_P(UploadServiceTest, AnInterruptedFirstRequestIsKept) {
  const std::string id = Begin();
  ASSERT_TRUE(Open(id)->Append("half of"));  // the writer goes at once, as when the client does
  EXPECT_EQ(Count("SELECT COUNT(*) FROM upload"), 1);
  Restart();
  EXPECT_EQ(SizeOf(id), 7u);
}

TEST_P(UploadServiceTest, UploadsThatHaveJustBegunOutliveAnOrderlyRestart) {
  const Repository gone = Repo("alice/gone", alice());
  ASSERT_TRUE(uploads().Start(alice(), gone, DigestAlgorithm::kSha256));
  std::vector<std::string> ids;
  for (int i = 0; i < 20; ++i) ids.push_back(Begin());
  Execute("DELETE FROM repository WHERE full_name = 'alice/gone'");
  Restart();
  for (const std::string& id : ids) EXPECT_EQ(SizeOf(id), 0u);
  auto writer = Open(ids[7]);
  ASSERT_TRUE(writer->Append("bytes"));
  ASSERT_TRUE(uploads().Finish(std::move(writer), repository(), DigestOf("bytes")));
}

TEST_P(UploadServiceTest, ManyThatHaveJustBegunLeaveRoom) {
  options().max_open_uploads = 8;
  Restart();
  std::vector<std::string> ids;
  for (int i = 0; i < 30; ++i) ids.push_back(Begin());
  for (const std::string& id : ids) {
    auto writer = Open(id);
    ASSERT_TRUE(writer) << id;
    ASSERT_TRUE(writer->Append(id));
    ASSERT_TRUE(uploads().Finish(std::move(writer), repository(), DigestOf(id)));
  }
}

TEST_P(UploadServiceTest, AfterAFailedPublishTheClientMayFinishAgain) {
  const auto blobs_folder = folder() / "blobs" / "sha256";
  const std::string id = Begin();
  auto writer = Open(id);
  ASSERT_TRUE(writer->Append("bytes"));
  std::filesystem::rename(blobs_folder, folder() / "away");
  EXPECT_FALSE(uploads().Finish(std::move(writer), repository(), DigestOf("bytes")));
  std::filesystem::rename(folder() / "away", blobs_folder);
  Restart();
  EXPECT_EQ(SizeOf(id), 5u);
  ASSERT_TRUE(uploads().Finish(Open(id), repository(), DigestOf("bytes")));
  EXPECT_EQ(Stored(DigestOf("bytes")), "bytes");
}

// A power loss may leave a file of the right size under the digest, with other bytes and no row.
TEST_P(UploadServiceTest, AFileWithoutARowIsNotTrusted) {
  const Digest digest = DigestOf("right");
  auto file = blobs().CreateUpload("00000000-0000-4000-8000-000000000001");
  ASSERT_TRUE((*file)->Append("wrong"));
  ASSERT_TRUE(blobs().Publish("00000000-0000-4000-8000-000000000001", *std::move(file), digest));
  auto writer = Open(Begin());
  ASSERT_TRUE(writer->Append("right"));
  ASSERT_TRUE(uploads().Finish(std::move(writer), repository(), digest));
  EXPECT_EQ(Stored(digest), "right");
}

TEST_P(UploadServiceTest, ABlobThatIsThereIsNotWrittenAgain) {
  const Digest digest = DigestOf("bytes");
  ino_t files[2];
  for (ino_t& file : files) {
    auto writer = Open(Begin());
    ASSERT_TRUE(writer->Append("bytes"));
    ASSERT_TRUE(uploads().Finish(std::move(writer), repository(), digest));
    struct stat info{};
    ASSERT_EQ(::fstat((*blobs().Open(digest))->fd(), &info), 0);
    file = info.st_ino;
  }
  EXPECT_EQ(files[0], files[1]);
  EXPECT_TRUE(blobs().ListUploads()->empty());
}

TEST_P(UploadServiceTest, ACancelledLargeUploadLeavesNothing) {
  const std::string id = Begin();
  {
    auto writer = Open(id);
    ASSERT_TRUE(writer->Append(Random(kMebibyte, 5)));
    ASSERT_TRUE(writer->Append(Random(kMebibyte, 6)));
  }
  ASSERT_TRUE(uploads().Cancel(alice(), repository(), id));
  EXPECT_TRUE(blobs().ListUploads()->empty());
}

}  // namespace
}  // namespace berth::registry
