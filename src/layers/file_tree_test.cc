#include "layers/file_tree.h"

#include <gtest/gtest.h>

#include <functional>

#include "layers/layer_reader.h"
#include "layers/test_tar.h"
#include "layers/tree_difference.h"

namespace berth::layers {
namespace {

LayerIndexPtr Layer(const TarText& tar) {
  const std::string bytes = tar.End();
  MemorySource source(bytes);
  auto index = ReadLayer(source, {}, [](uint64_t) { return true; });
  EXPECT_TRUE(index) << index.error().message;
  return std::make_shared<const LayerIndex>(index ? *std::move(index) : LayerIndex());
}

FileTreePtr Merge(std::vector<LayerIndexPtr> layers, FileTree::Kind kind = FileTree::Kind::kMerged) {
  auto tree = FileTree::Make(std::move(layers), kind);
  EXPECT_TRUE(tree) << tree.error().message;
  return tree ? *tree : nullptr;
}

// Every entry as "sign path", in order.
std::vector<std::string> Listing(const FileTree& tree) {
  std::vector<std::string> out;
  const std::function<void(NodeId)> walk = [&](NodeId folder) {
    for (const NodeId child : tree.Children(folder)) {
      const auto sign = " +~-"[static_cast<int>(tree.At(child).change)];
      out.push_back(std::string(1, sign) + tree.PathOf(child));
      walk(child);
    }
  };
  walk(kRoot);
  return out;
}
using Paths = std::vector<std::string>;

TEST(FileTree, MarksWhatLaterLayersDo) {
  const auto tree = Merge({
      Layer(TarText()
                .Folder("etc")
                .File("etc/a", "1")
                .File("etc/b", "1")
                .Folder("opt")
                .File("opt/x/y", "12")
                .File("z", "")),
      Layer(TarText().Folder("etc").File("etc/b", "22").File("etc/c", "3").Whiteout("opt").File("new/d", "")),
  });
  EXPECT_EQ(Listing(*tree), (Paths{"~/etc", " /etc/a", "~/etc/b", "+/etc/c", "+/new", "+/new/d", "-/opt", "-/opt/x",
                                   "-/opt/x/y", " /z"}));
  const NodeId b = *tree->Find("/etc/b", true);
  EXPECT_EQ(tree->SizeOf(b), 2);
  EXPECT_EQ(tree->At(b).touched_by, 1U);
  EXPECT_EQ(tree->At(*tree->Find("/opt/x", true)).touched_by, 1U);
  EXPECT_EQ(tree->RecordOf(*tree->Find("/new", true)), nullptr);
}

TEST(FileTree, WhiteoutsHideOnlyLowerLayers) {
  // The whiteout stands before and after what the same layer brings anew.
  const auto tree = Merge({
      Layer(TarText().File("a/old", "1").File("b/old", "1")),
      Layer(TarText().Whiteout("a").File("a/new", "2").File("b/new", "2").File("b/.wh..wh..opq", "")),
  });
  EXPECT_EQ(Listing(*tree), (Paths{"~/a", "+/a/new", "-/a/old", "~/b", "+/b/new", "-/b/old"}));
}

TEST(FileTree, WhiteoutOfWhiteoutAndOfNothing) {
  const auto tree = Merge({
      Layer(TarText().File("a", "1")),
      Layer(TarText().Whiteout("a")),
      Layer(TarText().Whiteout("a").Whiteout("never").Whiteout("no/such/folder").File("missing/.wh..wh..opq", "")),
  });
  EXPECT_EQ(Listing(*tree), Paths{"-/a"});
  EXPECT_EQ(tree->At(*tree->Find("/a", true)).touched_by, 1U);
  const auto back = Merge({
      Layer(TarText().File("a", "1")),
      Layer(TarText().Whiteout("a")),
      Layer(TarText().File("a", "1")),
  });
  EXPECT_EQ(Listing(*back), Paths{"~/a"});
}

TEST(FileTree, KindsReplaceEachOther) {
  const auto tree = Merge({
      Layer(TarText().File("d/x", "1").File("f", "1").Symlink("s", "d")),
      Layer(TarText().File("d", "now a file").Folder("f").File("f/y", "").Folder("s")),
  });
  EXPECT_EQ(Listing(*tree), (Paths{"~/d", "-/d/x", "~/f", "+/f/y", "~/s"}));
  EXPECT_EQ(tree->At(*tree->Find("/s", false)).type, FileType::kDirectory);
}

TEST(FileTree, FollowsLinksAsExtractionDoes) {
  const auto tree = Merge({
      Layer(TarText()
                .File("usr/lib/os-release", "Debian")
                .Symlink("lib", "usr/lib")
                .Symlink("etc/os", "../lib/os-release")),
      Layer(TarText().File("lib/libz.so", "z")),
  });
  EXPECT_EQ(tree->PathOf(*tree->Find("/lib/libz.so", true)), "/usr/lib/libz.so");
  EXPECT_EQ(tree->PathOf(*tree->Find("/etc/os", true)), "/usr/lib/os-release");
  EXPECT_EQ(tree->PathOf(*tree->Find("/etc/os", false)), "/etc/os");
  EXPECT_FALSE(tree->Find("/etc/none", true));
  EXPECT_FALSE(tree->Find("/usr/lib/os-release/below", true));
  EXPECT_EQ(tree->PathOf(*tree->Find("/../..//etc/./os/", false)), "/etc/os");
}

TEST(FileTree, LinksThatGoRoundEnd) {
  const auto tree = Merge({
      Layer(TarText()
                .Symlink("a", "b")
                .Symlink("b", "a")
                .Symlink("self", "self")
                .Symlink("up", "..")
                .Symlink("deep", "deep/x")),
      Layer(TarText().File("a/inside", "1").File("self/inside", "1").File("up/top", "1").File("deep/y", "1")),
  });
  EXPECT_FALSE(tree->Find("/self/nothing/below", true));
  EXPECT_EQ(tree->PathOf(*tree->Find("/top", true)), "/top");
  const auto loops = Merge({Layer(TarText().Hardlink("h1", "h2").Hardlink("h2", "h1").Hardlink("h", "h"))});
  EXPECT_EQ(Listing(*loops), (Paths{" /h", " /h1", " /h2"}));
  EXPECT_EQ(loops->SourceOf(*loops->Find("/h1", true)), nullptr);
  EXPECT_EQ(loops->SizeOf(*loops->Find("/h", true)), 0);
}

TEST(FileTree, TraversalByLinksStaysInside) {
  TarText tar;
  for (int at = 0; at < 50; ++at) tar.Symlink("l" + std::to_string(at), "../../../../../../l" + std::to_string(at + 1));
  tar.File("l0/escape", "x").Symlink("abs", "/../../..").File("abs/root", "x");
  const auto tree = Merge({Layer(tar)});
  EXPECT_TRUE(tree->Find("/root", true));
}

// Links that multiply would make names longer, or walks longer, than anything can bear.
TEST(FileTree, EntangledLinksAreRefused) {
  TarText tar;
  std::string folders;
  while (folders.size() < 4000) folders += "d/";
  tar.Symlink("l0", folders);
  for (int at = 1; at < 30; ++at) {
    const std::string link = "l" + std::to_string(at - 1);
    tar.Symlink("l" + std::to_string(at), link + "/" + folders);
  }
  tar.File("l29/x", "");
  const auto tree = FileTree::Make({Layer(tar)}, FileTree::Kind::kMerged);
  ASSERT_FALSE(tree);
  EXPECT_EQ(tree.error().code, ErrorCode::kTooLarge);
}

TEST(FileTree, HardLinksKeepBytesAlive) {
  const auto tree = Merge({
      Layer(TarText().File("a", "12345").Hardlink("b", "a").File("c", "123")),
      Layer(TarText().Whiteout("a").File("c", "4567")),
  });
  EXPECT_EQ(tree->SizeOf(*tree->Find("/b", true)), 5);
  EXPECT_EQ(tree->SourceOf(*tree->Find("/b", true)), tree->RecordOf(*tree->Find("/a", true)));
  EXPECT_EQ(tree->total_bytes(), 12);
  EXPECT_EQ(tree->wasted_bytes(), 3);
  ASSERT_EQ(tree->wasted().size(), 1U);
  EXPECT_EQ(tree->PathOf(tree->wasted()[0].node), "/c");
  EXPECT_EQ(tree->wasted()[0].layers, (std::vector<uint32_t>{0, 1}));
}

TEST(FileTree, CountsWasteAndLargest) {
  const auto tree = Merge({
      Layer(TarText().File("big", std::string(5000, 'x')).File("tmp/cache", std::string(9000, 'x')).File("a", "1")),
      Layer(TarText().File("big", std::string(6000, 'x')).File("a", "1")),
      Layer(TarText().File("big", std::string(10, 'x')).Whiteout("tmp")),
  });
  EXPECT_EQ(tree->wasted_bytes(), 5000 + 6000 + 9000 + 1);
  ASSERT_EQ(tree->wasted().size(), 3U);
  EXPECT_EQ(tree->PathOf(tree->wasted()[0].node), "/big");
  EXPECT_EQ(tree->wasted()[0].bytes, 11000);
  EXPECT_EQ(tree->wasted()[0].layers, (std::vector<uint32_t>{0, 1, 2}));
  EXPECT_EQ(tree->PathOf(tree->wasted()[1].node), "/tmp/cache");
  ASSERT_EQ(tree->largest().size(), 2U);
  EXPECT_EQ(tree->PathOf(tree->largest()[0]), "/big");
}

TEST(FileTree, SingleLayersShowTheirWhiteouts) {
  const auto tree = Merge({Layer(TarText().Whiteout("etc/gone").File("opt/.wh..wh..opq", "").File("opt/x", "1"))},
                          FileTree::Kind::kSingleLayer);
  EXPECT_EQ(Listing(*tree), (Paths{" /etc", "-/etc/gone", " /opt", "-/opt/.wh..wh..opq", "+/opt/x"}));
  EXPECT_EQ(tree->At(*tree->Find("/etc/gone", false)).type, FileType::kWhiteout);
}

TEST(FileTree, DeepFoldersAndManyFiles) {
  TarText tar;
  std::string deep;
  for (int at = 0; at < 250; ++at) deep += "d/";
  tar.File(deep + "x", "1");
  for (int at = 0; at < 20'000; ++at) tar.File("many/" + std::to_string(at), "1");
  const auto tree = Merge({Layer(tar), Layer(TarText().Whiteout("d"))});
  EXPECT_EQ(tree->Children(*tree->Find("/many", true)).size(), 20'000U);
  EXPECT_EQ(tree->At(*tree->Find(deep + "x", true)).change, Change::kDeleted);
}

TEST(TreeDifference, FilesByContentNotByTime) {
  TarText base, target;
  base.File("same", "1").File("bytes", "1").File("mode", "1").File("gone/x", "12").Symlink("l", "a").File("kind", "");
  target.Add({.name = "same", .size = 1, .modified = 5}, "1").File("bytes", "2").File("mode", "1", 0755);
  target.Symlink("l", "b").Folder("kind").File("kind/in", "123").Folder("empty");
  const auto difference = Compare(Merge({Layer(base)}), Merge({Layer(target)}));
  Paths found;
  for (const auto& file : difference.files) {
    const bool added = file.kind == FileDifference::Kind::kAdded;
    const auto& tree = added ? *difference.target : *difference.base;
    found.push_back(std::string(1, "+-~"[static_cast<int>(file.kind)]) + tree.PathOf(added ? file.target : file.base));
  }
  EXPECT_EQ(found, (Paths{"~/bytes", "-/gone/x", "-/kind", "+/kind/in", "~/l", "~/mode"}));
  EXPECT_EQ(difference.added, 1);
  EXPECT_EQ(difference.removed, 2);
  EXPECT_EQ(difference.changed, 3);
}

TEST(TreeDifference, DeletedFilesAreNotThere) {
  const auto low = Layer(TarText().File("a", "1").File("b", "1"));
  const auto difference = Compare(Merge({low}), Merge({low, Layer(TarText().Whiteout("a"))}));
  EXPECT_EQ(difference.removed, 1);
  EXPECT_EQ(difference.files.size(), 1U);
}

TEST(TreeDifference, Packages) {
  const auto dpkg = [](const std::string& text) { return Layer(TarText().File("var/lib/dpkg/status", text)); };
  const auto base = Merge({dpkg("Package: a\nVersion: 1\n\nPackage: b\nVersion: 1\n\nPackage: m\nVersion: 1\n")});
  const auto target = Merge({dpkg("Package: old\nVersion: 1\n"),
                             dpkg("Package: a\nVersion: 2\n\nPackage: c\nVersion: 1\n\nPackage: m\nVersion: 1\n\n"
                                  "Package: m\nVersion: 2\n")});
  const auto difference = Compare(base, target);
  Paths found;
  for (const auto& p : difference.packages) found.push_back(p.name + " " + p.base_version + ">" + p.target_version);
  EXPECT_EQ(found, (Paths{"a 1>2", "b 1>", "c >1", "m >2"}));
}

}  // namespace
}  // namespace berth::layers
