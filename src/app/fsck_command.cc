#include "app/fsck_command.h"

#include <cstdio>
#include <filesystem>

#include "app/storage.h"
#include "base/log.h"
#include "registry/fsck.h"

namespace berth::app {

Result<int> RunFsck(const FsckCommand& command) {
  log::Configure({.level = log::Level::kWarn, .access_log = false});
  std::error_code error;
  if (!std::filesystem::is_directory(command.config.data, error)) {
    return Fail(ErrorCode::kUnavailable, "there is no data folder " + command.config.data, "data");
  }
  TRY(const auto database, OpenDatabase(command.config));
  TRY(const auto blobs, OpenBlobs(command.config));
  registry::FsckOptions options;
  options.quarantine = command.quarantine;
  if (!command.json) {
    options.on_finding = [](const registry::Finding& finding) {
      std::printf("%s\n", registry::FormatFinding(finding).c_str());
      std::fflush(stdout);
    };
  }
  TRY(const auto report, registry::Fsck(*database, *blobs, options));
  std::printf("%s\n", (command.json ? report.ToJson() : report.Summary()).c_str());
  return report.ExitStatus();
}

}  // namespace berth::app
