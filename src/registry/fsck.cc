#include "registry/fsck.h"

#include <unistd.h>

#include <algorithm>
#include <set>

#include "crypto/digest.h"
#include "json/writer.h"
#include "registry/hold_store.h"
#include "registry/manifest.h"

namespace berth::registry {
namespace {

constexpr int64_t kPage = 500;
constexpr int64_t kManifestPage = 50;  // they come with their bytes
constexpr size_t kReadPiece = 1 << 20;

constexpr sql::Query kBlobs{"fsck.blobs", "SELECT id, digest, size FROM blob WHERE id > $1 ORDER BY id LIMIT $2"};
constexpr sql::Query kManifests{
    "fsck.manifests",
    "SELECT m.id, m.repository_id, r.full_name, m.digest, m.media_type, m.size, m.payload FROM manifest m"
    " JOIN repository r ON r.id = m.repository_id WHERE m.id > $1 ORDER BY m.id LIMIT $2"};
constexpr sql::Query kBlobEdges{
    "fsck.blob_edges",
    "SELECT b.digest FROM manifest_blob e JOIN blob b ON b.id = e.blob_id WHERE e.manifest_id = $1"
    " UNION ALL SELECT digest FROM manifest_absent_blob WHERE manifest_id = $1"};
constexpr sql::Query kChildEdges{"fsck.child_edges", "SELECT child_digest FROM manifest_child WHERE manifest_id = $1"};
constexpr sql::Query kUnheldEdges{"fsck.unheld_edges",
                                  "SELECT b.digest, r.full_name FROM manifest_blob e JOIN blob b ON b.id = e.blob_id "
                                  "JOIN repository r ON r.id = e.repository_id"
                                  " WHERE NOT EXISTS (SELECT 1 FROM repository_blob h WHERE h.repository_id = "
                                  "e.repository_id AND h.blob_id = e.blob_id)"};
constexpr sql::Query kUnreviewedHolds{
    "fsck.unreviewed_holds",
    "SELECT b.digest, r.full_name FROM repository_blob h JOIN blob b ON b.id = h.blob_id JOIN repository r ON r.id = "
    "h.repository_id"
    " WHERE NOT EXISTS (SELECT 1 FROM manifest_blob e WHERE e.blob_id = h.blob_id AND e.repository_id = "
    "h.repository_id)"
    " AND NOT EXISTS (SELECT 1 FROM gc_review g WHERE g.kind = 'repository_blob' AND g.repository_id = h.repository_id"
    " AND g.object_id = h.blob_id)"};
constexpr sql::Query kUnreviewedBlobs{
    "fsck.unreviewed_blobs",
    "SELECT b.digest FROM blob b WHERE NOT EXISTS (SELECT 1 FROM repository_blob h WHERE h.blob_id = b.id)"
    " AND NOT EXISTS (SELECT 1 FROM gc_review g WHERE g.kind = 'blob' AND g.repository_id = 0 AND g.object_id = b.id)"};
constexpr sql::Query kRepositories{
    "fsck.repositories",
    "SELECT r.id, r.full_name, r.storage_size, (SELECT COUNT(*) FROM tag t WHERE t.repository_id = r.id)"
    " FROM repository r WHERE r.id > $1 ORDER BY r.id LIMIT $2"};
constexpr sql::Query kHeldSizes{
    "fsck.held_sizes",
    "SELECT b.size FROM repository_blob h JOIN blob b ON b.id = h.blob_id WHERE h.repository_id = $1"};
constexpr sql::Query kManifestSizes{"fsck.manifest_sizes", "SELECT size FROM manifest WHERE repository_id = $1"};
constexpr sql::Query kUploads{"fsck.uploads", "SELECT id FROM upload WHERE id > $1 ORDER BY id LIMIT $2"};

struct BlobEntry {
  int64_t id = 0;
  std::string digest;
  int64_t size = 0;
};

struct ManifestEntry {
  ManifestId id;
  std::string repository;
  std::string digest;
  std::string media_type;
  int64_t size = 0;
  std::string payload;
};

class Checker {
 public:
  Checker(sql::Database& database, BlobStore& blobs, const FsckOptions& options)
      : database_(database), blobs_(blobs), options_(options) {}

  Result<FsckReport> Run() {
    TRY_VOID(CheckBlobs());
    TRY_VOID(CheckFiles());
    TRY_VOID(CheckManifests());
    TRY_VOID(CheckLinks());
    TRY_VOID(CheckRepositories());
    TRY_VOID(CheckUploads());
    return std::move(report_);
  }

 private:
  void Add(FindingKind kind, std::string object, std::string repository, std::string message,
           bool quarantined = false) {
    report_.findings.push_back({kind, std::move(object), std::move(repository), std::move(message), quarantined});
    if (options_.on_finding) options_.on_finding(report_.findings.back());
  }

  Result<void> CheckBlobs();
  Result<void> CheckBlob(const BlobEntry& entry);
  Result<void> CheckFiles();
  Result<void> CheckManifests();
  Result<void> CheckManifest(const ManifestEntry& entry);
  void CompareEdges(const ManifestEntry& entry, const std::set<std::string>& named,
                    const std::set<std::string>& stored);
  Result<void> CheckLinks();
  Result<void> CheckRepositories();
  Result<void> CheckUploads();
  void MoveAside(FindingKind kind, const Digest& digest, std::string message);

  Result<std::set<std::string>> Texts(const sql::Query& query, ManifestId id) {
    return database_.Read([&](sql::Connection& c) -> Result<std::set<std::string>> {
      std::set<std::string> texts;
      TRY_VOID(c.Each(query, {id}, [&](const sql::Row& row) { texts.insert(row.String(0)); }));
      return texts;
    });
  }

  sql::Database& database_;
  BlobStore& blobs_;
  const FsckOptions& options_;
  FsckReport report_;
};

// Empty when the file can't be read to its end.
std::optional<Digest> HashFile(const BlobFile& file, DigestAlgorithm algorithm) {
  Hasher hasher(algorithm);
  std::string buffer(std::min<uint64_t>(kReadPiece, std::max<uint64_t>(file.size(), 1)), '\0');
  uint64_t at = 0;
  while (at < file.size()) {
    const ssize_t n = ::pread(file.fd(), buffer.data(), buffer.size(), static_cast<off_t>(at));
    if (n <= 0) return std::nullopt;
    hasher.Update(std::string_view(buffer.data(), static_cast<size_t>(n)));
    at += static_cast<uint64_t>(n);
  }
  return hasher.Finish();
}

void Checker::MoveAside(FindingKind kind, const Digest& digest, std::string message) {
  bool moved = false;
  if (options_.quarantine) moved = blobs_.Quarantine(digest).has_value();
  Add(kind, digest.text(), "", std::move(message), moved);
}

Result<void> Checker::CheckBlob(const BlobEntry& entry) {
  ++report_.blobs;
  report_.bytes += entry.size;
  const auto digest = Digest::Parse(entry.digest);
  if (!digest) {
    Add(FindingKind::kBlobCorrupt, entry.digest, "", "the row's digest is malformed");
    return {};
  }
  const auto file = blobs_.Open(*digest);
  if (!file && file.error().code == ErrorCode::kBlobUnknown) {
    Add(FindingKind::kBlobMissing, entry.digest, "", "there is no file");
    return {};
  }
  if (!file) return Fail(file.error());
  if (static_cast<int64_t>((*file)->size()) != entry.size) {
    MoveAside(FindingKind::kBlobSize, *digest,
              "the file has " + std::to_string((*file)->size()) + " bytes instead of " + std::to_string(entry.size));
    return {};
  }
  const auto actual = HashFile(**file, digest->algorithm());
  if (!actual) {
    MoveAside(FindingKind::kBlobCorrupt, *digest, "the file can't be read");
  } else if (*actual != *digest) {
    MoveAside(FindingKind::kBlobCorrupt, *digest, "the bytes have the digest " + actual->text());
  }
  return {};
}

Result<void> Checker::CheckBlobs() {
  for (int64_t last = 0;;) {
    TRY(const auto page, database_.Read([&](sql::Connection& c) {
      return c.All(kBlobs, {last, kPage},
                   [](const sql::Row& row) { return BlobEntry{row.Int(0), row.String(1), row.Int(2)}; });
    }));
    for (const BlobEntry& entry : page) TRY_VOID(CheckBlob(entry));
    if (page.size() < static_cast<size_t>(kPage)) return {};
    last = page.back().id;
  }
}

Result<void> Checker::CheckFiles() {
  std::optional<Error> failure;
  TRY_VOID(blobs_.ForEach([&](const StoredBlob& blob) {
    const auto row = database_.Read([&](sql::Connection& c) { return hold_store::FindBlob(c, blob.digest); });
    if (!row) {
      failure = row.error();
    } else if (!*row) {
      Add(FindingKind::kOrphanFile, blob.digest.text(), "", "no row knows this file");
    }
    return !failure;
  }));
  if (failure) return Fail(*std::move(failure));
  return {};
}

void Checker::CompareEdges(const ManifestEntry& entry, const std::set<std::string>& named,
                           const std::set<std::string>& stored) {
  for (const std::string& digest : named) {
    if (!stored.contains(digest))
      Add(FindingKind::kEdgeMissing, entry.digest, entry.repository, "there is no edge to " + digest);
  }
  for (const std::string& digest : stored) {
    if (!named.contains(digest))
      Add(FindingKind::kEdgeStray, entry.digest, entry.repository, "it does not name " + digest);
  }
}

Result<void> Checker::CheckManifest(const ManifestEntry& entry) {
  ++report_.manifests;
  const auto digest = Digest::Parse(entry.digest);
  if (!digest || DigestOf(entry.payload, digest->algorithm()) != *digest ||
      static_cast<int64_t>(entry.payload.size()) != entry.size) {
    Add(FindingKind::kManifestCorrupt, entry.digest, entry.repository, "the stored bytes have another digest or size");
    return {};
  }
  const auto parsed = ParseManifest(entry.payload, entry.media_type);
  if (!parsed) {
    Add(FindingKind::kManifestCorrupt, entry.digest, entry.repository, parsed.error().message);
    return {};
  }
  std::set<std::string> blobs;
  std::set<std::string> children;
  if (parsed->config) blobs.insert(parsed->config->digest.text());
  for (const Descriptor& layer : parsed->layers) blobs.insert(layer.digest.text());
  for (const Descriptor& child : parsed->children) children.insert(child.digest.text());
  TRY(const auto blob_edges, Texts(kBlobEdges, entry.id));
  TRY(const auto child_edges, Texts(kChildEdges, entry.id));
  CompareEdges(entry, blobs, blob_edges);
  CompareEdges(entry, children, child_edges);
  return {};
}

Result<void> Checker::CheckManifests() {
  for (ManifestId last;;) {
    TRY(const auto page, database_.Read([&](sql::Connection& c) {
      return c.All(kManifests, {last, kManifestPage}, [](const sql::Row& row) {
        return ManifestEntry{row.IdAt<ManifestId>(0), row.String(2), row.String(3),
                             row.String(4),           row.Int(5),    std::string(row.Blob(6))};
      });
    }));
    for (const ManifestEntry& entry : page) TRY_VOID(CheckManifest(entry));
    if (page.size() < static_cast<size_t>(kManifestPage)) return {};
    last = page.back().id;
  }
}

Result<void> Checker::CheckLinks() {
  return database_.Read([&](sql::Connection& c) -> Result<void> {
    TRY_VOID(c.Each(kUnheldEdges, {}, [&](const sql::Row& row) {
      Add(FindingKind::kHoldMissing, row.String(0), row.String(1),
          "a manifest needs it, but the repository does not hold it");
    }));
    TRY_VOID(c.Each(kUnreviewedHolds, {}, [&](const sql::Row& row) {
      Add(FindingKind::kReviewMissing, row.String(0), row.String(1), "no manifest needs it, and no review is due");
    }));
    TRY_VOID(c.Each(kUnreviewedBlobs, {}, [&](const sql::Row& row) {
      Add(FindingKind::kReviewMissing, row.String(0), "", "no repository holds it, and no review is due");
    }));
    return {};
  });
}

Result<void> Checker::CheckRepositories() {
  struct Entry {
    int64_t id = 0;
    std::string name;
    int64_t storage_size = 0;
  };
  for (int64_t last = 0;;) {
    std::vector<Entry> page;
    // One snapshot for the page: sizes change with every push.
    TRY_VOID(database_.Read([&](sql::Connection& c) -> Result<void> {
      page.clear();
      TRY_VOID(c.Each(kRepositories, {last, kPage}, [&](const sql::Row& row) {
        page.push_back({row.Int(0), row.String(1), row.Int(2)});
        report_.tags += row.Int(3);
      }));
      for (const Entry& entry : page) {
        int64_t sum = 0;
        for (const auto* query : {&kHeldSizes, &kManifestSizes}) {
          TRY_VOID(c.Each(*query, {entry.id}, [&](const sql::Row& row) { sum += row.Int(0); }));
        }
        if (sum == entry.storage_size) continue;
        Add(FindingKind::kStorageSize, entry.name, entry.name,
            "the recorded size is " + std::to_string(entry.storage_size) + ", the sum is " + std::to_string(sum));
      }
      return {};
    }));
    report_.repositories += static_cast<int64_t>(page.size());
    if (page.size() < static_cast<size_t>(kPage)) return {};
    last = page.back().id;
  }
}

Result<void> Checker::CheckUploads() {
  TRY(const auto files, blobs_.ListUploads());
  std::set<std::string> present;
  for (const StoredUpload& file : files) present.insert(file.key);
  std::set<std::string> rows;
  for (std::string last;;) {
    TRY(const auto page, database_.Read([&](sql::Connection& c) {
      return c.All(kUploads, {last, kPage}, [](const sql::Row& row) { return row.String(0); });
    }));
    rows.insert(page.begin(), page.end());
    if (page.size() < static_cast<size_t>(kPage)) break;
    last = page.back();
  }
  // A row without a file is an upload that has received nothing yet.
  for (const std::string& key : present) {
    if (!rows.contains(key)) Add(FindingKind::kUploadLeftover, key, "", "an upload's file without a row");
  }
  return {};
}

}  // namespace

std::string_view ToString(FindingKind kind) {
  switch (kind) {
    case FindingKind::kBlobMissing:
      return "blob-missing";
    case FindingKind::kBlobCorrupt:
      return "blob-corrupt";
    case FindingKind::kBlobSize:
      return "blob-size";
    case FindingKind::kManifestCorrupt:
      return "manifest-corrupt";
    case FindingKind::kEdgeMissing:
      return "edge-missing";
    case FindingKind::kEdgeStray:
      return "edge-stray";
    case FindingKind::kHoldMissing:
      return "hold-missing";
    case FindingKind::kReviewMissing:
      return "review-missing";
    case FindingKind::kStorageSize:
      return "storage-size";
    case FindingKind::kOrphanFile:
      return "orphan-file";
    case FindingKind::kUploadLeftover:
      return "upload-leftover";
  }
  return "";
}

bool IsHarmless(FindingKind kind) { return kind == FindingKind::kOrphanFile || kind == FindingKind::kUploadLeftover; }

bool FsckReport::IsClean() const {
  return std::ranges::all_of(findings, [](const Finding& finding) { return IsHarmless(finding.kind); });
}

std::string FsckReport::ToJson() const {
  json::Writer w;
  w.BeginObject().Key("clean").Bool(IsClean());
  w.Key("blobs").Int(blobs).Key("bytes").Int(bytes).Key("manifests").Int(manifests).Key("tags").Int(tags);
  w.Key("repositories").Int(repositories).Key("findings").BeginArray();
  for (const Finding& finding : findings) {
    w.BeginObject().Key("kind").String(ToString(finding.kind)).Key("object").String(finding.object);
    w.Key("repository").String(finding.repository).Key("message").String(finding.message);
    w.Key("harmless").Bool(IsHarmless(finding.kind)).Key("quarantined").Bool(finding.quarantined).EndObject();
  }
  w.EndArray().EndObject();
  return std::move(w).Take();
}

std::string FsckReport::Summary() const {
  const auto harmless =
      std::ranges::count_if(findings, [](const Finding& finding) { return IsHarmless(finding.kind); });
  return std::to_string(blobs) + " blobs (" + std::to_string(bytes) + " bytes), " + std::to_string(manifests) +
         " manifests, " + std::to_string(tags) + " tags, " + std::to_string(repositories) + " repositories: " +
         (IsClean() ? std::string("clean")
                    : std::to_string(findings.size() - static_cast<size_t>(harmless)) + " broken") +
         (harmless > 0 ? ", " + std::to_string(harmless) + " leftovers" : "");
}

std::string FormatFinding(const Finding& finding) {
  std::string line(ToString(finding.kind));
  line.append(" ").append(finding.object);
  if (!finding.repository.empty() && finding.repository != finding.object)
    line.append(" in ").append(finding.repository);
  line.append(": ").append(finding.message);
  if (finding.quarantined) line.append(" (moved to quarantine)");
  return line;
}

Result<FsckReport> Fsck(sql::Database& database, BlobStore& blobs, const FsckOptions& options) {
  return Checker(database, blobs, options).Run();
}

}  // namespace berth::registry
