#include "layers/layer_reader.h"

#include <gtest/gtest.h>

#include <random>

#include "layers/names.h"
#include "layers/test_tar.h"

namespace berth::layers {
namespace {

Result<LayerIndex> Read(std::string_view bytes, const Limits& limits = {}) {
  MemorySource source(bytes);
  return ReadLayer(source, limits, [](uint64_t) { return true; });
}

std::string RefusalOf(std::string_view bytes, const Limits& limits = {}) {
  const auto index = Read(bytes, limits);
  if (index) return "";
  EXPECT_EQ(index.error().code, ErrorCode::kInvalidArgument);
  return index.error().message;
}

std::vector<std::string> PathsOf(const LayerIndex& index) {
  std::vector<std::string> paths;
  for (const FileRecord& file : index.files) paths.emplace_back(index.PathOf(file));
  return paths;
}

std::string ContentOf(std::string_view bytes, const LayerIndex& index, const FileRecord& file) {
  auto stream = FileStream::Open(std::make_unique<MemorySource>(bytes), {}, index, file);
  if (!stream) return "error: " + stream.error().message;
  std::string content;
  while (true) {
    const auto piece = (*stream)->Read();
    if (!piece) return "error: " + piece.error().message;
    if (piece->empty()) return content;
    content += *piece;
  }
}

// Compresses to about half.
std::string Noise(size_t size, unsigned seed) {
  std::mt19937 random(seed);
  std::string text(size, '\0');
  for (char& c : text) c = static_cast<char>('a' + random() % 16);
  return text;
}

using std::string_literals::operator""s;

TEST(LayerReader, ReadsWhatTarKnows) {
  const std::string tar = TarText()
                              .Folder("./")
                              .Folder("./etc/", 0700)
                              .File("./etc/passwd", "root:x:0:0\n")
                              .Symlink("bin", "usr/bin")
                              .Hardlink("etc/shadow", "./etc/passwd")
                              .Add({.name = "dev/null", .type = '3', .mode = 0666}, "")
                              .Add({.name = "run/pipe", .type = '6', .uid = 7, .gid = 8}, "")
                              .End();
  for (const std::string& bytes : {tar, Gzip(tar), Zstd(tar)}) {
    const auto index = Read(bytes);
    ASSERT_TRUE(index) << index.error().message;
    EXPECT_EQ(PathsOf(*index),
              (std::vector<std::string>{"", "etc", "etc/passwd", "bin", "etc/shadow", "dev/null", "run/pipe"}));
    EXPECT_EQ(index->files[1].type, FileType::kDirectory);
    EXPECT_EQ(index->files[1].mode, 0700U);
    EXPECT_EQ(index->files[2].size, 11);
    EXPECT_EQ(index->files[2].modified, 1'700'000'000);
    EXPECT_EQ(index->LinkOf(index->files[3]), "usr/bin");
    EXPECT_EQ(index->files[4].type, FileType::kHardlink);
    EXPECT_EQ(index->LinkOf(index->files[4]), "etc/passwd");
    EXPECT_EQ(index->files[5].type, FileType::kDevice);
    EXPECT_EQ(index->files[6].type, FileType::kFifo);
    EXPECT_EQ(index->files[6].gid, 8U);
    EXPECT_EQ(ContentOf(bytes, *index, index->files[2]), "root:x:0:0\n");
  }
}

TEST(LayerReader, EmptyLayers) {
  for (const std::string& bytes : {""s, std::string(1024, '\0'), Gzip(std::string(1024, '\0')), Gzip("")}) {
    const auto index = Read(bytes);
    ASSERT_TRUE(index) << index.error().message;
    EXPECT_TRUE(index->files.empty());
  }
}

TEST(LayerReader, EncodesAndDecodes) {
  TarText tar;
  tar.Folder("a").File("a/caf\xc3\xa9", "x").Symlink("a/l", "../b").Whiteout("a/gone").File("a/.wh..wh..opq", "");
  tar.File("var/lib/dpkg/status", "Package: libc6\nStatus: install ok installed\nVersion: 2.36\n");
  const auto index = Read(tar.End());
  ASSERT_TRUE(index) << index.error().message;
  const std::string encoded = index->Encode();
  const auto back = LayerIndex::Decode(encoded);
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(PathsOf(*back), PathsOf(*index));
  for (size_t at = 0; at < index->files.size(); ++at) {
    EXPECT_EQ(back->files[at].type, index->files[at].type);
    EXPECT_EQ(back->files[at].hash, index->files[at].hash);
    EXPECT_EQ(back->files[at].offset, index->files[at].offset);
    EXPECT_EQ(back->LinkOf(back->files[at]), index->LinkOf(index->files[at]));
  }
  ASSERT_EQ(back->packages.size(), 1U);
  EXPECT_EQ(back->packages[0].name, "libc6");
  EXPECT_EQ(back->unpacked_bytes, index->unpacked_bytes);
}

TEST(LayerReader, BrokenIndexesAreTold) {
  const std::string encoded = Read(TarText().Folder("a").File("a/b", "x").End())->Encode();
  for (size_t cut = 0; cut < encoded.size(); ++cut) {
    EXPECT_FALSE(LayerIndex::Decode(std::string_view(encoded).substr(0, cut))) << cut;
  }
  EXPECT_FALSE(LayerIndex::Decode("no index at all"));
}

// The middle of a large layer is read without what lies before it, for every compression.
TEST(LayerReader, ReadsFilesInTheMiddle) {
  Limits limits;
  limits.checkpoint_bytes = 1 << 20;
  TarText tar;
  std::vector<std::string> contents;
  for (unsigned at = 0; at < 9; ++at) {
    contents.push_back(Noise(700'000 + at, at));
    tar.File("file" + std::to_string(at), contents.back());
  }
  const std::string plain = tar.End();
  const size_t half = plain.size() / 2;
  const std::string members = Gzip(plain.substr(0, half), 1) + Gzip(plain.substr(half), 1);
  const std::string frames = Zstd(plain.substr(0, half)) + Zstd(plain.substr(half));
  for (const std::string& bytes : {plain, Gzip(plain, 1), members, frames}) {
    const auto index = Read(bytes, limits);
    ASSERT_TRUE(index) << index.error().message;
    if (index->compression == Compression::kGzip) {
      EXPECT_GE(index->checkpoints.size(), 2U);
      EXPECT_NE(index->Before(index->files[8].offset), nullptr);
    }
    const auto decoded = LayerIndex::Decode(index->Encode());
    ASSERT_TRUE(decoded);
    for (const size_t at : {0U, 4U, 5U, 8U}) {
      EXPECT_TRUE(ContentOf(bytes, *decoded, decoded->files[at]) == contents[at]) << at;
    }
  }
}

TEST(LayerReader, NamesThatLeadOutAreRefused) {
  EXPECT_EQ(RefusalOf(TarText().File("../../etc/passwd", "x").End()),
            "A name leads out of its folder: ../../etc/passwd");
  EXPECT_NE(RefusalOf(TarText().File("a/../b", "x").End()), "");
  EXPECT_NE(RefusalOf(TarText().File("..", "x").End()), "");
  EXPECT_NE(RefusalOf(TarText().Hardlink("a", "../../etc/shadow").End()), "");
  EXPECT_NE(RefusalOf(TarText().Whiteout("../a").End()), "");
  EXPECT_NE(RefusalOf(TarText().File("a/.wh...", "").End()), "");
  EXPECT_NE(RefusalOf(TarText().File("a/.wh.", "").End()), "");
  // An absolute name is inside the image, as every extractor has it.
  EXPECT_EQ(PathsOf(*Read(TarText().File("//etc///passwd", "x").End())), std::vector<std::string>{"etc/passwd"});
  // Where a symbolic link leads is only text.
  EXPECT_EQ(RefusalOf(TarText().Symlink("a", "../../../../etc/passwd").End()), "");
}

TEST(LayerReader, NamesAreMadeHarmless) {
  const auto index = Read(TarText()
                              .File("red\x1b[31m", "x")
                              .File("latin\xe9", "x")
                              .File("turned\xe2\x80\xaegpj", "x")
                              .File("caf\xc3\xa9", "x")
                              .File("unit\\x2d.slice", "x")
                              .File("fake\\x1b", "x")
                              .Pax({{"path", "pax\nname"}})
                              .File("short", "x")
                              .Symlink("link", "a\x07")
                              .End());
  ASSERT_TRUE(index) << index.error().message;
  EXPECT_EQ(PathsOf(*index),
            (std::vector<std::string>{"red\\x1b[31m", "latin\\xe9", "turned\\xe2\\x80\\xaegpj", "caf\xc3\xa9",
                                      "unit\\x2d.slice", "fake\\x5cx1b", "pax\\x0aname", "link"}));
  EXPECT_EQ(index->LinkOf(index->files.back()), "a\\x07");
  EXPECT_EQ(Printable("nul\0!"s), "nul\\x00!");
}

TEST(LayerReader, PathsAreBounded) {
  std::string deep;
  for (int at = 0; at < 300; ++at) deep += "d/";
  EXPECT_EQ(RefusalOf(TarText().File(deep + "x", "x").End()).substr(0, 33), "Folders are nested too deeply: d/");
  EXPECT_EQ(RefusalOf(TarText().File(std::string(5000, 'n'), "x").End()).substr(0, 20), "A name is too long: ");
  EXPECT_NE(RefusalOf(TarText().Symlink("a", std::string(5000, 'n')).End()), "");
  Limits limits;
  limits.max_name_bytes = 1000;
  TarText many;
  for (int at = 0; at < 20; ++at) many.File(std::string(90, 'n') + std::to_string(at), "");
  EXPECT_EQ(RefusalOf(many.End(), limits), "The names of the layer's files are too long");
  limits = {};
  limits.max_entries = 19;
  EXPECT_EQ(RefusalOf(many.End(), limits), "The layer has more than 19 entries");
  limits.max_entries = 20;
  EXPECT_EQ(RefusalOf(many.End(), limits), "");
}

TEST(LayerReader, BombsAreRefused) {
  Limits limits;
  limits.free_bytes = 256 << 10;
  const std::string tar = TarText().File("zeros", std::string(12 << 20, '\0')).End();
  for (const std::string& bytes : {Gzip(tar, 9), Zstd(tar)}) {
    EXPECT_EQ(RefusalOf(bytes, limits), "The layer is compressed more than 250 times, as only traps are");
  }
  EXPECT_EQ(RefusalOf(tar, limits), "");
  limits = {};
  limits.max_unpacked_bytes = 10 << 20;
  EXPECT_EQ(RefusalOf(tar, limits), "The files of the layer say that they are too large");
  // Trailing zeros after the last file are unpacked too.
  const std::string padded = TarText().File("a", "x").WithoutEnd() + std::string(16 << 20, '\0');
  EXPECT_EQ(RefusalOf(Gzip(TarText().Folder("a").File("b", std::string(20 << 20, 'x')).End()), limits),
            "The files of the layer say that they are too large");
  EXPECT_EQ(RefusalOf(Gzip(padded), {}), "");
}

TEST(LayerReader, ClaimedSizesAreNotBelieved) {
  // Ten gigabytes that are not there.
  EXPECT_NE(RefusalOf(TarText().Add({.name = "big", .size = uint64_t{10} << 30}, "x").End()), "");
  EXPECT_NE(RefusalOf(TarText().Pax({{"size", "9223372036854775807"}}).File("big", "x").End()), "");
  // A sparse file of ten gigabytes that holds five bytes: right, and nothing is unpacked for it.
  TarText tar;
  tar.Pax({{"GNU.sparse.major", "0"},
           {"GNU.sparse.minor", "1"},
           {"GNU.sparse.name", "sparse"},
           {"GNU.sparse.size", "10737418240"},
           {"GNU.sparse.map", "10737418235,5"}});
  tar.File("stored", "12345");
  tar.File("after", "behind");
  const std::string bytes = tar.End();
  const auto index = Read(bytes);
  ASSERT_TRUE(index) << index.error().message;
  ASSERT_EQ(index->files.size(), 2U);
  EXPECT_EQ(index->files[0].size, int64_t{10} << 30);
  EXPECT_EQ(ContentOf(bytes, *index, index->files[1]), "behind");
  Limits limits;
  limits.max_unpacked_bytes = uint64_t{5} << 30;
  EXPECT_EQ(RefusalOf(bytes, limits), "The files of the layer say that they are too large");
}

TEST(LayerReader, HolesAreZeros) {
  TarText tar;
  tar.Pax({{"GNU.sparse.major", "0"},
           {"GNU.sparse.minor", "1"},
           {"GNU.sparse.name", "sparse"},
           {"GNU.sparse.size", "3000000"},
           {"GNU.sparse.map", "2000000,5"}});
  tar.File("stored", "12345");
  const std::string bytes = Gzip(tar.End());
  const auto index = Read(bytes);
  ASSERT_TRUE(index) << index.error().message;
  ASSERT_EQ(index->files.size(), 1U);
  EXPECT_TRUE(ContentOf(bytes, *index, index->files[0]) ==
              std::string(2'000'000, '\0') + "12345" + std::string(999'995, '\0'));
}

TEST(LayerReader, HeadersAreBounded) {
  // A list of holes that would take gigabytes of memory.
  std::string map = "100000000\n";
  while (map.size() < (6 << 20)) map += "1\n0\n";
  TarText tar;
  tar.Pax({{"GNU.sparse.major", "1"},
           {"GNU.sparse.minor", "0"},
           {"GNU.sparse.name", "sparse"},
           {"GNU.sparse.realsize", "1000000"}});
  tar.File("stored", map);
  EXPECT_EQ(RefusalOf(tar.End()), "The layer has an entry whose header is too long");
}

TEST(LayerReader, BrokenArchivesAreToldApart) {
  const std::string tar = TarText().File("a", Noise(100'000, 1)).File("b", Noise(100'000, 2)).End();
  EXPECT_EQ(RefusalOf(Gzip(tar).substr(0, 5000)), "The gzip stream ends too early");
  EXPECT_EQ(RefusalOf(Zstd(tar).substr(0, 5000)), "The zstd stream ends too early");
  std::string broken = Gzip(tar);
  broken.replace(3000, 100, std::string(100, '\xff'));
  EXPECT_EQ(RefusalOf(broken).substr(0, 25), "The gzip stream is broken");
  broken = Gzip(tar);
  broken[broken.size() - 7] ^= 1;  // the checksum
  EXPECT_EQ(RefusalOf(broken), "The gzip stream is broken: incorrect data check");
  EXPECT_EQ(RefusalOf(R"({"a":"configuration, not an archive"})").substr(0, 44),
            "The layer is no tar archive, or a broken one");
  EXPECT_NE(RefusalOf(std::string_view(tar).substr(0, 60'000)), "");
  EXPECT_NE(RefusalOf("\x1f\x8b"), "");
  EXPECT_NE(RefusalOf("\x28\xb5\x2f\xfd"), "");
}

TEST(LayerReader, ZstdWindowsAreBounded) {
  const std::string tar = TarText().File("a", Noise(600'000, 1)).End();
  Limits limits;
  limits.zstd_window_log = 18;
  EXPECT_EQ(RefusalOf(Zstd(tar, 18), limits), "");
  EXPECT_EQ(RefusalOf(Zstd(tar, 20), limits).substr(0, 25), "The zstd stream is broken");
}

TEST(LayerReader, WhiteoutsAndTheirMetadata) {
  const auto index = Read(TarText()
                              .Whiteout("etc/motd")
                              .File("opt/.wh..wh..opq", "")
                              .File(".wh..wh..opq", "")
                              .File(".wh..wh.plnk/1.2", "x")
                              .File("a/.wh..wh.foo", "")
                              .File("a/.wh..wh.plnk/x", "")
                              .Whiteout("top")
                              .End());
  ASSERT_TRUE(index) << index.error().message;
  EXPECT_EQ(PathsOf(*index), (std::vector<std::string>{"etc/motd", "opt", "", "top"}));
  EXPECT_EQ(index->files[0].type, FileType::kWhiteout);
  EXPECT_EQ(index->files[1].type, FileType::kOpaque);
  EXPECT_EQ(index->files[2].type, FileType::kOpaque);
}

TEST(LayerReader, FindsPackages) {
  const auto index =
      Read(TarText()
               .File("var/lib/dpkg/status",
                     "Package: gone\nStatus: deinstall ok config-files\nVersion: 1\n\nPackage: libc6\n"
                     "Status: install ok installed\nVersion: 2.36-9\nDescription: x\n Package: fake\n\n")
               .File("var/lib/dpkg/status.d/base", "Package: base-files\nVersion: 12\n")
               .File("var/lib/dpkg/status.d/base.md5sums", "Package: none\nVersion: 12\n")
               .File("lib/apk/db/installed", "C:Q1\nP:musl\nV:1.2.5-r0\nA:x86_64\n\nP:busybox\nV:1.36\n")
               .File("usr/lib/python3/site-packages/six-1.16.0.dist-info/METADATA",
                     "Metadata-Version: 2.1\nName: six\nVersion: 1.16.0\n\nName: not this\n")
               .File("app/node_modules/@babel/core/package.json", R"({"name":"@babel/core","version":"7.1.0"})")
               .File("app/node_modules/broken/package.json", "{")
               .File("app/package.json", R"({"name":"app","version":"1"})")
               .End());
  ASSERT_TRUE(index) << index.error().message;
  std::vector<std::string> packages;
  for (const PackageRecord& p : index->packages) {
    packages.push_back(std::string(ToString(p.ecosystem)) + " " + p.name + " " + p.version);
  }
  EXPECT_EQ(packages, (std::vector<std::string>{"deb libc6 2.36-9", "deb base-files 12", "apk musl 1.2.5-r0",
                                                "apk busybox 1.36", "pypi six 1.16.0", "npm @babel/core 7.1.0"}));
}

TEST(LayerReader, StopsWhenTold) {
  const std::string tar = TarText().File("a", Noise(9 << 20, 1)).End();
  MemorySource source(tar);
  const auto index = ReadLayer(source, {}, [](uint64_t) { return false; });
  ASSERT_FALSE(index);
  EXPECT_EQ(index.error().code, ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace berth::layers
