#include "layers/packages.h"

#include "base/text.h"
#include "json/value.h"
#include "layers/names.h"

namespace berth::layers {
namespace {

constexpr size_t kMostNameBytes = 300;

class List {
 public:
  List(Ecosystem ecosystem, uint32_t file, uint64_t limit, std::vector<PackageRecord>& out)
      : ecosystem_(ecosystem), file_(file), limit_(limit), out_(out) {}

  void Add(std::string_view name, std::string_view version) {
    if (name.empty() || name.size() > kMostNameBytes || version.size() > kMostNameBytes) return;
    if (out_.size() >= limit_) return;
    out_.push_back({file_, ecosystem_, Printable(name), Printable(version)});
  }

 private:
  const Ecosystem ecosystem_;
  const uint32_t file_;
  const uint64_t limit_;
  std::vector<PackageRecord>& out_;
};

std::string_view TakeLine(std::string_view& rest) {
  const size_t end = rest.find('\n');
  std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

// The value of a line "Key: value"; empty when it is another's.
std::optional<std::string_view> ValueOf(std::string_view line, std::string_view key) {
  if (!line.starts_with(key)) return std::nullopt;
  return Trim(line.substr(key.size()));
}

// deb822: paragraphs of "Key: value" lines, parted by empty ones.
void ReadDpkg(std::string_view text, List& list) {
  std::string_view name, version;
  bool installed = true;
  const auto end = [&] {
    if (installed) list.Add(name, version);
    name = version = {};
    installed = true;
  };
  while (!text.empty()) {
    const std::string_view line = TakeLine(text);
    if (line.empty()) end();
    if (const auto value = ValueOf(line, "Package:")) name = *value;
    if (const auto value = ValueOf(line, "Version:")) version = *value;
    // Removed packages whose settings are left stay in the list.
    if (const auto value = ValueOf(line, "Status:")) installed = value->ends_with(" installed");
  }
  end();
}

void ReadApk(std::string_view text, List& list) {
  std::string_view name, version;
  const auto end = [&] {
    list.Add(name, version);
    name = version = {};
  };
  while (!text.empty()) {
    const std::string_view line = TakeLine(text);
    if (line.empty()) end();
    if (const auto value = ValueOf(line, "P:")) name = *value;
    if (const auto value = ValueOf(line, "V:")) version = *value;
  }
  end();
}

// The header of a core-metadata file ends at the first empty line.
void ReadPypi(std::string_view text, List& list) {
  std::string_view name, version;
  while (!text.empty()) {
    const std::string_view line = TakeLine(text);
    if (line.empty()) break;
    if (const auto value = ValueOf(line, "Name:"); value && name.empty()) name = *value;
    if (const auto value = ValueOf(line, "Version:"); value && version.empty()) version = *value;
  }
  list.Add(name, version);
}

void ReadNpm(std::string_view text, List& list) {
  const auto document = json::Document::Parse(text);
  if (!document || !document->root().IsObject()) return;
  const auto text_of = [&](std::string_view key) {
    const auto member = document->root().Find(key);
    return std::string((member ? member->AsString() : std::nullopt).value_or(""));
  };
  const std::string name = text_of("name");
  const std::string version = text_of("version");
  if (!version.empty()) list.Add(name, version);
}

// node_modules/NAME/package.json or node_modules/@SCOPE/NAME/package.json, however deep.
bool IsNpmPackage(std::string_view path) {
  constexpr std::string_view kFile = "/package.json";
  if (!path.ends_with(kFile)) return false;
  const std::string_view folder = path.substr(0, path.size() - kFile.size());
  const std::string_view above = ParentOf(folder);
  const std::string_view holder = BaseName(above).starts_with('@') ? ParentOf(above) : above;
  return BaseName(holder) == "node_modules";
}

}  // namespace

std::optional<Ecosystem> PackageListAt(std::string_view path) {
  if (path == "var/lib/dpkg/status") return Ecosystem::kDeb;
  // Beside each there is NAME.md5sums, which is no list.
  if (ParentOf(path) == "var/lib/dpkg/status.d" && !path.ends_with(".md5sums")) return Ecosystem::kDeb;
  if (path == "lib/apk/db/installed" || path == "usr/lib/apk/db/installed") return Ecosystem::kApk;
  if (path.ends_with(".dist-info/METADATA")) return Ecosystem::kPypi;
  if (IsNpmPackage(path)) return Ecosystem::kNpm;
  return std::nullopt;
}

void ReadPackageList(Ecosystem ecosystem, std::string_view text, uint32_t file, uint64_t limit,
                     std::vector<PackageRecord>& out) {
  List list(ecosystem, file, limit, out);
  switch (ecosystem) {
    case Ecosystem::kDeb:
      return ReadDpkg(text, list);
    case Ecosystem::kApk:
      return ReadApk(text, list);
    case Ecosystem::kPypi:
      return ReadPypi(text, list);
    case Ecosystem::kNpm:
      return ReadNpm(text, list);
  }
}

}  // namespace berth::layers
