// The first start: an empty database gets the site administrator `admin` with a random password, kept in the file
// `initial-admin-password` (0600) of the data folder, and the organization `library` (official images) that it owns.
#pragma once

#include <filesystem>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "crypto/password.h"
#include "sql/database.h"

namespace berth::accounts {

struct BootstrapOutcome {
  bool created = false;
  std::filesystem::path password_file;  // of this start's administrator
};

// Does nothing when there is any account. Safe when several copies start at once: one of them makes the accounts.
Result<BootstrapOutcome> Bootstrap(sql::Database& database, const crypto::PasswordHasher& hasher,
                                   const std::filesystem::path& data_folder, const Clock& clock);

}  // namespace berth::accounts
