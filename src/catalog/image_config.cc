#include "catalog/image_config.h"

#include <unistd.h>

#include "json/value.h"

namespace berth::catalog {
namespace {

using json::Value;

std::string TextOf(const Value& object, std::string_view key) {
  const auto member = object.Find(key);
  const auto text = member ? member->AsString() : std::nullopt;
  return std::string(text.value_or(""));
}

std::optional<Timestamp> TimeOf(const Value& object, std::string_view key) { return ParseRfc3339(TextOf(object, key)); }

std::vector<std::string> ListOf(const Value& object, std::string_view key) {
  std::vector<std::string> list;
  const auto member = object.Find(key);
  if (!member || !member->IsArray()) return list;
  member->EachElement([&](Value element) {
    if (const auto text = element.AsString()) list.emplace_back(*text);
  });
  return list;
}

// {"80/tcp": {}}: the keys are what counts.
std::vector<std::string> KeysOf(const Value& object, std::string_view key) {
  std::vector<std::string> keys;
  const auto member = object.Find(key);
  if (!member || !member->IsObject()) return keys;
  member->EachMember([&](std::string_view name, Value) { keys.emplace_back(name); });
  return keys;
}

std::map<std::string, std::string> LabelsOf(const Value& object) {
  std::map<std::string, std::string> labels;
  const auto member = object.Find("Labels");
  if (!member || !member->IsObject()) return labels;
  member->EachMember([&](std::string_view name, Value value) {
    if (const auto text = value.AsString()) labels.try_emplace(std::string(name), *text);
  });
  return labels;
}

HistoryEntry ReadHistory(const Value& value) {
  HistoryEntry entry;
  entry.instruction = TextOf(value, "created_by");
  entry.comment = TextOf(value, "comment");
  entry.created = TimeOf(value, "created");
  const auto empty = value.Find("empty_layer");
  entry.empty_layer = empty && empty->AsBool().value_or(false);
  return entry;
}

}  // namespace

Result<ImageConfig> ParseImageConfig(std::string_view text) {
  TRY(const auto document, json::Document::Parse(text));
  const Value root = document.root();
  if (!root.IsObject()) return Fail(ErrorCode::kInvalidArgument, "the configuration is no JSON object");
  ImageConfig config;
  config.created = TimeOf(root, "created");
  config.author = TextOf(root, "author");
  if (const auto run = root.Find("config"); run && run->IsObject()) {
    config.user = TextOf(*run, "User");
    config.working_dir = TextOf(*run, "WorkingDir");
    config.stop_signal = TextOf(*run, "StopSignal");
    config.entrypoint = ListOf(*run, "Entrypoint");
    config.cmd = ListOf(*run, "Cmd");
    config.env = ListOf(*run, "Env");
    config.exposed_ports = KeysOf(*run, "ExposedPorts");
    config.volumes = KeysOf(*run, "Volumes");
    config.labels = LabelsOf(*run);
  }
  if (const auto history = root.Find("history"); history && history->IsArray()) {
    history->EachElement([&](Value value) { config.history.push_back(ReadHistory(value)); });
  }
  return config;
}

std::vector<InstructionLayer> PairLayers(const ImageConfig& config, const registry::ParsedManifest& manifest) {
  std::vector<InstructionLayer> pairs;
  size_t next = 0;
  for (const HistoryEntry& entry : config.history) {
    InstructionLayer pair;
    pair.history = entry;
    if (!entry.empty_layer && next < manifest.layers.size()) pair.layer = &manifest.layers[next++];
    pairs.push_back(std::move(pair));
  }
  for (; next < manifest.layers.size(); ++next) {
    InstructionLayer pair;
    pair.layer = &manifest.layers[next];
    pairs.push_back(std::move(pair));
  }
  return pairs;
}

ImageConfigPtr ImageConfigs::Kept(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto found = places_.find(key);
  if (found == places_.end()) return nullptr;
  latest_.splice(latest_.begin(), latest_, found->second);
  return found->second->second;
}

void ImageConfigs::Keep(const std::string& key, ImageConfigPtr config) {
  const std::lock_guard lock(mutex_);
  if (places_.contains(key)) return;
  latest_.emplace_front(key, std::move(config));
  places_[key] = latest_.begin();
  if (latest_.size() <= kMaxKept) return;
  places_.erase(latest_.back().first);
  latest_.pop_back();
}

Result<ImageConfigPtr> ImageConfigs::Get(const std::string& repository, const Digest& digest) {
  // Opening asks whether the repository holds the blob; what is kept is kept only for that repository's question too.
  const std::string key = repository + "@" + digest.text();
  if (auto kept = Kept(key)) return kept;
  TRY(const auto file, blobs_.Open(repository, digest));
  if (file->size() > kMaxBytes) return Fail(ErrorCode::kInvalidArgument, "the configuration is too large");
  std::string text(file->size(), '\0');
  for (size_t at = 0; at < text.size();) {
    const ssize_t n = ::pread(file->fd(), text.data() + at, text.size() - at, static_cast<off_t>(at));
    if (n <= 0) return Fail(ErrorCode::kInternal, "a configuration can't be read");
    at += static_cast<size_t>(n);
  }
  TRY(auto parsed, ParseImageConfig(text));
  auto config = std::make_shared<const ImageConfig>(std::move(parsed));
  Keep(key, config);
  return ImageConfigPtr(config);
}

}  // namespace berth::catalog
