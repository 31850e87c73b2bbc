// Two images of a repository side by side: configuration, layers, packages, files.
#include <algorithm>
#include <map>
#include <set>

#include "api/hub/layer_view.h"
#include "api/hub/repository_view.h"
#include "layers/layer_service.h"

namespace berth::api::hub {
namespace {

using access::RepositoryAction;

constexpr size_t kMostPackages = 2000;  // in each of the lists

struct CompareRequest {
  std::string namespace_;
  std::string repository;
  json::Required<std::string> base;
  json::Required<std::string> target;
  std::string platform;
  std::string cursor;
  std::optional<int64_t> limit;
};
BOOST_DESCRIBE_STRUCT(CompareRequest, (), (namespace_, repository, base, target, platform, cursor, limit))

struct ComparedImageView {
  std::string reference;
  std::string digest;
  PlatformView platform;
  int64_t size = 0;
};
BOOST_DESCRIBE_STRUCT(ComparedImageView, (), (reference, digest, platform, size))

struct ConfigurationChangeView {
  std::string field;
  std::optional<std::string> base;
  std::optional<std::string> target;
};
BOOST_DESCRIBE_STRUCT(ConfigurationChangeView, (), (field, base, target))

struct LayerComparisonView {
  int32_t shared = 0;
  int32_t base_only = 0;
  int32_t target_only = 0;
  int64_t shared_bytes = 0;
  int64_t target_only_bytes = 0;
};
BOOST_DESCRIBE_STRUCT(LayerComparisonView, (), (shared, base_only, target_only, shared_bytes, target_only_bytes))

struct PackageView {
  std::string ecosystem;
  std::string name;
  std::string version;
};
BOOST_DESCRIBE_STRUCT(PackageView, (), (ecosystem, name, version))

struct PackageChangeView {
  std::string ecosystem;
  std::string name;
  std::string base_version;
  std::string target_version;
};
BOOST_DESCRIBE_STRUCT(PackageChangeView, (), (ecosystem, name, base_version, target_version))

struct PackageComparisonView {
  std::vector<PackageView> added;
  std::vector<PackageView> removed;
  std::vector<PackageChangeView> changed;
  bool truncated = false;
};
BOOST_DESCRIBE_STRUCT(PackageComparisonView, (), (added, removed, changed, truncated))

struct FileChangeView {
  std::string path;
  std::string change;
  int64_t base_size = 0;
  int64_t target_size = 0;
};
BOOST_DESCRIBE_STRUCT(FileChangeView, (), (path, change, base_size, target_size))

struct FileComparisonView {
  int64_t added = 0;
  int64_t removed = 0;
  int64_t changed = 0;
  std::vector<FileChangeView> items;
  std::optional<std::string> next;
};
BOOST_DESCRIBE_STRUCT(FileComparisonView, (), (added, removed, changed, items, next))

struct ComparisonView {
  ComparedImageView base;
  ComparedImageView target;
  int64_t size_change = 0;
  std::vector<ConfigurationChangeView> configuration;
  LayerComparisonView layers;
  PackageComparisonView packages;
  FileComparisonView files;
};
BOOST_DESCRIBE_STRUCT(ComparisonView, (), (base, target, size_change, configuration, layers, packages, files))

using Settings = std::map<std::string, std::string>;

// Lists as people write them in a Dockerfile.
std::string ListText(const std::vector<std::string>& list) { return json::Encode(list); }

void AddText(Settings& settings, const char* field, const std::string& text) {
  if (!text.empty()) settings[field] = text;
}

void AddList(Settings& settings, const char* field, const std::vector<std::string>& list) {
  if (!list.empty()) settings[field] = ListText(list);
}

// Each setting by its name, so that those of one name can be compared. What is no setting of how the image runs (dates,
// history) is left out.
Settings SettingsOf(const catalog::ImageConfig& config) {
  Settings settings;
  AddText(settings, "author", config.author);
  AddText(settings, "user", config.user);
  AddText(settings, "working_dir", config.working_dir);
  AddText(settings, "stop_signal", config.stop_signal);
  AddList(settings, "entrypoint", config.entrypoint);
  AddList(settings, "cmd", config.cmd);
  for (const auto& variable : config.env) {
    const size_t equals = variable.find('=');
    settings["env." + variable.substr(0, equals)] =
        equals == std::string::npos ? std::string() : variable.substr(equals + 1);
  }
  for (const auto& port : config.exposed_ports) settings["exposed_ports." + port] = port;
  for (const auto& volume : config.volumes) settings["volumes." + volume] = volume;
  for (const auto& [name, value] : config.labels) settings["labels." + name] = value;
  return settings;
}

// Nothing for what has no configuration, or one that can't be read.
Settings ReadSettings(const HubApi& api, const std::string& repository, const ChosenImage& image) {
  if (!image.manifest.config) return {};
  const auto config = api.image_configs.Get(repository, image.manifest.config->digest);
  if (!config) return {};
  Settings settings = SettingsOf(**config);
  const auto& platform = image.view.platform;
  AddText(settings, "os", platform.os);
  AddText(settings, "architecture", platform.architecture);
  AddText(settings, "variant", platform.variant);
  return settings;
}

std::vector<ConfigurationChangeView> CompareSettings(const Settings& base, const Settings& target) {
  std::set<std::string> names;
  for (const auto& [name, value] : base) names.insert(name);
  for (const auto& [name, value] : target) names.insert(name);
  const auto value_in = [](const Settings& settings, const std::string& name) {
    const auto found = settings.find(name);
    return found != settings.end() ? std::optional(found->second) : std::nullopt;
  };
  std::vector<ConfigurationChangeView> changes;
  for (const auto& name : names) {
    auto before = value_in(base, name);
    auto after = value_in(target, name);
    if (before != after) changes.push_back({name, std::move(before), std::move(after)});
  }
  return changes;
}

LayerComparisonView CompareLayerLists(const registry::ParsedManifest& base, const registry::ParsedManifest& target) {
  std::map<std::string, int64_t> from, to;
  for (const auto& layer : base.layers) from[layer.digest.text()] = layer.size;
  for (const auto& layer : target.layers) to[layer.digest.text()] = layer.size;
  LayerComparisonView view;
  for (const auto& [digest, size] : to) {
    const bool shared = from.contains(digest);
    ++(shared ? view.shared : view.target_only);
    (shared ? view.shared_bytes : view.target_only_bytes) += size;
  }
  view.base_only = static_cast<int32_t>(from.size()) - view.shared;
  return view;
}

PackageComparisonView MakePackages(const std::vector<layers::PackageDifference>& packages) {
  PackageComparisonView view;
  const auto room = [&](size_t taken) {
    if (taken >= kMostPackages) view.truncated = true;
    return taken < kMostPackages;
  };
  for (const auto& package : packages) {
    const std::string ecosystem(layers::ToString(package.ecosystem));
    if (package.base_version.empty()) {
      if (room(view.added.size())) view.added.push_back({ecosystem, package.name, package.target_version});
    } else if (package.target_version.empty()) {
      if (room(view.removed.size())) view.removed.push_back({ecosystem, package.name, package.base_version});
    } else if (room(view.changed.size())) {
      view.changed.push_back({ecosystem, package.name, package.base_version, package.target_version});
    }
  }
  return view;
}

FileChangeView MakeFileChange(const layers::TreeDifference& difference, const layers::FileDifference& file) {
  using Kind = layers::FileDifference::Kind;
  FileChangeView view;
  view.change = file.kind == Kind::kAdded ? "added" : file.kind == Kind::kRemoved ? "removed" : "changed";
  if (file.base != layers::kNone) view.base_size = difference.base->SizeOf(file.base);
  if (file.target != layers::kNone) view.target_size = difference.target->SizeOf(file.target);
  view.path =
      file.target != layers::kNone ? difference.target->PathOf(file.target) : difference.base->PathOf(file.base);
  return view;
}

FileComparisonView MakeFiles(const layers::TreeDifference& difference, size_t offset, size_t limit) {
  FileComparisonView view;
  view.added = difference.added;
  view.removed = difference.removed;
  view.changed = difference.changed;
  const size_t end = std::min(difference.files.size(), offset + limit);
  for (size_t at = offset; at < end; ++at) view.items.push_back(MakeFileChange(difference, difference.files[at]));
  view.next = NextOffset(end, difference.files.size());
  return view;
}

ComparedImageView MakeCompared(const std::string& reference, const ChosenImage& image) {
  return {reference, image.view.digest, image.view.platform, image.view.size};
}

// A missing image names the parameter that asked for it.
Result<ChosenImage> ChooseSide(const HubApi& api, const catalog::RepositoryInfo& info, const std::string& reference,
                               const std::string& platform, const char* field) {
  if (reference.empty()) return Fail(ErrorCode::kInvalidArgument, "is required", field);
  return ChooseImage(api, info, reference, platform);
}

Result<http::Response> CompareImages(const HubApi& api, const Call& call, const CompareRequest& request) {
  TRY(const size_t offset, ReadOffset(request.cursor));
  const auto limit = static_cast<size_t>(std::clamp<int64_t>(request.limit.value_or(200), 1, 1000));
  TRY(const auto info,
      RequireRepository(api, call, request.namespace_, request.repository, RepositoryAction::kPullImage));
  TRY(const auto base, ChooseSide(api, info, request.base.value, request.platform, "base"));
  TRY(const auto target, ChooseSide(api, info, request.target.value, request.platform, "target"));
  TRY(const auto compared, api.layers.CompareLayers(info.id, LayersOf(base.manifest), LayersOf(target.manifest)));
  if (const auto* progress = std::get_if<layers::IndexProgress>(&compared)) return StillReading(*progress);
  const auto& difference = *std::get<std::shared_ptr<const layers::TreeDifference>>(compared);
  ComparisonView view;
  view.base = MakeCompared(request.base.value, base);
  view.target = MakeCompared(request.target.value, target);
  view.size_change = view.target.size - view.base.size;
  view.configuration =
      CompareSettings(ReadSettings(api, info.full_name, base), ReadSettings(api, info.full_name, target));
  view.layers = CompareLayerLists(base.manifest, target.manifest);
  view.packages = MakePackages(difference.packages);
  view.files = MakeFiles(difference, offset, limit);
  return http::Response::Json(200, json::Encode(view));
}

}  // namespace

void AddCompareRoutes(OperationTable& table) {
  table.Add(http::Method::kGet, "/api/berth/v1/repositories/{namespace}/{repository}/compare", "CompareImages",
            &CompareImages, {.auth = Auth::kOptional});
}

}  // namespace berth::api::hub
