#include "accounts/signing_keys.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "accounts/hub_token.h"
#include "base/log.h"
#include "base/text.h"

namespace berth::accounts {
namespace {

constexpr std::string_view kPrefix = "token-key/";
// A key verifies as long as a token signed with it may live, from the moment its successor signs.
constexpr std::chrono::seconds kRetireAfter = kLongHubTokenLifetime + std::chrono::hours(24);
constexpr std::chrono::minutes kReadAgain{5};
constexpr std::chrono::seconds kShortestPause{1};

// '0' follows '/' in the alphabet: everything with the prefix.
constexpr sql::Query kAll{
    "signing_key.all",
    "SELECT name, sealed, created_at FROM server_secret WHERE name >= 'token-key/' AND name < 'token-key0'"};
constexpr sql::Query kInsert{
    "signing_key.insert",
    "INSERT INTO server_secret (name, sealed, created_at) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING"};
constexpr sql::Query kDelete{"signing_key.delete", "DELETE FROM server_secret WHERE name = $1"};

struct Row {
  int64_t number = 0;
  std::string name;
  std::string sealed;
  Timestamp created_at;
};

// Newest first.
Result<std::vector<Row>> ReadRows(sql::Connection& connection) {
  TRY(auto rows, connection.All(kAll, {}, [](const sql::Row& row) {
    const std::string_view name = row.Text(0);
    const auto number = ParseNumber<int64_t>(name.substr(kPrefix.size())).value_or(0);
    return Row{number, std::string(name), std::string(row.Blob(1)), row.Time(2)};
  }));
  std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.number > b.number; });
  return rows;
}

}  // namespace

SigningKeys::SigningKeys(sql::Database& database, const crypto::SecretBox& box, const Clock& clock)
    : database_(database), box_(box), clock_(clock) {}

std::shared_ptr<const crypto::KeySet> SigningKeys::Known() {
  std::lock_guard lock(known_mutex_);
  return keys_;
}

Result<std::shared_ptr<const crypto::KeySet>> SigningKeys::Read() {
  TRY(const auto rows, database_.Read([](sql::Connection& c) { return ReadRows(c); }));
  std::vector<std::shared_ptr<const crypto::SigningKey>> keys;
  for (const Row& row : rows) {
    TRY(const std::string pem, box_.Open(row.sealed, row.name));
    TRY(auto key, crypto::SigningKey::FromPem(pem));
    keys.push_back(std::move(key));
  }
  auto set = keys.empty() ? nullptr : std::make_shared<const crypto::KeySet>(std::move(keys));
  std::lock_guard lock(known_mutex_);
  read_at_ = clock_.Now();
  if (set) keys_ = set;
  return set;
}

Result<void> SigningKeys::Add(int64_t number) {
  TRY(const auto key, crypto::SigningKey::Generate());
  const std::string name = std::string(kPrefix) + std::to_string(number);
  const std::string sealed = box_.Seal(key->PrivatePem(), name);
  const Timestamp now = clock_.Now();
  return database_.Write([&](sql::Transaction& tx) -> Result<void> {
    // When another copy was first, its key is the one.
    TRY_VOID(tx.Run(kInsert, {name, sql::Bytes{sealed}, now}));
    return {};
  });
}

Result<std::shared_ptr<const crypto::KeySet>> SigningKeys::Current() {
  bool fresh = false;
  std::shared_ptr<const crypto::KeySet> known;
  {
    std::lock_guard lock(known_mutex_);
    known = keys_;
    fresh = keys_ && clock_.Now() - read_at_ < kReadAgain;
  }
  if (fresh) return known;
  std::unique_lock loading(load_mutex_, std::defer_lock);
  if (known) {
    // Somebody reads them again; the others go on with what is known.
    if (!loading.try_lock()) return known;
    auto read = Read();
    if (read && *read) return read;
    if (!read) log::Warn("accounts", "signing keys can't be read again", {{"error", read.error().message}});
    return known;
  }
  loading.lock();
  if (auto made = Known()) return made;
  TRY(auto read, Read());
  if (read) return read;
  TRY_VOID(Add(1));
  TRY(auto made, Read());
  if (!made) return Fail(ErrorCode::kInternal, "the signing key was not stored");
  return made;
}

Result<std::shared_ptr<const crypto::KeySet>> SigningKeys::ForKid(std::string_view kid) {
  TRY(auto known, Current());
  if (known->Holds(kid)) return known;
  const std::lock_guard loading(load_mutex_);
  {
    std::lock_guard lock(known_mutex_);
    const auto age = clock_.Now() - read_at_;
    if (keys_->Holds(kid) || (age >= Duration(0) && age < kShortestPause)) return keys_;
  }
  TRY(auto read, Read());
  return read ? read : known;
}

Result<void> SigningKeys::Rotate() {
  TRY_VOID(Current());
  const std::lock_guard loading(load_mutex_);
  TRY(const auto rows, database_.Read([](sql::Connection& c) { return ReadRows(c); }));
  TRY_VOID(Add(rows.empty() ? 1 : rows.front().number + 1));
  const Timestamp now = clock_.Now();
  TRY_VOID(database_.Write([&](sql::Transaction& tx) -> Result<void> {
    // A key was superseded when its successor was made; `rows` is newest first.
    for (size_t i = 1; i < rows.size(); ++i) {
      if (now - rows[i - 1].created_at > kRetireAfter) TRY_VOID(tx.Run(kDelete, {rows[i].name}));
    }
    return {};
  }));
  TRY_VOID(Read());
  return {};
}

}  // namespace berth::accounts
