#include "app/storage.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "sql/migrator.h"
#include "sql/open.h"

namespace berth::app {
namespace {

constexpr int kEnoughFiles = 1'000'000;
constexpr int kMostOpenBlobs = 512;

int OpenFileLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur > kEnoughFiles) return kEnoughFiles;
  return static_cast<int>(limit.rlim_cur);
}

}  // namespace

void FitOpenFiles(Config& config) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
  }
  const int files = OpenFileLimit();
  // A thread's database connection is two files.
  config.pool_threads = std::min(config.pool_threads, std::max(files / 20, 4));
  config.max_uploads = std::min(config.max_uploads, std::max(files / 16, 16));
}

Result<FolderLock> FolderLock::Take(const std::string& folder) {
  const std::string path = folder + "/lock";
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return Fail(ErrorCode::kUnavailable, path + ": " + std::strerror(errno), "data");
  if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
    close(fd);
    return Fail(ErrorCode::kConflict, "another server uses the data folder " + folder, "data");
  }
  return FolderLock(fd);
}

FolderLock::~FolderLock() {
  if (fd_ >= 0) close(fd_);
}

Result<void> PrepareDataFolder(const std::string& folder) {
  std::error_code error;
  if (std::filesystem::is_directory(folder, error)) return {};
  std::filesystem::create_directories(folder, error);
  if (error)
    return Fail(ErrorCode::kUnavailable, "the data folder " + folder + " can't be made: " + error.message(), "data");
  chmod(folder.c_str(), 0700);
  return {};
}

Result<std::unique_ptr<sql::Database>> OpenDatabase(const Config& config) {
  std::unique_ptr<sql::Database> database;
  if (config.database.empty()) {
    sql::SqliteOptions options;
    options.file = std::filesystem::path(config.data) / "berth.db";
    TRY(database, sql::OpenSqlite(options));
  } else {
    sql::PostgresOptions options;
    options.uri = config.database;
    options.max_connections = config.database_connections;
    TRY(database, sql::OpenPostgres(options));
  }
  TRY_VOID(sql::Migrate(*database, sql::Migrations(database->dialect())));
  return database;
}

Result<crypto::SecretBox> OpenSecretBox(const Config& config) {
  if (!config.secret_key.empty()) return crypto::SecretBox::FromText(config.secret_key);
  return crypto::SecretBox::FromFile(std::filesystem::path(config.data) / "secret-key");
}

Result<std::unique_ptr<BlobStore>> OpenBlobs(const Config& config) {
  FilesystemBlobOptions options;
  options.folder = config.data + "/blobs";
  options.max_open_blobs = static_cast<size_t>(std::clamp(OpenFileLimit() / 32, 4, kMostOpenBlobs));
  return OpenFilesystemBlobStore(options);
}

}  // namespace berth::app
