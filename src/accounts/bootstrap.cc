#include "accounts/bootstrap.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "accounts/account_store.h"
#include "accounts/organization_service.h"
#include "crypto/random.h"

namespace berth::accounts {
namespace {

constexpr std::string_view kAdministrator = "admin";
constexpr std::string_view kOfficialImages = "library";
constexpr size_t kPasswordLength = 20;

Error FileError(const std::filesystem::path& file) {
  return Error(ErrorCode::kUnavailable, "can't write " + file.string() + ": " + std::strerror(errno));
}

Result<void> WritePrivateFile(const std::filesystem::path& file, std::string_view text) {
  // Beside it first, so that a half-written password never has the name.
  const std::filesystem::path temporary = file.string() + "." + crypto::RandomText(8);
  const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return Fail(FileError(temporary));
  const bool written = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(fd) == 0;
  Error failure = FileError(temporary);
  ::close(fd);
  if (written && ::rename(temporary.c_str(), file.c_str()) == 0) return {};
  if (written) failure = FileError(file);
  ::unlink(temporary.c_str());
  return Fail(std::move(failure));
}

// False when another copy of the server made the accounts meanwhile.
Result<bool> MakeAccounts(sql::Transaction& tx, std::string_view hash, Timestamp now) {
  TRY(const bool empty, AccountStore::IsEmpty(tx));
  if (!empty) return false;
  Account admin;
  admin.uuid = crypto::NewUuid();
  admin.name = std::string(kAdministrator);
  admin.is_admin = true;
  admin.email_verified = true;
  admin.created_at = admin.updated_at = now;
  TRY(admin.id, AccountStore::Insert(tx, admin));
  TRY_VOID(AccountStore::SetPasswordHash(tx, admin.id, hash, now));
  const events::Actor system;
  TRY_VOID(events::Append(
      tx, system,
      {.type = "user.create", .account_id = admin.id, .account = admin.name, .repository_id = {}, .name = admin.name},
      now));
  TRY_VOID(CreateOrganization(tx, kOfficialImages, {}, admin.id, admin.name, system, now));
  return true;
}

}  // namespace

Result<BootstrapOutcome> Bootstrap(sql::Database& database, const crypto::PasswordHasher& hasher,
                                   const std::filesystem::path& data_folder, const Clock& clock) {
  BootstrapOutcome outcome;
  outcome.password_file = data_folder / "initial-admin-password";
  TRY(const bool empty, database.Read([](sql::Connection& c) { return AccountStore::IsEmpty(c); }));
  if (!empty) return outcome;

  const std::string password = crypto::RandomText(kPasswordLength);
  TRY(const std::string hash, hasher.Hash(password));
  // The file goes first: a password in the database that nobody can read any more would lock everybody out.
  TRY_VOID(WritePrivateFile(outcome.password_file, password + "\n"));
  auto made = database.Write([&](sql::Transaction& tx) { return MakeAccounts(tx, hash, clock.Now()); });
  if (!made || !*made) ::unlink(outcome.password_file.c_str());
  if (!made) return Fail(made.error());
  outcome.created = *made;
  return outcome;
}

}  // namespace berth::accounts
