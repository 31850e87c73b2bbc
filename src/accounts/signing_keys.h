// The server's token signing keys: sealed rows of server_secret, so that copies of the server share them. The newest
// signs, older ones verify until every token that they signed is over. Thread-safe.
#pragma once

#include <memory>
#include <mutex>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "crypto/jwt.h"
#include "crypto/secret_box.h"
#include "sql/database.h"

namespace berth::accounts {

class SigningKeys {
 public:
  // Reads nothing yet; the first use does, and makes the first key when there is none (a tenth of a second or so).
  // All must outlive this.
  SigningKeys(sql::Database& database, const crypto::SecretBox& box, const Clock& clock);

  // kPreconditionFailed when the rows can't be opened with this secret key.
  Result<std::shared_ptr<const crypto::KeySet>> Current();
  // For a token whose kid is not among Current(): another copy may have rotated. Reads the rows again, at most once a
  // second.
  Result<std::shared_ptr<const crypto::KeySet>> ForKid(std::string_view kid);
  // Makes a new key that signs from now on, and drops the ones that are over.
  Result<void> Rotate();

 private:
  std::shared_ptr<const crypto::KeySet> Known();
  // From the database, remembered; null when there is none. Call with load_mutex_ held, as Add.
  Result<std::shared_ptr<const crypto::KeySet>> Read();
  Result<void> Add(int64_t number);

  sql::Database& database_;
  const crypto::SecretBox& box_;
  const Clock& clock_;
  std::mutex load_mutex_;   // one reads or makes keys at a time; taken before known_mutex_
  std::mutex known_mutex_;  // held for a moment only
  std::shared_ptr<const crypto::KeySet> keys_;
  Timestamp read_at_;
};

}  // namespace berth::accounts
