#include <algorithm>
#include <iostream>

#include "registry/manifest_store.h"
#include "registry/repository_store.h"
#include "seed.h"

namespace berth::seed {
namespace {

namespace manifests = registry::manifest_store;
namespace holds = registry::hold_store;

constexpr int64_t kBatch = 500;

constexpr sql::Query kDescribe{
    "seed.describe",
    "UPDATE repository SET description = $2, full_description = $3, pull_count = $4, star_count = $5, "
    "created_at = $6, updated_at = $7, last_pulled_at = $8, is_archived = $9 WHERE id = $1"};
constexpr sql::Query kStar{
    "seed.star", "INSERT INTO star (account_id, repository_id, created_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"};
constexpr sql::Query kCategory{
    "seed.category",
    "INSERT INTO repository_category (repository_id, slug, position) VALUES ($1, $2, 0) ON CONFLICT DO NOTHING"};
constexpr sql::Query kPulls{
    "seed.pulls",
    "INSERT INTO pull_hour (repository_id, tag, hour, pulls) VALUES ($1, '', $2, $3) ON CONFLICT DO NOTHING"};
constexpr sql::Query kLastPull{"seed.last_pull",
                               "UPDATE tag SET last_pulled_at = $3 WHERE repository_id = $1 AND name = $2"};

class Maker {
 public:
  Maker(sql::Transaction& tx, const std::vector<Person>& people, const std::vector<MultiImage>& images,
        const Options& options)
      : tx_(tx), people_(people), images_(images), options_(options) {}

  Result<void> Make(int64_t index) {
    Random random = RandomFor(options_, "repository", index);
    // The first of each hundred are the library's, if there is one.
    const Person* library = LibraryOrNone();
    const Person& owner = index % 100 == 0 && library != nullptr ? *library : people_[random() % people_.size()];
    const Thing& thing = ThingOf(index);
    const std::string name = RepositoryName(index, thing);
    TRY(const auto parsed, registry::RepositoryName::Parse(owner.name + "/" + name));
    TRY(const auto there, registry::repository_store::Find(tx_, parsed.full));
    if (there) return {};
    const bool is_private = &owner != library && random() % 8 == 0;
    created_ = options_.now - std::chrono::hours(24 * Between(random, 1, 1000));
    TRY(id_, registry::repository_store::Insert(tx_, parsed, owner.id, is_private, created_));
    TRY_VOID(Push(random, owner));
    return Fill(random, parsed.full, thing);
  }

  // A tag for each build of a library image: what long lists are tried with.
  Result<void> MakeLongList() {
    const Person* library = LibraryOrNone();
    if (options_.long_list == 0 || library == nullptr) return {};
    TRY(const auto parsed, registry::RepositoryName::Parse("library/nightly"));
    TRY(const auto there, registry::repository_store::Find(tx_, parsed.full));
    if (there) return {};
    Random random = RandomFor(options_, "nightly", 0);
    created_ = options_.now - std::chrono::hours(24 * 400);
    TRY(id_, registry::repository_store::Insert(tx_, parsed, library->id, false, created_));
    for (int64_t i = 1; i <= options_.long_list; ++i) {
      // Each image serves many builds in a row.
      const size_t which = static_cast<size_t>(i - 1) * images_.size() / static_cast<size_t>(options_.long_list);
      const Image& image = images_[which].parts.front();
      const Timestamp at = created_ + (options_.now - created_) / (options_.long_list + 1) * i;
      TRY(const ManifestId manifest, PutManifest(image, *library, at));
      std::string number = std::to_string(i);
      number.insert(0, 6 - std::min<size_t>(6, number.size()), '0');
      TRY_VOID(manifests::PutTag(tx_, id_, "build-" + number, manifest, library->id, at));
    }
    TRY_VOID(registry::repository_store::MarkPushed(tx_, id_, options_.now));
    return Fill(random, parsed.full, ThingOf(0));
  }

 private:
  const Person* LibraryOrNone() const {
    const auto found = std::ranges::find(people_, "library", &Person::name);
    return found == people_.end() ? nullptr : &*found;
  }

  Result<void> Fill(Random& random, const std::string& name, const Thing& thing) {
    const int64_t stars = std::min<int64_t>(Skewed(random, 3, 2000), static_cast<int64_t>(people_.size()) / 2);
    const int64_t start = Between(random, 0, static_cast<int64_t>(people_.size()) - 1);
    for (int64_t i = 0; i < stars; ++i) {
      TRY_VOID(tx_.Run(kStar, {people_[static_cast<size_t>(start + i) % people_.size()].id, id_, created_}));
    }
    TRY(const int64_t pulls, Pulls(random));
    const bool archived = random() % 50 == 0;
    const std::string description = Describe(random, thing), readme = Readme(random, name, thing);
    const Timestamp updated = created_ + (options_.now - created_) * Between(random, 0, 99) / 100;
    const std::optional<Timestamp> pulled =
        pulls > 0 ? std::optional(options_.now - std::chrono::minutes(Between(random, 1, 100'000))) : std::nullopt;
    TRY_VOID(tx_.Run(kDescribe, {id_, description, readme, pulls, stars, created_, updated, pulled, archived}));
    TRY_VOID(tx_.Run(kCategory, {id_, thing.category}));
    return {};
  }

  // The last days hour by hour for one repository in ten; the rest only as a number.
  Result<int64_t> Pulls(Random& random) {
    const int64_t pulls = Skewed(random, 1000, 5'000'000'000);
    if (random() % 10 != 0) return pulls;
    const auto hour = std::chrono::floor<std::chrono::hours>(options_.now);
    int64_t counted = 0;
    for (int64_t i = 1; i <= 24 * 30; i += Between(random, 1, 12)) {
      const int64_t here = Between(random, 1, 1 + pulls / 1000);
      TRY_VOID(tx_.Run(kPulls, {id_, Timestamp(hour - std::chrono::hours(i)), here}));
      counted += here;
    }
    return std::max(pulls, counted);
  }

  Result<void> Push(Random& random, const Person& owner) {
    const int64_t tags =
        options_.tags == 0 ? 0 : std::max<int64_t>(1, Skewed(random, options_.tags, options_.tags * 50));
    for (int64_t i = 0; i < tags; ++i) {
      const MultiImage& image = images_[random() % images_.size()];
      const Timestamp at = created_ + (options_.now - created_) * (i + 1) / (tags + 1);
      for (const Image& part : image.parts) TRY_VOID(PutManifest(part, owner, at));
      const Image& target = i % 3 == 0 ? image.index : image.parts.front();
      TRY(const ManifestId id, PutManifest(image.index, owner, at));
      TRY(const ManifestId tagged, i % 3 == 0 ? Result<ManifestId>(id) : PutManifest(target, owner, at));
      const std::string tag = i + 1 == tags ? "latest" : "1." + std::to_string(i / 10) + "." + std::to_string(i % 10);
      TRY_VOID(manifests::PutTag(tx_, id_, tag, tagged, owner.id, at));
      if (random() % 2 == 0)
        TRY_VOID(tx_.Run(kLastPull, {id_, tag, options_.now - std::chrono::hours(Between(random, 1, 9000))}));
      TRY_VOID(registry::repository_store::MarkPushed(tx_, id_, at));
    }
    return {};
  }

  Result<ManifestId> PutManifest(const Image& image, const Person& owner, Timestamp at) {
    TRY(const auto there, manifests::Find(tx_, id_, image.digest.text()));
    if (there) return there->id;
    manifests::NewManifest row;
    row.repository = id_;
    row.digest = &image.digest;
    row.parsed = &image.parsed;
    row.platform = &image.platform;
    row.payload = image.payload;
    row.pushed_by = owner.id;
    row.now = at;
    TRY(const ManifestId id, manifests::Insert(tx_, row));
    int64_t position = 0;
    for (const StoredBlob& blob : image.blobs) {
      TRY_VOID(holds::Hold(tx_, id_, blob.row, blob.digest, options_.now));
      TRY_VOID(manifests::InsertBlobEdge(tx_, id, position++, id_, blob.row.id));
    }
    position = 0;
    for (const auto& child : image.parsed.children)
      TRY_VOID(manifests::InsertChildEdge(tx_, id, position++, id_, child));
    return id;
  }

  sql::Transaction& tx_;
  const std::vector<Person>& people_;
  const std::vector<MultiImage>& images_;
  const Options& options_;
  RepositoryId id_;
  Timestamp created_;
};

}  // namespace

Result<void> MakeRepositories(sql::Database& database, const std::vector<Person>& people,
                              const std::vector<MultiImage>& images, const Options& options) {
  if (people.empty()) return Fail(ErrorCode::kInvalidArgument, "repositories need users or organizations to belong to");
  for (int64_t at = 0; at < options.repositories; at += kBatch) {
    const int64_t end = std::min(options.repositories, at + kBatch);
    TRY_VOID(database.Write([&](sql::Transaction& tx) -> Result<void> {
      for (int64_t i = at; i < end; ++i) TRY_VOID(Maker(tx, people, images, options).Make(i));
      return {};
    }));
    std::cerr << "\r" << end << " of " << options.repositories << " repositories" << std::flush;
  }
  std::cerr << "\n";
  return database.Write([&](sql::Transaction& tx) { return Maker(tx, people, images, options).MakeLongList(); });
}

}  // namespace berth::seed
