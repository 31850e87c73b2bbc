// berth-seed: fills a data folder or a database with invented but believable data.
#include <CLI/CLI.hpp>
#include <iostream>

#include "accounts/bootstrap.h"
#include "app/storage.h"
#include "crypto/password.h"
#include "seed.h"

namespace berth::seed {
namespace {

Result<void> Run(const app::Config& config, const Options& options) {
  TRY_VOID(app::PrepareDataFolder(config.data));
  std::optional<app::FolderLock> lock;
  if (config.database.empty()) {
    TRY(auto taken, app::FolderLock::Take(config.data));
    lock.emplace(std::move(taken));
  }
  TRY(const auto database, app::OpenDatabase(config));
  TRY(const auto blobs, app::OpenBlobs(config));
  // A server that finds accounts makes no administrator.
  TRY_VOID(accounts::Bootstrap(*database, crypto::PasswordHasher(), config.data, SystemClock()));
  TRY(const auto people, MakePeople(*database, options));
  TRY(const auto images, MakeImages(*database, *blobs, options));
  return MakeRepositories(*database, people, images, options);
}

}  // namespace
}  // namespace berth::seed

int main(int argc, char** argv) {
  berth::app::Config config;
  berth::seed::Options options;
  std::string now;
  CLI::App cli("Fills a data folder or a database with invented users, organizations, repositories and images");
  cli.add_option("--data", config.data, "data folder")->required();
  cli.add_option("--database", config.database, "postgres:// URI; empty: SQLite in the data folder");
  cli.add_option("--users", options.users, "users")->check(CLI::NonNegativeNumber);
  cli.add_option("--organizations", options.organizations, "organizations; the first is 'library'")
      ->check(CLI::NonNegativeNumber);
  cli.add_option("--repositories", options.repositories, "repositories")->check(CLI::NonNegativeNumber);
  cli.add_option("--tags", options.tags, "tags of a repository, on average; 0: no images")
      ->check(CLI::NonNegativeNumber);
  cli.add_option("--long-list", options.long_list, "tags of library/nightly; 0: there is no such repository")
      ->check(CLI::NonNegativeNumber);
  cli.add_option("--seed", options.seed, "another number, other data");
  cli.add_option("--password", options.password, "everybody's password");
  cli.add_option("--now", now, "what times count back from (RFC 3339); empty: the present");
  CLI11_PARSE(cli, argc, argv);
  options.now = berth::SystemClock().Now();
  if (!now.empty()) {
    const auto time = berth::ParseRfc3339(now);
    if (!time) {
      std::cerr << "--now is no RFC 3339 time\n";
      return 2;
    }
    options.now = *time;
  }
  if (auto done = berth::seed::Run(config, options); !done) {
    std::cerr << "berth-seed: " << done.error().message << "\n";
    return 1;
  }
  return 0;
}
