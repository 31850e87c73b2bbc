// The suite that every driver of BlobStore must pass.
#include "blob/blob_store.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <random>
#include <set>
#include <thread>

namespace berth {
namespace {

namespace fs = std::filesystem;

struct Driver {
  std::string name;
  std::function<std::unique_ptr<BlobStore>(const fs::path&)> open;
};

std::string Random(size_t size, unsigned seed) {
  std::mt19937_64 generator(seed);
  std::string bytes(size, '\0');
  for (char& c : bytes) c = static_cast<char>(generator());
  return bytes;
}

std::string ReadBlob(const BlobFile& file, uint64_t offset = 0) {
  std::string bytes(file.size() - offset, '\0');
  EXPECT_EQ(::pread(file.fd(), bytes.data(), bytes.size(), static_cast<off_t>(offset)),
            static_cast<ssize_t>(bytes.size()));
  return bytes;
}

std::string Key(int n) {
  char text[40];
  std::snprintf(text, sizeof text, "00000000-0000-4000-8000-%012d", n);
  return text;
}

class BlobStoreTest : public ::testing::TestWithParam<Driver> {
 protected:
  BlobStoreTest() {
    char name[] = "/tmp/berth-blob.XXXXXX";
    folder_ = ::mkdtemp(name);
    Reopen();
  }
  ~BlobStoreTest() override {
    store_.reset();
    fs::remove_all(folder_);
  }
  void Reopen() { store_ = GetParam().open(folder_ / "a" / "b"); }
  BlobStore& store() { return *store_; }
  const fs::path& folder() const { return folder_; }

  Digest Put(const std::string& bytes) {
    const std::string key = Key(++next_);
    auto upload = store().CreateUpload(key);
    EXPECT_TRUE(upload) << upload.error().message;
    EXPECT_TRUE((*upload)->Append(bytes));
    const Digest digest = DigestOf(bytes);
    EXPECT_TRUE(store().Publish(key, *std::move(upload), digest));
    return digest;
  }
  ErrorCode OpenError(const Digest& digest) {
    auto file = store().Open(digest);
    return file ? ErrorCode::kInternal : file.error().code;
  }

 private:
  fs::path folder_;
  std::unique_ptr<BlobStore> store_;
  std::atomic<int> next_{0};
};

TEST_P(BlobStoreTest, ReadsBackWhatWasPublished) {
  for (const size_t size : {size_t{0}, size_t{1}, size_t{4096}, size_t{3} << 20}) {
    const std::string bytes = Random(size, 7);
    const Digest digest = Put(bytes);
    auto file = store().Open(digest);
    ASSERT_TRUE(file);
    EXPECT_EQ(ReadBlob(**file), bytes);
  }
}

TEST_P(BlobStoreTest, ReadsFromAnOffset) {
  const std::string bytes = Random(10'000, 1);
  auto file = store().Open(Put(bytes));
  ASSERT_TRUE(file);
  EXPECT_EQ(ReadBlob(**file, 9'000), bytes.substr(9'000));
}

TEST_P(BlobStoreTest, KeepsBothAlgorithms) {
  const std::string bytes = Random(100, 2);
  const Digest digest = DigestOf(bytes, DigestAlgorithm::kSha512);
  auto upload = store().CreateUpload(Key(500));
  ASSERT_TRUE((*upload)->Append(bytes));
  ASSERT_TRUE(store().Publish(Key(500), *std::move(upload), digest));
  EXPECT_TRUE(store().Open(digest));
  EXPECT_EQ(OpenError(DigestOf(bytes)), ErrorCode::kBlobUnknown);
}

TEST_P(BlobStoreTest, UnknownBlobsAreUnknown) {
  const Digest digest = DigestOf("nothing");
  EXPECT_EQ(OpenError(digest), ErrorCode::kBlobUnknown);
  EXPECT_FALSE(*store().Exists(digest, 7));
  EXPECT_TRUE(store().Delete(digest));
  EXPECT_EQ(store().Quarantine(digest).error().code, ErrorCode::kBlobUnknown);
}

TEST_P(BlobStoreTest, ExistsComparesTheSize) {
  const Digest digest = Put("12345");
  EXPECT_TRUE(*store().Exists(digest, 5));
  EXPECT_FALSE(*store().Exists(digest, 6));
}

TEST_P(BlobStoreTest, UploadsGoOnAfterReopening) {
  const std::string bytes = Random(3'000'000, 3);
  {
    auto upload = store().CreateUpload(Key(1));
    ASSERT_TRUE((*upload)->Append(bytes.substr(0, 1'000'000)));
  }
  Reopen();
  auto upload = store().OpenUpload(Key(1));
  ASSERT_TRUE(upload);
  EXPECT_EQ((*upload)->size(), 1'000'000u);
  ASSERT_TRUE((*upload)->Append(bytes.substr(1'000'000)));
  std::string all;
  ASSERT_TRUE((*upload)->ReadAll([&](std::string_view piece) { all.append(piece); }));
  EXPECT_EQ(all, bytes);
  ASSERT_TRUE(store().Publish(Key(1), *std::move(upload), DigestOf(bytes)));
  Reopen();
  EXPECT_EQ(ReadBlob(**store().Open(DigestOf(bytes))), bytes);
}

// Whole pages are written past the page cache: they must lie beside what was written through it, whatever the order.
TEST_P(BlobStoreTest, PagesAndOddPiecesMakeOneFile) {
  constexpr size_t kPage = 4096;
  const std::string bytes = Random(5'000'000, 5);
  const std::unique_ptr<char, decltype(&std::free)> paged(static_cast<char*>(std::aligned_alloc(kPage, 1 << 20)),
                                                          &std::free);
  auto upload = store().CreateUpload(Key(1));
  ASSERT_TRUE(upload);
  size_t at = 0;
  for (const size_t size : {size_t{1} << 20, size_t{64} << 10, size_t{1} << 20, 250 * kPage - 1, size_t{1}, 128 * kPage,
                            size_t{100'000}, size_t{1} << 19}) {
    const size_t part = std::min({size, bytes.size() - at, size_t{1} << 20});
    std::memcpy(paged.get(), bytes.data() + at, part);
    ASSERT_TRUE((*upload)->Append({paged.get(), part})) << at;
    at += part;
    std::string all;
    ASSERT_TRUE((*upload)->ReadAll([&](std::string_view piece) { all.append(piece); }));
    ASSERT_TRUE(all == bytes.substr(0, at)) << at;
  }
  ASSERT_TRUE((*upload)->Truncate(at - 1));
  std::memcpy(paged.get(), bytes.data() + at - 1, 200'001);
  ASSERT_TRUE((*upload)->Append({paged.get(), 200'001}));
  const std::string whole = bytes.substr(0, at + 200'000);
  ASSERT_TRUE(store().Publish(Key(1), *std::move(upload), DigestOf(whole)));
  EXPECT_TRUE(ReadBlob(**store().Open(DigestOf(whole))) == whole);
}

TEST_P(BlobStoreTest, AnEmptyAppendChangesNothing) {
  auto upload = store().CreateUpload(Key(1));
  ASSERT_TRUE((*upload)->Append(""));
  EXPECT_EQ((*upload)->size(), 0u);
  ASSERT_TRUE((*upload)->Append("x"));
  EXPECT_EQ((*upload)->size(), 1u);
}

TEST_P(BlobStoreTest, TruncateForgetsTheEnd) {
  auto upload = store().CreateUpload(Key(1));
  ASSERT_TRUE((*upload)->Append("hello world"));
  ASSERT_TRUE((*upload)->Truncate(5));
  EXPECT_FALSE((*upload)->Truncate(6));
  ASSERT_TRUE((*upload)->Append("!"));
  std::string all;
  ASSERT_TRUE((*upload)->ReadAll([&](std::string_view piece) { all.append(piece); }));
  EXPECT_EQ(all, "hello!");
}

TEST_P(BlobStoreTest, UploadKeysAreTakenOnceAndCantLeaveTheFolder) {
  ASSERT_TRUE(store().CreateUpload(Key(1)));
  EXPECT_EQ(store().CreateUpload(Key(1)).error().code, ErrorCode::kAlreadyExists);
  for (const char* key : {"", "..", "../x", "a/b", "a.b", "/etc/passwd"}) {
    EXPECT_FALSE(store().CreateUpload(key)) << key;
    EXPECT_EQ(store().OpenUpload(key).error().code, ErrorCode::kBlobUploadUnknown) << key;
    EXPECT_TRUE(store().DropUpload(key)) << key;
  }
}

TEST_P(BlobStoreTest, PublishingTwiceKeepsOne) {
  const std::string bytes = Random(1000, 4);
  const Digest digest = Put(bytes);
  EXPECT_EQ(Put(bytes), digest);
  EXPECT_TRUE(store().ListUploads()->empty());
  EXPECT_EQ(ReadBlob(**store().Open(digest)), bytes);
}

TEST_P(BlobStoreTest, PublishingReplacesAFileOfTheWrongSize) {
  const Digest digest = Put("right");
  ASSERT_TRUE(store().Open(digest));
  int damaged = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder())) {
    if (entry.path().filename() == std::string(digest.hex())) {
      fs::resize_file(entry.path(), 2);
      ++damaged;
    }
  }
  ASSERT_EQ(damaged, 1);
  Put("right");
  EXPECT_EQ(ReadBlob(**store().Open(digest)), "right");
}

TEST_P(BlobStoreTest, DeletedBlobsAreGoneButOpenReadersGoOn) {
  const Digest digest = Put("some bytes");
  auto file = store().Open(digest);
  ASSERT_TRUE(file);
  ASSERT_TRUE(store().Delete(digest));
  EXPECT_EQ(OpenError(digest), ErrorCode::kBlobUnknown);
  EXPECT_EQ(ReadBlob(**file), "some bytes");
}

TEST_P(BlobStoreTest, DeletingOneLeavesItsNeighbours) {
  std::vector<Digest> digests;
  for (int i = 0; i < 600; ++i) digests.push_back(Put("blob " + std::to_string(i)));  // some share a folder
  for (size_t i = 0; i < digests.size(); i += 2) ASSERT_TRUE(store().Delete(digests[i]));
  for (size_t i = 0; i < digests.size(); ++i) EXPECT_EQ(store().Open(digests[i]).has_value(), i % 2 == 1);
}

TEST_P(BlobStoreTest, QuarantineKeepsTheBytesAside) {
  const Digest digest = Put("suspicious");
  ASSERT_TRUE(store().Quarantine(digest));
  EXPECT_EQ(OpenError(digest), ErrorCode::kBlobUnknown);
  Put("suspicious");
  EXPECT_TRUE(store().Open(digest));
}

TEST_P(BlobStoreTest, ForEachVisitsEveryBlobOnce) {
  std::set<Digest> expected;
  for (int i = 0; i < 50; ++i) expected.insert(Put("blob " + std::to_string(i)));
  ASSERT_TRUE(store().CreateUpload(Key(900)));
  std::multiset<Digest> seen;
  ASSERT_TRUE(store().ForEach([&](const StoredBlob& blob) {
    seen.insert(blob.digest);
    EXPECT_EQ(blob.size, blob.digest == DigestOf("blob 7") ? 6u : blob.size);
    EXPECT_GT(ToMicros(blob.modified), 1'600'000'000'000'000);
    return true;
  }));
  EXPECT_EQ(seen.size(), 50u);
  EXPECT_EQ(std::set<Digest>(seen.begin(), seen.end()), expected);
  int visits = 0;
  ASSERT_TRUE(store().ForEach([&](const StoredBlob&) { return ++visits < 3; }));
  EXPECT_EQ(visits, 3) << "until told to end";
}

TEST_P(BlobStoreTest, DropUploadForgetsIt) {
  ASSERT_TRUE(store().CreateUpload(Key(1)));
  const auto uploads = *store().ListUploads();
  ASSERT_EQ(uploads.size(), 1u);
  EXPECT_EQ(uploads[0].key, Key(1));
  EXPECT_GT(ToMicros(uploads[0].modified), 1'600'000'000'000'000);
  ASSERT_TRUE(store().DropUpload(Key(1)));
  ASSERT_TRUE(store().DropUpload(Key(1)));
  EXPECT_EQ(store().OpenUpload(Key(1)).error().code, ErrorCode::kBlobUploadUnknown);
}

TEST_P(BlobStoreTest, OneAtATimePublishesOrRemoves) {
  const Digest digest = DigestOf("x");
  for (const GuardMode mode : {GuardMode::kPublish, GuardMode::kRemove}) {
    auto first = store().Guard(digest, mode);
    ASSERT_TRUE(first);
    EXPECT_EQ(store().Guard(digest, GuardMode::kRemove).error().code, ErrorCode::kConflict);
    EXPECT_TRUE(store().Guard(DigestOf("y"), GuardMode::kRemove));
    std::atomic<bool> published{false};
    std::thread publisher([&] {
      auto guard = store().Guard(digest, GuardMode::kPublish);
      published = guard.has_value();
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    EXPECT_FALSE(published);
    first->reset();
    publisher.join();
    EXPECT_TRUE(published);
  }
}

TEST_P(BlobStoreTest, OneAtATimeWritesToAnUpload) {
  auto first = store().GuardUpload(Key(1));
  ASSERT_TRUE(first);
  EXPECT_EQ(store().GuardUpload(Key(1)).error().code, ErrorCode::kConflict);
  EXPECT_TRUE(store().GuardUpload(Key(2)));
  EXPECT_TRUE(store().Guard(DigestOf("x"), GuardMode::kRemove));
  first->reset();
  EXPECT_TRUE(store().GuardUpload(Key(1)));
}

// As a power loss in the middle of publishing leaves it: the right size, other bytes.
TEST_P(BlobStoreTest, PublishingReplacesWhatLiesThere) {
  const std::string bytes = Random(10'000, 11);
  const Digest digest = Put(bytes);
  fs::path path;
  for (const auto& entry : fs::recursive_directory_iterator(folder())) {
    if (entry.path().filename() == digest.hex()) path = entry.path();
  }
  ASSERT_FALSE(path.empty());
  std::ofstream(path, std::ios::binary) << std::string(bytes.size(), 'x');
  Reopen();
  EXPECT_NE(ReadBlob(**store().Open(digest)), bytes);
  EXPECT_EQ(Put(bytes), digest);
  EXPECT_EQ(ReadBlob(**store().Open(digest)), bytes);
  EXPECT_TRUE(store().ListUploads()->empty());
}

TEST_P(BlobStoreTest, ManyThreadsPublishAndReadAtOnce) {
  constexpr int kThreads = 8;
  constexpr int kBlobs = 25;
  std::vector<std::thread> threads;
  std::atomic<int> good{0};
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kBlobs; ++i) {
        const std::string bytes = Random(20'000, i % 5 == 0 ? 42 + i : t * 1000 + i);  // some are pushed by all threads
        const std::string key = Key(t * 1000 + i);
        auto upload = store().CreateUpload(key);
        if (!upload || !(*upload)->Append(bytes)) continue;
        const Digest digest = DigestOf(bytes);
        if (!store().Publish(key, *std::move(upload), digest)) continue;
        auto file = store().Open(digest);
        if (file && ReadBlob(**file) == bytes) ++good;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(good, kThreads * kBlobs);
  EXPECT_TRUE(store().ListUploads()->empty());
}

TEST_P(BlobStoreTest, ReadersShareABlobWhileItIsRevoked) {
  const std::string bytes = Random(50'000, 9);
  const Digest digest = DigestOf(bytes);
  std::atomic<bool> stop{false};
  std::atomic<int> wrong{0};
  std::vector<std::thread> readers;
  for (int t = 0; t < 4; ++t) {
    readers.emplace_back([&] {
      while (!stop) {
        auto file = store().Open(digest);
        if (file && ReadBlob(**file) != bytes) ++wrong;
      }
    });
  }
  for (int i = 0; i < 50; ++i) {
    Put(bytes);
    ASSERT_TRUE(store().Delete(digest));
    EXPECT_EQ(OpenError(digest), ErrorCode::kBlobUnknown);
  }
  stop = true;
  for (auto& reader : readers) reader.join();
  EXPECT_EQ(wrong, 0);
}

TEST_P(BlobStoreTest, ProbeLeavesNothing) {
  EXPECT_TRUE(store().Probe());
  EXPECT_TRUE(store().ListUploads()->empty());
}

INSTANTIATE_TEST_SUITE_P(Drivers, BlobStoreTest,
                         ::testing::Values(Driver{"filesystem",
                                                  [](const fs::path& folder) {
                                                    FilesystemBlobOptions options;
                                                    options.folder = folder;
                                                    options.max_open_blobs = 32;
                                                    auto store = OpenFilesystemBlobStore(options);
                                                    EXPECT_TRUE(store);
                                                    return *std::move(store);
                                                  }}),
                         [](const auto& info) { return info.param.name; });

// /dev/full answers every write with ENOSPC, as a full disk does.
TEST(FilesystemBlobStoreErrors, AFullDiskIsOutOfSpaceAndLeavesTheSize) {
  char name[] = "/tmp/berth-blob.XXXXXX";
  const fs::path folder = ::mkdtemp(name);
  FilesystemBlobOptions options;
  options.folder = folder;
  auto store = OpenFilesystemBlobStore(options);
  ASSERT_TRUE(store);
  fs::create_symlink("/dev/full", folder / "uploads" / Key(1));
  auto upload = (*store)->OpenUpload(Key(1));
  ASSERT_TRUE(upload);
  const auto written = (*upload)->Append("bytes");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ErrorCode::kOutOfSpace);
  EXPECT_EQ((*upload)->size(), 0u);
  fs::remove_all(folder);
}

TEST(FilesystemBlobStoreErrors, AVanishedFolderIsUnavailableAndComesBack) {
  char name[] = "/tmp/berth-blob.XXXXXX";
  const fs::path folder = ::mkdtemp(name);
  FilesystemBlobOptions options;
  options.folder = folder;
  auto store = OpenFilesystemBlobStore(options);
  ASSERT_TRUE(store);
  fs::rename(folder / "uploads", folder / "elsewhere");
  EXPECT_EQ((*store)->CreateUpload(Key(1)).error().code, ErrorCode::kUnavailable);
  EXPECT_EQ((*store)->Probe().error().code, ErrorCode::kUnavailable);
  fs::rename(folder / "elsewhere", folder / "uploads");
  EXPECT_TRUE((*store)->CreateUpload(Key(1)));
  EXPECT_TRUE((*store)->Probe());
  fs::remove_all(folder);
}

}  // namespace
}  // namespace berth
