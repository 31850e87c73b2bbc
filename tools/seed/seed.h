// What berth-seed makes, and the parts it is made of. One thread.
#pragma once

#include <random>
#include <string>
#include <vector>

#include "accounts/account.h"
#include "base/clock.h"
#include "base/result.h"
#include "blob/blob_store.h"
#include "registry/hold_store.h"
#include "registry/manifest.h"
#include "sql/database.h"

namespace berth::seed {

struct Options {
  int64_t users = 50;
  int64_t organizations = 10;
  int64_t repositories = 200;
  int64_t tags = 4;  // of a repository, on average
  uint64_t seed = 1;
  std::string password = "password";
  Timestamp now;
};

using Random = std::mt19937_64;

// Its own stream of numbers for each object, so that one more of these changes nothing about those.
Random RandomFor(const Options& options, std::string_view kind, int64_t index);
int64_t Between(Random& random, int64_t low, int64_t high);  // both included
// Few are large, most are small: what popularity looks like. At least 0.
int64_t Skewed(Random& random, int64_t mean, int64_t most);
std::string Word(Random& random);
std::string Sentence(Random& random, int64_t words);
std::string Readme(Random& random, const std::string& name);

struct Person {
  AccountId id;
  std::string name;
  bool is_organization = false;
};
// Users, then organizations with members and teams.
Result<std::vector<Person>> MakePeople(sql::Database& database, const Options& options);

// An image that repositories share, stored once.
struct StoredBlob {
  Digest digest;
  registry::BlobRow row;
};
struct Image {
  std::string payload;
  registry::ParsedManifest parsed;
  registry::Platform platform;
  Digest digest;
  std::vector<StoredBlob> blobs;
};
struct MultiImage {
  Image index;
  std::vector<Image> parts;  // one a platform
};
Result<std::vector<MultiImage>> MakeImages(sql::Database& database, BlobStore& blobs, const Options& options);

Result<void> MakeRepositories(sql::Database& database, const std::vector<Person>& people,
                              const std::vector<MultiImage>& images, const Options& options);

}  // namespace berth::seed
