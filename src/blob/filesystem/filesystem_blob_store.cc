// The file-system driver of blob/blob_store.h; the folder's layout stands in blob/README.md.
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>

#include "base/log.h"
#include "blob/blob_store.h"
#include "blob/filesystem/descriptor_cache.h"
#include "blob/filesystem/folder_sync.h"
#include "blob/filesystem/io_error.h"
#include "blob/filesystem/layout.h"
#include "blob/filesystem/upload_file.h"

namespace berth {

BlobFile::~BlobFile() { ::close(fd_); }

namespace blob {
namespace {

Result<void> MakeFolder(const std::string& path) {
  if (::mkdir(path.c_str(), 0750) == 0 || errno == EEXIST) return {};
  return Fail(IoError(errno, "make folder", path));
}

// Names in a folder without "." and "..".
Result<std::vector<std::string>> Names(const std::string& folder) {
  DIR* stream = ::opendir(folder.c_str());
  if (stream == nullptr) return Fail(IoError(errno, "list folder", folder));
  std::vector<std::string> names;
  while (const dirent* entry = ::readdir(stream)) {
    if (entry->d_name[0] != '.') names.emplace_back(entry->d_name);
  }
  ::closedir(stream);
  return names;
}

Timestamp ModifiedAt(const struct stat& info) {
  return FromMicros(info.st_mtim.tv_sec * 1'000'000 + info.st_mtim.tv_nsec / 1000);
}

// A byte of one file for each digest or upload: no file is made for a guard. The locks belong to the open file
// (fcntl(2), "Open file description locks"), so every guard opens it anew.
class FileGuard final : public BlobGuard {
 public:
  explicit FileGuard(int fd) : fd_(fd) {}
  ~FileGuard() override { ::close(fd_); }

 private:
  const int fd_;
};

// kConflict when somebody has it and it is not to be waited for.
Result<std::unique_ptr<BlobGuard>> LockByte(const std::string& path, int64_t place, bool wait) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640);
  if (fd < 0) return Fail(IoError(errno, "open guards", path));
  auto guard = std::make_unique<FileGuard>(fd);
  struct flock range{};
  range.l_type = F_WRLCK;
  range.l_whence = SEEK_SET;
  range.l_start = place;
  range.l_len = 1;
  while (::fcntl(fd, wait ? F_OFD_SETLKW : F_OFD_SETLK, &range) != 0) {
    if (errno == EINTR) continue;
    if (!wait && (errno == EAGAIN || errno == EACCES)) return Fail(ErrorCode::kConflict, "guarded by another");
    return Fail(IoError(errno, "take guard", path));
  }
  return guard;
}

class FilesystemBlobStore final : public BlobStore {
 public:
  explicit FilesystemBlobStore(const FilesystemBlobOptions& options)
      : layout_(options.folder), sync_(options.sync), descriptors_(options.max_open_blobs) {}

  Result<void> Prepare();

  Result<std::unique_ptr<BlobGuard>> Guard(const Digest& digest, GuardMode mode) override;
  Result<std::unique_ptr<BlobGuard>> GuardUpload(std::string_view upload_key) override;
  Result<std::unique_ptr<UploadFile>> CreateUpload(std::string_view upload_key) override;
  Result<std::unique_ptr<UploadFile>> OpenUpload(std::string_view upload_key) override;
  Result<void> Publish(std::string_view upload_key, std::unique_ptr<UploadFile> upload, const Digest& digest) override;
  Result<void> DropUpload(std::string_view upload_key) override;
  Result<std::vector<StoredUpload>> ListUploads() override;
  Result<std::shared_ptr<const BlobFile>> Open(const Digest& digest) override;
  Result<bool> Exists(const Digest& digest, uint64_t size) override;
  Result<void> Delete(const Digest& digest) override;
  Result<void> Quarantine(const Digest& digest) override;
  Result<void> ForEach(FunctionRef<bool(const StoredBlob&)> visit) override;
  Result<void> Probe() override;

 private:
  Result<void> ReadyFolders(DigestAlgorithm algorithm);
  Result<void> ReadyFolder(const Digest& digest);
  Result<void> SyncFolderOf(const Digest& digest);
  bool VisitFile(DigestAlgorithm algorithm, const std::string& folder, const std::string& name,
                 FunctionRef<bool(const StoredBlob&)> visit);

  const Layout layout_;
  const bool sync_;
  DescriptorCache descriptors_;
  std::array<FolderSync, 2 * Layout::kFolders> folder_syncs_;
  std::array<FolderSync, 2> parent_syncs_;  // by algorithm
  // Exists, and its name in the parent is durable.
  std::array<std::atomic<bool>, 2 * Layout::kFolders> folder_ready_{};
  std::atomic<uint64_t> probes_{0};
};

Result<void> FilesystemBlobStore::Prepare() {
  // The parents too, outermost first.
  const std::string& root = layout_.root();
  for (size_t slash = root.find('/', 1); slash != std::string::npos; slash = root.find('/', slash + 1)) {
    TRY_VOID(MakeFolder(root.substr(0, slash)));
  }
  TRY_VOID(MakeFolder(root));
  for (const auto& folder :
       {layout_.Uploads(), layout_.Quarantine(), layout_.Locks(), layout_.Algorithm(DigestAlgorithm::kSha256),
        layout_.Algorithm(DigestAlgorithm::kSha512)}) {
    TRY_VOID(MakeFolder(folder));
  }
  TRY_VOID(ReadyFolders(DigestAlgorithm::kSha256));
  if (!sync_) return {};
  TRY_VOID(SyncFolder(root));
  const size_t slash = root.rfind('/');
  if (slash != std::string::npos && slash > 0) return SyncFolder(root.substr(0, slash));
  return {};
}

Result<std::unique_ptr<BlobGuard>> FilesystemBlobStore::Guard(const Digest& digest, GuardMode mode) {
  return LockByte(layout_.Guards(), Layout::GuardedByte(digest), mode == GuardMode::kPublish);
}

Result<std::unique_ptr<BlobGuard>> FilesystemBlobStore::GuardUpload(std::string_view upload_key) {
  return LockByte(layout_.UploadGuards(), Layout::GuardedByte(upload_key), false);
}

Result<std::unique_ptr<UploadFile>> FilesystemBlobStore::CreateUpload(std::string_view upload_key) {
  if (!IsUploadKey(upload_key)) return Fail(ErrorCode::kInvalidArgument, "not an upload key");
  std::string path = layout_.Upload(upload_key);
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
  if (fd < 0 && errno == EEXIST) return Fail(ErrorCode::kAlreadyExists, "the upload exists already");
  if (fd < 0) return Fail(IoError(errno, "create upload", path));
  return std::make_unique<FilesystemUpload>(fd, std::move(path), 0);
}

Result<std::unique_ptr<UploadFile>> FilesystemBlobStore::OpenUpload(std::string_view upload_key) {
  if (!IsUploadKey(upload_key)) return Fail(ErrorCode::kBlobUploadUnknown, "no such upload");
  std::string path = layout_.Upload(upload_key);
  const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (fd < 0 && errno == ENOENT) return Fail(ErrorCode::kBlobUploadUnknown, "no such upload");
  if (fd < 0) return Fail(IoError(errno, "open upload", path));
  struct stat info{};
  if (::fstat(fd, &info) != 0) {
    const int failed = errno;
    ::close(fd);
    return Fail(IoError(failed, "open upload", path));
  }
  return std::make_unique<FilesystemUpload>(fd, std::move(path), static_cast<uint64_t>(info.st_size));
}

// All at once and one sync, instead of a sync for most of the first pushes.
Result<void> FilesystemBlobStore::ReadyFolders(DigestAlgorithm algorithm) {
  for (const std::string& folder : layout_.Folders(algorithm)) TRY_VOID(MakeFolder(folder));
  if (sync_) TRY_VOID(SyncFolder(layout_.Algorithm(algorithm)));
  const size_t first = Layout::FirstFolderIndex(algorithm);
  for (size_t i = 0; i < Layout::kFolders; ++i) folder_ready_[first + i].store(true, std::memory_order_release);
  return {};
}

Result<void> FilesystemBlobStore::ReadyFolder(const Digest& digest) {
  auto& ready = folder_ready_[Layout::FolderIndex(digest)];
  if (ready.load(std::memory_order_acquire)) return {};
  TRY_VOID(MakeFolder(layout_.Folder(digest)));
  if (sync_) {
    const std::string parent = layout_.Algorithm(digest.algorithm());
    TRY_VOID(parent_syncs_[static_cast<size_t>(digest.algorithm())].Sync(parent));
  }
  ready.store(true, std::memory_order_release);
  return {};
}

Result<void> FilesystemBlobStore::SyncFolderOf(const Digest& digest) {
  if (!sync_) return {};
  return folder_syncs_[Layout::FolderIndex(digest)].Sync(layout_.Folder(digest));
}

// The rename comes before the sync: a file system without a journal then writes the folder of the blob along with the
// file, and not the uploads' folder, which all uploads share. Nobody reads the blob before its row is there.
Result<void> FilesystemBlobStore::Publish(std::string_view upload_key, std::unique_ptr<UploadFile> upload,
                                          const Digest& digest) {
  if (!IsUploadKey(upload_key)) return Fail(ErrorCode::kInvalidArgument, "not an upload key");
  auto& file = static_cast<FilesystemUpload&>(*upload);
  TRY_VOID(ReadyFolder(digest));
  const std::string target = layout_.Blob(digest);
  if (::rename(file.path().c_str(), target.c_str()) != 0) {
    const int failed = errno;
    // The folder may have been taken away by hand; make it again next time.
    folder_ready_[Layout::FolderIndex(digest)].store(false, std::memory_order_release);
    return Fail(IoError(failed, "publish blob", target));
  }
  descriptors_.Revoke(digest);
  if (!sync_) return {};
  if (auto synced = file.Sync(); !synced) {
    // An upload again, so that its client may try once more.
    if (::rename(target.c_str(), file.path().c_str()) != 0) IoError(errno, "take back blob", target);
    return synced;
  }
  return SyncFolderOf(digest);
}

Result<void> FilesystemBlobStore::DropUpload(std::string_view upload_key) {
  if (!IsUploadKey(upload_key)) return {};
  const std::string path = layout_.Upload(upload_key);
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return Fail(IoError(errno, "remove upload", path));
  return {};
}

Result<std::shared_ptr<const BlobFile>> FilesystemBlobStore::Open(const Digest& digest) {
  uint64_t generation = 0;
  if (auto file = descriptors_.Find(digest, generation)) return file;
  const std::string path = layout_.Blob(digest);
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0 && errno == ENOENT) return Fail(ErrorCode::kBlobUnknown, "blob unknown to registry");
  if (fd < 0) return Fail(IoError(errno, "open blob", path));
  struct stat info{};
  if (::fstat(fd, &info) != 0) {
    const int failed = errno;
    ::close(fd);
    return Fail(IoError(failed, "open blob", path));
  }
  auto file = std::make_shared<const BlobFile>(fd, static_cast<uint64_t>(info.st_size));
  descriptors_.Insert(digest, file, generation);
  return file;
}

Result<bool> FilesystemBlobStore::Exists(const Digest& digest, uint64_t size) {
  const std::string path = layout_.Blob(digest);
  struct stat info{};
  if (::stat(path.c_str(), &info) == 0) return static_cast<uint64_t>(info.st_size) == size;
  if (errno == ENOENT) return false;
  return Fail(IoError(errno, "look for blob", path));
}

Result<void> FilesystemBlobStore::Delete(const Digest& digest) {
  const std::string path = layout_.Blob(digest);
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return Fail(IoError(errno, "remove blob", path));
  descriptors_.Revoke(digest);
  return {};
}

Result<void> FilesystemBlobStore::Quarantine(const Digest& digest) {
  const std::string path = layout_.Blob(digest);
  if (::rename(path.c_str(), layout_.Quarantined(digest).c_str()) != 0) {
    if (errno == ENOENT) return Fail(ErrorCode::kBlobUnknown, "blob unknown to registry");
    return Fail(IoError(errno, "quarantine blob", path));
  }
  descriptors_.Revoke(digest);
  if (sync_) TRY_VOID(SyncFolder(layout_.Quarantine()));
  return SyncFolderOf(digest);
}

Result<std::vector<StoredUpload>> FilesystemBlobStore::ListUploads() {
  TRY(const auto keys, Names(layout_.Uploads()));
  std::vector<StoredUpload> uploads;
  for (const std::string& key : keys) {
    struct stat info{};
    // Unless it has gone meanwhile.
    if (::stat(layout_.Upload(key).c_str(), &info) == 0) uploads.push_back({key, ModifiedAt(info)});
  }
  return uploads;
}

bool FilesystemBlobStore::VisitFile(DigestAlgorithm algorithm, const std::string& folder, const std::string& name,
                                    FunctionRef<bool(const StoredBlob&)> visit) {
  auto digest = Digest::Parse(std::string(ToString(algorithm)) + ":" + name);
  const std::string path = folder + "/" + name;
  if (!digest || !folder.ends_with("/" + name.substr(0, 2))) {
    log::Warn("blob", "stranger in the blob folder, left alone", {{"path", path}});
    return true;
  }
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) return true;  // removed meanwhile
  StoredBlob blob;
  blob.digest = *digest;
  blob.size = static_cast<uint64_t>(info.st_size);
  blob.modified = ModifiedAt(info);
  return visit(blob);
}

Result<void> FilesystemBlobStore::ForEach(FunctionRef<bool(const StoredBlob&)> visit) {
  for (const auto algorithm : {DigestAlgorithm::kSha256, DigestAlgorithm::kSha512}) {
    TRY(auto folders, Names(layout_.Algorithm(algorithm)));
    for (const auto& part : folders) {
      const std::string folder = layout_.Algorithm(algorithm) + "/" + part;
      TRY(auto names, Names(folder));
      for (const auto& name : names) {
        if (!VisitFile(algorithm, folder, name, visit)) return {};
      }
    }
  }
  return {};
}

Result<void> FilesystemBlobStore::Probe() {
  const std::string path =
      layout_.Uploads() + "/.probe-" + std::to_string(::getpid()) + "-" + std::to_string(probes_.fetch_add(1));
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
  if (fd < 0) return Fail(IoError(errno, "probe data folder", path));
  FilesystemUpload file(fd, path, 0);
  Result<void> outcome = file.Append("probe");
  if (outcome && sync_) outcome = file.Sync();
  if (::unlink(path.c_str()) != 0 && outcome) outcome = Fail(IoError(errno, "probe data folder", path));
  return outcome;
}

}  // namespace
}  // namespace blob

Result<std::unique_ptr<BlobStore>> OpenFilesystemBlobStore(const FilesystemBlobOptions& options) {
  if (options.folder.empty()) return Fail(ErrorCode::kInvalidArgument, "the blob folder has no name");
  auto store = std::make_unique<blob::FilesystemBlobStore>(options);
  TRY_VOID(store->Prepare());
  return std::unique_ptr<BlobStore>(std::move(store));
}

}  // namespace berth
