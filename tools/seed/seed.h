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
  int64_t tags = 4;       // of a repository, on average
  int64_t long_list = 0;  // tags of library/nightly
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
std::string UserName(Random& random, int64_t index);
std::string OrganizationName(Random& random, int64_t index);
std::string FullName(Random& random, std::string_view name, bool is_organization);

// What a repository holds: the end of its name, the beginning of its description, its category.
struct Thing {
  std::string_view noun;
  std::string_view title;
  std::string_view category;
};
const Thing& ThingOf(int64_t index);
std::string RepositoryName(int64_t index, const Thing& thing);
std::string Describe(Random& random, const Thing& thing);
std::string Readme(Random& random, const std::string& name, const Thing& thing);

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
