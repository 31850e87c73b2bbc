// Rows of `upload`: which uploads there are, whose they are, until when. Functions of one connection; no rules.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "base/result.h"
#include "crypto/digest.h"
#include "sql/database.h"

namespace berth::registry {

struct UploadRow {
  std::string id;
  RepositoryId repository;
  AccountId account;
  DigestAlgorithm algorithm = DigestAlgorithm::kSha256;
  Timestamp expires;
};

namespace upload_store {

Result<void> Insert(sql::Transaction& tx, const UploadRow& upload, Timestamp now);
Result<std::optional<UploadRow>> Find(sql::Connection& connection, std::string_view id);
Result<std::vector<UploadRow>> ListExpired(sql::Connection& connection, Timestamp now, int64_t limit);
Result<void> Prolong(sql::Transaction& tx, std::string_view id, Timestamp expires);
Result<void> Remove(sql::Transaction& tx, std::string_view id);

}  // namespace upload_store
}  // namespace berth::registry
